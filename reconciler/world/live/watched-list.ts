import type { Kind } from '../../core/kube/kinds.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { listAt } from './list.ts';
import { collectionPath } from './paths.ts';
import { Pause } from './pause.ts';
import { WatchBackoff } from './watch-backoff.ts';
import type { Moment, WatchTime } from './watch-time.ts';
import { type ObjectChange, WatchedObjects } from './watched-objects.ts';

/** Which objects a list holds. */
export interface Selection {
  readonly kind: Kind;
  /** For namespaced kinds. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  /** The one object of this name. */
  readonly name?: string;
}

/** How lists are kept up to date; times in milliseconds. */
export interface WatchTimes {
  /** All is listed again so often, whatever the watch says. */
  readonly relistEveryMs: number;
  /** A watch that said nothing for so long counts as dead. */
  readonly staleAfterMs: number;
  /** For the API server to begin to answer a watch. */
  readonly openWithinMs: number;
  /** A watch has to tell of a write of ours within it. */
  readonly confirmWithinMs: number;
}

/** Why a list was read. */
export type ListReason = 'first' | 'belt' | 'stale' | 'expired' | 'interrupted' | 'unconfirmed' | 'asked';

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

/** A watch is asked to end after between so long and twice that. */
const WATCH_SECONDS = 300;
/** After an interruption longer than that, all is listed, and the watch does not go on where it was. */
const LONGEST_GAP_MS = 5000;
/** A watch that lived so long is opened again at once where it ends in order. */
const HEALTHY_MS = 5000;
/** How long whoever reads waits for a watch that is being opened, before it lists. */
const OPENING_PATIENCE_MS = 1000;

/** A list that a watch keeps up to date, and that is read again where the watch cannot be trusted. */
export class WatchedList {
  readonly selection: Selection;
  readonly #api: KubeApi;
  readonly #times: WatchTimes;
  readonly #time: WatchTime;
  readonly #listener: WatchedListListener;
  readonly #objects = new WatchedObjects();
  readonly #backoff = new WatchBackoff();
  readonly #pause = new Pause();
  readonly #closing = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #done: Promise<void>;

  /** Ends the watch that is open or being opened. */
  #stop: AbortController | undefined;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #listing: Promise<void> | undefined;
  /** Why the next list is read. */
  #because: ListReason = 'first';
  #mustList = true;
  /** Last sign that what we know is what is. */
  #heard: Moment;
  #listed: Moment | undefined;
  #ownSince: Moment | undefined;
  #beltMs = 0;
  #error: ReconcilerError | undefined;
  #isUnwatchable = false;
  #isUnlistable = false;

  constructor(
    selection: Selection,
    {
      api,
      times,
      time,
      listener,
      start = Promise.resolve(),
    }: {
      readonly api: KubeApi;
      readonly times: WatchTimes;
      readonly time: WatchTime;
      readonly listener: WatchedListListener;
      /** When watching may begin. */
      readonly start?: Promise<void>;
    },
  ) {
    this.selection = selection;
    this.#api = api;
    this.#times = times;
    this.#time = time;
    this.#listener = listener;
    this.#heard = time.now();
    this.#done = start.then(() => this.#run());
  }

  /** Whether what is in memory may be told: a watch is open, and was heard of not long ago. */
  get isFresh(): boolean {
    const isEnding = this.#listing !== undefined || this.#stop?.signal.aborted === true;
    return this.#isOpen && !isEnding && !this.#isSilent();
  }

  /** Whether we may list, and may not watch. */
  get isUnwatchable(): boolean {
    return this.#isUnwatchable;
  }

  /** Whether it cannot be listed until somebody grants the right to, or the kind comes to be. */
  get isUnlistable(): boolean {
    return this.#isUnlistable;
  }

  /** Why it could not be listed, or watched, last time. */
  get error(): ReconcilerError | undefined {
    return this.#error;
  }

  /** The objects by name: from memory where that is fresh, else listed now. */
  async current(): Promise<ReadonlyMap<string, KubeObject>> {
    if (!this.isFresh && this.#opening !== undefined && this.#listing === undefined) {
      await this.#pause.until(this.#opening, OPENING_PATIENCE_MS);
    }
    if (!this.isFresh) await this.#list(this.#isOpen ? 'stale' : 'asked');
    return this.#objects.all;
  }

  /** As if a list at `version` had shown no object. */
  knownEmpty(version: string): void {
    this.#objects.replace([], version);
    this.#noteListed();
    this.#mustList = false;
  }

  /** Takes what the API server answered to a write of ours. */
  put(object: KubeObject): void {
    this.#objects.put(object);
    this.#own();
  }

  /** Takes note that the object is gone for good. */
  drop(name: string, uid: string | undefined): void {
    this.#objects.drop(name, uid);
    this.#own();
  }

  /** Waits until the object is gone, or going; false where the watch did not say so in time. */
  async seesGoing(name: string, uid: string | undefined, timeoutMs: number): Promise<boolean> {
    const isGoing = (): boolean => {
      const object = this.#objects.all.get(name);
      return object?.metadata.uid !== uid || object?.metadata.deletionTimestamp !== undefined;
    };
    const end = performance.now() + timeoutMs;
    while (!isGoing()) {
      const left = end - performance.now();
      if (left <= 0 || !this.isFresh) return false;
      const told = Promise.withResolvers<void>();
      this.#waiting.add(told.resolve);
      await this.#pause.until(told.promise, left);
      this.#waiting.delete(told.resolve);
    }
    return true;
  }

