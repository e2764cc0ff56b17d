import {
  afterFailure,
  afterSuccess,
  type Backoff,
  type Cause,
  remainingMs,
  UNTROUBLED,
} from '../core/schedule/backoff.ts';
import type { ReconcilerError } from '../errors.ts';
import type { Log } from '../ports.ts';
import type { SteadyTime } from '../world/steady-time.ts';
import type { Metrics } from '../world/server/metrics.ts';

export interface TroubleSources {
  readonly metrics: Pick<Metrics, 'observeError'>;
  readonly time: SteadyTime;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** What fails in a process that goes on: it is told, counted, and tried again, each cause at its own pace. */
export class Trouble {
  readonly #sources: TroubleSources;
  #backoff: Backoff = UNTROUBLED;
  /** What was told of each cause since it last worked. */
  readonly #told = new Map<Cause, Set<string>>();

  constructor(sources: TroubleSources) {
    this.#sources = sources;
  }

  /** Tells of a failure, and lets its cause wait. */
  failed(cause: Cause, error: ReconcilerError, what: string): void {
    this.wait(cause, error.retryAfterMs);
    this.tell(cause, error, what);
  }

  /** Lets a cause wait whose failure is told elsewhere. */
  wait(cause: Cause, retryAfterMs?: number): void {
    const { time, random } = this.#sources;
    this.#backoff = afterFailure(this.#backoff, cause, { now: time.now(), random: random(), retryAfterMs });
  }

  /** Tells it as a warning where it is news: an outage is one line for each way in which it shows, and its end another. */
  tell(cause: Cause, { code, message: why, hint }: ReconcilerError, what: string): void {
    const { metrics, log } = this.#sources;
    metrics.observeError(code);
    const retryMs = Math.round(this.remainingMs(cause));
    const fields = { code, why, ...(hint === undefined ? {} : { hint }), retryMs };
    const told = this.#told.get(cause) ?? new Set();
    this.#told.set(cause, told);
    const news = `${code} ${what}`;
    log[told.has(news) ? 'debug' : 'warn'](fields, what);
    told.add(news);
  }

  ended(cause: Cause): void {
    this.#backoff = afterSuccess(this.#backoff, cause);
    if (this.#told.delete(cause)) this.#sources.log.info({ cause }, 'Works again');
  }

  /** How long a cause is still left alone; 0 where nothing stands against trying it. */
  remainingMs(cause: Cause): number {
    return remainingMs(this.#backoff, cause, this.#sources.time.now());
  }
}
