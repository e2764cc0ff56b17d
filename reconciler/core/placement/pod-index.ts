import { canonicalJson } from '../kube/hash.ts';
import type { Labels } from './label-selector.ts';
import { type NamespaceLabels, type PodTerm, speaksOf } from './pod-term.ts';

/** A pod that stands on a node, as far as terms of pods look at it. */
export interface Occupant {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly antiAffinity: readonly PodTerm[];
  /** Whether it is being deleted: topology spread counts it no more, while affinity does. */
  readonly terminating?: boolean;
}

/** Pods by the place they stand in: the value that their node has for the topology key. */
type ByPlace = Map<string, Set<string>>;

/** Terms that must all speak of a pod, with the pods of which they do. */
export interface IndexedTerm {
  /** What counts as one place; undefined for the node by its name, as topology spread counts pods. */
  readonly topologyKey: string | undefined;
  readonly terms: readonly PodTerm[];
  /** Pods that the terms speak of. */
  readonly spokenOf: ByPlace;
  /** Pods whose own anti-affinity this is. */
  readonly holders: ByPlace;
}

interface Place {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Which pods stand where, counted for each term that anything asks about, so that a question about a node does not look
 * at all pods. Terms are made known first, and pods come and go afterwards.
 */
export class PodIndex {
  readonly #terms = new Map<string, IndexedTerm>();
  /** By the labels of a pod as one object, so that pods that are alike are looked at once. */
  #spokenBy = new WeakMap<Labels, readonly IndexedTerm[]>();
  readonly #namespaces: NamespaceLabels;

  constructor(namespaces: NamespaceLabels) {
    this.#namespaces = namespaces;
  }

  /** The index of these terms together, over places of the key, or over nodes without one. */
  of(topologyKey: string | undefined, ...terms: readonly PodTerm[]): IndexedTerm {
    const key = canonicalJson([topologyKey ?? null, terms]);
    const known = this.#terms.get(key);
    if (known !== undefined) return known;
    const made: IndexedTerm = { topologyKey, terms, spokenOf: new Map(), holders: new Map() };
    this.#terms.set(key, made);
    this.#spokenBy = new WeakMap();
    return made;
  }

  /** Whether pods are told apart by the values of this label. */
  hasPlacesOf(label: string): boolean {
    return [...this.#terms.values()].some(({ topologyKey }) => topologyKey === label);
  }

  /** Every term that speaks of such a pod. Its labels are of pods of one namespace. */
  speakingOf(pod: { readonly namespace: string; readonly labels: Labels }): readonly IndexedTerm[] {
    const known = this.#spokenBy.get(pod.labels);
    if (known !== undefined) return known;
    const found = [...this.#terms.values()].filter(({ terms }) =>
      terms.every((term) => speaksOf(term, pod, this.#namespaces)),
    );
    this.#spokenBy.set(pod.labels, found);
    return found;
  }

  add(pod: Occupant, node: Place): void {
    for (const index of this.speakingOf(pod)) {
      const isSpread = index.topologyKey === undefined;
      if (!(isSpread && pod.terminating === true)) at(index, index.spokenOf, node)?.add(pod.key);
    }
    for (const term of pod.antiAffinity) {
      const index = this.of(term.topologyKey, term);
      at(index, index.holders, node)?.add(pod.key);
    }
  }

  remove(pod: Occupant, node: Place): void {
    for (const index of this.speakingOf(pod)) at(index, index.spokenOf, node)?.delete(pod.key);
    for (const term of pod.antiAffinity) {
      const index = this.of(term.topologyKey, term);
      at(index, index.holders, node)?.delete(pod.key);
    }
  }
}

/** The value of a node for a term; undefined where it has none. */
export function placeOf({ topologyKey }: IndexedTerm, node: Place): string | undefined {
  return topologyKey === undefined ? node.name : node.labels[topologyKey];
}

/** Pods of a place that a term speaks of, or that hold it. */
export function podsAt(index: IndexedTerm, of: 'spokenOf' | 'holders', node: Place): ReadonlySet<string> {
  const place = placeOf(index, node);
  return (place === undefined ? undefined : index[of].get(place)) ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();

function at(index: IndexedTerm, pods: ByPlace, node: Place): Set<string> | undefined {
  const place = placeOf(index, node);
  if (place === undefined) return undefined;
  let here = pods.get(place);
  if (here === undefined) {
    here = new Set();
    pods.set(place, here);
  }
  return here;
}
