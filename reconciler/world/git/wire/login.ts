import type { GitConfig } from '../git-config.ts';

/** How requests prove who sends them. */
export interface Login {
  readonly username: string;
  /** The `authorization` header. */
  readonly header: string;
  /** What must not be shown, in every form that it is sent in. */
  readonly secrets: readonly string[];
}

/** The credentials that are configured, or that the address holds; undefined where there are none. */
export function loginOf(config: GitConfig, url: { username?: string; password?: string }): Login | undefined {
  const password = config.password ?? config.token ?? url.password;
  const username =
    config.username ?? url.username ?? (config.token === undefined ? undefined : 'x-access-token');
  if (password === undefined && username === undefined) return undefined;
  const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const secrets = [basic, ...(password ? [password, encodeURIComponent(password)] : [])];
  return { username: username ?? '', header: `Basic ${basic}`, secrets };
}
