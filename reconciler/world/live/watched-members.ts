import { PART_OF } from '../../core/desired/ownership.ts';
import { type Kind, kindOf } from '../../core/kube/kinds.ts';
import { groupKind, type KubeObject } from '../../core/kube/object.ts';
import type { Selection } from './selection.ts';
import type { WatchedList } from './watched-list.ts';

/** The members of ApplySets: one watched list for each kind in each namespace. */
export class WatchedMembers {
  readonly #open: (selection: Selection) => WatchedList;
  readonly #lists = new Map<string, WatchedList>();

  constructor(open: (selection: Selection) => WatchedList) {
    this.#open = open;
  }

  get all(): readonly WatchedList[] {
    return [...this.#lists.values()];
  }

  /** Those of a kind, in a namespace where it has namespaces; watched from now on. */
  of(kind: Kind, namespace: string | undefined, applySet: string): WatchedList {
    const key = keyOf(kind, namespace, applySet);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const list = this.#open({ kind, namespace, labelSelector: `${PART_OF}=${applySet}` });
    this.#lists.set(key, list);
    return list;
  }

  /** The list that holds an object, or would if it knew of it. */
  holding(object: KubeObject): WatchedList | undefined {
    const kind = kindOf(object);
    const { namespace, labels } = object.metadata;
    const applySet = labels?.[PART_OF];
    if (kind === undefined || applySet === undefined) return undefined;
    return this.#lists.get(keyOf(kind, kind.namespaced ? namespace : undefined, applySet));
  }

  /** Gives the lists that are not `used`, to be closed. */
  closeUnused(used: ReadonlySet<WatchedList>): readonly WatchedList[] {
    const unused = [...this.#lists].filter(([, list]) => !used.has(list));
    for (const [key] of unused) this.#lists.delete(key);
    return unused.map(([, list]) => list);
  }
}

function keyOf(kind: Kind, namespace: string | undefined, applySet: string): string {
  return `${groupKind(kind)} ${namespace ?? ''} ${applySet}`;
}
