import { baseBranch } from './config/base-branch.ts';
import { ConfigError } from './config/config-error.ts';
import type { Config } from './config/config.ts';
import { type Login, readLogin } from './config/login.ts';
import { brakeNames } from './core/plan/brake.ts';
import { driverLockName } from './driver-lock.ts';
import { ReconcilerError } from './errors.ts';
import { type ForgePaces, openForgeOf } from './open-forges.ts';
import { gitConfig, openCluster, openRegistry, type Process, WALL_CLOCK } from './open-parts.ts';
import type { Clock } from './ports.ts';
import type { ReviewDuty } from './review/review-duty.ts';
import type { GitConfig } from './world/git/git-config.ts';
import { openMerges } from './world/git/merge/merges.ts';
import { rotatingMerges } from './world/git/rotating-repository.ts';
import { liveFacts } from './world/facts/live-facts.ts';
import { liveNode } from './world/facts/live-node.ts';
import type { KubeClusterOptions } from './world/live/kube-cluster.ts';
import { openWatchedCluster } from './world/live/watched-cluster.ts';
import type { WatchTimes } from './world/live/watch-times.ts';
import { Metrics } from './world/server/metrics.ts';
import { withMergeSources } from './world/sources/merge-sources.ts';
import { STEADY_TIME, type SteadyTime } from './world/steady-time.ts';

/** What a planner of pull requests goes by; unset, the machine's own time and chance, and each part's own paces. */
export interface ReviewOpenOptions {
  readonly clock?: Clock;
  readonly time?: SteadyTime;
  /** Of [0, 1). */
  readonly random?: () => number;
  readonly watch?: Partial<WatchTimes>;
  readonly git?: Pick<GitConfig, 'limits'>;
  readonly cluster?: Pick<KubeClusterOptions, 'Api'>;
  readonly forge?: ForgePaces;
}

/** Something would have been written to the cluster by what may not write anything. */
export class ReviewWriteError extends ReconcilerError {
  readonly code = 'REVIEW_WRITE';
  readonly retry = 'after-change';

  constructor() {
    super('A planner of pull requests writes nothing to the cluster, and was about to.');
  }
}

/** All that a planner of pull requests needs, of the real world. */
export async function openReview(
  config: Config,
  process: Process,
  options: ReviewOpenOptions = {},
): Promise<ReviewDuty & AsyncDisposable> {
  const { log, version } = process;
  const { namespace, name } = config.installation;
  const { clock = WALL_CLOCK, time = STEADY_TIME, random = Math.random } = options;
  const paced = { clock, time, random, log };
  const forge = await openForgeOf(config, process, { time, ...options.forge });
  if (forge === undefined) {
    throw new ConfigError('No forge is configured, so there are no pull requests.', {
      hint: 'Write forge.kind, and where its token is, into the configuration file.',
    });
  }
  const merges = withMergeSources(await openRotatingMerges(config, process, options.git), config);
  const metrics = new Metrics({ version });
  const kube = await openCluster(config, process, {
    ...options.cluster,
    onAnswer: (verb, status) => metrics.observeRequest(verb, status),
    // Beside the rights of the account: neither alone has to be right.
    beforeWrite: () => {
      throw new ReviewWriteError();
    },
  });
  const { suspend, freeze } = brakeNames(name);
  const remembered = [name, suspend, freeze, driverLockName({ name })].map((each) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: each, namespace },
  }));
  const cluster = openWatchedCluster(kube, { ...paced, remembered, ...options.watch });
  const registry = openRegistry(config, process, time);
  return {
    forge,
    merges,
    cluster,
    registry,
    fresh: kube,
    metrics,
    facts: () => liveFacts(kube.api, config.installation),
    node: (node) => liveNode(kube.api, node),
    ...paced,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await Promise.all([kube.close(), registry[Symbol.asyncDispose](), forge[Symbol.asyncDispose]()]);
    },
  };
}

/** Merges, with credentials that may be replaced while the process goes on. */
async function openRotatingMerges(config: Config, process: Process, limits?: Pick<GitConfig, 'limits'>) {
  // A tag of that name is no branch, and no pull request goes to it.
  const ref = `refs/heads/${baseBranch(config.repository?.ref ?? 'main')}`;
  const read = () => readLogin(config, process);
  const rotation = {
    first: await read(),
    read,
    onUnreadable: ({ code, message: why, hint }: ReconcilerError) =>
      process.log.warn(
        { code, why, hint },
        'Could not read the credentials again; going on with those from before',
      ),
  };
  return rotatingMerges(rotation, (login: Login) =>
    openMerges({ ...gitConfig(config, process.env, login), ref, ...limits }),
  );
}
