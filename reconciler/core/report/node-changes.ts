import type { ChangeOutput, ForecastPassOutput, RiskOutput } from '../../../schemas/output/plan.ts';
import type { OutcomeOutput } from '../../../schemas/output/report.ts';
import type { Obstacle } from '../../../schemas/output/status.ts';
import { type ObjectId, parseObjectId } from '../kube/object.ts';
import { intendedNode } from '../nodes/intended-node.ts';
import { nameWords } from './drivers-words.ts';
import { prose } from './plain.ts';

// Thousands of nodes are asked for the same, and nobody reads the same line as often: what differs in nothing but the node is told
// once, by the names of the first few.

/** The changes with those of nodes that are alike as one, which is called by its nodes. */
export function byNodes(changes: readonly ChangeOutput[]): readonly ChangeOutput[] {
  return joined(changes, ({ node, target }) => node?.name ?? nodeOfObject(target), alike, asOne);
}

/** The same for the writes of a forecast. */
export function writesByNodes(writes: readonly ForecastWrite[]): readonly ForecastWrite[] {
  return joined(
    writes,
    ({ node, target }) => node?.name ?? nodeOf(target),
    ({ op, node, target, restarts }) => JSON.stringify([op, isNode(target), node?.does, restarts]),
    (first, names) => {
      const target = wordsOf(first.target, names);
      return first.node === undefined
        ? { ...first, target }
        : { ...first, target, node: { ...first.node, name: target } };
    },
  );
}

type ForecastWrite = ForecastPassOutput['stages'][number][number];

/** The same for what is in the way of objects, which is told by their ids alone. */
export function obstaclesByNodes(obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return joined(
    obstacles,
    ({ target }) => nodeOf(target),
    ({ target, why }, name) => `${isNode(target)} ${withoutNode(why, name)}`,
    ({ target, why }, names) => ({ target: wordsOf(target, names), why: ofAll(why, names) }),
  );
}

/** The same for writes that failed or were held back. */
export function outcomesByNodes(outcomes: readonly OutcomeOutput[]): readonly OutcomeOutput[] {
  return joined(
    outcomes,
    ({ target }) => nodeOf(target),
    ({ op, target, result, code, why = '', hint }, name) => {
      // What the API server says names the object.
      const words = why.replaceAll(name, '*');
      return JSON.stringify([op, isNode(target), result, code, words, hint]);
    },
    (first, names) => ({ ...first, target: wordsOf(first.target, names) }),
  );
}

/** The node that an object is, or of which it says what is asked; undefined for any other object. */
function nodeOf(target: string): string | undefined {
  return nodeOfIntent(target) ?? nodeOfObject(target);
}

/** The node that an object is: labels of it are told once for all that get the same. */
function nodeOfObject(target: string): string | undefined {
  return isNode(target) ? target.slice(NODE.length) : undefined;
}

const NODE = 'v1/Node/';

function isNode(target: string): boolean {
  return target.startsWith(NODE);
}

/** What objects of nodes that are told as one are called: a Node alone by its id, as any other object. */
function wordsOf(target: string, names: readonly string[]): string {
  return isNode(target) && names.length === 1 ? target : nodesWords(names);
}

/** The node of which an object says what is asked; undefined for any other object. */
export function nodeOfIntent(target: string): string | undefined {
  return target.startsWith('v1/ConfigMap/')
    ? intendedNode(parseObjectId(target as ObjectId).name)
    : undefined;
}

/** `items` with those of the same key as one in place of the first of them; those without a name stay as they are. */
function joined<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string | undefined,
  keyOf: (item: Item, name: string) => string,
  join: (first: Item, names: readonly string[], all: readonly Item[]) => Item,
): readonly Item[] {
  const groups = new Map<string, { readonly names: string[]; readonly all: Item[] }>();
  const order = items.map((item) => {
    const name = nameOf(item);
    if (name === undefined) return item;
    const key = keyOf(item, name);
    const group = groups.get(key);
    if (group === undefined) {
      const made = { names: [name], all: [item] };
      groups.set(key, made);
      return made;
    }
    group.names.push(name);
    group.all.push(item);
    return undefined;
  });
  if (groups.size === 0) return items;
  const made = new Set<unknown>(groups.values());
  return order.flatMap((each) => {
    if (each === undefined) return [];
    if (!made.has(each)) return [each as Item];
    const { names, all } = each as { readonly names: string[]; readonly all: Item[] };
    const [first] = all;
    return first === undefined ? [] : [join(first, names, all)];
  });
}

function alike(change: ChangeOutput, name: string): string {
  const { op, target, node, source, reason = '', flags, risks, approvedBy, fields } = change;
  const paths = node?.does.length === 0 ? fields.map(({ path }) => path) : [];
  const dangers = risks.map(({ name, reason: why }) => [name, why]);
  return JSON.stringify([
    op,
    node?.does,
    source,
    withoutNode(reason, name),
    flags,
    dangers,
    approvedBy,
    isNode(target) ? fields : paths,
  ]);
}

function asOne(first: ChangeOutput, names: readonly string[], all: readonly ChangeOutput[]): ChangeOutput {
  const target = wordsOf(first.target, names);
  const { node, fields } = first;
  return {
    ...first,
    target,
    ...(node !== undefined && {
      node: { ...node, name: target },
      // Its lines say what the node is to do; the field that changes is JSON for its agent.
      fields: node.does.length === 0 && all.length === 1 ? fields : [],
    }),
    ...(first.reason !== undefined && { reason: ofAll(first.reason, names) }),
    risks: first.risks.map((risk) => sharedRisk(risk, names)),
  };
}

function sharedRisk({ evidence, ...risk }: RiskOutput, names: readonly string[]): RiskOutput {
  return evidence === undefined ? risk : { ...risk, evidence: ofAll(evidence, names) };
}

/** A sentence about the first of these nodes as one about all of them. */
function ofAll(words: string, names: readonly string[]): string {
  const [first = ''] = names;
  return names.length === 1 ? words : withoutNode(words, first);
}

function withoutNode(words: string, name: string): string {
  return words.replaceAll(` on ${name}`, '');
}

function nodesWords(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => prose(name, 253));
  return `${names.length === 1 ? 'node' : 'nodes'} ${nameWords({ total: names.length, names: shown })}`;
}
