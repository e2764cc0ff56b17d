import type * as Module from 'octokit';
import type { SteadyTime } from '../steady-time.ts';
import type { ForgeLimits } from './forge-fetch.ts';

/** What proves us to the forge, and the forge to us. */
export interface ForgeCredentials {
  /** Without one, and without an app, requests are anonymous. */
  readonly token?: string;
  /** A GitHub App in place of a token. */
  readonly app?: {
    readonly id: number;
    /** PEM. */
    readonly privateKey: string;
    /** That of the repository where unset. */
    readonly installation?: number;
  };
  /** PEM text of the CA that signed the server's certificate, in place of the system's own. */
  readonly ca?: string;
}

export interface ForgeClientOptions {
  readonly forge: 'GitHub' | 'Gitea';
  /** Address of the API, without a slash at its end. */
  readonly api: string;
  readonly userAgent: string;
  /** Reads them, and again when the forge refuses them: their files are replaced while the process goes on. */
  readonly credentials: () => Promise<ForgeCredentials>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; without it no proxy is used. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly limits?: Partial<ForgeLimits>;
  /** How often what may be sent twice is tried again after a 5xx or a cut connection; 2 where unset. */
  readonly retries?: number;
  /** The first wait before it, which grows; 1 s where unset. */
  readonly retryMs?: number;
  /** Whether writes keep the distances that GitHub asks for: 1 s, and 3 s between comments. */
  readonly throttle?: boolean;
  readonly time?: Pick<SteadyTime, 'now'>;
  /** Told of each answer, and of each request that got none. */
  readonly onAnswer?: (request: {
    readonly method: string;
    readonly url: string;
    readonly status?: number;
  }) => void;
  /** Makes an Octokit of the base that knows how credentials are sent; by default the token is sent as it is. */
  readonly authenticate?: (base: OctokitBase, credentials: ForgeCredentials) => Promise<Module.Octokit>;
}

/** What an Octokit is made with. */
export interface OctokitBase {
  readonly octokit: typeof Module;
  readonly options: NonNullable<ConstructorParameters<typeof Module.Octokit>[0]>;
}
