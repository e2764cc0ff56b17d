import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Log } from '../../ports.ts';
import type { Answer } from '../server/answer.ts';
import { readBody } from '../server/read-body.ts';
import { Rate } from './rate.ts';
import { Seen } from './seen.ts';
import { type Hint, hintOf } from './webhook-hint.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import { claimedSignature, isSigned } from './webhook-signature.ts';

/** What became of a delivery. `ignored`: it is genuine, and was heard before or is not about our repository. */
export const WEBHOOK_RESULTS = ['heard', 'ignored', 'limited', 'refused', 'unsigned'] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

export interface WebhookOptions {
  readonly secrets: WebhookSecrets;
  /** `owner/name`: others are not heard. */
  readonly repository: string;
  /** Told of each delivery that is genuine and new. It must return at once. */
  readonly hear: (hint: Hint) => void;
  readonly observe?: (result: WebhookResult) => void;
  readonly log: Log;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
}

/** As large as the largest that is worth sending; GitHub's may have 25 MiB, and tell no more by it. */
const MOST_BYTES = 1024 * 1024;
const WITHIN_MS = 5_000;
/** Bodies that are read at once: in all, what they take of memory. */
const MOST_READ = 16;
/** Of those that are heard, and of large bodies, whose signatures take time. */
const MOST_PER_SECOND = 100;
const LARGE = 64 * 1024;
/** Some hours of a busy repository. */
const MOST_SEEN = 4_096;

/** Hears what a forge calls us for. Whoever calls has to know the secret; what is called is taken for no more than a hint. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #heardRate: Rate;
  readonly #largeRate: Rate;
  /** Ids of deliveries, and signatures, since an id is not signed. */
  readonly #seen = new Seen(2 * MOST_SEEN);
  /** To hurry those that are read, the one that takes longest first. */
  readonly #reading = new Set<AbortController>();
  /** Whether the log has said that somebody's signature is wrong, and none was right since. */
  #isWarned = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const now = options.now ?? (() => performance.now());
    this.#heardRate = new Rate(MOST_PER_SECOND, now);
    this.#largeRate = new Rate(MOST_PER_SECOND, now);
  }

  /** `continues` is to be called before the body is read, where the sender waits for that. */
  async answer(request: IncomingMessage, continues: () => void): Promise<Answer> {
    const secrets = await this.#options.secrets();
    if (secrets.length === 0)
      return { status: 404, text: 'No secret is configured, so no webhook is heard.\n' };
    if (request.method !== 'POST') {
      return { status: 405, text: 'This is only to be posted to.\n', headers: { allow: 'POST' } };
    }
    const refusal = this.#refusal(request.headers);
    if (refusal !== undefined) return refusal;
    if (!isSmall(request.headers) && !this.#largeRate.take()) return this.#tooMany();

    const hurry = new AbortController();
    // A forge sends at once; whoever keeps a place for long must not keep it out.
    if (this.#reading.size >= MOST_READ) this.#hurrySlowest();
    this.#reading.add(hurry);
    try {
      continues();
      const body = await readBody(request, {
        mostBytes: MOST_BYTES,
        withinMs: WITHIN_MS,
        hurry: hurry.signal,
      });
      if (body === 'large') return this.#tooLarge();
      if (body === 'slow') return this.#ended('refused', 408, 'The body took too long', CLOSES);
      if (body === 'cut') return this.#ended('refused', 400, 'The body ended before its end', CLOSES);
      return this.#heard(request.headers, body, secrets);
    } finally {
      this.#reading.delete(hurry);
    }
  }

  #hurrySlowest(): void {
    const [slowest] = this.#reading;
    if (slowest === undefined) return;
    this.#reading.delete(slowest);
    slowest.abort();
  }

  /** Why a delivery is not even read. */
  #refusal(headers: IncomingHttpHeaders): Answer | undefined {
    if (claimedSignature(headers) === undefined) return this.#unsigned('It has no signature');
    if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
      return this.#ended('refused', 415, 'Only application/json is read; set that as the content type');
    }
    return Number(headers['content-length'] ?? 0) > MOST_BYTES ? this.#tooLarge() : undefined;
  }

  #heard(headers: IncomingHttpHeaders, body: Buffer, secrets: readonly string[]): Answer {
    const signature = claimedSignature(headers);
    if (signature === undefined || !isSigned(body, signature, secrets)) {
      return this.#unsigned('Its signature is not that of the secret');
    }
    this.#isWarned = false;
    const names = [signature, deliveryOf(headers)].filter((name) => name !== undefined);
    const isReplay = names.some((name) => this.#seen.has(name));
    if (!isReplay && !this.#heardRate.take()) return this.#tooMany();
    for (const name of names) this.#seen.add(name);
    if (isReplay) return this.#ended('ignored', 202, 'It was heard before');

    const hint = hintOf(eventOf(headers), body);
    if (hint === undefined) return this.#ended('refused', 400, 'The body is no JSON object');
    const { repository, hear, log } = this.#options;
    if (hint.repository?.toLowerCase() !== repository.toLowerCase()) {
      return this.#ended('ignored', 202, 'It is about another repository');
    }
    log.debug({ ...hint }, 'Heard the webhook');
    hear(hint);
    return this.#ended('heard', 202, 'It is looked at');
  }

  #unsigned(why: string): Answer {
    // Anybody may call, and as often as they like.
    this.#options.log[this.#isWarned ? 'debug' : 'warn']({ why }, 'Refused a webhook');
    this.#isWarned = true;
    return this.#ended('unsigned', 401, why);
  }

  #tooMany(): Answer {
    return this.#ended('limited', 429, 'Too many deliveries', AGAIN);
  }

  #tooLarge(): Answer {
    return this.#ended('refused', 413, `It has more than ${MOST_BYTES} bytes`, CLOSES);
  }

  #ended(result: WebhookResult, status: number, why: string, headers?: Answer['headers']): Answer {
    this.#options.observe?.(result);
    return { status, text: `${why}.\n`, ...(headers === undefined ? {} : { headers }) };
  }
}

const AGAIN = { 'retry-after': '1' };
/** What is still to come is not waited for. */
const CLOSES = { connection: 'close' };

function isSmall(headers: IncomingHttpHeaders): boolean {
  const size = headers['content-length'];
  return size !== undefined && Number(size) <= LARGE;
}

function eventOf(headers: IncomingHttpHeaders): string {
  return first(headers, ['x-github-event', 'x-gitea-event', 'x-forgejo-event']) ?? '';
}

function deliveryOf(headers: IncomingHttpHeaders): string | undefined {
  const id = first(headers, ['x-github-delivery', 'x-gitea-delivery', 'x-forgejo-delivery']);
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? `id ${id}` : undefined;
}

function first(headers: IncomingHttpHeaders, names: readonly string[]): string | undefined {
  return names.map((name) => headers[name]).find((value) => typeof value === 'string');
}
