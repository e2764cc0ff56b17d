import type * as Module from 'octokit';
import * as z from 'zod';
import { ReconcilerError } from '../../errors.ts';
import type { Interruptible } from '../../ports.ts';
import { orAborted, unlessAborted } from '../live/or-aborted.ts';
import { STEADY_TIME, type SteadyTime } from '../steady-time.ts';
import type { ForgeClientOptions, ForgeCredentials } from './client-options.ts';
import type { Asked } from './described-answer.ts';
import { ForgeError } from './errors.ts';
import { answerOf, describeThrown, openOctokitLink, type OctokitLink } from './octokit-link.ts';

export type ForgeParameters = Readonly<Record<string, unknown>>;

export interface ForgeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As JSON where it is, else text; empty where there is none. */
  readonly data: unknown;
}

interface RequestOptions extends Interruptible {
  /** Whether strangers write what is answered: where it is too large, it is asked for again and long texts of it are cut. */
  readonly hasTexts?: boolean;
}

/** Pages of a list that are read at most. */
const MOST_PAGES = 200;

/** What may be sent twice without being done twice. */
const REPEATABLE = new Set(['GET', 'HEAD', 'DELETE']);

/** What is answered to credentials that are replaced by now. */
const RENEWABLE: ReadonlySet<string> = new Set(['FORGE_UNAUTHORIZED', 'FORGE_FORBIDDEN', 'FORGE_NOT_FOUND']);

/** Octokit is loaded here, since few commands have use for it. */
export async function openForgeClient(options: ForgeClientOptions): Promise<ForgeClient> {
  const octokit = await import('octokit');
  return new ForgeClient(options, octokit);
}

/**
 * Requests to the API of a forge. Each has a time and a size limit; each failure is a ForgeError. While a rate limit
 * holds, nothing is sent and the same error is thrown at once.
 */
export class ForgeClient implements AsyncDisposable {
  readonly #options: ForgeClientOptions;
  readonly #module: typeof Module;
  readonly #asked: Asked;
  readonly #time: Pick<SteadyTime, 'now'>;
  #opened: Promise<OctokitLink> | undefined;
  #limited: { readonly error: ForgeError; readonly until: number } | undefined;

  constructor(options: ForgeClientOptions, module: typeof Module) {
    this.#options = options;
    this.#module = module;
    this.#asked = { forge: options.forge, host: new URL(options.api).host };
    this.#time = options.time ?? STEADY_TIME;
  }

