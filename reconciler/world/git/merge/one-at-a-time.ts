/** Runs one piece of work after the other, in the order in which they are asked for. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** Once the signal is aborted it throws the reason at once, and what has not begun never does. */
  run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    const mine = this.#last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#last = mine.catch(() => undefined);
    return signal === undefined ? mine : Promise.race([mine, aborted(signal, mine)]);
  }
}

/** Never gives anything; throws the reason of the signal, unless `work` ends before. */
function aborted(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const forget = () => signal.removeEventListener('abort', giveUp);
    work.then(forget, forget);
  });
}
