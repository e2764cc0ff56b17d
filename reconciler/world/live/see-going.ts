import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { getObject } from './get-object.ts';
import type { WatchTime } from './watch-time.ts';
import type { WatchedList } from './watched-list.ts';

/** How long a deletion waits for the watch to tell of it, before it asks. */
const TOLD_WITHIN_MS = 1000;

/** Waits until a list knows that an object which we deleted goes, so that no read shows it as if nothing happened. */
export async function seeGoing(
  list: WatchedList,
  live: KubeObject,
  { api, time }: { readonly api: KubeApi; readonly time: WatchTime },
): Promise<void> {
  const { metadata } = live;
  const start = time.now();
  while (!list.isGoing(metadata, metadata.uid)) {
    // One that is not fresh is listed before it is told.
    if (!list.isFresh) return;
    const leftMs = TOLD_WITHIN_MS - time.since(start);
    if (leftMs <= 0) return await ask(list, live, api);
    await list.next(leftMs);
  }
}

async function ask(list: WatchedList, live: KubeObject, api: KubeApi): Promise<void> {
  const { metadata } = live;
  try {
    const now = await getObject(api, live);
    if (now === undefined || now.metadata.uid !== metadata.uid) list.drop(metadata, metadata.uid);
    else list.put(now);
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    list.relist('unconfirmed');
  }
}
