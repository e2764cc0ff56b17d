import type { Interruptible } from '../../ports.ts';

/** What work gives, or the reason why whoever waits for it gave up. */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason as Error);
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp);
  try {
    // The race hears of both, so that work which fails later on is not a failure that nobody heard of.
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** As `orAborted`, where there may be no signal. */
export async function unlessAborted<Result>(
  work: Promise<Result>,
  { signal }: Interruptible,
): Promise<Result> {
  return await (signal === undefined ? work : orAborted(work, signal));
}
