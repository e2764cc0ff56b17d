import { resolve } from 'node:path';
import { GitError } from './errors.ts';

export type Location =
  | { readonly kind: 'local'; readonly path: string }
  | {
      readonly kind: 'http';
      /** Without credentials and without a slash at the end: safe to print. */
      readonly url: string;
      readonly username?: string;
      readonly password?: string;
    };

/** Where a configured address points to. What needs another program, or reaches around the checks, is refused. */
export function parseLocation(address: string): Location {
  if (/^https?:\/\//i.test(address)) return parseHttp(address);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === 'file') {
    const path = address.slice('file://'.length);
    throw refused(address, 'file:// addresses are not read', `Give the plain path: ${path}`);
  }
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') {
    const { host, path } =
      /^[^:]+:\/\/(?:[^@/]*@)?(?<host>[^/:]+)(?::\d+)?\/?(?<path>.*)$/.exec(address)?.groups ?? {};
    throw refused(address, 'ssh is not spoken', httpsHint(host, path));
  }
  if (scheme !== undefined) throw refused(address, `${scheme}:// is not spoken`, httpsHint());
  if (/^[a-z0-9-]+::/i.test(address)) {
    throw refused(address, 'addresses that name a program to run are not followed', httpsHint());
  }
  const scp = /^(?:[^@/]*@)?(?<host>[^/:@]+):(?<path>.*)$/.exec(address)?.groups;
  if (scp !== undefined) throw refused(address, 'ssh is not spoken', httpsHint(scp['host'], scp['path']));
  if (address.trim() === '') throw refused(address, 'it is empty', httpsHint());
  return { kind: 'local', path: resolve(address) };
}

function parseHttp(address: string): Location {
  const url = URL.parse(address);
  if (url === null || url.hostname === '') throw refused(address, 'it is not a valid address', httpsHint());
  if (url.search !== '' || url.hash !== '') {
    throw refused(address, 'it has a query or a fragment', 'Give the address that `git clone` takes.');
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return {
    kind: 'http',
    url: url.href.replace(/\/+$/, ''),
    ...(username === '' ? {} : { username: decode(username) }),
    ...(password === '' ? {} : { password: decode(password) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function httpsHint(host = 'HOST', path = 'PATH'): string {
  return `Use https://${host}/${path}, with a token in WEKA_GITOPS_TOKEN if it is private, or the path of a local repository.`;
}

function refused(address: string, why: string, hint: string): GitError {
  const message = `The repository's address ${shown(address)} cannot be used: ${why}.`;
  return new GitError('REPOSITORY_URL', message, { hint });
}

/** The address without what may be a password. */
function shown(address: string): string {
  return JSON.stringify(address.replace(/^([^/]*\/\/)?[^/]*@/, '$1'));
}
