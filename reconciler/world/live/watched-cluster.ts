import { kindOf } from '../../core/kube/kinds.ts';
import { type KubeObject, type ObjectId, objectId } from '../../core/kube/object.ts';
import { intendedNode } from '../../core/nodes/intended-node.ts';
import type { NodesSeen } from '../../core/nodes/nodes-seen.ts';
import type { PlacementFacts, StorageFacts } from '../../core/placement/placement-facts.ts';
import type {
  ApplyOptions,
  Clock,
  Cluster,
  DryRun,
  Interruptible,
  Live,
  Log,
  NodesQuestion,
  PlacementQuestion,
  ReadScope,
} from '../../ports.ts';
import { STEADY_TIME, type SteadyTime } from '../steady-time.ts';
import type { KubeCluster } from './kube-cluster.ts';
import { orAborted, unlessAborted } from './or-aborted.ts';
import { OwnWrites } from './own-writes.ts';
import type { Reference } from './paths.ts';
import { type KnownPart, readParts } from './read-scope.ts';
import { seeGoing } from './see-going.ts';
import type { Selection } from './selection.ts';
import { toldBy } from './told-by.ts';
import { WatchNews } from './watch-news.ts';
import { WatchTime } from './watch-time.ts';
import { lookEveryMs, watchTimes, type WatchTimes } from './watch-times.ts';
import { WatchedAgents } from './watched-agents.ts';
import { WatchedList, type WatchedListOptions } from './watched-list.ts';
import { WantedValues } from './wanted-values.ts';
import type { WatchedListListener } from './watched-list-world.ts';
import { type MembersRead, WatchedMembers } from './watched-members.ts';
import type { ObjectChange } from './watched-objects.ts';
import { WatchedSingles } from './watched-singles.ts';
import { type WatchedState, watchedState } from './watched-state.ts';

export interface WatchedClusterOptions extends Partial<WatchTimes> {
  readonly log: Log;
  readonly clock?: Clock;
  readonly time?: SteadyTime;
  /** Of [0, 1). */
  readonly random?: () => number;
  /** Objects whose `get` is answered from a watch; every other `get` asks the API server. */
  readonly remembered?: readonly Reference[];
  /** Wanted objects outside the ApplySet that have a watch each; further ones are asked for at each re-listing time. */
  readonly maxSingles?: number;
  /** Lists of the ApplySet's members that have a watch; further ones are listed by each read, and at each re-listing time. */
  readonly maxLists?: number;
}

/**
 * An object that is not what it was, by somebody else's doing. `status`: nothing but its status moved. `agent`: it is a node's
 * report, or tells whether that counts.
 */
export interface WatchedChange {
  readonly id: ObjectId;
  readonly status?: true;
  readonly agent?: true;
}

const MAX_SINGLES = 32;
/** Each watch has a connection. */
const MAX_LISTS = 128;

/** `cluster`, for a process that stays: what was read once is kept up to date by watches, and answered from memory. */
export function openWatchedCluster(cluster: KubeCluster, options: WatchedClusterOptions): WatchedCluster {
  return new WatchedCluster(cluster, options);
}

/** A cluster whose idle reads cost no call. To be closed before the cluster it stands on. */
export class WatchedCluster implements Cluster, AsyncDisposable {
  readonly #cluster: KubeCluster;
  readonly #time: WatchTime;
  readonly #remembered: ReadonlySet<ObjectId>;
  readonly #news: WatchNews;
  readonly #writes = new OwnWrites((id, change) => this.#tell(id, change));
  readonly #wanted = new WantedValues();
  readonly #listeners = new Set<(change: WatchedChange) => void>();
  readonly #members: WatchedMembers;
  readonly #singles: WatchedSingles;
  readonly #agents: WatchedAgents | undefined;
  readonly #closing = new AbortController();
  #wasRead = false;

