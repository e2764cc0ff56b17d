import {
  afterFailure,
  afterSuccess,
  type Backoff,
  type Cause,
  remainingMs,
  UNTROUBLED,
} from './core/schedule/backoff.ts';
import type { ReconcilerError } from './errors.ts';
import type { Log } from './ports.ts';
import type { SteadyTime } from './world/steady-time.ts';
import type { Metrics } from './world/server/metrics.ts';

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
  /** What was told of each cause that goes on failing. */
  readonly #told = new Map<Cause, string>();

  constructor(sources: TroubleSources) {
    this.#sources = sources;
  }

  /** Tells of a failure, and lets its cause wait. */
  failed(cause: Cause, error: ReconcilerError, what: string): void {
    this.wait(cause);
    this.tell(cause, error, what);
  }

  /** Lets a cause wait whose failure was told already. */
  wait(cause: Cause): void {
    const { time, random } = this.#sources;
    this.#backoff = afterFailure(this.#backoff, cause, { now: time.now(), random: random() });
  }

  /** Tells it as a warning where it is news: an outage is one line, and its end another. */
  tell(cause: Cause, { code, message: why, hint }: ReconcilerError, what: string): void {
    const { metrics, log } = this.#sources;
    metrics.observeError(code);
    const retryMs = Math.round(this.remainingMs(cause));
    const fields = { code, why, ...(hint === undefined ? {} : { hint }), retryMs };
    const news = `${code} ${what}`;
    if (this.#told.get(cause) === news) return log.debug(fields, what);
    this.#told.set(cause, news);
    log.warn(fields, what);
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
