import { GitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { describeFailure } from './transport-errors.ts';

/** One request's time: silence and the whole. Undici's own timers are too coarse to promise anything by. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #url: string;
  readonly #idleMs: number;
  readonly #total: NodeJS.Timeout;
  #idle: NodeJS.Timeout;

  constructor(url: string, { idleMs, totalMs }: Limits) {
    this.#url = url;
    this.#idleMs = idleMs;
    this.#total = setTimeout(() => this.#expire(`was not done after ${seconds(totalMs)}`), totalMs);
    this.#idle = this.#awaitSign();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  alive(): void {
    clearTimeout(this.#idle);
    this.#idle = this.#awaitSign();
  }

  end(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
  }

  /** The error that `error` stands for: our own where time ran out. */
  reason(error: unknown): unknown {
    const { signal } = this.#controller;
    return signal.aborted ? (signal.reason as unknown) : describeFailure(this.#url, error);
  }

  #awaitSign(): NodeJS.Timeout {
    return setTimeout(() => this.#expire(`sent nothing for ${seconds(this.#idleMs)}`), this.#idleMs);
  }

  #expire(what: string): void {
    this.end();
    this.#controller.abort(
      new GitError('REPOSITORY_TIMEOUT', `${this.#url} ${what}.`, {
        hint: 'It is asked again in the next pass; look at the server and the network if this stays.',
      }),
    );
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
