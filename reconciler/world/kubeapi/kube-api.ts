import { setTimeout as delay } from 'node:timers/promises';
import { isRecord } from '../../core/kube/json.ts';
import { ReconcilerError } from '../../errors.ts';
import { type Call, describeTarget, verbOf } from './call.ts';
import type { Connection, Credentials } from './connection.ts';
import { Deadline, orReason } from './deadline.ts';
import { ApiError } from './errors.ts';
import type { Answer } from './exchange.ts';
import { askedToWait, MAX_TRIES, mayRepeat, type Repeatable, waitBefore } from './retry.ts';
import { Slots } from './slots.ts';
import { statusError } from './status-error.ts';
import { transportError } from './transport-error.ts';
import { MAX_CONNECTIONS, type Stream, Transport } from './transport.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** For all of it, tries and waits included, from when its turn has come. */
  readonly timeoutMs?: number;
  /** How often it is sent at most, though it might be repeated; by default a few times. 1 is for callers with a pace of their own. */
  readonly tries?: number;
  /** Answers beyond it are refused. */
  readonly maxBytes?: number;
  /** Gives up, whether it waits or is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Asked for each try, right before its first byte is sent. What it throws ends the request: nothing of it was sent. */
  readonly beforeSend?: (() => void) | undefined;
}

export interface WatchOptions {
  readonly query: RequestOptions['query'];
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** For the API server to begin its answer. */
  readonly openWithinMs: number;
}

export const APPLY_PATCH = 'application/apply-patch+yaml';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** How long after `close()` an answer is still waited for. */
const CLOSES_WITHIN_MS = 500;

/**
 * The Kubernetes API over HTTP/1.1 and JSON. What is read is repeated when the connection or the server fails; a write
 * only where the server has not begun with it. Every failure is an ApiError or a KubeconfigError.
 */
export class KubeApi {
  readonly connection: Connection;
  readonly #slots = new Slots(MAX_CONNECTIONS);
  readonly #openings = new Slots(MAX_CONNECTIONS);
  readonly #userAgent: string;
  readonly #onAnswer: (verb: string, status: number | undefined) => void;
  readonly #closing = new Map<Transport, Promise<void>>();
  readonly #underway = new Set<Deadline>();
  #transport: Transport | undefined;
  #closed = false;

  /** `onAnswer` is told of each try, by Kubernetes' verb, and of its HTTP status, which is absent where no answer came. */
  constructor(
    connection: Connection,
    userAgent = 'weka-gitops',
    onAnswer: (verb: string, status: number | undefined) => void = () => undefined,
  ) {
    this.connection = connection;
    this.#userAgent = userAgent;
    this.#onAnswer = onAnswer;
  }

