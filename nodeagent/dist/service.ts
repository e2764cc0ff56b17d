import type { Log } from '../log.ts';
import type { Connections } from './connections.ts';
import type { Metrics } from './metrics.ts';
import type { PackageStore } from './package-store.ts';
import type { Pace } from './send-file.ts';

/** What requests are answered from. */
export interface Service {
  readonly store: PackageStore;
  readonly metrics: Metrics;
  readonly log: Log;
  /** How many are on their way. */
  readonly uploads: { count: number };
  /** Whether nothing new is begun. */
  readonly isStopping: () => boolean;
  readonly connections: Connections;
  readonly pace: Pace | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
