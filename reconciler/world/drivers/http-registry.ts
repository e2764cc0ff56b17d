import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { DRIVERS_PATH, layoutOf, MAX_PACKAGE_BYTES, modulesFile } from '../../../schemas/drivers/package.ts';
import { isWithinRegistries } from '../../core/drivers/allowed-registry.ts';
import type { RegistryQuestion } from '../../core/drivers/decision.ts';
import type { RegistryAnswer } from '../../core/drivers/drivers.ts';
import type { DriverRegistry, Interruptible } from '../../ports.ts';
import { Deadline } from '../kubeapi/deadline.ts';
import { KubeconfigError } from '../kubeapi/errors.ts';
import type { Environment } from '../kubeapi/exec-plugin.ts';
import { proxyFor } from '../kubeapi/proxy.ts';
import type { SteadyTime } from '../steady-time.ts';
import { guardedLookup, InwardAddressError, type Resolve } from './guarded-lookup.ts';

/** What a registry, or the way there, has told. */
type Told = Exclude<RegistryAnswer, { readonly state: 'not-asked' }>;

const MINUTE = 60_000;

/** How long an answer is good. What the registry has, it has for long; one that does not answer is not asked in every pass. */
const KEPT_MS: Readonly<Record<Told['state'], number>> = {
  has: 60 * MINUTE,
  'has-not': 10 * MINUTE,
  unknown: 2 * MINUTE,
};
/** Answers that are kept. */
const MOST_KEPT = 4096;
/** Questions on their way at once. */
const AT_ONCE = 8;
/** For all answers of one pass together: a registry that is away holds nothing else up. */
const WITHIN_MS = 5000;
const MAX_DIGEST_BYTES = 4096;
const MAX_REDIRECTS = 3;

export interface HttpRegistryOptions {
  readonly userAgent: string;
  readonly time: SteadyTime;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly proxyEnv: Environment;
  /** Certificates in PEM that are trusted besides the system's. */
  readonly ca?: string | undefined;
  /** Registries that packages may come from, and that those of other hosts may lead to; the vendor's alone where unset. */
  readonly allowed?: readonly string[] | undefined;
  readonly withinMs?: number;
  /** How names are looked up; as the system does where unset. */
  readonly resolve?: Resolve;
}

/**
 * Asks registries of driver packages what they have: the digest beside a package says both that it is there and what it is.
 * An answer is remembered for a while, one that failed too. Of a registry that cannot be had nothing is concluded.
 */
export class HttpRegistry implements DriverRegistry, AsyncDisposable {
  readonly #options: HttpRegistryOptions;
  readonly #kept = new Map<string, { readonly answer: Told; readonly untilMs: number }>();
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(options: HttpRegistryOptions) {
    this.#options = options;
  }

