import { type Config, ConfigError, type ConfigSources, loadConfig } from './config.ts';
import type { Console, Program } from './program.ts';
import type { Clock, Log } from './ports.ts';
import type { GitConfig } from './world/git/git-config.ts';
import { openKubeCluster } from './world/live/kube-cluster.ts';
import { openRepository } from './world/git/repository.ts';
import { openStatusBranch } from './world/git/status-branch.ts';

/** What `main` takes from its process. */
export interface Process extends ConfigSources {
  readonly version: string;
  readonly log: Log;
  readonly console: Console;
}

/** A program that reaches the real world. */
export function openProgram({ version, env, readFile, log, console }: Process): Program {
  const clock: Clock = { now: () => new Date() };
  return {
    version,
    console,
    clock,
    log,
    config: (flags) => loadConfig(flags, { env, readFile }),
    repository: (config) => openRepository(gitConfig(config, env)),
    cluster: (config) => openKubeCluster({ ...config.kubernetes, env, userAgent: `weka-gitops/${version}` }),
    statusBranch: (config) =>
      config.status.enabled ? openStatusBranch(gitConfig(config, env), config.cluster, clock) : undefined,
  };
}

function gitConfig(config: Config, env: Process['env']): GitConfig {
  const { repository, cacheDir, password, token, ca, acceptRewrittenHistory } = config;
  if (repository === undefined) {
    throw new ConfigError('No repository is configured.', {
      hint: 'Give --repository URL, set WEKA_GITOPS_REPOSITORY, or write repository.url into the configuration file.',
    });
  }
  const { url, ref, path, username } = repository;
  return {
    url,
    ref,
    path,
    cacheDir,
    proxyEnv: env,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
    ...(ca === undefined ? {} : { ca }),
    ...(acceptRewrittenHistory === undefined ? {} : { acceptRewrittenHistory }),
  };
}
