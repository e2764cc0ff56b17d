import { setTimeout as delay } from 'node:timers/promises';
import type { NodeConfigMaps } from '../../nodeagent/cluster/node-config-maps.ts';
import type { Time } from '../../nodeagent/time.ts';

/** Time that passes so many times as fast as it does. */
export function fastTime(factor: number): Time {
  return {
    now: () => performance.now() * factor,
    async sleep(ms, signal) {
      // Timers do not take more than 24 days.
      const realMs = Math.min(2 ** 31 - 1, Math.max(0, ms / factor));
      await delay(realMs, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

/**
 * Time that passes so many times as fast as it does, and stands still while a server is waited for: what happens in which order
 * is then the same on a machine that is busy.
 */
export class PatientTime implements Time {
  readonly #factor: number;
  #waits = 0;
  #at = 0;
  #since = performance.now();

  constructor(factor: number) {
    this.#factor = factor;
  }

  now(): number {
    return this.#waits > 0 ? this.#at : this.#at + (performance.now() - this.#since) * this.#factor;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const end = this.now() + ms;
    const clock = fastTime(this.#factor);
    // A timer may be early, and this may stand still meanwhile.
    while (!signal.aborted && this.now() < end) {
      await clock.sleep(Math.max(this.#factor, end - this.now()), signal);
    }
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#at = this.now();
    this.#waits += 1;
    try {
      return await work();
    } finally {
      this.#waits -= 1;
      this.#since = performance.now();
    }
  }
}

/** What an agent asks of a real API server, whose watches end as much earlier as time passes faster. */
export function fastMaps(maps: NodeConfigMaps, factor: number): NodeConfigMaps {
  return {
    ...maps,
    watchIntent: async (seconds, signal) => await maps.watchIntent(Math.max(1, seconds / factor), signal),
  };
}

/** In fast time the API server, which says each minute that a watch is there, seems silent for hours. */
export const NEVER_SILENT = { silentAfterMs: Infinity };
