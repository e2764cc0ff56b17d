import { GitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { describeFailure } from './transport-errors.ts';

/**
 * One request's time: silence and the whole. Undici's own timers are too coarse to promise anything by. Whoever asks may
 * give the request up before.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #url: string;
  readonly #idleMs: number;
  readonly #given: AbortSignal | undefined;
  readonly #giveUp = (): void => this.#controller.abort(this.#given?.reason);
  readonly #total: NodeJS.Timeout;
  #idle: NodeJS.Timeout;

  constructor(url: string, { idleMs, totalMs }: Limits, given?: AbortSignal) {
    given?.throwIfAborted();
    this.#url = url;
    this.#idleMs = idleMs;
    this.#given = given;
    given?.addEventListener('abort', this.#giveUp);
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
    this.#given?.removeEventListener('abort', this.#giveUp);
  }

  /** The error that `error` stands for: our own where time ran out, and the reason where it was given up. */
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
