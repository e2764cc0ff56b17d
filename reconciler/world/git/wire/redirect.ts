import { GitError } from '../errors.ts';

/** Whether an answer asks to be followed elsewhere in a way that keeps what was asked. */
export function isRedirect(status: number, method: 'GET' | 'POST'): boolean {
  return status === 307 || status === 308 || (method === 'GET' && [301, 302, 303].includes(status));
}

/**
 * Where the repository at `base` has moved to, when `path` of it is now at `target`. Credentials must not travel to
 * another host, nor in the clear.
 */
export function followed(base: string, path: string, target: string, shown: string): string {
  const from = new URL(`${base}${path}`);
  const to = URL.parse(target, from.href);
  if (to === null) throw redirectRefused(shown, 'it redirects to an address that is not valid');
  const upgraded = from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname;
  if (!upgraded && (from.protocol !== to.protocol || from.host !== to.host)) {
    throw redirectRefused(shown, `it redirects to ${to.protocol}//${to.host}`);
  }
  to.username = '';
  to.password = '';
  if (!to.href.endsWith(path)) throw redirectRefused(shown, 'it redirects to what is not a git repository');
  return to.href.slice(0, -path.length);
}

/** A redirect that is not followed, and why. */
export function redirectRefused(url: string, why: string): GitError {
  return new GitError('REPOSITORY_URL', `${url} is not followed: ${why}.`, {
    hint: 'Configure the address that the repository has now; credentials are sent to no other host.',
  });
}
