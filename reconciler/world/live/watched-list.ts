import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { WatchEvent } from '../kubeapi/watch-events.ts';
import { ListDeadlines, type ListReason } from './list-deadlines.ts';
import { isForbidden, ListReader, type Reading } from './list-reader.ts';
import { Pause } from './pause.ts';
import type { Metadata, Selection } from './selection.ts';
import { Tidings } from './tidings.ts';
import { WatchBackoff } from './watch-backoff.ts';
import { WatchStream } from './watch-stream.ts';
import type { WatchedListWorld } from './watched-list-world.ts';
import { WatchedObjects } from './watched-objects.ts';

/** After an interruption longer than that, all is listed, and the watch does not go on where it was. */
const LONGEST_GAP_MS = 5000;
/** How long whoever reads waits for a watch that is being opened, before it lists. */
const OPENING_PATIENCE_MS = 1000;

export interface WatchedListOptions {
  /** When watching may begin. */
  readonly start?: Promise<void>;
  /** Where it may not, it is listed by each read, and now and then. */
  readonly mayWatch?: boolean;
}

/** A list that a watch keeps up to date, and that is read again where the watch cannot be trusted. */
export class WatchedList {
  readonly selection: Selection;
  readonly mayWatch: boolean;
  readonly #world: WatchedListWorld;
  readonly #objects: WatchedObjects;
  readonly #deadlines: ListDeadlines;
  readonly #reader: ListReader;
  readonly #stream: WatchStream;
  readonly #backoff: WatchBackoff;
  readonly #pause: Pause;
  readonly #tidings: Tidings;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #error: ReconcilerError | undefined;
  #isUnwatchable: boolean;

