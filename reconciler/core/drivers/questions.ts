import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import type { CellWant } from './cell-wants.ts';
import type { RegistryQuestion } from './decision.ts';
import { isWebService } from './driver-service.ts';
import type { DriverService } from './drivers.ts';
import type { PinnedPackage } from './lock.ts';
import type { Pins } from './pins.ts';

function registryQuestion(registry: string, target: DriverTarget): RegistryQuestion {
  const plain = registry.replace(/\/+$/, '');
  return { key: `${plain} ${targetKey(target)}`, registry: plain, target };
}

/** What is asked of the service itself, where that is none of this cluster. */
export function directQuestion(
  service: DriverService | undefined,
  target: DriverTarget,
): RegistryQuestion | undefined {
  if (service === undefined || service.inCluster !== undefined || !isWebService(service)) return undefined;
  return registryQuestion(service.url, target);
}

/**
 * Who is asked about a cell: where a pinned package came from, whether that is still what is there; where nothing is pinned, the
 * service itself if it is none of this cluster, else the registry of Settings. Nobody, where a builder made the pinned one, or
 * builds it of its own accord.
 */
export function cellQuestion(
  { service, targets, builder }: Pick<CellWant, 'service' | 'targets' | 'builder'>,
  pins: Pins,
  registry: string,
): RegistryQuestion | undefined {
  if (service === undefined || builder !== undefined) return undefined;
  const pinned = pins.find(service.key, targets);
  if (pinned !== undefined) return originQuestion(pinned);
  // Others call the builds for Ubuntu 24 by a name that builders of this cluster do not use.
  const theirs = targets.at(-1) ?? targets[0];
  return service.inCluster === undefined
    ? directQuestion(service, targets[0])
    : registryQuestion(registry, theirs);
}

function originQuestion({ package: about, origin }: PinnedPackage): RegistryQuestion | undefined {
  if (origin.kind !== 'registry') return undefined;
  const end = `${DRIVERS_PATH}/${about.file}`;
  if (!origin.url.endsWith(end)) return undefined;
  const { version, kernel, architecture, buildId } = about;
  const target = { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) };
  return registryQuestion(origin.url.slice(0, -end.length), target);
}
