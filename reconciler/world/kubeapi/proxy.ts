import { BlockList, isIP } from 'node:net';
import type { Environment } from './exec-plugin.ts';
import { KubeconfigError } from './errors.ts';

/** The proxy for `server`: the kubeconfig's own, or the environment's as other programs understand it. */
export function proxyFor(server: URL, own: string | undefined, env: Environment): URL | undefined {
  if (own !== undefined) return proxyUrl(own, 'proxy-url of the kubeconfig');
  const names = server.protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const name = names.find((candidate) => env[candidate]);
  if (name === undefined || isExempt(server, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined;
  const value = env[name] ?? '';
  return proxyUrl(value.includes('://') ? value : `http://${value}`, name);
}

function proxyUrl(text: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  // The address itself may hold a password.
  const kind =
    url === undefined ? 'no valid address' : `a proxy of the kind ${url.protocol.replace(':', '')}`;
  throw new KubeconfigError(`${where} names ${kind}, which is not supported.`, {
    hint: 'Use an http:// or https:// proxy that lets CONNECT through.',
  });
}

/** Whether NO_PROXY covers the server: `*`, names with all below them, addresses, ranges, each with a port or not. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const family = isIP(host);
  if (host === 'localhost' || (family !== 0 && isIn(host, family === 4 ? '127.0.0.0/8' : '::1/128')))
    return true;
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === '*') return true;
      if (entry === '') return false;
      if (entry.includes('/')) return family !== 0 && isIn(host, entry);
      if (isIP(entry) !== 0) return entry === host;
      const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== ownPort) return false;
      const domain = name.replace(/^\*?\./, '');
      // `.example.com` covers what is below it only.
      return host.endsWith(`.${domain}`) || (host === domain && domain === name);
    });
}

function isIn(address: string, range: string): boolean {
  const [net = '', bits = ''] = range.split('/');
  const family = isIP(net);
  const length = Number(bits);
  if (family === 0 || bits === '' || !Number.isInteger(length) || length > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(net, length, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
