import { type Kind, kindOf } from '../../core/kube/kinds.ts';
import { PART_OF } from '../../core/desired/ownership.ts';
import { groupKind, type KubeObject, type ObjectId, objectId } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Clock, Cluster, DryRun, Live, Log, ReadScope } from '../../ports.ts';
import { getObject } from './get-object.ts';
import type { KubeCluster } from './kube-cluster.ts';
import { OwnWrites } from './own-writes.ts';
import type { Reference } from './paths.ts';
import { type KnownPart, readParts } from './read-scope.ts';
import { type WatchCounts, WatchNews } from './watch-news.ts';
import { WatchTime } from './watch-time.ts';
import { type ListReason, type WatchTimes, WatchedList, type WatchedListListener } from './watched-list.ts';
import type { ObjectChange } from './watched-objects.ts';
import { toldBy, WatchedSingles } from './watched-singles.ts';

export interface WatchedClusterOptions extends Partial<WatchTimes> {
  readonly log: Log;
  readonly clock?: Clock;
  /** Objects whose `get` is answered from a watch; every other `get` asks the API server. */
  readonly remembered?: readonly Reference[];
  /** Wanted objects outside the ApplySet that have a watch each; further ones are asked for at each re-listing time. */
  readonly maxSingles?: number;
}

/** An object that is not what it was, by somebody else's doing. `status`: nothing but its status moved. */
export interface WatchedChange {
  readonly id: ObjectId;
  readonly status?: true;
}

export interface WatchedState {
  /** Whether all that was asked for is answered from memory. */
  readonly synced: boolean;
  /** What it waits for: lists without a watch that time may mend. */
  readonly waitingFor: readonly string[];
  /** What cannot be read or watched until somebody changes something, and why. */
  readonly blocked: readonly string[];
  /** Watches that are open. */
  readonly watches: number;
  readonly lastListAt: Date | undefined;
  readonly counts: WatchCounts;
}

const DEFAULT_TIMES: WatchTimes = {
  relistEveryMs: 10 * 60_000,
  // An API server sends a bookmark every minute.
  staleAfterMs: 85_000,
  openWithinMs: 15_000,
  confirmWithinMs: 30_000,
};

const MAX_SINGLES = 32;
/** How long a deletion waits for the watch to tell of it, before it asks. */
const DELETION_SEEN_WITHIN_MS = 1000;

/** `cluster`, for a process that stays: what was read once is kept up to date by watches, and answered from memory. */
export function openWatchedCluster(cluster: KubeCluster, options: WatchedClusterOptions): WatchedCluster {
  return new WatchedCluster(cluster, options);
}

/** A cluster whose idle reads cost no call. To be closed before the cluster it stands on. */
export class WatchedCluster implements Cluster, AsyncDisposable {
  readonly #cluster: KubeCluster;
  readonly #times: WatchTimes;
  readonly #time: WatchTime;
  readonly #remembered: ReadonlySet<ObjectId>;
  readonly #news: WatchNews;
  readonly #writes = new OwnWrites((id, change) => this.#tell(id, change));
  readonly #listeners = new Set<(change: WatchedChange) => void>();
  readonly #listener: WatchedListListener;
  /** The members of the ApplySet, for each kind in each namespace. */
  readonly #members = new Map<string, WatchedList>();
  readonly #singles: WatchedSingles;
  readonly #timer: NodeJS.Timeout;
  #wasRead = false;

