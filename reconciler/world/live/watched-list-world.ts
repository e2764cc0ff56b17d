import type { KubeObject } from '../../core/kube/object.ts';
import type { ReconcilerError } from '../../errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import type { ListReason } from './list-deadlines.ts';
import type { WatchTime } from './watch-time.ts';
import type { WatchTimes } from './watch-times.ts';
import type { WatchedList } from './watched-list.ts';
import type { ObjectChange } from './watched-objects.ts';
import type { WantedValues } from './wanted-values.ts';

/** Whoever keeps the list hears what becomes of it. */
export interface WatchedListListener {
  changed(list: WatchedList, change: ObjectChange): void;
  /** `found` is how many changes no watch had told of. */
  listed(list: WatchedList, reason: ListReason, found: number): void;
  /** A watch is open. */
  watching(list: WatchedList): void;
  /** It is tried again. */
  lost(list: WatchedList, error: ReconcilerError): void;
  /** We may list, and may not watch. */
  unwatchable(list: WatchedList, error: ReconcilerError): void;
  event(): void;
}

/** What a list is kept by. */
export interface WatchedListWorld {
  readonly api: KubeApi;
  readonly times: WatchTimes;
  readonly time: WatchTime;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly listener: WatchedListListener;
  /** What the objects are likely to have in common with. */
  readonly wanted?: WantedValues;
  /** How much of an object is kept; what anybody may ask for where unset. */
  readonly keep?: (object: KubeObject) => KubeObject;
}
