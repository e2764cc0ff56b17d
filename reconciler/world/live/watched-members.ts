import { PART_OF } from '../../core/desired/ownership.ts';
import { type Kind, kindOf } from '../../core/kube/kinds.ts';
import { type GroupKind, groupKind, type KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Selection } from './selection.ts';
import type { Place } from './single-answers.ts';
import type { WatchedList } from './watched-list.ts';

/** Namespaces up to which each is watched for itself; beyond them one watch spans all, where our rights do. */
const EACH_FOR_ITSELF = 4;

/** For whom members are read. */
export interface MembersRead {
  readonly applySet: string;
  /** How many namespaces are read. */
  readonly namespaces: number;
  /** The lists that told of something are added to it. */
  readonly used: Set<WatchedList>;
}

/** The members of ApplySets: a watched list for each kind in each namespace, or in all of them where they are many. */
export class WatchedMembers {
  readonly #open: (selection: Selection, options: { readonly mayWatch: boolean }) => WatchedList;
  readonly #most: number;
  readonly #onFull: (most: number) => void;
  readonly #lists = new Map<string, WatchedList>();
  /** Kinds that we may not list and watch in all namespaces at once. */
  readonly #narrow = new Set<GroupKind>();

  constructor({
    open,
    most,
    onFull,
  }: {
    readonly open: (selection: Selection, options: { readonly mayWatch: boolean }) => WatchedList;
    /** Watches at most; what is beyond is listed. */
    readonly most: number;
    readonly onFull: (most: number) => void;
  }) {
    this.#open = open;
    this.#most = most;
    this.#onFull = onFull;
  }

  get all(): readonly WatchedList[] {
    return [...this.#lists.values()];
  }

  /** Those in one place, by name; watched from now on. */
  async read(
    { kind, namespace }: Place,
    { applySet, namespaces, used }: MembersRead,
  ): Promise<ReadonlyMap<string, KubeObject>> {
    const isWide = kind.namespaced && namespaces > EACH_FOR_ITSELF;
    if (isWide && !this.#narrow.has(groupKind(kind))) {
      const everywhere = await this.#readAll(kind, applySet, used);
      if (everywhere !== undefined) return within(everywhere, namespace);
    }
    const list = this.#of(kind, namespace, applySet);
    used.add(list);
    return await list.current();
  }

  /** The list that holds an object, or would if it knew of it. */
  holding(object: KubeObject): WatchedList | undefined {
    const kind = kindOf(object);
    const { namespace, labels } = object.metadata;
    const applySet = labels?.[PART_OF];
    if (kind === undefined || applySet === undefined) return undefined;
    const within = kind.namespaced ? namespace : undefined;
    return (
      this.#lists.get(keyOf(kind, within, applySet)) ?? this.#lists.get(keyOf(kind, undefined, applySet))
    );
  }

  /** Gives the lists that are not `used`, to be closed. */
  closeUnused(used: ReadonlySet<WatchedList>): readonly WatchedList[] {
    const unused = [...this.#lists].filter(([, list]) => !used.has(list));
    for (const [key] of unused) this.#lists.delete(key);
    return unused.map(([, list]) => list);
  }

  /** Those of a kind in all namespaces; undefined where we may not have them at once. */
  async #readAll(
    kind: Kind,
    applySet: string,
    used: Set<WatchedList>,
  ): Promise<ReadonlyMap<string, KubeObject> | undefined> {
    const list = this.#of(kind, undefined, applySet);
    used.add(list);
    try {
      const all = await list.current();
      if (!list.isUnwatchable) return all;
    } catch (error) {
      if (!(error instanceof ReconcilerError && list.isUnlistable)) throw error;
    }
    this.#narrow.add(groupKind(kind));
    used.delete(list);
    return undefined;
  }

  #of(kind: Kind, namespace: string | undefined, applySet: string): WatchedList {
    const key = keyOf(kind, namespace, applySet);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const watches = this.all.filter(({ mayWatch }) => mayWatch).length;
    const mayWatch = watches < this.#most;
    if (!mayWatch) this.#onFull(this.#most);
    const list = this.#open({ kind, namespace, labelSelector: `${PART_OF}=${applySet}` }, { mayWatch });
    this.#lists.set(key, list);
    return list;
  }
}

function within(
  all: ReadonlyMap<string, KubeObject>,
  namespace: string | undefined,
): ReadonlyMap<string, KubeObject> {
  const there = new Map<string, KubeObject>();
  for (const object of all.values()) {
    if (object.metadata.namespace === namespace) there.set(object.metadata.name, object);
  }
  return there;
}

function keyOf(kind: Kind, namespace: string | undefined, applySet: string): string {
  return `${groupKind(kind)} ${namespace ?? ''} ${applySet}`;
}
