import type { Clock, Cluster, DriverRegistry, Log, Repository, StatusBranch } from '../ports.ts';
import type { Forge } from '../forge-port.ts';
import type { Lease } from '../world/lease/lease.ts';
import type { WatchedCluster } from '../world/live/watched-cluster.ts';
import type { Receiver } from '../world/notify/receiver.ts';
import type { Metrics } from '../world/server/metrics.ts';
import type { SteadyTime } from '../world/steady-time.ts';

/** What an unattended process reaches the world through. */
export interface Duty {
  readonly repository: Repository;
  readonly cluster: WatchedCluster;
  /** The same cluster, with nothing answered from memory. */
  readonly fresh: Pick<Cluster, 'get'>;
  readonly statusBranch: StatusBranch | undefined;
  /** Where commit statuses and pull requests are; absent where there is no forge. */
  readonly forge?: Forge | undefined;
  /** Where commit statuses link to; the status branch on the forge where unset. */
  readonly statusUrl?: string | undefined;
  /** Who else is told; nobody where unset. */
  readonly receivers?: readonly Receiver[];
  /** Where ready packages of drivers may be had; nobody is asked where unset. */
  readonly registry?: DriverRegistry;
  readonly lease: Lease;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly time: SteadyTime;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}
