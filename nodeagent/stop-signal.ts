import { constants } from 'node:os';

const stop = new AbortController();
let isAskedFor = false;

// From the start on: a process that is the first of its container never ends by a signal that it does not listen to.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!isAskedFor || stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(new Error(`Ended by ${signal}.`));
  });
}

/** Whoever asks for it ends by itself when it is aborted; otherwise the process ends at once, as it does at a second signal. */
export function stopSignal(): AbortSignal {
  isAskedFor = true;
  return stop.signal;
}
