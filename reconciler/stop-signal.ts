import { constants } from 'node:os';
import { StoppedError } from './errors.ts';

const stop = new AbortController();
let isAskedFor = false;

// From the start on: a process that is the first of its container never ends by a signal that it does not listen to.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!isAskedFor || stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(new StoppedError(signal));
  });
}

/** Commands that write ask for it, to finish what is under way; all others end at once. So does a second signal. */
export function stopSignal(): AbortSignal {
  isAskedFor = true;
  return stop.signal;
}
