import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { describeNodes, sharedNodes } from './shared-nodes.ts';
import { describeReference } from './target-of.ts';

/** Pods of clients exclude each other on a node, across all clusters (weka-operator §2.4). */
export const clientsShareNodes: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A node runs one client, so the pod of the second one stays Pending there.',
  example: {
    wrong:
      'kind: WekaClient\nmetadata: { name: one }\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n---\nkind: WekaClient\nmetadata: { name: two }\nspec:\n  nodeSelector: { example.com/hall: two }\n  joinIpPorts: ["10.0.0.12:14000"]',
    right:
      'kind: WekaClient\nmetadata: { name: one }\nspec:\n  nodeSelector: { example.com/hall: one }\n  joinIpPorts: ["10.0.0.11:14000"]\n---\nkind: WekaClient\nmetadata: { name: two }\nspec:\n  nodeSelector: { example.com/hall: two }\n  joinIpPorts: ["10.0.0.12:14000"]',
  },
  *check({ clients }) {
    const earlier = new EarlierClients();
    for (const spec of clients) {
      const first = earlier.candidates(spec).find((other) => exclude(spec, other));
      earlier.add(spec);
      if (first === undefined) continue;
      const nodes = sharedNodes(labelsOf(first), labelsOf(spec)) ?? {};
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `${describeNodes(nodes)} are chosen for these clients, and for those of ${describeReference(first.client.metadata)} (${first.source}); a node runs one client.`,
        hint: 'Ask in both for the same label with different values.',
      };
    }
  },
};

/** The clients that came before, found by their labels: comparing each with each would take minutes for thousands. */
class EarlierClients {
  readonly #all: SpecOf<'WekaClient'>[] = [];
  readonly #byPair = new Map<string, SpecOf<'WekaClient'>[]>();
  readonly #byFirst = new Map<string, SpecOf<'WekaClient'>[]>();

  add(spec: SpecOf<'WekaClient'>): void {
    this.#all.push(spec);
    const pairs = pairsOf(spec);
    append(this.#byFirst, pairs[0] ?? '', spec);
    for (const pair of pairs) append(this.#byPair, pair, spec);
  }

  /** All whose labels may be among those of `spec`, or hold them; in their order. */
  candidates(spec: SpecOf<'WekaClient'>): readonly SpecOf<'WekaClient'>[] {
    const pairs = pairsOf(spec);
    const [first] = pairs;
    if (first === undefined) return this.#all;
    const lists = [this.#byPair.get(first), ...['', ...pairs].map((pair) => this.#byFirst.get(pair))];
    const found = lists.filter((list) => list !== undefined);
    return found.length === 1 ? (found[0] ?? []) : this.#inOrder(new Set(found.flat()));
  }

  #inOrder(found: ReadonlySet<SpecOf<'WekaClient'>>): readonly SpecOf<'WekaClient'>[] {
    return this.#all.length === found.size ? this.#all : this.#all.filter((spec) => found.has(spec));
  }
}

function append(map: Map<string, SpecOf<'WekaClient'>[]>, key: string, spec: SpecOf<'WekaClient'>): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [spec]);
  else list.push(spec);
}

function pairsOf(spec: SpecOf<'WekaClient'>): readonly string[] {
  return Object.entries(labelsOf(spec))
    .map(([label, value]) => `${label}=${value}`)
    .toSorted();
}

function exclude(one: SpecOf<'WekaClient'>, other: SpecOf<'WekaClient'>): boolean {
  return !(mayShare(one) && mayShare(other)) && sharedNodes(labelsOf(one), labelsOf(other)) !== undefined;
}

function mayShare({ client }: SpecOf<'WekaClient'>): boolean {
  return client.spec.overrides?.dropAffinityConstraints === true;
}

function labelsOf({ client }: SpecOf<'WekaClient'>): Readonly<Record<string, string>> {
  return client.spec.nodeSelector ?? {};
}
