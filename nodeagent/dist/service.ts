import type { Log } from '../log.ts';
import type { Metrics } from './metrics.ts';
import type { PackageStore } from './package-store.ts';

/** What requests are answered from. */
export interface Service {
  readonly store: PackageStore;
  readonly metrics: Metrics;
  readonly log: Log;
  /** How many are on their way. */
  readonly uploads: { count: number };
  /** Whether nothing new is begun. */
  readonly isStopping: () => boolean;
  readonly connections: () => number;
}
