import type { ForgePages } from '../../../forge-port.ts';

/** Address of the API of the GitHub whose pages are at `url`: github.com, GitHub Enterprise Cloud or a server of one's own. */
export function apiOf(url: string): string {
  const { protocol, host } = new URL(url);
  if (host === 'github.com' || host === 'www.github.com') return 'https://api.github.com';
  if (/^[^.]+\.ghe\.com$/.test(host)) return `${protocol}//api.${host}`;
  return `${url}/api/v3`;
}

/** Address of GraphQL beside an API. */
export function graphqlBaseOf(api: string): string {
  return api.replace(/\/v3$/, '');
}

/** Pages of a repository. */
export function pagesOf(url: string, repository: string): ForgePages {
  const base = `${url}/${repository}`;
  return {
    line: (commit, file, line) => `${base}/blob/${commit}/${encodedPath(file)}#L${line}`,
    commit: (commit) => `${base}/commit/${commit}`,
    branch: (name) => `${base}/tree/${encodedPath(name)}`,
    pullRequest: (number) => `${base}/pull/${number}`,
  };
}

function encodedPath(path: string): string {
  // As encodeURIComponent, and what ends an address in Markdown or a tag besides.
  const encoded = path.split('/').map((segment) => encodeURIComponent(segment));
  return encoded
    .join('/')
    .replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
