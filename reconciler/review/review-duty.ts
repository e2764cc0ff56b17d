import type { ExplainPorts } from '../explain-question.ts';
import type { Forge, Merges } from '../forge-port.ts';
import type { Clock, Cluster, DriverRegistry, Log } from '../ports.ts';
import type { WatchedCluster } from '../world/live/watched-cluster.ts';
import type { Metrics } from '../world/server/metrics.ts';
import type { SteadyTime } from '../world/steady-time.ts';

/** What the planner of pull requests reaches the world through. Nothing of it can write to the cluster. */
export interface ReviewDuty extends Pick<ExplainPorts, 'facts' | 'node'> {
  readonly forge: Forge;
  readonly merges: Merges;
  /** Kept up to date by watches. */
  readonly cluster: WatchedCluster;
  /** The same cluster, with nothing answered from memory. */
  readonly fresh: Cluster;
  /** Where ready packages of drivers may be had; nobody is asked where unset. */
  readonly registry?: DriverRegistry;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly time: SteadyTime;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}