  async ask(
    questions: readonly RegistryQuestion[],
    { signal }: Interruptible = {},
  ): Promise<ReadonlyMap<string, RegistryAnswer>> {
    signal?.throwIfAborted();
    const { time, withinMs = WITHIN_MS } = this.#options;
    const answers = new Map<string, RegistryAnswer>();
    const open: RegistryQuestion[] = [];
    for (const question of questions) {
      const kept = this.#kept.get(question.key);
      if (kept !== undefined && kept.untilMs > time.now()) answers.set(question.key, kept.answer);
      else open.push(question);
    }
    if (open.length === 0) return answers;
    const deadline = new Deadline(withinMs, signal);
    try {
      const turns = open.values();
      const worker = async (): Promise<void> => {
        for (const question of turns) {
          const answer = await this.#answer(question, deadline);
          signal?.throwIfAborted();
          answers.set(question.key, answer);
          this.#keep(question.key, answer);
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, open.length) }, worker));
    } finally {
      deadline.clear();
    }
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map(async (each) => await each.destroy()));
    this.#dispatchers.clear();
  }

  #keep(key: string, answer: Told): void {
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, { answer, untilMs: this.#options.time.now() + KEPT_MS[answer.state] });
  }

  async #answer({ registry, target }: RegistryQuestion, deadline: Deadline): Promise<Told> {
    const file = modulesFile(target);
    const base = registry.replace(/\/+$/, '');
    const url = `${base}${DRIVERS_PATH}/${file}`;
    try {
      const digest = await this.#get('GET', `${url}.sha256`, deadline);
      if (digest.status === 404) return { state: 'has-not' };
      if (digest.status !== 200) return refused(base, digest.status);
      const [, sha256] = /^([0-9a-f]{64})(\s|$)/i.exec(digest.text) ?? [];
      if (sha256 === undefined) return unknown(`${base} gives no SHA-256 in ${file}.sha256.`);
      const found = await this.#get('HEAD', url, deadline);
      if (found.status === 404) return { state: 'has-not' };
      if (found.status !== 200) return refused(base, found.status);
      const { bytes } = found;
      if (bytes === undefined || bytes < 1 || bytes > MAX_PACKAGE_BYTES) {
        return unknown(
          `${base} does not say how large ${file} is, or it is larger than ${MAX_PACKAGE_BYTES >> 20} MiB.`,
        );
      }
      const about = { ...target, file, sha256: sha256.toLowerCase(), bytes, layout: layoutOf(file) };
      return { state: 'has', package: about, url };
    } catch (error) {
      const refused = refusalOf(base, `${url}.sha256`, error) ?? ofProxy(base, error);
      if (refused !== undefined) return refused;
      if (deadline.isLate) return unknown(`${base} did not answer in time.`);
      const { code, message } = error as NodeJS.ErrnoException;
      const way =
        proxyFor(new URL(url), undefined, this.#options.proxyEnv) === undefined ? '' : ' through the proxy';
      return unknown(
        `${base} cannot be reached${way} (${code ?? message.split('\n')[0] ?? 'no reason given'}).`,
      );
    }
  }

  async #get(
    method: 'GET' | 'HEAD',
    address: string,
    deadline: Deadline,
  ): Promise<{ readonly status: number; readonly text: string; readonly bytes: number | undefined }> {
    const { host } = new URL(address);
    let url = new URL(address);
    for (let redirects = 0; ; redirects += 1) {
      const { userAgent } = this.#options;
      const answer = await request(url, {
        method,
        headers: { 'user-agent': userAgent },
        dispatcher: this.#dispatcher(url),
        signal: deadline.signal,
      });
      const { location, 'content-length': length } = answer.headers;
      const isMoved = answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string';
      if (!isMoved || redirects === MAX_REDIRECTS) {
        const text = method === 'HEAD' ? '' : await bounded(answer.body);
        return {
          status: answer.statusCode,
          text,
          bytes: typeof length === 'string' ? Number(length) : undefined,
        };
      }
      await answer.body.dump({ limit: MAX_DIGEST_BYTES, signal: deadline.signal });
      const next = new URL(location, url);
      // What was asked for by TLS is not taken without.
      if (url.protocol === 'https:' && next.protocol !== 'https:')
        throw new Error('it leads to an address without TLS');
      if (next.host !== host && !isWithinRegistries(next, this.#options.allowed)) throw new AwayError(next);
      url = next;
    }
  }

  #dispatcher(url: URL): Dispatcher {
    const known = this.#dispatchers.get(url.origin);
    if (known !== undefined) return known;
    const { ca, proxyEnv, resolve } = this.#options;
    const proxy = proxyFor(url, undefined, proxyEnv);
    const connect = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
    // A proxy looks names up itself.
    const made =
      proxy === undefined
        ? new Agent({ connect: { ...connect, lookup: guardedLookup(resolve) } })
        : new ProxyAgent({ uri: proxy.href, requestTls: connect });
    this.#dispatchers.set(url.origin, made);
    return made;
  }
}

/** The text of a short answer; nothing of one that is longer. */
async function bounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MAX_DIGEST_BYTES) return '';
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8').trim();
}

/** A registry led to where packages may not come from. */
class AwayError extends Error {
  readonly origin: string;

  constructor({ origin }: URL) {
    super(`it leads to ${origin}`);
    this.name = new.target.name;
    this.origin = origin;
  }
}

/** What is told of a place that was not asked on the way, and what to do; undefined where it failed otherwise. */
function refusalOf(base: string, asked: string, error: unknown): Told | undefined {
  if (error instanceof AwayError) {
    // The path may hold a password.
    const { origin } = error;
    return {
      state: 'unknown',
      why: `${base} leads to an address of ${origin}, and packages of drivers may not come from there.`,
      hint: `Find the folder there by curl -sI ${asked}, and add that, not all of ${origin}, to ceilings.driverRegistries of the configuration, beside ${base}, if nodes may load what is there.`,
    };
  }
  if (error instanceof InwardAddressError) {
    return {
      state: 'unknown',
      why: `${base} was not asked: the name ${error.host} leads to ${error.address}, which is no address of a registry.`,
      hint: 'See who answers for that name; if the address is meant, write it in place of the name, also in ceilings.driverRegistries of the configuration.',
    };
  }
  return undefined;
}

/** What is told where it is the proxy that is in the way; undefined where it is not. */
function ofProxy(base: string, error: unknown): Told | undefined {
  if (error instanceof KubeconfigError) {
    const { message, hint } = error;
    return {
      state: 'unknown',
      why: `${base} was not asked: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    };
  }
  const [, tunnel, plain] = /^Proxy (?:response \((\d+)\)|.*\((407)\))/.exec((error as Error).message) ?? [];
  const status = tunnel ?? plain;
  if (status === undefined) return undefined;
  return {
    state: 'unknown',
    why: `${base} cannot be reached: the proxy answers with status ${status}.`,
    hint:
      status === '407'
        ? 'Give the process a proxy that asks for no credentials, or HTTPS_PROXY with those that it takes.'
        : `Let the proxy pass on what goes to ${base}.`,
  };
}

function refused(base: string, status: number): Told {
  return unknown(`${base} answers with status ${status}.`);
}

function unknown(why: string): Told {
  return { state: 'unknown', why };
}
