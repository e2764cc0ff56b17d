import { isDeepStrictEqual } from 'node:util';
import { AuthProvider } from './auth-provider.ts';
import type { Connection, Credentials, Tls } from './connection.ts';
import { KubeconfigError } from './errors.ts';
import { type Environment, ExecPlugin } from './exec-plugin.ts';
import type { Context, Material } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { WatchedFile } from './watched-file.ts';

export interface ContextSources {
  /** Reads the context again from where it came from. */
  readonly load: () => Promise<Context>;
  readonly env: Environment;
  readonly now: () => number;
}

/** A connection by one context of a kubeconfig, or what stands for one in a pod. */
export class ContextConnection implements Connection {
  readonly server: URL;
  readonly origin: string;
  readonly namespace: string | undefined;
  readonly proxy: URL | undefined;
  readonly #sources: ContextSources;
  readonly #closing = new AbortController();
  #parts: readonly Part[];
  #given: readonly Credentials[] = [];
  #known: Credentials | undefined;
  #asking: Promise<Credentials> | undefined;
  #renewing: Promise<Credentials> | undefined;

  constructor(context: Context, sources: ContextSources) {
    const { cluster, origin, namespace } = context;
    this.server = serverUrl(cluster.server, origin);
    this.origin = origin;
    this.namespace = namespace;
    this.proxy = proxyFor(this.server, cluster.proxyUrl, sources.env);
    this.#sources = sources;
    this.#parts = partsOf(context, sources, this.#closing.signal);
  }

  async credentials(): Promise<Credentials> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async renew(refused: Credentials): Promise<Credentials> {
    // Of many requests that were refused at once, one renews for all.
    if (this.#known !== undefined && this.#known !== refused) return this.#known;
    this.#renewing ??= this.#reload().finally(() => {
      this.#renewing = undefined;
    });
    return await this.#renewing;
  }

  close(): void {
    this.#closing.abort();
  }

  async #reload(): Promise<Credentials> {
    this.#parts = partsOf(await this.#sources.load(), this.#sources, this.#closing.signal);
    return await this.#ask();
  }

  async #ask(): Promise<Credentials> {
    const given: Credentials[] = [];
    for (const part of this.#parts) given.push(await part());
    // For each of a thousand requests nothing is compared but what is the same object.
    const isSame = given.length === this.#given.length && given.every((each, at) => each === this.#given[at]);
    this.#given = given;
    if (isSame && this.#known !== undefined) return this.#known;
    const next = {
      tls: Object.assign({}, ...given.map(({ tls }) => tls)) as Tls,
      headers: Object.assign({}, ...given.map(({ headers }) => headers)) as Credentials['headers'],
    };
    if (isDeepStrictEqual(this.#known, next)) return this.#known ?? next;
    const tls = isDeepStrictEqual(this.#known?.tls, next.tls) ? (this.#known?.tls ?? next.tls) : next.tls;
    this.#known = { ...next, tls };
    return this.#known;
  }
}

/**
 * One thing that a context says about credentials, the same object for as long as it says the same. Of two that say the
 * same thing, the later counts.
 */
type Part = () => Promise<Credentials>;

function partsOf(
  { cluster, user }: Context,
  { env, now }: ContextSources,
  signal: AbortSignal,
): readonly Part[] {
  const { insecure, tlsServerName: servername } = cluster;
  const fixed: Credentials = {
    tls: {
      ...(insecure && { rejectUnauthorized: false }),
      ...(servername !== undefined && { servername }),
    },
    headers: user.impersonate,
  };
  const parts: Part[] = [async () => fixed];
  const material = (name: 'ca' | 'cert' | 'key', from: Material | undefined, what: string): void => {
    if (from === undefined) return;
    const text = reader(from, what, now);
    parts.push(unlessChanged(text, (pem) => ({ tls: { [name]: pem }, headers: {} })));
  };
  // Whoever checks nothing has no use for an authority.
  if (!insecure) material('ca', cluster.ca, 'the certificate of the authority');
  material('cert', user.cert, 'our certificate');
  material('key', user.key, 'the key of our certificate');

  const authorization = (value: () => Promise<string>): void => {
    parts.push(unlessChanged(value, (header) => ({ tls: {}, headers: { authorization: header } })));
  };
  const { username, password = '', token, tokenFile } = user;
  if (username !== undefined) {
    const pair = Buffer.from(`${username}:${password}`).toString('base64');
    authorization(async () => `Basic ${pair}`);
  }
  if (user.authProvider !== undefined) {
    const provider = new AuthProvider(user.authProvider);
    parts.push(() => provider.credentials());
  }
  if (user.exec !== undefined) {
    const plugin = new ExecPlugin(user.exec, { cluster, env, now, signal });
    parts.push(() => plugin.credentials());
  }
  if (tokenFile !== undefined) {
    const text = reader({ file: tokenFile }, 'our token', now);
    authorization(async () => `Bearer ${(await text()).trim()}`);
  } else if (token !== undefined) {
    authorization(async () => `Bearer ${token.trim()}`);
  }
  return parts;
}

/** What `made` makes of a text, made anew only for another text. */
function unlessChanged(text: () => Promise<string>, made: (text: string) => Credentials): Part {
  let last: { readonly text: string; readonly credentials: Credentials } | undefined;
  return async () => {
    const now = await text();
    if (last?.text !== now) last = { text: now, credentials: made(now) };
    return last.credentials;
  };
}

function reader(from: Material, what: string, now: () => number): () => Promise<string> {
  if ('text' in from) return async () => from.text;
  const file = new WatchedFile(from.file, what, now);
  return () => file.text();
}

function serverUrl(text: string, origin: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new KubeconfigError(`The server of ${origin} is no https:// or http:// address.`);
}
