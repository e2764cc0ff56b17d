import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Time that only goes forward: a clock that is an hour off, or set, changes nothing of what this program does when. */
export interface Time {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Resolves after so long, or at once when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own, with the time that it was suspended (CLOCK_BOOTTIME). */
export const STEADY_TIME: Time = {
  now: () => uptime() * 1000,
  async sleep(ms, signal) {
    try {
      await delay(Math.max(0, Math.ceil(ms)), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
