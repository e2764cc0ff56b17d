import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import type { ListDeadlines, ListReason } from './list-deadlines.ts';
import { listAt } from './list.ts';
import { fieldSelector, type Selection } from './selection.ts';
import type { ObjectChange, WatchedObjects } from './watched-objects.ts';

/** A list as it was read. */
export interface Reading {
  readonly reason: ListReason;
  /** What was not known before; nothing for the first one. */
  readonly found: readonly ObjectChange[];
  /** Whether it could not be read before. */
  readonly wasRefused: boolean;
}

export interface ListReaderOptions {
  readonly api: KubeApi;
  readonly selection: Selection;
  /** What a list replaces. */
  readonly objects: WatchedObjects;
  readonly deadlines: ListDeadlines;
  readonly signal: AbortSignal;
  readonly onListed: (reading: Reading) => void;
}

/** Reads all of one list, once at a time, and knows whether and why it has to be read. */
export class ListReader {
  readonly #options: ListReaderOptions;
  #reading: Promise<void> | undefined;
  #because: ListReason | undefined = 'first';
  #isRefused = false;

  constructor(options: ListReaderOptions) {
    this.#options = options;
  }

  /** The list under way. */
  get reading(): Promise<void> | undefined {
    return this.#reading;
  }

  /** Why it has to be read, if it has to. */
  get because(): ListReason | undefined {
    return this.#because;
  }

  /** Whether it cannot be read until somebody grants the right to, or the kind comes to be. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** It has to be read. */
  ask(reason: ListReason): void {
    this.#because = reason;
  }

  /** As if it had been read just now. */
  noteRead(): void {
    this.#because = undefined;
    this.#options.deadlines.listed();
  }

  /** Reads it, or waits for the reading that is under way. */
  async read(reason: ListReason): Promise<void> {
    this.#reading ??= this.#read(reason).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(reason: ListReason): Promise<void> {
    const { api, selection, objects, deadlines, signal, onListed } = this.#options;
    const isFirst = !deadlines.wasListed;
    let listed;
    try {
      listed = await listAt(api, {
        ...selection,
        fieldSelector: fieldSelector(selection),
        signal,
        keep: (object) => objects.kept(object),
      });
    } catch (error) {
      this.#because ??= reason;
      this.#isRefused = error instanceof ApiError && (isForbidden(error) || error.status === 404);
      throw error;
    }
    this.noteRead();
    const wasRefused = this.#isRefused;
    this.#isRefused = false;
    if (listed.resourceVersion === undefined) this.#because = reason;
    const changes = objects.replace(listed.objects, listed.resourceVersion);
    onListed({ reason: isFirst ? 'first' : reason, found: isFirst ? [] : changes, wasRefused });
  }
}

/** Whether we may not do it. */
export function isForbidden({ status }: ApiError): boolean {
  return status === 403 || status === 405;
}
