import type { CommitSha, Log } from '../../ports.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import type { VerifyFiles } from './signatures/commit-verifier.ts';

/** Where the repository is and how to reach it. Comes from the process's configuration alone. */
export interface GitConfig {
  /** `https://…`, `http://…`, or the path of a local repository. */
  readonly url: string;
  /** Branch, tag, full ref, or the 40 digits of a commit. */
  readonly ref: string;
  /** Folder within the repository; empty for all of it. */
  readonly path: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** An access token, sent as the password of `username`, or of `x-access-token` where there is none. */
  readonly token?: string | undefined;
  /** PEM text of the CA that signed the server's certificate, in place of the system's own. */
  readonly ca?: string | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; without it no proxy is used. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder for clones; each repository has a folder of its own in it. */
  readonly cacheDir: string;
  /** The commit up to which a rewritten history is accepted. */
  readonly acceptRewrittenHistory?: CommitSha | undefined;
  /** Keys that a commit must be signed with to be read; any commit is where unset. */
  readonly verify?: VerifyFiles | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Told of what is mended without anybody's help. */
  readonly log?: Pick<Log, 'warn'> | undefined;
}

/** All limits, those that are not configured at their defaults. */
export function limitsOf({ limits }: GitConfig): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}
