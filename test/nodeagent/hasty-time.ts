import type { Time } from '../../nodeagent/time.ts';

/** Time in which nothing takes any, save what is waited for, and that passes at once. */
export function hastyTime(): Time & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
  };
}
