import { type Config, loadConfig } from './config/config.ts';
import type { ConfigSources } from './config/config-sources.ts';
import { type Login, readLogin } from './config/login.ts';
import { writtenConfig } from './config/written-config.ts';
import { openForgeOf, receiversOf, webhookOf } from './open-forges.ts';
import {
  gitConfig,
  openCluster,
  openRegistry,
  type Process,
  registryReach,
  WALL_CLOCK,
} from './open-parts.ts';
import { rotatingRepository, rotatingStatusBranch } from './world/git/rotating-repository.ts';
import type { ReconcilerError } from './errors.ts';
import type { Facts } from './core/facts/facts.ts';
import type { KubeObject } from './core/kube/object.ts';
import { brakeNames } from './core/plan/brake.ts';
import { driverLockName } from './driver-lock.ts';
import type { PassLease, Program } from './program.ts';
import type { Clock, StatusBranch } from './ports.ts';
import type { Duty } from './unattended/duty.ts';
import type { Listeners } from './unattended/tell-once.ts';
import type { GitConfig } from './world/git/git-config.ts';
import { openRepository } from './world/git/repository.ts';
import { openStatusBranch } from './world/git/status-branch.ts';
import { type LeaseOptions, openLease } from './world/lease/lease.ts';
import { STEADY_TIME, type SteadyTime } from './world/steady-time.ts';
import type { KubeClusterOptions } from './world/live/kube-cluster.ts';
import { openWatchedCluster } from './world/live/watched-cluster.ts';
import type { WatchTimes } from './world/live/watch-times.ts';
import { withSources } from './world/sources/sources-repository.ts';

export type { Process } from './open-parts.ts';

/** What an unattended process goes by; unset, the machine's own time and chance, and each part's own paces. */
interface DutyOptions {
  readonly clock?: Clock;
  readonly time?: SteadyTime;
  /** Of [0, 1). */
  readonly random?: () => number;
  readonly lease?: Pick<LeaseOptions, 'durationMs' | 'renewMs'>;
  readonly watch?: Partial<WatchTimes>;
  readonly git?: Pick<GitConfig, 'limits'>;
  readonly cluster?: Pick<KubeClusterOptions, 'Api'>;
}

/** A program that reaches the real world. */
export function openProgram(process: Process): Program {
  const { version, env, readFile, log, console, stopSignal } = process;
  const clock = WALL_CLOCK;
  return {
    version,
    console,
    clock,
    log,
    stopSignal,
    config: (flags) => loadConfig(flags, { env, readFile }),
    writtenConfig: (flags) => writtenConfig(flags, { env, readFile }),
    kube: (config) => openCluster(config, process),
    repository: (config) => withSources(openRepository({ ...gitConfig(config, env), log }), config),
    cluster: (config, fence) =>
      openCluster(config, process, fence && { beforeWrite: () => fence.assertHeld() }),
    lease: (config) => openPassLease(config, process, clock),
    registryReach: (config) => registryReach(config, process),
    registry: (config) => openRegistry(config, process),
    facts: (config) => factsOf(config, process),
    node: (config, name) => nodeOf(config, process, name),
    statusBranch: (config) => openStatus(config, env, clock),
    listeners: (config) => openListeners(config, process),
    duty: (config) => openDuty(config, process),
    review: async (config) => {
      // Loaded only here: no other command has use for it.
      const { openReview } = await import('./open-review.ts');
      return await openReview(config, process);
    },
    webhook: (config) => webhookOf(config, process),
  };
}

async function openPassLease(
  config: Config,
  process: Process,
  clock: Clock,
): Promise<PassLease & AsyncDisposable> {
  const { namespace, name } = config.installation;
  // A connection of its own, since a renewal must not queue behind the writes of the pass.
  const { api } = await openCluster(config, process);
  const lease = openLease(api, { namespace, name, identity: process.host, clock, log: process.log });
  return {
    acquireUnlessHeld: (signal) => lease.acquireUnlessHeld(signal),
    assertHeld: () => lease.assertHeld(),
    async [Symbol.asyncDispose]() {
      await lease.release();
      await api.close();
    },
  };
}

