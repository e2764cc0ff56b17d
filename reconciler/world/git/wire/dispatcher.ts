import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { KubeconfigError } from '../../kubeapi/errors.ts';
import { proxyFor } from '../../kubeapi/proxy.ts';
import { GitError } from '../errors.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';

/** Connections to a server, kept for the next request: straight, or through the proxy that the environment names for it. */
export function openDispatchers(config: GitConfig): (server: URL) => Dispatcher {
  const known = new Map<string, Dispatcher>();
  return (server) => {
    const dispatcher = known.get(server.origin) ?? openDispatcher(server, config);
    known.set(server.origin, dispatcher);
    return dispatcher;
  };
}

function openDispatcher(server: URL, config: GitConfig): Dispatcher {
  const timeout = limitsOf(config).connectMs;
  const secure = { timeout, ...(config.ca === undefined ? {} : { ca: config.ca }) };
  // Each request carries a deadline of its own, which is finer than these.
  const shared = { headersTimeout: 0, bodyTimeout: 0, connections: 2 };
  const proxy = proxyOf(server, config);
  return proxy === undefined
    ? new Agent({ ...shared, connect: secure })
    : new ProxyAgent({ ...shared, uri: proxy.href, connectTimeout: timeout, requestTls: secure });
}

function proxyOf(server: URL, { proxyEnv = {} }: GitConfig): URL | undefined {
  try {
    return proxyFor(server, undefined, proxyEnv);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    const hint = error.hint ?? 'Name a proxy that is spoken to by HTTP.';
    throw new GitError('REPOSITORY_URL', error.message, { hint });
  }
}
