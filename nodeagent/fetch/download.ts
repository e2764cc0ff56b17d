import { getCACertificates } from 'node:tls';
import { proxyFor } from '../../reconciler/world/kubeapi/proxy.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import { downloadAsStream } from '../download/as-stream.ts';
import { DownloadError } from '../download/download-error.ts';
import type { DownloadTimes } from '../download/patience.ts';
import type { Route } from '../download/transport.ts';
import type { Log } from '../log.ts';
import { Backoff } from '../run/backoff.ts';
import type { Time } from '../time.ts';
import type { FetchError } from './errors.ts';
import { registryError } from './registry-error.ts';

export interface DownloadOptions {
  readonly url: string;
  readonly package: Pick<DriverPackage, 'file' | 'sha256' | 'bytes'>;
  readonly ca?: string | undefined;
  /** Addresses at or below which a redirect may lead, besides the host of `url`. */
  readonly within?: readonly string[] | undefined;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly time: Time;
  readonly random: () => number;
  readonly log: Log;
  readonly times?: DownloadTimes;
}

/** A registry is further away than a service, and may be behind a proxy. */
const REGISTRY_TIMES: DownloadTimes = { answerMs: 30_000, silentMs: 30_000, leastBytesPerMs: 20 };
/** Failures in a row, with nothing in between, after which all is begun anew. */
const MOST_FAILURES = 4;

/**
 * The bytes of a package, from the first on. Where the connection breaks it goes on from there. The last of them comes only if all
 * are those of the digest: otherwise it throws a FetchError, as it does where they cannot be had.
 */
export async function* download(options: DownloadOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { package: wanted, time, random, log, times = REGISTRY_TIMES } = options;
  const backoff = new Backoff(random);
  let failures = 0;
  const failed = async (error: DownloadError, bytes: number): Promise<void> => {
    const told = registryError(options, error);
    if (error.hasProgressed) {
      failures = 0;
      backoff.reset();
    }
    failures += 1;
    if (told.retry !== 'next-pass' || failures >= MOST_FAILURES) throw told;
    log.warn({ file: wanted.file, bytes, reason: told.message }, 'Goes on with a download that broke off');
    await time.sleep(backoff.next(told.retryAfterMs), signal);
    signal.throwIfAborted();
  };
  try {
    yield* downloadAsStream({ route: routeTo(options), wanted, times, signal, failed });
  } catch (error) {
    throw error instanceof DownloadError ? registryError(options, error) : (error as FetchError);
  }
}

function routeTo({ url: text, ca, env, userAgent, within = [] }: DownloadOptions): Route {
  const url = new URL(text);
  return {
    url,
    ca: ca === undefined ? undefined : [...getCACertificates('default'), ca],
    userAgent,
    proxyFor: (to) => proxyFor(to, undefined, env),
    mayFollow: (to) => to.host === url.host || within.some((base) => isBelow(to, base)),
  };
}

function isBelow({ origin, pathname }: URL, base: string): boolean {
  const named = URL.canParse(base) ? new URL(base) : undefined;
  // Some servers take an encoded slash for one, and so climb out of the folder.
  if (named?.origin !== origin || /%(2f|5c)/i.test(pathname)) return false;
  const folder = named.pathname.replace(/\/+$/, '');
  return pathname === folder || pathname.startsWith(`${folder}/`);
}
