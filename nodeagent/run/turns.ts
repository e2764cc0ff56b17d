import { ReconcilerError } from '../../reconciler/errors.ts';
import type { Time } from '../time.ts';
import { Backoff } from './backoff.ts';

/** What says that the API server cannot be had at all, whatever it is asked. */
const AWAY = new Set([
  'API_UNREACHABLE',
  'API_TIMEOUT',
  'API_UNAVAILABLE',
  'API_UNTRUSTED',
  'API_UNAUTHORIZED',
  'KUBECONFIG',
]);

export function isAway({ code }: ReconcilerError): boolean {
  return AWAY.has(code);
}

/**
 * Lets one request at a time to the API server. While that is away they share one back-off, so that an agent never asks
 * more often for having more than one thing to ask.
 */
export class Turns {
  readonly #time: Time;
  readonly #backoff: Backoff;
  #notBefore = -Infinity;
  #last: Promise<void> = Promise.resolve();

  constructor(time: Time, random: () => number) {
    this.#time = time;
    this.#backoff = new Backoff(random);
  }

  /** How long no request may be sent; 0 where one may. */
  get waitMs(): number {
    return Math.max(0, this.#notBefore - this.#time.now());
  }

  /** What `work` gives once it is its turn; throws the reason of `signal` where that is aborted before. */
  async take<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      while (this.waitMs > 0 && !signal.aborted) await this.#time.sleep(this.waitMs, signal);
      signal.throwIfAborted();
      const result = await work();
      this.#backoff.reset();
      this.#notBefore = -Infinity;
      return result;
    } catch (error) {
      if (error instanceof ReconcilerError && isAway(error)) {
        this.#notBefore = this.#time.now() + this.#backoff.next(error.retryAfterMs);
      }
      throw error;
    } finally {
      resolve();
    }
  }
}
