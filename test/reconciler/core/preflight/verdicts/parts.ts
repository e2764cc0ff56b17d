import { aPod } from '../../lint/facts/build-facts.ts';
import type { Observed } from '../fleet.ts';

export const UNKNOWN = { unknown: 'The file cannot be read.' };

/** A module of WEKA's. */
export function loaded(name: string, version?: string) {
  return {
    name,
    state: 'live' as const,
    ...(version !== undefined && { version }),
    inUse: 'no' as const,
    usedBy: [],
    parameters: [],
  };
}

/** A pod of WEKA on node-a. */
export const drivePod = aPod('demo-drive-0', {
  labels: { app: 'weka', 'weka.io/mode': 'drive', 'weka.io/cluster-name': 'demo' },
});

/** Huge pages of 2 MiB. */
export function pages(total: number, free = total): Observed['hugePages'] {
  return [{ sizeKiB: 2048, total, free }];
}

/** The same for each NUMA node: all, and those that are free. */
export function pools(...each: readonly (readonly [total: number, free: number])[]): Observed['hugePages'] {
  return each.map(([total, free], numaNode) => ({ sizeKiB: 2048, numaNode, total, free }));
}

/** The persistence folder, on the root file system but for what `changes` says. */
export function folder(changes: object): Partial<Observed> {
  return {
    persistence: {
      path: '/opt/k8s-weka',
      exists: 'yes',
      fileSystem: 'xfs',
      mountPoint: '/',
      totalGiB: 500,
      freeGiB: 400,
      ...changes,
    },
  };
}
