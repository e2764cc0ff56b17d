import type { KubeApi } from '../kubeapi/kube-api.ts';
import type { WatchEvent } from '../kubeapi/watch-events.ts';
import { collectionPath } from './paths.ts';
import { fieldSelector, type Selection } from './selection.ts';
import type { Moment, WatchTime } from './watch-time.ts';

/** A watch is asked to end after between so long and twice that. */
const WATCH_SECONDS = 300;
/** One that lived so long is opened again at once where it ends in order. */
const HEALTHY_MS = 5000;

/** Who keeps a list by the watch. */
export interface WatchStreamListener {
  /** The API server has begun to answer. */
  opened(): void;
  event(event: WatchEvent): void;
}

/** The watch of one list: one stream at a time, which begins, tells and ends. */
export class WatchStream {
  readonly #api: KubeApi;
  readonly #selection: Selection;
  readonly #time: WatchTime;
  readonly #random: () => number;
  readonly #openWithinMs: number;
  /** Ends the stream that is open or being opened. */
  #stop: AbortController | undefined;
  #opening: Promise<void> | undefined;
  #opened: Moment | undefined;
  #last: 'refused' | 'short' | 'long' = 'refused';

  constructor({
    api,
    selection,
    time,
    random,
    openWithinMs,
  }: {
    readonly api: KubeApi;
    readonly selection: Selection;
    readonly time: WatchTime;
    /** Of [0, 1). */
    readonly random: () => number;
    readonly openWithinMs: number;
  }) {
    this.#api = api;
    this.#selection = selection;
    this.#time = time;
    this.#random = random;
    this.#openWithinMs = openWithinMs;
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  /** Whether it is open and goes on. */
  get isGoingOn(): boolean {
    return this.isOpen && this.#stop?.signal.aborted !== true;
  }

  /** Resolves once it is open, or has failed to be; undefined where it is not being opened. */
  get opening(): Promise<void> | undefined {
    return this.#opening;
  }

  /** Whether a stream is open, being opened, or on its way out. */
  get isUsed(): boolean {
    return this.#stop !== undefined;
  }

  /** How long the stream before was open, if it was. */
  get last(): 'refused' | 'short' | 'long' {
    return this.#last;
  }

  end(): void {
    this.#stop?.abort();
  }

  /**
   * Follows from `version` until the stream ends: in order, or stopped by `end`. Throws what it failed by. Afterwards
   * `last` says how it did.
   */
  async follow(version: string | undefined, listener: WatchStreamListener): Promise<'in order' | 'stopped'> {
    const stop = new AbortController();
    let opened: Moment | undefined;
    const opening = Promise.withResolvers<void>();
    this.#stop = stop;
    this.#opening = opening.promise;
    try {
      const stream = await this.#open(version, stop.signal);
      opened = this.#opened = this.#time.now();
      opening.resolve();
      listener.opened();
      for await (const event of stream) {
        if (stop.signal.aborted) break;
        listener.event(event);
      }
      return stop.signal.aborted ? 'stopped' : 'in order';
    } catch (error) {
      if (stop.signal.aborted) return 'stopped';
      throw error;
    } finally {
      this.#last = opened === undefined ? 'refused' : this.#isLong(opened) ? 'long' : 'short';
      this.#opened = undefined;
      this.#opening = undefined;
      this.#stop = undefined;
      opening.resolve();
    }
  }

  #isLong(opened: Moment): boolean {
    return this.#time.since(opened) >= HEALTHY_MS;
  }

  async #open(version: string | undefined, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>> {
    const { kind, namespace, labelSelector } = this.#selection;
    return await this.#api.watch(collectionPath(kind, namespace), {
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: version,
        timeoutSeconds: Math.round(WATCH_SECONDS * (1 + this.#random())),
        labelSelector,
        fieldSelector: fieldSelector(this.#selection),
      },
      signal,
      openWithinMs: this.#openWithinMs,
    });
  }
}
