import { Agent, type Dispatcher, ProxyAgent, fetch } from 'undici';
import { KubeconfigError } from '../kubeapi/errors.ts';
import { proxyFor } from '../kubeapi/proxy.ts';
import type { Asked } from './described-answer.ts';
import { ForgeError } from './errors.ts';
import { ShortTexts } from './short-texts.ts';

export interface ForgeLimits {
  /** From the first byte sent to the last one received. */
  readonly timeoutMs: number;
  /** Of an answer, unpacked. */
  readonly answerBytes: number;
  /** Whether long texts of answers are cut, so that more of them may be sent than is kept. */
  readonly cutsTexts?: boolean;
}

export const FORGE_LIMITS: ForgeLimits = { timeoutMs: 30_000, answerBytes: 16 * 1024 * 1024 };

const MOST_REDIRECTS = 3;
/** What may be sent, of what may be kept, where long texts are cut. */
const SENT_FOR_KEPT = 16;

/** How to reach a server. */
export interface ForgeNetwork {
  /** PEM text of the CA that signed the server's certificate, in place of the system's own. */
  readonly ca?: string | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; without it no proxy is used. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Connections to the server, straight or through the proxy that the environment names for it. */
export function openForgeDispatcher(api: URL, { ca, proxyEnv = {} }: ForgeNetwork): Dispatcher {
  const secure = { timeout: 10_000, ...(ca === undefined ? {} : { ca }) };
  // Each request carries a deadline of its own, which is finer than these.
  const shared = { headersTimeout: 0, bodyTimeout: 0, connections: 4 };
  const proxy = proxyOf(api, proxyEnv);
  return proxy === undefined
    ? new Agent({ ...shared, connect: secure })
    : new ProxyAgent({ ...shared, uri: proxy.href, connectTimeout: secure.timeout, requestTls: secure });
}

function proxyOf(api: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  try {
    return proxyFor(api, undefined, env);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new ForgeError('FORGE_UNREACHABLE', error.message, {
      hint: error.hint ?? 'Name a proxy that is spoken to by HTTP.',
    });
  }
}

/** Octokit hands on an error of this name as it is, and does not try again what it ended. */
export class Final extends Error {
  override readonly name = 'AbortError';
  readonly why: ForgeError;

  constructor(why: ForgeError) {
    super(why.message);
    this.why = why;
  }
}

type Fetch = typeof globalThis.fetch;
type FetchOptions = NonNullable<Parameters<typeof fetch>[1]>;

/** `fetch` for Octokit: bounded in time and size, and never sent on to another server, since it carries a credential. */
export function forgeFetch(dispatcher: Dispatcher, asked: Asked, limits: ForgeLimits): Fetch {
  const bounded = async (address: string, given: FetchOptions): Promise<Response> => {
    const deadline = AbortSignal.timeout(limits.timeoutMs);
    const { signal: ours, ...init } = given;
    const signal = ours ? AbortSignal.any([ours, deadline]) : deadline;
    try {
      let url = address;
      for (let redirects = 0; ; redirects++) {
        const response = await fetch(url, { ...init, dispatcher, redirect: 'manual', signal });
        const next = redirected(response, url, init.method ?? 'GET', asked);
        if (next === undefined) return await whole(response, asked, limits);
        await response.body?.cancel();
        if (redirects === MOST_REDIRECTS) throw new Final(moved(asked, response.status, 'in a circle'));
        url = next;
      }
    } catch (error) {
      if (!deadline.aborted || ours?.aborted) throw error;
      const { forge, host } = asked;
      const seconds = limits.timeoutMs / 1000;
      throw new Final(
        new ForgeError('FORGE_UNREACHABLE', `${forge} at ${host} does not answer within ${seconds} s.`, {
          hint: 'It is asked again later.',
        }),
      );
    }
  };
  // Octokit calls it with an address and options of its own making.
  return bounded as unknown as Fetch;
}

type Answered = Awaited<ReturnType<typeof fetch>>;

/** Where a request that was not carried out has to be sent instead; undefined where it was. */
function redirected(
  { status, headers }: Answered,
  url: string,
  method: string,
  asked: Asked,
): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const to = URL.parse(headers.get('location') ?? '', url);
  if (to === null || to.origin !== new URL(url).origin) {
    throw new Final(moved(asked, status, to === null ? 'nowhere' : `to ${to.origin}`));
  }
  // Any other status would make a write a read.
  if (method !== 'GET' && method !== 'HEAD' && status !== 307 && status !== 308) {
    throw new Final(moved(asked, status, 'elsewhere'));
  }
  return to.href;
}

function moved({ forge, host }: Asked, status: number, where: string): ForgeError {
  return new ForgeError('FORGE_ANSWER', `${forge} at ${host} sends us ${where} (${status}).`, {
    status,
    hint: 'Write the address and the name that the repository has now into forge.url and forge.repository.',
  });
}

/** The answer with all of its body, so that nothing is read outside the limits. */
async function whole(response: Answered, asked: Asked, limits: ForgeLimits): Promise<Response> {
  const { status, statusText } = response;
  const { answerBytes, cutsTexts = false } = limits;
  // A response has no others.
  if (status < 200 || status > 599) {
    await response.body?.cancel();
    throw new Final(
      new ForgeError('FORGE_ANSWER', `${asked.forge} at ${asked.host} answers with the status ${status}.`, {
        hint: 'Check forge.url, and what answers there.',
      }),
    );
  }
  const short = cutsTexts ? new ShortTexts() : undefined;
  const mostSent = cutsTexts ? SENT_FOR_KEPT * answerBytes : answerBytes;
  const chunks: Uint8Array[] = [];
  let sent = 0;
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    sent += part.byteLength;
    for (const kept of short?.push(part) ?? [part]) {
      bytes += kept.byteLength;
      chunks.push(kept);
    }
    if (bytes > answerBytes || sent > mostSent) {
      const most = sent > mostSent ? mostSent : answerBytes;
      throw new Final(
        new ForgeError(
          'FORGE_ANSWER',
          `${asked.forge} at ${asked.host} answers with more than ${most} bytes.`,
          {
            isTooLarge: true,
          },
        ),
      );
    }
  }
  const headers = new Headers([...response.headers]);
  const body = status === 204 || status === 205 || status === 304 ? null : Buffer.concat(chunks);
  return new Response(body, { status, statusText, headers });
}
