import { ConfigError } from './config/config-error.ts';
import type { Config } from './config/config.ts';
import type { ConfigSources } from './config/config-sources.ts';
import type { Login } from './config/login.ts';
import type { Console, RegistryReach } from './program.ts';
import type { Clock, Log } from './ports.ts';
import type { GitConfig } from './world/git/git-config.ts';
import { STEADY_TIME, type SteadyTime } from './world/steady-time.ts';
import { HttpRegistry } from './world/drivers/http-registry.ts';
import { type KubeCluster, type KubeClusterOptions, openKubeCluster } from './world/live/kube-cluster.ts';

/** What `main` takes from its process. */
export interface Process extends ConfigSources {
  readonly version: string;
  readonly log: Log;
  readonly console: Console;
  /** Names this process among others in the lease and the logs; a pod's name. */
  readonly host: string;
  readonly stopSignal: () => AbortSignal;
}

export const WALL_CLOCK: Clock = { now: () => new Date() };

/** The cluster that the configuration names. */
export function openCluster(
  { kubernetes, installation: { agentNamespace } }: Pick<Config, 'kubernetes' | 'installation'>,
  { env, version }: Process,
  options: Pick<KubeClusterOptions, 'beforeWrite' | 'onAnswer' | 'Api'> = {},
): Promise<KubeCluster> {
  const userAgent = `weka-gitops/${version}`;
  return openKubeCluster({ ...kubernetes, env, userAgent, agentNamespace, ...options });
}

/** Registries of driver packages, whichever the Settings name within the ceilings. */
export function openRegistry(
  config: Pick<Config, 'ceilings' | 'drivers' | 'driversCa'>,
  process: Process,
  time: SteadyTime = STEADY_TIME,
): HttpRegistry {
  const { driverRegistries: allowed } = config.ceilings;
  return new HttpRegistry({ ...registryReach(config, process), time, allowed });
}

/** How registries of driver packages are reached from here. */
export function registryReach(
  { driversCa: ca, drivers: { proxy, noProxy } }: Pick<Config, 'drivers' | 'driversCa'>,
  { env, version }: Process,
): RegistryReach {
  const proxyEnv = proxy === undefined ? env : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: noProxy };
  return { userAgent: `weka-gitops/${version}`, proxyEnv, ca };
}

/** How the repository is reached, and what of it is read. */
export function gitConfig(
  { repository, cacheDir, acceptRewrittenHistory, ...config }: Config,
  env: Process['env'],
  { password, token, ca }: Login = config,
): GitConfig {
  if (repository === undefined) {
    throw new ConfigError('No repository is configured.', {
      hint: 'Give --repository URL, set WEKA_GITOPS_REPOSITORY, or write repository.url into the configuration file.',
    });
  }
  const { url, ref, path, username, verify } = repository;
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
    ...(verify === undefined ? {} : { verify }),
    ...(acceptRewrittenHistory === undefined ? {} : { acceptRewrittenHistory }),
  };
}
