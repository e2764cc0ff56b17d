import type * as Module from 'octokit';
import type { Dispatcher } from 'undici';
import { ReconcilerError } from '../../errors.ts';
import type { ForgeClientOptions, ForgeCredentials, OctokitBase } from './client-options.ts';
import { type Asked, type BadAnswer, describeAnswer } from './described-answer.ts';
import { describeFailure } from './described-failure.ts';
import { ForgeError } from './errors.ts';
import { FORGE_LIMITS, Final, forgeFetch, openForgeDispatcher } from './forge-fetch.ts';

/** An Octokit, what it proves us by, and its connections. */
export interface OctokitLink {
  readonly octokit: Module.Octokit;
  readonly credentials: ForgeCredentials;
  readonly dispatcher: Dispatcher;
  /** As it sends its requests, but with long texts of the answers cut. */
  readonly cutting: typeof globalThis.fetch;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** They are not mended by asking once more. */
const CLIENT_ERRORS = Array.from({ length: 100 }, (_, index) => 400 + index);

/** An Octokit with the credentials as they are now. */
export async function openOctokitLink(
  given: ForgeClientOptions,
  asked: Asked,
  octokit: typeof Module,
): Promise<OctokitLink> {
  const { api, userAgent, proxyEnv, limits, retries = 2, retryMs = 1000, throttle = false } = given;
  const credentials = await given.credentials();
  const dispatcher = openForgeDispatcher(new URL(api), { ca: credentials.ca, proxyEnv });
  const bounds = { ...FORGE_LIMITS, ...limits };
  const fetch = forgeFetch(dispatcher, asked, bounds);
  const cutting = observed(forgeFetch(dispatcher, asked, { ...bounds, cutsTexts: true }), given);
  const options = {
    baseUrl: api,
    userAgent,
    log: SILENT,
    request: { fetch: observed(fetch, given) },
    retry: { doNotRetry: CLIENT_ERRORS, retries, retryAfterBaseValue: retryMs },
    throttle: {
      enabled: throttle,
      // One of its own: by default all in a process share their distances.
      id: crypto.randomUUID(),
      // Nobody waits inside a request: whoever asked is told how long it takes.
      onRateLimit: () => false,
      onSecondaryRateLimit: () => false,
    },
  };
  const { authenticate = byToken } = given;
  try {
    return {
      octokit: await authenticate({ octokit, options }, credentials),
      credentials,
      dispatcher,
      cutting,
    };
  } catch (error) {
    await dispatcher.close();
    throw error;
  }
}

function byToken({ octokit, options }: OctokitBase, { token }: ForgeCredentials): Promise<Module.Octokit> {
  const auth = token === undefined ? {} : { auth: token };
  return Promise.resolve(new octokit.Octokit({ ...options, ...auth }));
}

/** With our headers, which Octokit has no place for. */
function observed(
  fetch: typeof globalThis.fetch,
  { onAnswer, headers }: ForgeClientOptions,
): typeof globalThis.fetch {
  return async (input, init) => {
    const request = { method: init?.method ?? 'GET', url: input as string };
    try {
      const sent = { ...init, headers: { ...(init?.headers as object), ...headers } };
      const response = await fetch(input, sent);
      onAnswer?.({ ...request, status: response.status });
      return response;
    } catch (error) {
      onAnswer?.(request);
      throw error;
    }
  };
}

/** What Octokit threw, as a ForgeError; as it is where it is about no request. Octokit’s own has the request, and so the token. */
export function describeThrown(asked: Asked, error: unknown): unknown {
  if (error instanceof ForgeError) return error;
  if (error instanceof Final) return error.why;
  if (error instanceof Error && error.cause instanceof Final) return error.cause.why;
  const answer = answerOf(error);
  if (answer !== undefined) return describeAnswer(asked, answer);
  if (error instanceof ReconcilerError) {
    const { message, hint } = error;
    return new ForgeError('FORGE_UNAUTHORIZED', message, { hint });
  }
  const failure = describeFailure(asked, error);
  if (failure !== undefined || !isOfRequest(error)) return failure ?? error;
  const { forge, host } = asked;
  return new ForgeError('FORGE_UNREACHABLE', `${forge} at ${host} cannot be reached: the request failed.`, {
    hint: 'Check that forge.tokenFile holds a token and nothing else.',
  });
}

function isOfRequest(error: unknown): boolean {
  return error instanceof Error && 'request' in error;
}

/** The answer that an error of Octokit's is about. */
export function answerOf(error: unknown): BadAnswer | undefined {
  const { response, request } = error as {
    response?: BadAnswer;
    request?: { method?: string; url?: string };
  };
  if (response === undefined) return undefined;
  const { method = '', url = '' } = request ?? {};
  return { ...response, request: `${method} ${URL.parse(url)?.pathname ?? ''}` };
}