  constructor(cluster: KubeCluster, options: WatchedClusterOptions) {
    const { log, clock = { now: () => new Date() }, time = STEADY_TIME, random = Math.random } = options;
    const times = watchTimes(options);
    this.#cluster = cluster;
    this.#time = new WatchTime(clock, time);
    this.#remembered = new Set((options.remembered ?? []).map(objectId));
    this.#news = new WatchNews(log, this.#time);
    const world = {
      api: cluster.api,
      times,
      time: this.#time,
      random,
      listener: this.#listener(),
      wanted: this.#wanted,
    };
    const open = (selection: Selection, each: WatchedListOptions) => new WatchedList(selection, world, each);
    this.#members = new WatchedMembers({
      open,
      most: options.maxLists ?? MAX_LISTS,
      onFull: (most) => this.#news.full(most),
    });
    this.#singles = new WatchedSingles({
      api: cluster.api,
      time: this.#time,
      open: (selection, start) => open(selection, start === undefined ? {} : { start }),
      most: options.maxSingles ?? MAX_SINGLES,
      askEveryMs: times.relistEveryMs,
      changed: (id, change) => this.#writes.changed(id, change),
    });
    const { agentNamespace } = cluster;
    const agents = { ...world, listener: this.#agentListener() };
    this.#agents =
      agentNamespace === undefined
        ? undefined
        : new WatchedAgents(
            agentNamespace,
            (selection, keep) => new WatchedList(selection, { ...agents, keep }),
          );
    void this.#lookEvery(lookEveryMs(times));
  }

  async get(object: Reference, options: Interruptible = {}): Promise<KubeObject | undefined> {
    const id = objectId(object);
    const kind = kindOf(object);
    // What a deletion rests on is read afresh, after it was decided.
    if (kind === undefined || !this.#remembered.has(id)) return await this.#cluster.get(object, options);
    const { name, namespace } = object.metadata;
    const remembered = toldBy(this.#singles.remember({ kind, namespace, name }), name);
    const told = await unlessAborted(remembered, options);
    // The right to get it is enough.
    return told === 'not allowed' ? await this.#cluster.get(object, options) : told;
  }

  async read(scope: ReadScope, options: Interruptible = {}): Promise<Live> {
    this.#wanted.see(scope.wanted);
    const used = new Set<WatchedList>();
    const wanted = scope.wanted.flatMap(({ metadata }) => metadata.namespace ?? []);
    const namespaces = new Set([...scope.namespaces, ...wanted]).size;
    const read = { applySet: scope.applySet, namespaces, used };
    const live = await readParts(
      scope,
      (part, signal) => orAborted(this.#readPart(part, read), signal),
      options,
    );
    this.#wasRead = true;
    await this.#closeUnused(used);
    return live;
  }

  /** They are not watched, save for the reports of nodes: a place is seldom looked for, and then by what is so at that moment. */
  async placementFacts(options: PlacementQuestion = {}): Promise<PlacementFacts> {
    const agents = this.#agents;
    return await this.#cluster.placementFacts(options, agents && (() => agents.reports()));
  }

  async seeNodes({ afresh, ...options }: NodesQuestion = {}): Promise<NodesSeen | undefined> {
    if (afresh === true) return await this.#cluster.seeNodes(options);
    return this.#agents && (await unlessAborted(this.#agents.see(), options));
  }

  async storageFacts(options: Interruptible = {}): Promise<StorageFacts> {
    return await this.#cluster.storageFacts(options);
  }

  async dryRun(object: KubeObject, options: ApplyOptions): Promise<DryRun> {
    return await this.#cluster.dryRun(object, options);
  }

  async apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
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

  async delete(live: KubeObject, options: Interruptible = {}): Promise<void> {
    await this.#write(
      live,
      async () => {
        await this.#cluster.delete(live, options);
        for (const list of this.#listsOf(live))
          await unlessAborted(seeGoing(list, live, this.#asking), options);
      },
      ({ after }) => after === undefined || after.metadata.deletionTimestamp !== undefined,
    );
  }

  async waitGone(live: KubeObject, timeoutMs: number, options: Interruptible = {}): Promise<void> {
    const { metadata } = live;
    const { uid } = metadata;
    await this.#write(
      live,
      async () => {
        await this.#cluster.waitGone(live, timeoutMs, options);
        for (const list of this.#listsOf(live)) list.drop(metadata, uid);
      },
      ({ before, after }) => after === undefined && before?.metadata.uid === uid,
    );
  }

  /**
   * Has all that is in memory read again before it is told. For whoever has just taken the lease: what watches have told
   * may be older than what the holder before wrote last.
   */
  readAgain(): void {
    for (const list of this.#members.all) list.relist('asked');
    this.#singles.readAgain();
  }

  /** Calls `listener` for each change that somebody else makes to a member, or to an object that is watched. */
  onChange(listener: (change: WatchedChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  state(): WatchedState {
    // Nothing that the repository asks for waits for what may not be read of nodes.
    const agents = this.#agents?.all.filter((list) => !list.isUnlistable) ?? [];
    const all = [...this.#members.all, ...this.#singles.started(), ...agents];
    return watchedState(all, this.#wasRead, this.#news);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#listeners.clear();
    const lists = [
      ...this.#members.closeUnused(new Set()),
      ...(await this.#singles.closeAll()),
      ...(this.#agents?.all ?? []),
    ];
    await Promise.all(lists.map((list) => list.close()));
  }

  /** For who asks about an object beside its watch. */
  get #asking() {
    return { api: this.#cluster.api, time: this.#time, signal: this.#closing.signal };
  }

  async #readPart({ kind, namespace, wanted }: KnownPart, read: MembersRead): Promise<readonly KubeObject[]> {
    const members = await this.#members.read({ kind, namespace }, read);
    const missing = [...new Set(wanted)].filter((name) => !members.has(name));
    const others = await this.#singles.read({ kind, namespace }, missing, read.used);
    return [...members.values(), ...others];
  }

  /** Closes what the last read had no use for. */
  async #closeUnused(used: ReadonlySet<WatchedList>): Promise<void> {
    const closing = [...this.#singles.closeUnused(used), ...this.#members.closeUnused(used)];
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
    const lists = [this.#members.holding(object), this.#singles.get(objectId(object))];
    return lists.filter((list) => list !== undefined);
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

  #tell(id: ObjectId, { statusOnly }: ObjectChange): void {
    for (const listener of this.#listeners) listener(statusOnly ? { id, status: true } : { id });
  }

  #agentListener(): WatchedListListener {
    return {
      ...this.#listener(),
      changed: (_, { after, before }) => {
        const object = after ?? before;
        // What is asked of nodes is asked by this very program.
        if (object === undefined || isIntent(object)) return;
        for (const listener of this.#listeners) listener({ id: objectId(object), agent: true });
      },
    };
  }

  #listener(): WatchedListListener {
    const news = this.#news;
    return {
      changed: (_, change) => {
        const object = change.after ?? change.before;
        if (object !== undefined) this.#writes.changed(objectId(object), change);
      },
      listed: (list, reason, found) => news.listed(list, reason, found),
      watching: (list) => news.watching(list),
      lost: (list, error) => news.lost(list, error),
      unwatchable: (list, error) => news.unwatchable(list, error),
      event: () => news.event(),
    };
  }

  async #lookEvery(ms: number): Promise<void> {
    const { signal } = this.#closing;
    try {
      for (;;) {
        await this.#time.sleep(ms, signal);
        for (const list of [...this.#members.all, ...(this.#agents?.all ?? [])]) list.look();
        this.#singles.look(this.#writes.isWriting);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function isIntent({ kind, metadata }: KubeObject): boolean {
  return kind === 'ConfigMap' && intendedNode(metadata.name) !== undefined;
}
