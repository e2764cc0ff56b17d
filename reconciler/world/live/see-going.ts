import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { getObject } from './get-object.ts';
import type { WatchTime } from './watch-time.ts';
import type { WatchedList } from './watched-list.ts';

/** How long a deletion waits for the watch to tell of it, before it asks. */
const TOLD_WITHIN_MS = 1000;

interface Asking {
  readonly api: KubeApi;
  readonly time: WatchTime;
  /** Ends a question that nobody waits for any more. */
  readonly signal: AbortSignal;
}

/** Waits until a list knows that an object which we deleted goes, so that no read shows it as if nothing happened. */
export async function seeGoing(list: WatchedList, live: KubeObject, asking: Asking): Promise<void> {
  const { metadata } = live;
  const { time } = asking;
  const start = time.now();
  while (!list.isGoing(metadata, metadata.uid)) {
    // One that is not fresh is listed before it is told.
    if (!list.isFresh) return;
    const leftMs = TOLD_WITHIN_MS - time.since(start);
    if (leftMs <= 0) return await ask(list, live, asking);
    await list.next(leftMs);
  }
}

async function ask(list: WatchedList, live: KubeObject, { api, signal }: Asking): Promise<void> {
  const { metadata } = live;
  try {
    const now = await getObject(api, live, { signal });
    if (now === undefined || now.metadata.uid !== metadata.uid) list.drop(metadata, metadata.uid);
    else list.put(now);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ReconcilerError)) throw error;
    list.relist('unconfirmed');
  }
}