  constructor(
    selection: Selection,
    world: WatchedListWorld,
    { start = Promise.resolve(), mayWatch = true }: WatchedListOptions = {},
  ) {
    const { api, times, time, random } = world;
    const { signal } = this.#closing;
    const objects = (this.#objects = new WatchedObjects(selection, world));
    this.selection = selection;
    this.mayWatch = mayWatch;
    this.#isUnwatchable = !mayWatch;
    this.#world = world;
    const deadlines = (this.#deadlines = new ListDeadlines(times, time, random));
    const onListed = this.#listed.bind(this);
    this.#reader = new ListReader({ api, selection, objects, deadlines, signal, onListed });
    this.#stream = new WatchStream({ api, selection, time, random, openWithinMs: times.openWithinMs });
    this.#backoff = new WatchBackoff(random);
    this.#pause = new Pause(time);
    this.#tidings = new Tidings(this.#pause);
    this.#done = start.then(() => this.#run());
  }

  /** Whether what is in memory may be told: a watch is open, and was heard of not long ago. */
  get isFresh(): boolean {
    return this.#stream.isGoingOn && this.#reader.reading === undefined && !this.#deadlines.isSilent;
  }

  /** Whether it may be listed, and not watched. */
  get isUnwatchable(): boolean {
    return this.#isUnwatchable;
  }

  /** Whether it cannot be listed until somebody grants the right to, or the kind comes to be. */
  get isUnlistable(): boolean {
    return this.#reader.isRefused;
  }

  /** Why it could not be listed, or watched, last time. */
  get error(): ReconcilerError | undefined {
    return this.#error;
  }

  /** The objects by name: from memory where that is fresh, else listed now. */
  async current(): Promise<ReadonlyMap<string, KubeObject>> {
    const { opening } = this.#stream;
    if (!this.isFresh && opening !== undefined && this.#reader.reading === undefined) {
      await this.#pause.until(opening, OPENING_PATIENCE_MS);
    }
    // Where the belt has just ended the watch, that is why there is a list, and nothing went stale.
    if (!this.isFresh) await this.#list(this.#reader.because ?? (this.#stream.isOpen ? 'stale' : 'asked'));
    return this.#objects.all;
  }

  /** As if a list at `version` had shown no object. */
  knownEmpty(version: string): void {
    this.#objects.replace([], version);
    this.#reader.noteRead();
  }

  /** Takes what the API server answered to a write of ours. */
  put(object: KubeObject): void {
    this.#objects.put(object);
    if (this.#objects.unconfirmed > 0) this.#deadlines.wrote();
  }

  /** Takes note that the object is gone for good. */
  drop(metadata: Metadata, uid: string | undefined): void {
    this.#objects.drop(metadata, uid);
    if (this.#objects.unconfirmed > 0) this.#deadlines.wrote();
  }

  /** Whether the object is gone or on its way, as far as is known. */
  isGoing(metadata: Metadata, uid: string | undefined): boolean {
    return this.#objects.isGoing(metadata, uid);
  }

  /** Waits until a watch or list tells something, but no longer than that. */
  async next(ms: number): Promise<void> {
    await this.#tidings.next(ms);
  }

  /** Looks whether time has run out on something. To be called often. */
  look(): void {
    if (this.#objects.unconfirmed === 0) this.#deadlines.settled();
    const { isOpen } = this.#stream;
    if (!isOpen && !this.#isUnwatchable) return;
    const due = isOpen ? this.#deadlines.dueWatched() : this.#deadlines.dueUnwatched();
    if (due !== undefined) this.relist(due);
  }

  /** Has all listed again, and watched from there. */
  relist(reason: ListReason): void {
    this.#reader.ask(reason);
    this.#deadlines.settled();
    this.#stream.end();
    this.#pause.end();
  }

  /** Ends it, and waits until nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stream.end();
    this.#pause.close();
    // What waits for its start waits for nothing more.
    await Promise.allSettled([this.#reader.reading, this.#stream.isUsed ? this.#done : undefined]);
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      let waitMs = 0;
      try {
        const { reading, because } = this.#reader;
        if (reading !== undefined || because !== undefined || this.#deadlines.silentMs > LONGEST_GAP_MS) {
          await this.#list(because ?? 'interrupted');
        }
        waitMs = await this.#follow();
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (!(error instanceof ReconcilerError)) throw error;
        waitMs = this.#failed(error);
      }
      if (waitMs > 0 && !this.#closing.signal.aborted) await this.#pause.wait(waitMs);
    }
  }

  #failed(error: ReconcilerError): number {
    this.#error = error;
    const { code, retryAfterMs } = error instanceof ApiError ? error : {};
    const wait = this.#backoff.next(retryAfterMs);
    if (code === 'API_GONE') {
      this.#reader.ask('expired');
      // An API server forgets old versions; one that forgets the newest is left alone for longer and longer.
      return this.#backoff.failures > 1 ? wait : 0;
    }
    this.#world.listener.lost(this, error);
    // Until somebody grants the right, or the kind comes to be, whoever reads finds out.
    return this.isUnlistable ? this.#world.times.relistEveryMs : wait;
  }

  async #list(reason: ListReason): Promise<void> {
    // What it would tell from now on is in the list; applied after that, it would lead back.
    this.#stream.end();
    try {
      await this.#reader.read(reason);
    } catch (error) {
      if (error instanceof ReconcilerError) this.#error = error;
      throw error;
    }
  }

  #listed({ reason, found, wasRefused }: Reading): void {
    const { listener } = this.#world;
    if (wasRefused) this.#pause.end();
    this.#error = undefined;
    listener.listed(this, reason, found.length);
    for (const change of found) listener.changed(this, change);
    this.#tidings.tell();
  }

  /** Watches until the watch ends, and tells how long to wait before the next one. */
  async #follow(): Promise<number> {
    if (!this.mayWatch) return Infinity;
    const stream = this.#stream;
    try {
      const opened = () => this.#watching();
      const event = (each: WatchEvent) => this.#take(each);
      const ended = await stream.follow(this.#objects.version, { opened, event });
      return ended === 'stopped' || stream.last === 'long' ? 0 : this.#backoff.next();
    } catch (error) {
      if (!(error instanceof ApiError && isForbidden(error)) || stream.last !== 'refused') throw error;
      this.#isUnwatchable = true;
      this.#error = undefined;
      this.#world.listener.unwatchable(this, error);
      return Infinity;
    } finally {
      if (stream.last === 'long') this.#backoff.reset();
      this.#tidings.tell();
    }
  }

  #watching(): void {
    this.#deadlines.heard();
    this.#isUnwatchable = false;
    this.#error = undefined;
    this.#world.listener.watching(this);
  }

  #take(event: WatchEvent): void {
    const { listener } = this.#world;
    listener.event();
    if (this.#objects.isBehind(event)) {
      // Events may come late or twice, and prove nothing; a bookmark never tells of a time that was over.
      if (event.type !== 'BOOKMARK') return;
      this.#objects.wentBack();
      this.relist('back');
      return;
    }
    this.#deadlines.heard();
    const change = this.#objects.take(event);
    if (change !== undefined) listener.changed(this, change);
    this.#tidings.tell();
  }
}
