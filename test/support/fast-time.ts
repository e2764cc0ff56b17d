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

/** What an agent asks of a real API server, whose watches end as much earlier as time passes faster. */
export function fastMaps(maps: NodeConfigMaps, factor: number): NodeConfigMaps {
  return {
    ...maps,
    watchIntent: async (seconds, signal) => await maps.watchIntent(Math.max(1, seconds / factor), signal),
  };
}

/** In fast time the API server, which says each minute that a watch is there, seems silent for hours. */
export const NEVER_SILENT = { silentAfterMs: Infinity };
