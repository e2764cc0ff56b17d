import type { ReconcilerError } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import type { ListReason } from './list-deadlines.ts';
import type { Moment, WatchTime } from './watch-time.ts';
import type { WatchedList } from './watched-list.ts';

/** What befalls several watches within so long has one cause. */
const TOGETHER_MS = 60_000;

/** What a process counts of its watches since it began. */
export interface WatchCounts {
  readonly lists: Readonly<Record<ListReason, number>>;
  /** Watches opened. */
  readonly opened: number;
  /** Those of them that take the place of one that ended, in order or not. */
  readonly reopened: number;
  /** Watches lost by a failure. */
  readonly lost: number;
  /** Events, bookmarks included. */
  readonly events: number;
  /** Changes that a list found and no watch had told of. */
  readonly found: number;
}

/** Counts what becomes of watches, and logs what a person would want to know: an outage is one line, and its end another. */
export class WatchNews {
  readonly #log: Log;
  readonly #time: WatchTime;
  readonly #broken = new Set<WatchedList>();
  readonly #toldUnwatchable = new Set<string>();
  /** When it was last told of lists that had to be read for a reason. */
  readonly #toldAt = new Map<ListReason, Moment>();
  readonly #wereOpen = new WeakSet<WatchedList>();
  readonly #lists: Record<ListReason, number> = {
    first: 0,
    asked: 0,
    belt: 0,
    stale: 0,
    expired: 0,
    interrupted: 0,
    unconfirmed: 0,
    back: 0,
  };
  #opened = 0;
  #reopened = 0;
  #isFullTold = false;
  #lost = 0;
  #events = 0;
  #found = 0;

  constructor(log: Log, time: WatchTime) {
    this.#log = log;
    this.#time = time;
  }

  get counts(): WatchCounts {
    return {
      lists: { ...this.#lists },
      opened: this.#opened,
      reopened: this.#reopened,
      lost: this.#lost,
      events: this.#events,
      found: this.#found,
    };
  }

  event(): void {
    this.#events += 1;
  }

  listed(list: WatchedList, reason: ListReason, found: number): void {
    this.#lists[reason] += 1;
    this.#found += found;
    const fields = { ...fieldsOf(list), reason, found };
    switch (reason) {
      case 'stale':
        return this.#once('warn', fields, 'A watch said nothing for too long; all was listed again');
      case 'unconfirmed':
        return this.#once('warn', fields, 'A watch did not tell of our own write; all was listed again');
      case 'back':
        return this.#once('warn', fields, 'A watch went back in time; all was listed again');
      case 'expired':
        return this.#once('info', fields, 'A watch was too far behind; all was listed again');
      case 'belt':
        if (found > 0) return this.#once('warn', fields, 'A list found changes of which no watch had told');
        return this.#log.debug(fields, 'Listed');
      case 'first':
      case 'asked':
      case 'interrupted':
        return this.#log.debug(fields, 'Listed');
      default:
        throw new Error(`Unknown reason: ${JSON.stringify(reason satisfies never)}`);
    }
  }

  /** What befalls many watches at once is one line; what it did to the others is there for whoever looks closely. */
  #once(level: 'info' | 'warn', fields: { readonly reason: ListReason }, message: string): void {
    const told = this.#toldAt.get(fields.reason);
    const isNews = told === undefined || this.#time.since(told) > TOGETHER_MS;
    if (isNews) this.#toldAt.set(fields.reason, this.#time.now());
    this.#log[isNews ? level : 'debug'](fields, message);
  }

  watching(list: WatchedList): void {
    this.#opened += 1;
    if (this.#wereOpen.has(list)) this.#reopened += 1;
    this.#wereOpen.add(list);
    this.#toldUnwatchable.delete(keyOf(list));
    if (this.#broken.delete(list) && this.#broken.size === 0) this.#log.info({}, 'Every watch is back');
  }

  lost(list: WatchedList, error: ReconcilerError): void {
    const fields = { ...fieldsOf(list), code: error.code, why: error.message };
    // Whoever reads is told that it is unread.
    if (list.isUnlistable) return this.#log.debug(fields, 'Cannot be listed');
    this.#lost += 1;
    const isFirst = this.#broken.size === 0;
    const isNew = !this.#broken.has(list);
    this.#broken.add(list);
    if (isFirst) this.#log.warn(fields, 'Lost a watch; trying again');
    else if (isNew) this.#log.debug(fields, 'Lost a watch; trying again');
  }

  unwatchable(list: WatchedList, error: ReconcilerError): void {
    this.#broken.delete(list);
    const key = keyOf(list);
    if (this.#toldUnwatchable.has(key)) return;
    this.#toldUnwatchable.add(key);
    const { code, message: why, hint } = error;
    this.#log.warn({ ...fieldsOf(list), code, why, hint }, 'May not watch; listing instead');
  }

  /** There are more lists than there may be watches. */
  full(most: number): void {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    this.#log.warn({ most }, 'There are as many watches as there may be; listing the rest');
  }

  closed(list: WatchedList): void {
    this.#broken.delete(list);
  }
}

/** A right is given for a kind, in one namespace or all; single objects say no more. */
function keyOf({ selection: { kind, namespace } }: WatchedList): string {
  return `${kind.plural} ${namespace ?? ''}`;
}

function fieldsOf({ selection: { kind, namespace, name } }: WatchedList) {
  return {
    resource: kind.plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
