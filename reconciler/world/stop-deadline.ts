import { ReconcilerError } from '../errors.ts';
import { STEADY_TIME, type SteadyTime } from './steady-time.ts';

/** How long after it was asked to end a process still waits for its writes, its record and the status branch. */
export const STOP_WITHIN_MS = 7_000;

const LATE = 'The program is stopping, and what it had sent was not answered in time.';

/** What was under way when the process was asked to end, and was given up. */
export class InterruptedError extends ReconcilerError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  /** Whether nothing was changed by what was given up. */
  readonly isHarmless: boolean;

  constructor(why: string, { isHarmless }: { readonly isHarmless: boolean }) {
    super(why, { hint: 'The next pass looks at what is there, and goes on from it.' });
    this.isHarmless = isHarmless;
  }
}

/** A moment some time after another one. To be disposed of once nothing goes by it. */
export interface StopDeadline extends Disposable {
  /** Is aborted, with an InterruptedError, so long after the signal that it follows. */
  readonly signal: AbortSignal;
}

/**
 * The last moment of what has to be finished once `stop` is aborted: a process that is asked to end has ended within
 * ten seconds, and its lease is given back in what is left of them.
 */
export function stopDeadline(stop: AbortSignal, time: SteadyTime = STEADY_TIME): StopDeadline {
  const late = new AbortController();
  const over = new AbortController();
  const wait = (): void => {
    time.sleep(STOP_WITHIN_MS, over.signal).then(
      () => late.abort(new InterruptedError(LATE, { isHarmless: false })),
      () => undefined,
    );
  };
  if (stop.aborted) wait();
  else stop.addEventListener('abort', wait, { once: true, signal: over.signal });
  return { signal: late.signal, [Symbol.dispose]: () => over.abort() };
}
