import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Time that only goes forward, whatever somebody does to the clock on the wall. */
export interface SteadyTime {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Rejects with the reason of `signal` once that is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * The machine's own. On Linux it counts suspended time too (CLOCK_BOOTTIME, to 10 ms), which `performance.now()` does
 * not; elsewhere it is `performance.now()`. Both go on while a process is stopped. Neither sees that a hypervisor held
 * the whole machine: who relies on it must be told by somebody outside, here by the next renewal.
 */
export const STEADY_TIME: SteadyTime = {
  now: process.platform === 'linux' ? () => uptime() * 1000 : () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(Math.max(0, Math.ceil(ms)), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