  /** Looks whether time has run out on something. To be called often. */
  look(): void {
    const { confirmWithinMs } = this.#times;
    const isBeltDue = this.#listed !== undefined && this.#time.since(this.#listed) >= this.#beltMs;
    if (this.#ownSince !== undefined && this.#objects.unconfirmed === 0) this.#ownSince = undefined;
    if (this.#isOpen && this.#isSilent()) this.relist('stale');
    else if (this.#isOpen && this.#ownSince && this.#time.since(this.#ownSince) >= confirmWithinMs) {
      this.relist('unconfirmed');
    } else if (isBeltDue && (this.#isOpen || this.#isUnwatchable)) this.relist('belt');
  }

  /** Has all listed again, and watched from there. */
  relist(reason: ListReason): void {
    this.#because = reason;
    this.#mustList = true;
    this.#ownSince = undefined;
    this.#stop?.abort();
    this.#pause.end();
  }

  /** Ends it, and waits until nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stop?.abort();
    this.#pause.close();
    // What waits for its start waits for nothing more.
    await Promise.allSettled([this.#listing, this.#stop === undefined ? undefined : this.#done]);
  }

  #own(): void {
    if (this.#objects.unconfirmed > 0) this.#ownSince ??= this.#time.now();
  }

  #isSilent(): boolean {
    return this.#time.since(this.#heard) > this.#times.staleAfterMs;
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      let waitMs = 0;
      try {
        if (this.#listing !== undefined || this.#mustList || this.#time.since(this.#heard) > LONGEST_GAP_MS) {
          await this.#list(this.#mustList ? this.#because : 'interrupted');
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
      this.#mustList = true;
      this.#because = 'expired';
      // An API server forgets old versions; one that forgets the newest is left alone for longer and longer.
      return this.#backoff.failures > 1 ? wait : 0;
    }
    this.#listener.lost(this, error);
    // Until somebody grants the right, or the kind comes to be, whoever reads finds out.
    return this.#isUnlistable ? this.#times.relistEveryMs : wait;
  }

  #list(reason: ListReason): Promise<void> {
    this.#listing ??= this.#listNow(reason).finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #listNow(reason: ListReason): Promise<void> {
    // What it would tell from now on is in the list; applied after that, it would lead back.
    this.#stop?.abort();
    const { kind, namespace, labelSelector } = this.selection;
    const isFirst = this.#listed === undefined;
    let listed;
    try {
      listed = await listAt(this.#api, {
        kind,
        namespace,
        labelSelector,
        fieldSelector: this.#fieldSelector(),
        signal: this.#closing.signal,
      });
    } catch (error) {
      this.#mustList = true;
      if (error instanceof ReconcilerError) this.#error = error;
      this.#isUnlistable = error instanceof ApiError && (isForbidden(error) || error.status === 404);
      throw error;
    }
    this.#noteListed();
    this.#error = undefined;
    if (this.#isUnlistable) this.#pause.end();
    this.#isUnlistable = false;
    this.#mustList = listed.resourceVersion === undefined;
    const changes = this.#objects.replace(listed.objects, listed.resourceVersion);
    this.#listener.listed(this, isFirst ? 'first' : reason, isFirst ? 0 : changes.length);
    if (!isFirst) for (const change of changes) this.#listener.changed(this, change);
    this.#tellWaiting();
  }

  /** Watches until the watch ends, and tells how long to wait before the next one. */
  async #follow(): Promise<number> {
    const stop = new AbortController();
    const opening = Promise.withResolvers<void>();
    this.#stop = stop;
    this.#opening = opening.promise;
    let opened: Moment | undefined;
    try {
      const stream = await this.#api.watch(collectionPath(this.selection.kind, this.selection.namespace), {
        query: {
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.#objects.version,
          timeoutSeconds: Math.round(WATCH_SECONDS * (1 + Math.random())),
          labelSelector: this.selection.labelSelector,
          fieldSelector: this.#fieldSelector(),
        },
        signal: stop.signal,
        openWithinMs: this.#times.openWithinMs,
      });
      opened = this.#heard = this.#time.now();
      this.#isOpen = true;
      this.#isUnwatchable = false;
      this.#error = undefined;
      opening.resolve();
      this.#listener.watching(this);
      for await (const event of stream) {
        if (stop.signal.aborted) break;
        this.#heard = this.#time.now();
        this.#listener.event();
        const change = this.#objects.take(event);
        if (change !== undefined) this.#listener.changed(this, change);
        this.#tellWaiting();
      }
    } catch (error) {
      if (stop.signal.aborted) return 0;
      if (error instanceof ApiError && isForbidden(error) && opened === undefined) {
        this.#isUnwatchable = true;
        this.#error = undefined;
        this.#listener.unwatchable(this, error);
        return Infinity;
      }
      throw error;
    } finally {
      if (opened !== undefined && this.#time.since(opened) >= HEALTHY_MS) this.#backoff.reset();
      this.#isOpen = false;
      this.#opening = undefined;
      this.#stop = undefined;
      opening.resolve();
      this.#tellWaiting();
    }
    if (stop.signal.aborted) return 0;
    return this.#time.since(opened) >= HEALTHY_MS ? 0 : this.#backoff.next();
  }

  #noteListed(): void {
    // Not all lists at the same time.
    this.#beltMs = this.#times.relistEveryMs * (0.85 + Math.random() * 0.3);
    this.#listed = this.#heard = this.#time.now();
  }

  #fieldSelector(): string | undefined {
    const { name } = this.selection;
    return name === undefined ? undefined : `metadata.name=${name}`;
  }

  #tellWaiting(): void {
    for (const resolve of this.#waiting) resolve();
  }
}

function isForbidden({ status }: ApiError): boolean {
  return status === 403 || status === 405;
}