async function factsOf(config: Config, process: Process): Promise<Facts> {
  await using cluster = await openCluster(config, process);
  // Loaded only here: few commands have use for it.
  const { liveFacts } = await import('./world/facts/live-facts.ts');
  return await liveFacts(cluster.api, config.installation);
}

async function nodeOf(config: Config, process: Process, name: string): Promise<KubeObject | undefined> {
  await using cluster = await openCluster(config, process);
  const { liveNode } = await import('./world/facts/live-node.ts');
  return await liveNode(cluster.api, name);
}

async function openListeners(config: Config, process: Process): Promise<Listeners & AsyncDisposable> {
  const forge = await openForgeOf(config, process);
  const receivers = await receiversOf(config, process);
  return {
    forge,
    statusUrl: config.forge?.statusUrl,
    receivers,
    time: STEADY_TIME,
    async [Symbol.asyncDispose]() {
      await Promise.all([...receivers.map((each) => each.close()), forge?.[Symbol.asyncDispose]()]);
    },
  };
}

/** All that an unattended process needs, of the real world. */
export async function openDuty(
  config: Config,
  process: Process,
  options: DutyOptions = {},
): Promise<Duty & AsyncDisposable> {
  const { log, version, host } = process;
  const { namespace, name } = config.installation;
  const { clock = WALL_CLOCK, time = STEADY_TIME, random = Math.random } = options;
  const paced = { clock, time, random, log };
  const { repository, statusBranch } = await openRotating(config, process, { ...options.git, clock });
  // Loaded only here: no other command has use for it.
  const { Metrics } = await import('./world/server/metrics.ts');
  const metrics = new Metrics({ version });
  const reach = {
    ...options.cluster,
    onAnswer: (verb: string, status?: number) => metrics.observeRequest(verb, status),
  };
  // A connection of its own, since a renewal must not queue behind the writes of a pass.
  const leaseApi = (await openCluster(config, process, reach)).api;
  const lease = openLease(leaseApi, { namespace, name, identity: host, ...paced, ...options.lease });
  const kube = await openCluster(config, process, { ...reach, beforeWrite: () => lease.assertHeld() });
  const { suspend, freeze } = brakeNames(name);
  const remembered = [name, suspend, freeze, driverLockName({ name })].map((each) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: each, namespace },
  }));
  const cluster = openWatchedCluster(kube, { ...paced, remembered, ...options.watch });
  const forge = await openForgeOf(config, process, { time });
  const receivers = await receiversOf(config, process);
  const registry = openRegistry(config, process, time);
  return {
    forge,
    statusUrl: config.forge?.statusUrl,
    receivers,
    registry,
    repository,
    cluster,
    fresh: kube,
    statusBranch,
    metrics,
    lease,
    ...paced,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      const connections = [kube, leaseApi, ...receivers].map((each) => each.close());
      await Promise.all([...connections, registry[Symbol.asyncDispose](), forge?.[Symbol.asyncDispose]()]);
    },
  };
}

/** The repository and its status branch, with credentials that may be replaced while the process goes on. */
async function openRotating(
  config: Config,
  process: Process,
  { clock, ...limits }: Pick<GitConfig, 'limits'> & { readonly clock: Clock },
) {
  const { env, log } = process;
  const read = () => readLogin(config, process);
  const rotation = {
    first: await read(),
    read,
    onUnreadable: ({ code, message: why, hint }: ReconcilerError) =>
      log.warn({ code, why, hint }, 'Could not read the credentials again; going on with those from before'),
  };
  const gitOf = (login: Login) => ({ ...gitConfig(config, env, login), ...limits });
  const repository = rotatingRepository(rotation, (login) => openRepository({ ...gitOf(login), log }));
  const openBranch = (login: Login) =>
    openStatusBranch(gitOf(login), config.cluster, clock, config.status.signing);
  return {
    repository: withSources(repository, config),
    statusBranch: config.status.enabled ? rotatingStatusBranch(rotation, openBranch) : undefined,
  };
}

function openStatus(config: Config, env: ConfigSources['env'], clock: Clock): StatusBranch | undefined {
  const { enabled, signing } = config.status;
  return enabled ? openStatusBranch(gitConfig(config, env), config.cluster, clock, signing) : undefined;
}
