import { isWithin, type Labels, sharedNodes } from './shared-nodes.ts';

/**
 * Finds what may stand on the same nodes by the labels that it asks for: comparing each with each would take minutes for
 * thousands of manifests.
 */
export class NodeIndex<Item> {
  readonly #all: readonly Entry<Item>[];
  /** Those that ask for a label, by each label with its value. */
  readonly #holding = new Map<string, Entry<Item>[]>();
  /** Each under the rarest of what it asks for, as nothing that lacks this holds all of it. */
  readonly #byRarest = new Map<string, Entry<Item>[]>();

  constructor(items: readonly Item[], labelsOf: (item: Item) => Labels) {
    this.#all = items.map((item, order) => {
      const labels = labelsOf(item);
      return { item, order, labels, pairs: pairsOf(labels) };
    });
    for (const entry of this.#all) for (const pair of entry.pairs) append(this.#holding, pair, entry);
    for (const entry of this.#all) {
      append(this.#byRarest, this.#rarest(entry.pairs) ?? EVERYWHERE, entry);
    }
  }

  /** Those whose nodes are among these, or the other way round, as `sharedNodes` has it; in their order. */
  *sharing(labels: Labels): Iterable<Item> {
    const pairs = pairsOf(labels);
    const rarest = this.#rarest(pairs);
    const lists =
      rarest === undefined
        ? [this.#all]
        : [
            this.#holding.get(rarest) ?? [],
            ...[EVERYWHERE, ...pairs].map((pair) => this.#byRarest.get(pair) ?? []),
          ];
    for (const entry of inOrder(lists)) {
      if (sharedNodes(entry.labels, labels) !== undefined) yield entry.item;
    }
  }

  /** Those that have all of these labels; in their order. */
  *within(labels: Labels): Iterable<Item> {
    const rarest = this.#rarest(pairsOf(labels));
    const entries = rarest === undefined ? this.#all : (this.#holding.get(rarest) ?? []);
    for (const entry of entries) {
      if (isWithin(labels, entry.labels)) yield entry.item;
    }
  }

  /** Whether any has all of these labels. */
  has(labels: Labels): boolean {
    return this.within(labels)[Symbol.iterator]().next().done !== true;
  }

  #rarest(pairs: readonly string[]): string | undefined {
    let rarest: string | undefined;
    let fewest = Infinity;
    for (const pair of pairs) {
      const count = this.#holding.get(pair)?.length ?? 0;
      if (count < fewest) [rarest, fewest] = [pair, count];
    }
    return rarest;
  }
}

interface Entry<Item> {
  readonly item: Item;
  readonly order: number;
  readonly labels: Labels;
  readonly pairs: readonly string[];
}

/** Stands for no label at all. */
const EVERYWHERE = '';

function pairsOf(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([label, value]) => `${label}=${value}`);
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The entries of sorted lists as one, each once; no more of them is read than is asked for. */
function* inOrder<Item>(lists: readonly (readonly Entry<Item>[])[]): Iterable<Entry<Item>> {
  const heads = lists.filter((list) => list.length > 0).map((list) => ({ list, at: 0 }));
  while (true) {
    let next: Entry<Item> | undefined;
    for (const { list, at } of heads) {
      const entry = list[at];
      if (entry !== undefined && (next === undefined || entry.order < next.order)) next = entry;
    }
    if (next === undefined) return;
    for (const head of heads) if (head.list[head.at] === next) head.at += 1;
    yield next;
  }
}
