import { setTimeout as delay } from 'node:timers/promises';
import { isRecord } from '../../core/kube/json.ts';
import { type Call, describeTarget } from './call.ts';
import type { Connection, Credentials } from './connection.ts';
import { ApiError } from './errors.ts';
import { MAX_TRIES, mayRepeat, type Repeatable, waitBefore } from './retry.ts';
import { Slots } from './slots.ts';
import { statusError } from './status-error.ts';
import { transportError } from './transport-error.ts';
import { type Answer, MAX_CONNECTIONS, Transport } from './transport.ts';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** For all of it, tries and waits included, from when its turn has come. */
  readonly timeoutMs?: number;
  /** Answers beyond it are refused. */
  readonly maxBytes?: number;
  /** Gives up, whether it waits or is under way. */
  readonly signal?: AbortSignal;
}

export const APPLY_PATCH = 'application/apply-patch+yaml';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * The Kubernetes API over HTTP/1.1 and JSON. What is read is repeated when the connection or the server fails; a write
 * only where the server has not begun with it. Every failure is an ApiError or a KubeconfigError.
 */
export class KubeApi {
  readonly connection: Connection;
  readonly #slots = new Slots(MAX_CONNECTIONS);
  readonly #userAgent: string;
  readonly #closing: Promise<void>[] = [];
  #transport: Transport | undefined;
  #closed = false;

  constructor(connection: Connection, userAgent = 'weka-gitops') {
    this.connection = connection;
    this.#userAgent = userAgent;
  }

  /** The answer's JSON; whoever asks knows its shape. */
  async request<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    return (await this.#slots.run(async () => {
      if (this.#closed) throw new Error(`${method} ${path} was asked for after close().`);
      return await this.#tries({ method, path }, options);
    })) as Result;
  }

  /** Lets what is under way finish, and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retire();
    await Promise.all(this.#closing);
  }

  async #tries(call: Call, options: RequestOptions): Promise<unknown> {
    const { timeoutMs = TIMEOUT_MS, signal: given } = options;
    given?.throwIfAborted();
    const start = performance.now();
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
    const signal = given === undefined ? deadline : AbortSignal.any([deadline, given]);
    const repeatable = repeatableOf(call, options);
    try {
      for (let tries = 1; ; tries++) {
        const tried = await this.#tryOnce(call, options, signal);
        if ('result' in tried) return tried.result;
        const { error, retryAfter } = tried;
        const wait = waitBefore(tries, retryAfter);
        const isLate = performance.now() - start + wait >= timeoutMs;
        if (this.#closed || tries === MAX_TRIES || isLate || !mayRepeat(repeatable, error)) throw error;
        await delay(wait, undefined, { signal });
      }
    } catch (error) {
      given?.throwIfAborted();
      if (!deadline.aborted || error instanceof ApiError) throw error;
      const what = `${describeTarget(call.path)}: the API server did not answer within ${timeoutMs / 1000} s.`;
      throw new ApiError('API_TIMEOUT', what, { cause: error });
    }
  }

  async #tryOnce(call: Call, options: RequestOptions, signal: AbortSignal): Promise<Tried> {
    const credentials = await this.connection.credentials();
    const tried = await this.#tryAs(credentials, call, options, signal);
    if (!('error' in tried) || tried.error.code !== 'API_UNAUTHORIZED') return tried;
    // A token may have expired a moment ago, or been replaced on disk.
    const renewed = await this.connection.renew(credentials);
    return await this.#tryAs(renewed, call, options, signal);
  }

  async #tryAs(
    credentials: Credentials,
    call: Call,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<Tried> {
    const { body, maxBytes = MAX_BYTES } = options;
    const { server } = this.connection;
    let answer: Answer;
    try {
      answer = await this.#transportFor(credentials).exchange({
        method: call.method,
        path: `${server.pathname.replace(/\/+$/, '')}${call.path}${queryText(options.query)}`,
        headers: {
          accept: options.accept ?? 'application/json',
          'user-agent': this.#userAgent,
          ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
          ...credentials.headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        maxBytes,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      return { error: transportError(call, server, error) };
    }
    return read(call, answer, maxBytes);
  }

  /** A certificate that was rotated needs connections of its own; those under the old one finish and go. */
  #transportFor({ tls }: Credentials): Transport {
    if (this.#closed) throw new Error('Nothing is sent after close().');
    if (this.#transport?.tls !== tls) {
      this.#retire();
      this.#transport = new Transport(this.connection.server, this.connection.proxy, tls);
    }
    return this.#transport;
  }

  #retire(): void {
    if (this.#transport !== undefined) this.#closing.push(this.#transport.close());
    this.#transport = undefined;
  }
}

type Tried =
  { readonly result: unknown } | { readonly error: ApiError; readonly retryAfter?: string | undefined };

function read(call: Call, { status, retryAfter, text }: Answer, maxBytes: number): Tried {
  if (text === undefined) {
    const limit = `${Math.round(maxBytes / 1024 / 1024)} MiB`;
    const message = `${describeTarget(call.path)}: the API server's answer is larger than ${limit}.`;
    return { error: new ApiError('API_TOO_LARGE', message, { status }) };
  }
  const body = parsed(text);
  if (status < 200 || status > 299) return { error: statusError(call, status, body), retryAfter };
  if (isRecord(body)) return { result: body };
  const message = `${describeTarget(call.path)}: what answered did not answer in JSON.`;
  const hint = 'Something else than an API server may stand at that address, or in between.';
  return { error: new ApiError('API_UNAVAILABLE', message, { status, hint }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser quotes what it read, which may be a secret.
    return undefined;
  }
}

function queryText(query: RequestOptions['query'] = {}): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return set.length === 0 ? '' : `?${set.join('&')}`;
}

function repeatableOf({ method }: Call, { query, contentType, body }: RequestOptions): Repeatable {
  if (method === 'GET' || query?.['dryRun'] !== undefined) return 'always';
  if (method === 'PATCH' && contentType === APPLY_PATCH) return 'if-not-done';
  if (method === 'DELETE' && isRecord(body) && body['preconditions'] !== undefined) return 'if-not-done';
  return 'never';
}
