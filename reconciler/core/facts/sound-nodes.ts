import { HOSTNAME } from '../kube/hostname.ts';
import type { Facts } from './facts.ts';
import type { NodeFacts } from './node-facts.ts';
import type { PodFacts } from './pod-facts.ts';
import { type Resources, resources, resourceWords } from './resources.ts';

/** More of anything than a machine has: a thousand times the largest of today. */
const MOST: Resources = {
  cpuMillis: 1e9,
  memoryBytes: 2 ** 56,
  hugePages2MiBytes: 2 ** 56,
  hugePages1GiBytes: 2 ** 56,
  ephemeralBytes: 2 ** 60,
  drives: 10_000,
  tlcGiB: 2 ** 40,
  qlcGiB: 2 ** 40,
};

/**
 * Nodes as placement may go by them: one that says of itself what cannot be, or that cannot be told from another one by
 * its hostname, by which pods are pinned, takes no pods for that reason.
 */
export function soundNodes(nodes: readonly NodeFacts[]): readonly NodeFacts[] {
  const byHostname = Map.groupBy(nodes, ({ labels }) => labels[HOSTNAME]);
  return nodes.map((node) => {
    const hostname = node.labels[HOSTNAME];
    const other = byHostname.get(hostname)?.find(({ name }) => name !== node.name);
    if (hostname !== undefined && other !== undefined) {
      const obstacle = `has the hostname label ${hostname}, which ${other.name} has too`;
      return { ...node, obstacle, hasTwin: true };
    }
    const absurd = absurdity(node);
    return absurd === undefined ? node : { ...node, obstacle: `says that it has ${absurd}, which cannot be` };
  });
}

/** What it says that it has, and no node can have: `minus 4 cores`. */
export function absurdity({
  allocatable,
  maxPods = 0,
}: Pick<NodeFacts, 'allocatable' | 'maxPods'>): string | undefined {
  const isSound = (name: keyof Resources) => allocatable[name] >= 0 && allocatable[name] <= MOST[name];
  const wrong = resources((name) => (isSound(name) ? 0 : Math.abs(allocatable[name])));
  const [first] = (Object.keys(wrong) as (keyof Resources)[]).filter((name) => !isSound(name));
  if (first !== undefined) {
    const words = resourceWords(resources((name) => (name === first ? wrong[name] : 0)));
    return allocatable[first] < 0 ? `minus ${words}` : words;
  }
  return maxPods < 0 || maxPods > 1_000_000 ? `room for ${maxPods} pods` : undefined;
}

/** Where facts speak against themselves, so that nothing can be concluded from them; undefined where they do not. */
export function contradiction({ nodes, pods }: Pick<Facts, 'nodes' | 'pods'>): string | undefined {
  const node = twice(nodes, ({ name }) => name);
  if (node !== undefined) return `there are two nodes ${node}`;
  const pod = twice(pods, podName);
  if (pod !== undefined) return `there are two pods ${pod}`;
  const owing = pods.find(asksForLess);
  return owing === undefined ? undefined : `the pod ${podName(owing)} asks for less than nothing`;
}

/** Pods that are said to run on nodes that are not there: `pods on nodes that are gone count nowhere: weka/a on node-z`. */
export function strayPodsWords({ nodes, pods }: Pick<Facts, 'nodes' | 'pods'>): string | undefined {
  const there = new Set(nodes.map(({ name }) => name));
  const strays = pods
    .filter(({ node, ended }) => node !== '' && !ended && !there.has(node))
    .map((pod) => `${podName(pod)} on ${pod.node}`)
    .toSorted();
  if (strays.length === 0) return undefined;
  const more = strays.length > 3 ? `, and ${strays.length - 3} more` : '';
  return `pods on nodes that are gone count nowhere: ${strays.slice(0, 3).join(', ')}${more}`;
}

export function asksForLess({ requests }: Pick<PodFacts, 'requests'>): boolean {
  return Object.values(requests).some((amount) => !(amount >= 0));
}

function podName({ namespace, name }: PodFacts): string {
  return `${namespace}/${name}`;
}

function twice<Item>(items: readonly Item[], nameOf: (item: Item) => string): string | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    const name = nameOf(item);
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
