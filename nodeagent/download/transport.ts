import { Buffer } from 'node:buffer';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { answerTo } from './answer-to.ts';
import { connectionTrouble } from './connection-trouble.ts';
import { DownloadError } from './download-error.ts';
import { addressOf, openTunnel, type Trust, trustFor } from './tunnel.ts';

/** How a file is come by. */
export interface Route extends Trust {
  readonly url: URL;
  readonly userAgent?: string | undefined;
  /** The proxy before an address; none where unset. */
  readonly proxyFor?: ((url: URL) => URL | undefined) | undefined;
  /** Whether a redirect to an address is followed; where unset, each is an answer like others. */
  readonly mayFollow?: ((url: URL) => boolean) | undefined;
}

/** What a source answers, whatever that is. Its connection is given up with it. */
export interface Answer extends Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Asks for a file. Certificates have to verify. Throws a DownloadError, or the reason of `signal`. */
export async function ask(
  route: Route,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  let { url } = route;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await askOnce(url, route, headers, signal);
    const { location } = answer.headers;
    if (route.mayFollow === undefined || !REDIRECTS.has(answer.status) || location === undefined)
      return answer;
    answer[Symbol.dispose]();
    const next = URL.canParse(location, url.href) ? withoutOwn(new URL(location, url), url) : undefined;
    if (next === undefined || !isAsSafe(next, url) || !route.mayFollow(next)) {
      const to = next?.host ? `${next.protocol}//${next.host}` : 'what is no web address';
      throw new DownloadError({ is: 'led-away', to });
    }
    // Our password goes to whom it was given for.
    if (next.origin === url.origin) [next.username, next.password] = [url.username, url.password];
    url = next;
  }
  throw new DownloadError({ is: 'led-away', to: undefined });
}

/** An address without the password that it has only since it is below ours. */
function withoutOwn(next: URL, { origin, username, password }: URL): URL {
  if (next.origin === origin && next.username === username && next.password === password)
    [next.username, next.password] = ['', ''];
  return next;
}

/** What was asked for by TLS is not taken without, and whose password is sent is not for a source to say. */
function isAsSafe(next: URL, { protocol }: URL): boolean {
  if (next.username !== '' || next.password !== '') return false;
  return next.protocol === 'https:' || (next.protocol === 'http:' && protocol === 'http:');
}

async function askOnce(
  url: URL,
  route: Route,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  let request: ClientRequest | undefined;
  try {
    request = await requestTo(url, route, headers, signal);
    const answer = answerTo(request, signal);
    request.end();
    const body = await answer;
    // Whoever gave up does not listen for the error that giving up leads to.
    body.on('error', () => undefined);
    return {
      status: body.statusCode ?? 0,
      headers: body.headers,
      body,
      [Symbol.dispose]: () => void body.destroy(),
    };
  } catch (error) {
    request?.destroy();
    signal.throwIfAborted();
    throw new DownloadError(connectionTrouble(error), { cause: error });
  }
}

/** A request over a connection of its own, which has to be ended to be sent. */
async function requestTo(
  url: URL,
  route: Route,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ClientRequest> {
  const proxy = route.proxyFor?.(url);
  const options = {
    ...addressOf(url),
    path: `${url.pathname}${url.search}`,
    agent: false as const,
    signal,
    headers: {
      accept: 'application/octet-stream, */*;q=0.1',
      'accept-encoding': 'identity',
      ...(route.userAgent === undefined ? {} : { 'user-agent': route.userAgent }),
      ...credentials('authorization', url),
      ...headers,
    },
  };
  if (url.protocol === 'https:') {
    const secure = { ...options, ...trustFor(url, route) };
    if (proxy === undefined) return httpsRequest(secure);
    const { agent: _, ...own } = secure;
    const socket = await openTunnel(proxy, url, route, credentials('proxy-authorization', proxy), signal);
    return httpsRequest({ ...own, createConnection: () => socket });
  }
  if (proxy === undefined) return httpRequest(options);
  const through = {
    ...options,
    ...addressOf(proxy),
    path: `${url.origin}${options.path}`,
    headers: { ...options.headers, host: url.host, ...credentials('proxy-authorization', proxy) },
  };
  return proxy.protocol === 'https:'
    ? httpsRequest({ ...through, ...trustFor(proxy, { ca: route.ca }) })
    : httpRequest(through);
}

function credentials(header: string, { username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = [username, password].map(decoded).join(':');
  return { [header]: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
