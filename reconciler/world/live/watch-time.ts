import type { Clock } from '../../ports.ts';
import type { SteadyTime } from '../steady-time.ts';

/** A moment, to measure from. */
export interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

/**
 * Measures by two clocks and believes the one that saw more time pass: the steady one may stand still while a machine
 * sleeps, the other may be set back. To think a watch older than it is costs one list; the other way round it costs the
 * truth.
 */
export class WatchTime {
  readonly #clock: Clock;
  readonly #steady: SteadyTime;

  constructor(clock: Clock, steady: SteadyTime) {
    this.#clock = clock;
    this.#steady = steady;
  }

  now(): Moment {
    return { steadyMs: this.#steady.now(), wallMs: this.#clock.now().getTime() };
  }

  /** Milliseconds since `moment`. */
  since({ steadyMs, wallMs }: Moment): number {
    const now = this.now();
    return Math.max(now.steadyMs - steadyMs, now.wallMs - wallMs);
  }

  date(): Date {
    return this.#clock.now();
  }

  /** Rejects with the reason of `signal` once that is aborted. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#steady.sleep(ms, signal);
  }
}