  constructor(cluster: KubeCluster, options: WatchedClusterOptions) {
    const { log, clock = { now: () => new Date() }, remembered = [], maxSingles = MAX_SINGLES } = options;
    this.#cluster = cluster;
    this.#times = {
      relistEveryMs: options.relistEveryMs ?? DEFAULT_TIMES.relistEveryMs,
      staleAfterMs: options.staleAfterMs ?? DEFAULT_TIMES.staleAfterMs,
      openWithinMs: options.openWithinMs ?? DEFAULT_TIMES.openWithinMs,
      confirmWithinMs: options.confirmWithinMs ?? DEFAULT_TIMES.confirmWithinMs,
    };
    this.#time = new WatchTime(clock);
    this.#remembered = new Set(remembered.map(objectId));
    this.#news = new WatchNews(log, this.#time);
    this.#listener = {
      changed: (_, change) => {
        const object = change.after ?? change.before;
        if (object !== undefined) this.#writes.changed(objectId(object), change);
      },
      listed: (list, reason: ListReason, found) => this.#news.listed(list, reason, found),
      watching: (list) => this.#news.watching(list),
      lost: (list, error) => this.#news.lost(list, error),
      unwatchable: (list, error) => this.#news.unwatchable(list, error),
      event: () => this.#news.event(),
    };
    const { staleAfterMs, relistEveryMs, confirmWithinMs } = this.#times;
    this.#singles = new WatchedSingles({
      api: cluster.api,
      time: this.#time,
      open: (selection, start) => this.#newList(selection, start),
      most: maxSingles,
      askEveryMs: relistEveryMs,
    });
    const shortest = Math.min(staleAfterMs, relistEveryMs, confirmWithinMs);
    this.#timer = setInterval(() => this.#look(), Math.min(1000, Math.max(25, shortest / 10)));
  }

  async get(object: Reference): Promise<KubeObject | undefined> {
    const id = objectId(object);
    const kind = kindOf(object);
    // What a deletion rests on is read afresh, after it was decided.
    if (kind === undefined || !this.#remembered.has(id)) return await this.#cluster.get(object);
    const { name, namespace } = object.metadata;
    const told = await toldBy(this.#singles.remember({ kind, namespace, name }), name);
    // The right to get it is enough.
    return told === 'not allowed' ? await this.#cluster.get(object) : told;
  }

  async read(scope: ReadScope): Promise<Live> {
    const used = new Set<WatchedList>();
    const live = await readParts(scope, (part, signal) =>
      orAborted(this.#readPart(part, scope.applySet, used), signal),
    );
    this.#wasRead = true;
    await this.#closeUnused(used);
    return live;
  }

  async dryRun(object: KubeObject, options: { readonly force: boolean }): Promise<DryRun> {
    return await this.#cluster.dryRun(object, options);
  }

  async apply(object: KubeObject, options: { readonly force: boolean }): Promise<KubeObject> {
    return await this.#write(
      object,
      async () => {
        const after = await this.#cluster.apply(object, options);
        this.#put(after);
        return after;
      },
      ({ version }, { metadata }) => version === metadata.resourceVersion,
    );
  }

  async delete(live: KubeObject): Promise<void> {
    await this.#write(
      live,
      async () => {
        await this.#cluster.delete(live);
        for (const list of this.#listsOf(live)) await this.#seeGoing(list, live);
      },
      ({ after }) => after === undefined || after.metadata.deletionTimestamp !== undefined,
    );
  }

  async waitGone(live: KubeObject, timeoutMs: number): Promise<void> {
    const { name, uid } = live.metadata;
    await this.#write(
      live,
      async () => {
        await this.#cluster.waitGone(live, timeoutMs);
        for (const list of this.#listsOf(live)) list.drop(name, uid);
      },
      ({ before, after }) => after === undefined && before?.metadata.uid === uid,
    );
  }

  /** Calls `listener` for each change that somebody else makes to a member, or to an object that is watched. */
  onChange(listener: (change: WatchedChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  state(): WatchedState {
    const lists = [...this.#members.values(), ...this.#singles.started()].filter(
      ({ isUnwatchable }) => !isUnwatchable,
    );
    const blocked = lists.filter(({ isUnlistable }) => isUnlistable);
    const waiting = lists.filter((list) => !list.isFresh && !list.isUnlistable);
    const waitingFor = [...(this.#wasRead ? [] : ['the first read']), ...waiting.map(describeList)];
    return {
      synced: waitingFor.length === 0,
      waitingFor,
      blocked: blocked.map(
        (list) => `${describeList(list)}: ${list.error?.message ?? 'it cannot be listed'}`,
      ),
      watches: lists.filter(({ isFresh }) => isFresh).length,
      lastListAt: this.#news.lastListAt,
      counts: this.#news.counts,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#listeners.clear();
    const lists = [...this.#members.values(), ...this.#singles.closeAll()];
    this.#members.clear();
    await Promise.all(lists.map((list) => list.close()));
  }

  async #readPart(
    { kind, namespace, wanted }: KnownPart,
    applySet: string,
    used: Set<WatchedList>,
  ): Promise<readonly KubeObject[]> {
    const list = this.#membersOf(kind, namespace, applySet);
    used.add(list);
    const members = await list.current();
    const missing = [...new Set(wanted)].filter((name) => !members.has(name));
    const others = await this.#singles.read({ kind, namespace }, missing, used);
    return [...members.values(), ...others];
  }

  #membersOf(kind: Kind, namespace: string | undefined, applySet: string): WatchedList {
    const key = memberKey(groupKind(kind), namespace, applySet);
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const list = this.#newList({ kind, namespace, labelSelector: `${PART_OF}=${applySet}` });
    this.#members.set(key, list);
    return list;
  }

  #newList(selection: WatchedList['selection'], start?: Promise<void>): WatchedList {
    return new WatchedList(selection, {
      api: this.#cluster.api,
      times: this.#times,
      time: this.#time,
      listener: this.#listener,
      ...(start === undefined ? {} : { start }),
    });
  }

  /** Closes what the last read had no use for. */
  async #closeUnused(used: ReadonlySet<WatchedList>): Promise<void> {
    const closing = [...this.#singles.closeUnused(used)];
    for (const [key, list] of this.#members) {
      if (used.has(list)) continue;
      this.#members.delete(key);
      closing.push(list);
    }
    await Promise.all(closing.map((list) => this.#close(list)));
  }

  async #close(list: WatchedList): Promise<void> {
    this.#news.closed(list);
    await list.close();
  }

  async #write<Result>(
    object: KubeObject,
    write: () => Promise<Result>,
    isEcho: (change: ObjectChange, result: Result) => boolean,
  ): Promise<Result> {
    const id = objectId(object);
    try {
      return await this.#writes.during(id, write, isEcho);
    } finally {
      this.#singles.wrote(id);
    }
  }

  /** The lists that hold an object, or would if they knew of it. */
  #listsOf(object: KubeObject): readonly WatchedList[] {
    const kind = kindOf(object);
    const { namespace, labels } = object.metadata;
    const applySet = labels?.[PART_OF];
    const members =
      kind === undefined || applySet === undefined
        ? undefined
        : this.#members.get(memberKey(groupKind(kind), kind.namespaced ? namespace : undefined, applySet));
    return [members, this.#singles.get(objectId(object))].filter((list) => list !== undefined);
  }

  #put(after: KubeObject): void {
    const id = objectId(after);
    const lists = this.#listsOf(after);
    for (const list of lists) list.put(after);
    const single = this.#singles.get(id);
    if (lists.every((list) => list === single)) return;
    const needless = this.#singles.becameMember(id);
    if (needless !== undefined) void this.#close(needless);
  }

  /** Waits until a list knows that an object which we deleted goes, so that no read shows it as if nothing happened. */
  async #seeGoing(list: WatchedList, live: KubeObject): Promise<void> {
    const { name, uid } = live.metadata;
    // One that is not fresh is listed before it is told.
    if (!list.isFresh || (await list.seesGoing(name, uid, DELETION_SEEN_WITHIN_MS))) return;
    try {
      const now = await getObject(this.#cluster.api, live);
      if (now === undefined || now.metadata.uid !== uid) list.drop(name, uid);
      else list.put(now);
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      list.relist('unconfirmed');
    }
  }

  #tell(id: ObjectId, { statusOnly }: ObjectChange): void {
    for (const listener of this.#listeners) listener(statusOnly ? { id, status: true } : { id });
  }

  #look(): void {
    for (const list of this.#members.values()) list.look();
    this.#singles.look(this.#writes.isWriting);
  }
}

function memberKey(kind: string, namespace: string | undefined, applySet: string): string {
  return `${kind} ${namespace ?? ''} ${applySet}`;
}

/** What work gives, or the reason why whoever waits for it gave up. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** `configmaps in namespace weka`, `configmaps/settings in namespace weka`. */
function describeList({ selection: { kind, namespace, name } }: WatchedList): string {
  const what = name === undefined ? kind.plural : `${kind.plural}/${name}`;
  return namespace === undefined ? what : `${what} in namespace ${namespace}`;
}
