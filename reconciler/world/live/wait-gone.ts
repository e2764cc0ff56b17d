import { setTimeout as delay } from 'node:timers/promises';
import { clip, oneLine } from '../../core/report/plain.ts';
import { type KubeObject, objectId } from '../../core/kube/object.ts';
import type { Interruptible } from '../../ports.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { getObject } from './get-object.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/** Asks, less and less often, until the object is gone or another one has its name. */
export async function waitGone(
  api: KubeApi,
  live: KubeObject,
  timeoutMs: number,
  { signal }: Interruptible = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  let last = live;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 1.5)) {
    const left = end - performance.now();
    if (left <= 0) throw stillThere(last, timeoutMs);
    try {
      const seen = await getObject(api, live, { signal, timeoutMs: Math.max(1, Math.min(left, 30_000)) });
      if (seen === undefined || seen.metadata.uid !== live.metadata.uid) return;
      last = seen;
    } catch (error) {
      signal?.throwIfAborted();
      // A server that is away for a moment may still be asked again in time.
      if (!(error instanceof ApiError && error.retry === 'next-pass')) throw error;
      if (error.code !== 'API_TIMEOUT' && performance.now() >= end) throw error;
    }
    await paused(Math.max(0, Math.min(wait, end - performance.now())), signal);
  }
}

async function paused(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function stillThere(live: KubeObject, timeoutMs: number): ApiError {
  const { finalizers = [], deletionTimestamp } = live.metadata;
  const held = finalizers.length > 0 ? finalizers.join(', ') : undefined;
  const why =
    deletionTimestamp === undefined
      ? 'its deletion has not begun'
      : held === undefined
        ? 'it is still terminating'
        : `the finalizer${finalizers.length > 1 ? 's' : ''} ${clip(oneLine(held), 300)} hold${finalizers.length > 1 ? '' : 's'} it`;
  const message = `${objectId(live)} was not gone after ${timeoutMs / 1000} s: ${why}.`;
  const hint =
    'Whatever controller set the finalizer removes it when its own cleaning up is done; see whether it runs.';
  return new ApiError('API_TIMEOUT', message, held === undefined ? {} : { hint });
}