  /** The answer's JSON; whoever asks knows its shape. */
  async request<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    return (await this.#slots.run(async () => {
      if (this.#closed) throw new Error(`${method} ${path} was asked for after close().`);
      return await this.#tries({ method, path }, options);
    }, options.signal)) as Result;
  }

  /**
   * Opens a watch, and gives its events once the API server has begun to answer. It is not tried again: what an event
   * missed means is for the caller to say. Ends without an error where the API server ends it in order.
   */
  async watch(
    path: string,
    { query, signal, openWithinMs }: WatchOptions,
  ): Promise<AsyncIterable<WatchEvent>> {
    const call = { method: 'GET', path };
    const headers = { accept: 'application/json' };
    const stream = await this.#begin(call, { query, headers, what: 'a watch' }, { signal, openWithinMs });
    return this.#events(call, stream, signal);
  }

  /**
   * Opens an answer that is no JSON, such as a file that the API server brings from a Service, once it has begun. It is not tried
   * again; its body throws what `watch` would.
   */
  async download(
    path: string,
    { signal, openWithinMs }: Omit<WatchOptions, 'query'>,
  ): Promise<AsyncIterable<Uint8Array>> {
    const call = { method: 'GET', path };
    const headers = { accept: '*/*', 'accept-encoding': 'identity' };
    const stream = await this.#begin(call, { headers, what: 'its answer' }, { signal, openWithinMs });
    return this.#pieces(call, stream, signal);
  }

  /** Begins an answer that takes its time. Throws where it is none of success, or has not begun in time. */
  async #begin(
    call: Call,
    { query, headers, what }: Begun,
    { signal, openWithinMs }: Omit<WatchOptions, 'query'>,
  ): Promise<Stream> {
    const { path } = call;
    return await this.#openings.run(async () => {
      if (this.#closed) throw new Error(`${path} was asked for after close().`);
      const late = AbortSignal.timeout(openWithinMs);
      const opening = new AbortController();
      const giveUp = (): void => opening.abort(late.reason);
      late.addEventListener('abort', giveUp);
      const either = AbortSignal.any([signal, opening.signal]);
      try {
        let credentials = await orReason(this.connection.credentials(), either);
        let stream = await this.#open(credentials, call, { query, headers }, either);
        if (stream.status === 401) {
          await drained(stream);
          credentials = await orReason(this.connection.renew(credentials), either);
          stream = await this.#open(credentials, call, { query, headers }, either);
        }
        if (stream.status === 200) return stream;
        const body = parsed(await drained(stream));
        throw statusError(call, stream.status, body, askedToWait(stream.retryAfter));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ReconcilerError) throw error;
        if (!late.aborted) throw transportError(call, this.connection.server, error);
        const message = `${describeTarget(path)}: the API server did not begin ${what} within ${openWithinMs / 1000} s.`;
        throw new ApiError('API_TIMEOUT', message, { cause: error });
      } finally {
        late.removeEventListener('abort', giveUp);
      }
    });
  }

  /** Lets what is under way finish, save watches, if that takes no more than a moment, and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retire();
    await Promise.all([...this.#closing.keys()].map((transport) => transport.cutStreams()));
    const late = setTimeout(() => {
      const reason = new Error('The API server did not answer before close().');
      for (const deadline of this.#underway) deadline.end(reason);
    }, CLOSES_WITHIN_MS);
    await Promise.all(this.#closing.values());
    clearTimeout(late);
    this.connection.close?.();
  }

  async #open(
    credentials: Credentials,
    { method, path }: Call,
    { query, headers }: Omit<Begun, 'what'>,
    signal: AbortSignal,
  ): Promise<Stream> {
    try {
      const stream = await this.#transportFor(credentials).stream({
        method,
        path: this.#fullPath(path, query),
        headers: { ...headers, 'user-agent': this.#userAgent, ...credentials.headers },
        signal,
      });
      this.#onAnswer('watch', stream.status);
      return stream;
    } catch (error) {
      this.#onAnswer('watch', undefined);
      throw error;
    }
  }

  async *#pieces(call: Call, { body }: Stream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      signal.throwIfAborted();
      throw transportError(call, this.connection.server, error);
    }
  }

  async *#events(call: Call, { body }: Stream, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    try {
      yield* watchEvents(call, body);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ReconcilerError ? error : transportError(call, this.connection.server, error);
    }
  }

  #fullPath(path: string, query: RequestOptions['query']): string {
    return `${this.connection.server.pathname.replace(/\/+$/, '')}${path}${queryText(query)}`;
  }

  async #tries(call: Call, options: RequestOptions): Promise<unknown> {
    const { timeoutMs = TIMEOUT_MS, tries: most = MAX_TRIES, signal: given } = options;
    given?.throwIfAborted();
    const start = performance.now();
    const deadline = new Deadline(timeoutMs, given);
    this.#underway.add(deadline);
    const { signal } = deadline;
    const repeatable = repeatableOf(call, options);
    try {
      for (let tries = 1; ; tries++) {
        const tried = await this.#tryOnce(call, options, deadline);
        if ('result' in tried) return tried.result;
        const { error, retryAfter } = tried;
        const wait = waitBefore(tries, retryAfter);
        const isLate = performance.now() - start + wait >= timeoutMs;
        if (this.#closed || tries >= most || isLate || !mayRepeat(repeatable, error)) throw error;
        await delay(wait, undefined, { signal });
      }
    } catch (error) {
      given?.throwIfAborted();
      if (!deadline.isLate || error instanceof ApiError) throw error;
      const what = `${describeTarget(call.path)}: the API server did not answer within ${timeoutMs / 1000} s.`;
      throw new ApiError('API_TIMEOUT', what, { cause: error });
    } finally {
      deadline.clear();
      this.#underway.delete(deadline);
    }
  }

  async #tryOnce(call: Call, options: RequestOptions, deadline: Deadline): Promise<Tried> {
    const { signal } = deadline;
    const credentials = await deadline.unlessGivenUp(this.connection.credentials());
    const tried = await this.#tryAs(credentials, call, options, signal);
    if (!('error' in tried)) return tried;
    const { code } = tried.error;
    if (code !== 'API_UNAUTHORIZED' && code !== 'API_UNTRUSTED') return tried;
    // A token may have expired a moment ago, or been replaced on disk; so may certificates, ours and the authority's.
    const renewed = await deadline.unlessGivenUp(this.connection.renew(credentials));
    if (code === 'API_UNTRUSTED' && renewed.tls === credentials.tls) return tried;
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
        path: this.#fullPath(call.path, options.query),
        headers: {
          accept: options.accept ?? 'application/json',
          'user-agent': this.#userAgent,
          ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
          ...credentials.headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        maxBytes,
        beforeSend: options.beforeSend,
      });
    } catch (error) {
      if (signal.aborted || error instanceof ReconcilerError) throw error;
      this.#onAnswer(verbOf(call), undefined);
      return { error: transportError(call, server, error) };
    }
    this.#onAnswer(verbOf(call), answer.status);
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
    const transport = this.#transport;
    this.#transport = undefined;
    if (transport === undefined) return;
    const closed = transport.close().finally(() => this.#closed || this.#closing.delete(transport));
    this.#closing.set(transport, closed);
  }
}

interface Begun {
  readonly query?: RequestOptions['query'];
  readonly headers: Readonly<Record<string, string>>;
  /** In words: what is to begin. */
  readonly what: string;
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
  if (status < 200 || status > 299)
    return { error: statusError(call, status, body, askedToWait(retryAfter)), retryAfter };
  if (isRecord(body)) return { result: body };
  const message = `${describeTarget(call.path)}: what answered did not answer in JSON.`;
  const hint = 'Something else than an API server may stand at that address, or in between.';
  return { error: new ApiError('API_UNAVAILABLE', message, { status, hint }) };
}

/** The text of an answer that is an error; an API server's are short. */
async function drained({ body }: Stream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 1024 * 1024) break;
  }
  return Buffer.concat(chunks).toString('utf8');
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
  let text = '';
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return text;
}

function repeatableOf({ method }: Call, { query, contentType, body }: RequestOptions): Repeatable {
  if (method === 'GET' || query?.['dryRun'] !== undefined) return 'always';
  if (method === 'PATCH' && contentType === APPLY_PATCH) return 'if-not-done';
  if (method === 'DELETE' && isRecord(body) && body['preconditions'] !== undefined) return 'if-not-done';
  return 'never';
}
