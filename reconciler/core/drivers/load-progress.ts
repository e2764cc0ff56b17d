import { isKnown } from '../../../schemas/node/observed.ts';
import type { DriverReport } from '../nodes/driver-report.ts';
import type { NodeDrivers } from './drivers.ts';
import type { LiveWork } from './works.ts';

/** How far the pod is in which the vendor's command loads drivers on a node; undefined where there is none, or it loaded in another boot. */
export function loadProgress(
  work: LiveWork | undefined,
  report: Pick<DriverReport, 'observed'> | undefined,
): NodeDrivers['load'] {
  if (work === undefined) return undefined;
  const { phase, result, why } = work;
  const bootId = report?.observed.bootId;
  const isOfBoot =
    bootId !== undefined && isKnown(bootId) && result?.result === 'loaded' && result.bootId === bootId;
  if (result?.result === 'loaded' && !isOfBoot) return undefined;
  return { phase, ...(result === undefined ? {} : { result }), ...(why === undefined ? {} : { why }) };
}
