import type { Observation } from './host/observe-node.ts';
import type { NodeReport } from '../schemas/node-report.ts';
import { isKnown } from '../schemas/node/observed.ts';
import { freeSpaceStepGiB } from './observe/steps.ts';

/**
 * What was observed, where free space that went up by one step only is told as it was before. At the border of two steps it
 * would go up and down without end, a write each time. What goes down is always told: less than there is may be
 * promised, more never.
 */
export function holdFreeSpace(observed: Observation, before: NodeReport | undefined): Observation {
  const now = observed.persistence;
  const then = before?.observed.persistence;
  if (then === undefined || !isKnown(now) || !isKnown(then)) return observed;
  const { freeGiB } = then;
  if (!isKnown(now.freeGiB) || !isKnown(freeGiB)) return observed;
  const isSamePlace =
    now.path === then.path && now.mountPoint === then.mountPoint && now.totalGiB === then.totalGiB;
  const isOneStepUp = now.freeGiB > freeGiB && now.freeGiB - freeGiB <= freeSpaceStepGiB(now.freeGiB);
  return isSamePlace && isOneStepUp ? { ...observed, persistence: { ...now, freeGiB } } : observed;
}
