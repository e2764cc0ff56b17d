import { describeSelection } from './selection.ts';
import type { WatchCounts, WatchNews } from './watch-news.ts';
import type { WatchedList } from './watched-list.ts';

export interface WatchedState {
  /** Whether all that was asked for is answered from memory. */
  readonly synced: boolean;
  /** What it waits for: lists without a watch that time may mend. */
  readonly waitingFor: readonly string[];
  /** What cannot be read or watched until somebody changes something, and why. */
  readonly blocked: readonly string[];
  /** Watches that are open. */
  readonly watches: number;
  /** Lists that wait for a watch. */
  readonly waiting: number;
  readonly counts: WatchCounts;
}

/** How lists do. One that we may not watch is listed for each read, and so waits for nothing. */
export function watchedState(all: readonly WatchedList[], wasRead: boolean, news: WatchNews): WatchedState {
  const lists = all.filter(({ isUnwatchable }) => !isUnwatchable);
  const blocked = lists.filter(({ isUnlistable }) => isUnlistable);
  const waiting = lists.filter((list) => !list.isFresh && !list.isUnlistable);
  const waitingFor = [
    ...(wasRead ? [] : ['the first read']),
    ...waiting.map(({ selection }) => describeSelection(selection)),
  ];
  return {
    synced: waitingFor.length === 0,
    waitingFor,
    blocked: blocked.map(
      ({ selection, error }) => `${describeSelection(selection)}: ${error?.message ?? 'it cannot be listed'}`,
    ),
    watches: lists.filter(({ isFresh }) => isFresh).length,
    waiting: waiting.length,
    counts: news.counts,
  };
}
