import { createHash } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { proxyFor } from '../../reconciler/world/kubeapi/proxy.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { Log } from '../log.ts';
import { Backoff } from '../run/backoff.ts';
import type { Time } from '../time.ts';
import { FetchError } from './errors.ts';

export interface DownloadOptions {
  readonly url: string;
  readonly package: Pick<DriverPackage, 'file' | 'sha256' | 'bytes'>;
  readonly ca?: string | undefined;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly time: Time;
  readonly random: () => number;
  readonly log: Log;
}

const CONNECT_MS = 10_000;
/** A registry on which nothing moves. */
const SILENT_MS = 30_000;
const MOST_REDIRECTS = 5;
/** Failures in a row, with nothing in between, after which all is begun anew. */
const MOST_FAILURES = 4;

/**
 * The bytes of a package, from the first on. Where the connection breaks it goes on from there. The last of them comes only if all
 * are those of the digest: otherwise it throws a FetchError, as it does where they cannot be had.
 */
export async function* download(options: DownloadOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { package: wanted, time, random, log } = options;
  const hash = createHash('sha256');
  const backoff = new Backoff(random);
  let held: Uint8Array | undefined;
  let bytes = 0;
  let failures = 0;
  const dispatchers = new Map<string, Dispatcher>();
  try {
    while (bytes < wanted.bytes) {
      try {
        for await (const chunk of bytesFrom(bytes, options, dispatchers, signal)) {
          bytes += chunk.length;
          if (bytes > wanted.bytes) throw tooMany(options);
          hash.update(chunk);
          if (held !== undefined) yield held;
          held = chunk;
          failures = 0;
          backoff.reset();
        }
        if (bytes < wanted.bytes) throw unreachable(options, 'the answer ended early');
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FetchError) || error.retry !== 'next-pass') throw error;
        failures += 1;
        if (failures >= MOST_FAILURES) throw error;
        log.warn(
          { file: wanted.file, bytes, reason: error.message },
          'Goes on with a download that broke off',
        );
        await time.sleep(backoff.next(error.retryAfterMs), signal);
      }
    }
    const sha256 = hash.digest('hex');
    if (sha256 !== wanted.sha256) {
      const message = `What ${originOf(options.url)} has as ${wanted.file} has SHA-256 ${sha256}, and not the pinned ${wanted.sha256}.`;
      throw new FetchError('DIGEST', message);
    }
    if (held !== undefined) yield held;
  } finally {
    for (const dispatcher of dispatchers.values()) await dispatcher.destroy();
  }
}

/** One answer of the registry, without what is there already. */
async function* bytesFrom(
  first: number,
  options: DownloadOptions,
  dispatchers: Map<string, Dispatcher>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { body, statusCode, headers } = await answerFrom(first, options, dispatchers, signal);
  try {
    const { bytes: wanted } = options.package;
    const isRest = statusCode === 206 && String(headers['content-range']).startsWith(`bytes ${first}-`);
    if (!isRest && statusCode !== 200) throw refused(options, statusCode);
    const length = headers['content-length'];
    const has = Number(length) + (isRest ? first : 0);
    if (length !== undefined && has !== wanted) throw tooMany(options, has);
    let skip = isRest ? 0 : first;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const rest = chunk.subarray(skip);
      skip -= chunk.length - rest.length;
      if (rest.length > 0) yield rest;
    }
  } catch (error) {
    if (error instanceof FetchError) throw error;
    throw unreachable(options, reasonOf(error), error);
  } finally {
    // What is left of it is of no use.
    body.on('error', () => undefined).destroy();
  }
}

async function answerFrom(
  first: number,
  options: DownloadOptions,
  dispatchers: Map<string, Dispatcher>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  let url = new URL(options.url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const dispatcher = dispatchers.get(url.origin) ?? dispatcherFor(url, options);
    dispatchers.set(url.origin, dispatcher);
    const answer = await request(url.href, {
      dispatcher,
      signal,
      headers: {
        'user-agent': options.userAgent,
        'accept-encoding': 'identity',
        ...(first > 0 ? { range: `bytes=${first}-` } : {}),
        ...credentialsOf(url),
      },
      headersTimeout: SILENT_MS,
      bodyTimeout: SILENT_MS,
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(options, reasonOf(error), error);
    });
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string') return answer;
    answer.body.on('error', () => undefined).destroy();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    const isWeaker = url.protocol === 'https:' && next?.protocol !== 'https:';
    if (next === undefined || isWeaker || !/^https?:$/.test(next.protocol)) {
      throw new FetchError(
        'REGISTRY_REFUSED',
        `${originOf(options.url)} leads to an address that is not followed.`,
      );
    }
    url = next;
  }
  throw new FetchError(
    'REGISTRY_REFUSED',
    `${originOf(options.url)} leads from one address to the next without end.`,
  );
}

function dispatcherFor(url: URL, { ca, env }: DownloadOptions): Dispatcher {
  const proxy = proxyFor(url, undefined, env);
  const tls = { timeout: CONNECT_MS, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
  const shared = { connections: 1 };
  return proxy === undefined
    ? new Agent({ ...shared, connect: tls })
    : new ProxyAgent({
        ...shared,
        uri: proxy.href,
        connectTimeout: CONNECT_MS,
        requestTls: tls,
        proxyTls: tls,
      });
}

function credentialsOf({ username, password }: URL): { readonly authorization?: string } {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function refused(options: DownloadOptions, status: number): FetchError {
  const origin = originOf(options.url);
  const { file } = options.package;
  if (status === 404 || status === 410)
    return new FetchError('REGISTRY_WITHOUT', `${origin} has no ${file} any more.`);
  if (status === 429 || status >= 500) return unreachable(options, `it answers with HTTP status ${status}`);
  return new FetchError('REGISTRY_REFUSED', `${origin} does not give ${file}: HTTP status ${status}.`);
}

function tooMany({ url, package: { file, bytes } }: DownloadOptions, has?: number): FetchError {
  const how = has === undefined ? 'more' : `${has}`;
  return new FetchError('DIGEST', `${originOf(url)} has ${how} bytes as ${file}, where ${bytes} are pinned.`);
}

function unreachable(
  { url, package: { file } }: DownloadOptions,
  reason: string,
  cause?: unknown,
): FetchError {
  const message = `${file} cannot be had from ${originOf(url)}: ${reason}.`;
  return new FetchError('REGISTRY_UNREACHABLE', message, { cause });
}

/** An address may hold a password. */
function originOf(url: string): string {
  return new URL(url).origin;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message.replace(/\.$/, '');
}