  /**
   * One request by a route such as `GET /repos/{owner}/{repo}`; what its path does not name is its query or its body.
   * An answer of 304 is one; a status of 400 and above is thrown.
   */
  async request(
    route: string,
    parameters: ForgeParameters = {},
    options: RequestOptions = {},
  ): Promise<ForgeAnswer> {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#mustNotWait();
    const opened = await unlessAborted(this.#open(), { signal });
    try {
      return await this.#sendWithTexts(opened, route, parameters, options);
    } catch (error) {
      if (!(error instanceof ForgeError) || !(await this.#renewed(opened, error))) throw error;
      // Whether it was done is not known where no answer came.
      if (error.status === undefined) throw error;
      const anew = await unlessAborted(this.#open(), { signal });
      return await this.#sendWithTexts(anew, route, parameters, options);
    }
  }

  /** The answer's body, as `schema` describes it. */
  async ask<Schema extends z.ZodType>(
    schema: Schema,
    route: string,
    parameters?: ForgeParameters,
    options?: RequestOptions,
  ): Promise<z.infer<Schema>> {
    const { data } = await this.request(route, parameters, options);
    return this.parse(schema, data, route);
  }

  /** As `ask`; undefined where the forge says that there is nothing. */
  async find<Schema extends z.ZodType>(
    schema: Schema,
    route: string,
    parameters?: ForgeParameters,
    options?: RequestOptions,
  ): Promise<z.infer<Schema> | undefined> {
    try {
      return await this.ask(schema, route, parameters, options);
    } catch (error) {
      if (error instanceof ForgeError && error.code === 'FORGE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** The pages of a list, for as long as the answers name a next one. */
  async *pages<Schema extends z.ZodType>(
    page: Schema,
    route: string,
    parameters: ForgeParameters = {},
    options?: RequestOptions,
  ): AsyncGenerator<z.infer<Schema>, void, undefined> {
    for (let number = 1; number <= MOST_PAGES; number++) {
      const answer = await this.request(route, { ...parameters, page: number }, options);
      yield this.parse(page, answer.data, route);
      if (!hasNextPage(answer)) return;
    }
    const most = `${this.#asked.forge} has more than ${MOST_PAGES} pages of ${route}.`;
    throw new ForgeError('FORGE_ANSWER', most, { hint: 'Close what is no longer needed.' });
  }

  /** All elements of a list. */
  async list<Schema extends z.ZodType>(
    element: Schema,
    route: string,
    parameters?: ForgeParameters,
    options?: RequestOptions,
  ): Promise<z.infer<Schema>[]> {
    const all: z.infer<Schema>[] = [];
    for await (const page of this.pages(z.array(element), route, parameters, options)) all.push(...page);
    return all;
  }

  /** What came, as `schema` describes it; throws FORGE_ANSWER where it is something else. */
  parse<Schema extends z.ZodType>(schema: Schema, data: unknown, route: string): z.infer<Schema> {
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    const { forge, host } = this.#asked;
    const [issue] = parsed.error.issues;
    const place =
      issue === undefined || issue.path.length === 0 ? 'all of it' : issue.path.map(String).join('.');
    throw new ForgeError(
      'FORGE_ANSWER',
      `${host} answers ${route} otherwise than ${forge} does: ${place} is not as described.`,
      { hint: 'Check forge.kind and forge.url, and whether a proxy answers in its place.' },
    );
  }

  /** Those that requests are sent with now. */
  async credentials(): Promise<ForgeCredentials> {
    return (await this.#open()).credentials;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.dispatcher.destroy();
  }

  async #sendWithTexts(
    link: OctokitLink,
    route: string,
    parameters: ForgeParameters,
    { signal, hasTexts = false }: RequestOptions,
  ): Promise<ForgeAnswer> {
    try {
      return await this.#send(link, route, parameters, signal);
    } catch (error) {
      if (!hasTexts || !(error instanceof ForgeError) || !error.isTooLarge) throw error;
      return await this.#send(link, route, parameters, signal, link.cutting);
    }
  }

  async #send(
    { octokit }: OctokitLink,
    route: string,
    parameters: ForgeParameters,
    signal: AbortSignal | undefined,
    fetch?: typeof globalThis.fetch,
  ): Promise<ForgeAnswer> {
    const method = route.slice(0, route.indexOf(' '));
    const sent = octokit.request(route, {
      ...parameters,
      request: {
        // Any other number would have refusals tried again, too.
        ...(REPEATABLE.has(method) ? {} : { retries: 0 }),
        ...(signal === undefined ? {} : { signal }),
        ...(fetch === undefined ? {} : { fetch }),
      },
    });
    try {
      // The signal ends a request; the waits before and between requests do not hear it.
      const answer = (await (signal === undefined ? sent : orAborted(sent, signal))) as ForgeAnswer;
      this.#mustBeApi(answer, route);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const answer = answerOf(error);
      if (answer?.status === 304) return answer;
      throw this.#failureOf(error);
    }
  }

  /** A page to sign in, of a proxy, says nothing of what was asked for. */
  #mustBeApi({ status, data }: ForgeAnswer, route: string): void {
    const isEmpty = data === '' || (data instanceof ArrayBuffer && data.byteLength === 0);
    const isText = typeof data === 'string' || data instanceof ArrayBuffer;
    if (status < 300 && (isEmpty || !isText)) return;
    const { forge, host } = this.#asked;
    throw new ForgeError(
      'FORGE_ANSWER',
      `${host} answers ${route} otherwise than ${forge} does (${status}).`,
      {
        status,
        hint: 'Check forge.kind and forge.url, and whether a proxy answers in its place.',
      },
    );
  }

  #mustNotWait(): void {
    if (this.#limited === undefined) return;
    const retryAfterMs = Math.ceil(this.#limited.until - this.#time.now());
    const { message, hint, status } = this.#limited.error;
    if (retryAfterMs > 0) throw new ForgeError('FORGE_RATE_LIMIT', message, { hint, status, retryAfterMs });
    this.#limited = undefined;
  }

  /** What was thrown, in our words; how long the forge wants to be left alone is remembered. */
  #failureOf(thrown: unknown): unknown {
    const error = describeThrown(this.#asked, thrown);
    if (error instanceof ForgeError && error.code === 'FORGE_RATE_LIMIT') {
      this.#limited = { error, until: this.#time.now() + (error.retryAfterMs ?? 0) };
    }
    return error;
  }

  /** Whether there are other credentials than those that were refused; a token of an app is made anew in any case. */
  async #renewed(refused: OctokitLink, error: ForgeError): Promise<boolean> {
    const mayBeCa = error.code === 'FORGE_UNREACHABLE' && error.status === undefined;
    if (!RENEWABLE.has(error.code) && !mayBeCa) return false;
    // Somebody else has met the same refusal, and was faster.
    const opened = this.#opened;
    if ((await opened?.catch(() => undefined)) !== refused) return true;
    const found = await this.#options.credentials().catch((unreadable: unknown) => {
      // While a file is being replaced, the refusal says more.
      if (unreadable instanceof ReconcilerError) return refused.credentials;
      throw unreadable;
    });
    // Or has been faster meanwhile.
    if (this.#opened !== opened) return true;
    const isSame = JSON.stringify(found) === JSON.stringify(refused.credentials);
    const isAppToken = found.app !== undefined && error.code === 'FORGE_UNAUTHORIZED';
    if (isSame && !isAppToken) return false;
    this.#limited = undefined;
    this.#opened = undefined;
    // Not waited for: it goes on until the requests of others have ended.
    refused.dispatcher.close().catch(() => undefined);
    return true;
  }

  /** Opened once, and again after a failure. */
  async #open(): Promise<OctokitLink> {
    const opening = (this.#opened ??= openOctokitLink(this.#options, this.#asked, this.#module));
    try {
      return await opening;
    } catch (error) {
      if (this.#opened === opening) this.#opened = undefined;
      throw this.#failureOf(error);
    }
  }
}

/** Options of a request whose answer has texts of strangers. */
export function withTexts(options: Interruptible = {}): RequestOptions {
  return { ...options, hasTexts: true };
}

/** Whether the answer names a page after it. */
export function hasNextPage({ headers }: Pick<ForgeAnswer, 'headers'>): boolean {
  return /<[^>]*>\s*;[^,]*\brel="?next\b/.test(headers['link'] ?? '');
}
