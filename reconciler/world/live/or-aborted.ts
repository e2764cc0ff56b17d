import type { Interruptible } from '../../ports.ts';

/** What work gives, or the reason why whoever waits for it gave up. */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work, promise]);
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
