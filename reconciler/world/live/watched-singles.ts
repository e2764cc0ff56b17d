import type { KubeObject, ObjectId } from '../../core/kube/object.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { getObject } from './get-object.ts';
import { listAt } from './list.ts';
import { FEW, reference } from './read-scope.ts';
import { idOf, type Place, type Single, SingleAnswers } from './single-answers.ts';
import { toldBy } from './told-by.ts';
import type { Moment, WatchTime } from './watch-time.ts';
import type { WatchedList } from './watched-list.ts';
import type { ObjectChange } from './watched-objects.ts';

/** A wanted object that is missing is most often made in a moment. Its watch waits until writing was over for so long. */
const SETTLED_AFTER_MS = 2000;

/**
 * Objects that are watched one by one: those that are remembered, and those that are wanted and no members of the ApplySet,
 * because they are not made yet or are not ours.
 */
export class WatchedSingles {
  readonly #api: KubeApi;
  readonly #time: WatchTime;
  readonly #open: (single: Single, start?: Promise<void>) => WatchedList;
  readonly #most: number;
  readonly #lists = new Map<ObjectId, WatchedList>();
  readonly #remembered = new Set<ObjectId>();
  /** Those that begin to watch once writing has settled. */
  readonly #starts = new Map<WatchedList, { readonly since: Moment; readonly begin: () => void }>();
  readonly #closing = new AbortController();
  readonly #answers: SingleAnswers;
  #lastWrite: Moment;

  constructor({
    api,
    time,
    open,
    most,
    askEveryMs,
    changed,
  }: {
    readonly api: KubeApi;
    readonly time: WatchTime;
    readonly open: (single: Single, start?: Promise<void>) => WatchedList;
    /** Watches of objects that are not remembered. */
    readonly most: number;
    /** How long an answer about an object without a watch counts, before it is asked for again. */
    readonly askEveryMs: number;
    /** Hears of an object without a watch that is found to be another than before. */
    readonly changed: (id: ObjectId, change: ObjectChange) => void;
  }) {
    this.#api = api;
    this.#time = time;
    this.#open = open;
    this.#most = most;
    this.#answers = new SingleAnswers({
      api,
      time,
      countsForMs: askEveryMs,
      changed,
      signal: this.#closing.signal,
    });
    this.#lastWrite = time.now();
  }

  get(id: ObjectId): WatchedList | undefined {
    return this.#lists.get(id);
  }

  /** Those that watch, or would if they could. */
  started(): readonly WatchedList[] {
    return [...this.#lists.values()].filter((list) => !this.#starts.has(list));
  }

  /** The watch of an object, which stays until all is closed. */
  remember(single: Single): WatchedList {
    const id = idOf(single);
    this.#remembered.add(id);
    return this.#lists.get(id) ?? this.#add(id, single);
  }

  /** Those of the named objects that exist. The watches that tell of them are added to `used`. */
  async read(
    { kind, namespace }: Place,
    names: readonly string[],
    used: Set<WatchedList>,
  ): Promise<readonly KubeObject[]> {
    const found: (KubeObject | undefined)[] = [];
    let unknown: Single[] = [];
    for (const name of names) {
      const single = { kind, namespace, name };
      const id = idOf(single);
      const list = this.#lists.get(id);
      if (list !== undefined) used.add(list);
      const answer = this.#answers.get(id, used);
      if (list?.isFresh) found.push((await list.current()).get(name));
      else if (answer !== undefined) found.push(answer.object);
      else unknown.push(single);
    }
    if (unknown.length > FEW) {
      const { signal } = this.#closing;
      const there = await listAt(this.#api, { kind, namespace, metadataOnly: true, signal });
      const namesThere = new Set(there.objects.map(({ metadata }) => metadata.name));
      const isThere = ({ name }: Single): boolean => namesThere.has(name);
      for (const single of unknown) {
        if (!isThere(single)) this.#noteAbsent(single, there.resourceVersion, used);
      }
      unknown = unknown.filter(isThere);
    }
    const read = await Promise.all(unknown.map((single) => this.#readOne(single, used)));
    return [...found, ...read].filter((object) => object !== undefined);
  }

  /** We wrote to an object, with or without success: what was answered before is no longer known. */
  wrote(id: ObjectId): void {
    this.#answers.forget(id);
    this.#lastWrite = this.#time.now();
  }

  /** An object became a member. Gives its watch, to be closed, where that had not begun. */
  becameMember(id: ObjectId): WatchedList | undefined {
    const list = this.#lists.get(id);
    return list !== undefined && this.#starts.has(list) ? this.#remove(id, list) : undefined;
  }

  /** Gives the watches that are neither remembered nor `used`, to be closed. */
  closeUnused(used: ReadonlySet<WatchedList>): readonly WatchedList[] {
    this.#answers.tidy(used);
    return [...this.#lists]
      .filter(([id, list]) => !used.has(list) && !this.#remembered.has(id))
      .map(([id, list]) => this.#remove(id, list));
  }

  /** Asks nothing more, and gives all watches, to be closed. */
  async closeAll(): Promise<readonly WatchedList[]> {
    this.#closing.abort();
    await this.#answers.settled();
    return [...this.#lists].map(([id, list]) => this.#remove(id, list));
  }

  /** Has everything asked for again before it is told. */
  readAgain(): void {
    for (const list of this.started()) list.relist('asked');
    this.#answers.forgetAll();
  }

  /** Looks whether time has run out on something, or come for something. */
  look(isWriting: boolean): void {
    for (const list of this.#lists.values()) list.look();
    if (!isWriting) this.#answers.look();
    if (isWriting || this.#time.since(this.#lastWrite) < SETTLED_AFTER_MS) return;
    for (const [list, { since, begin }] of this.#starts) {
      if (this.#time.since(since) < SETTLED_AFTER_MS) continue;
      this.#starts.delete(list);
      begin();
    }
  }

  async #readOne(single: Single, used: Set<WatchedList>): Promise<KubeObject | undefined> {
    const id = idOf(single);
    const list = this.#lists.get(id) ?? this.#addSettled(id, single);
    if (list !== undefined) {
      used.add(list);
      const told = await toldBy(list, single.name);
      if (told !== 'not allowed') return told;
    }
    const { kind, namespace, name } = single;
    const { signal } = this.#closing;
    const object = await getObject(this.#api, reference(kind, namespace, name), { signal });
    this.#answers.set(single, object, used);
    return object;
  }

  #noteAbsent(single: Single, version: string | undefined, used: Set<WatchedList>): void {
    const id = idOf(single);
    const known = this.#lists.get(id);
    const list = known ?? (version === undefined ? undefined : this.#addSettled(id, single));
    if (list === undefined) this.#answers.set(single, undefined, used);
    else used.add(list);
    if (known === undefined && version !== undefined) list?.knownEmpty(version);
  }

  /** One that begins to watch when nothing was written for a while; undefined where there are as many as there may be. */
  #addSettled(id: ObjectId, single: Single): WatchedList | undefined {
    if (this.#lists.size >= this.#most + this.#remembered.size) return undefined;
    const { promise, resolve: begin } = Promise.withResolvers<void>();
    const list = this.#add(id, single, promise);
    this.#starts.set(list, { since: this.#time.now(), begin });
    return list;
  }

  #add(id: ObjectId, single: Single, start?: Promise<void>): WatchedList {
    const list = this.#open(single, start);
    this.#lists.set(id, list);
    return list;
  }

  #remove(id: ObjectId, list: WatchedList): WatchedList {
    this.#lists.delete(id);
    this.#starts.delete(list);
    return list;
  }
}
