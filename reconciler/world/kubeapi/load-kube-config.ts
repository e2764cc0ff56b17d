import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isIPv6 } from 'node:net';
import type { Connection } from './connection.ts';
import { ContextConnection } from './context-connection.ts';
import { KubeconfigError } from './errors.ts';
import type { Environment } from './exec-plugin.ts';
import type { Context, KubeconfigFile } from './kubeconfig.ts';

export interface KubeConfigOptions {
  /** Path that a flag or the configuration names. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Environment;
  /** Where a pod finds the credentials of its account. */
  readonly serviceAccountDir?: string;
  /** Milliseconds since 1970; tells when what a credential plugin printed expires. */
  readonly now?: () => number;
}

/**
 * How to reach the cluster: by the kubeconfig that is named, by those in KUBECONFIG, by the account of the pod that we
 * run in, by ~/.kube/config. The first that is there counts. Nothing is asked of the cluster yet.
 */
export async function loadKubeConfig(options: KubeConfigOptions): Promise<Connection> {
  const { env, now = Date.now } = options;
  const load = await contextLoader(options);
  return new ContextConnection(await load(), { load, env, now });
}

async function contextLoader(options: KubeConfigOptions): Promise<() => Promise<Context>> {
  const {
    kubeconfig,
    context,
    env,
    serviceAccountDir = '/var/run/secrets/kubernetes.io/serviceaccount',
  } = options;
  if (kubeconfig !== undefined) return async () => await contextOf([await readNamed(kubeconfig)], context);

  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return async () => await contextOf(await readListed(listed), context);

  const host = env['KUBERNETES_SERVICE_HOST'];
  if (host !== undefined && context === undefined && (await exists(join(serviceAccountDir, 'token')))) {
    return async () => podContext(host, env['KUBERNETES_SERVICE_PORT'] ?? '443', serviceAccountDir);
  }

  const { HOME: home } = env;
  const own = home === undefined ? undefined : join(home, '.kube', 'config');
  if (own !== undefined && (await exists(own)))
    return async () => await contextOf([await readNamed(own)], context);
  throw new KubeconfigError('No cluster is configured.', {
    hint: 'Name a kubeconfig by --kubeconfig or KUBECONFIG, or write ~/.kube/config.',
  });
}

/** What reads YAML is loaded only where there is a kubeconfig: a pod has none, and spares the memory. */
async function contextOf(files: readonly KubeconfigFile[], context: string | undefined): Promise<Context> {
  const { selectContext } = await import('./kubeconfig.ts');
  return selectContext(files, context);
}

async function readNamed(path: string): Promise<KubeconfigFile> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = `The kubeconfig ${path} ${missing ? 'does not exist' : 'cannot be read'}.`;
    throw new KubeconfigError(message, { cause });
  }
}

/** Of several files some may be missing, as kubectl has it; one that is there must be readable. */
async function readListed(paths: readonly string[]): Promise<KubeconfigFile[]> {
  const found: KubeconfigFile[] = [];
  for (const path of paths) {
    if (await exists(path)) found.push(await readNamed(path));
  }
  if (found.length === 0) {
    throw new KubeconfigError(`KUBECONFIG names ${paths.join(', ')}, which does not exist.`);
  }
  return found;
}

/** What a kubeconfig would say that a pod could have. */
async function podContext(host: string, port: string, dir: string): Promise<Context> {
  const namespace = await readFile(join(dir, 'namespace'), 'utf8').catch(() => '');
  return {
    origin: 'the account of this pod',
    namespace: namespace.trim() || undefined,
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      ca: { file: join(dir, 'ca.crt') },
      tlsServerName: undefined,
      insecure: false,
      proxyUrl: undefined,
    },
    user: {
      cert: undefined,
      key: undefined,
      token: undefined,
      tokenFile: join(dir, 'token'),
      username: undefined,
      password: undefined,
      impersonate: {},
      exec: undefined,
      authProvider: undefined,
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
