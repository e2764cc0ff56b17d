import type { Facts } from './facts.ts';
import type { PodFacts } from './pod-facts.ts';
import { NOTHING, plus, type Resources } from './resources.ts';

/** What runs on a node. */
export interface NodeUsage {
  /** What the scheduler has set aside of it. */
  readonly requests: Resources;
  /** The part of that which pods of one WekaCluster or WekaClient take, by `ownerOf`. */
  readonly byOwner: ReadonlyMap<string, Resources>;
  readonly pods: readonly PodFacts[];
}

export const IDLE: NodeUsage = { requests: NOTHING, byOwner: new Map(), pods: [] };

const known = new WeakMap<Facts, ReadonlyMap<string, NodeUsage>>();

/** What runs on each node, by its name; counted once for all who ask. */
export function nodeUsage(facts: Facts): ReadonlyMap<string, NodeUsage> {
  const found = known.get(facts) ?? count(facts);
  known.set(facts, found);
  return found;
}

function count({ pods }: Facts): ReadonlyMap<string, NodeUsage> {
  const usage = new Map<string, NodeUsage>();
  const running = pods.filter(({ node, ended }) => node !== '' && !ended);
  for (const [node, here] of Map.groupBy(running, (pod) => pod.node)) {
    const byOwner = new Map<string, Resources>();
    let requests = NOTHING;
    for (const pod of here) {
      requests = plus(requests, pod.requests);
      const owner = ownerOf(pod);
      if (owner !== undefined) byOwner.set(owner, plus(byOwner.get(owner) ?? NOTHING, pod.requests));
    }
    usage.set(node, { requests, byOwner, pods: here });
  }
  return usage;
}

/** The manifest of WEKA that a pod is of, by the labels that the operator and we put on it; undefined for others. */
export function ownerOf({ namespace, labels }: PodFacts): string | undefined {
  const client = labels['weka.io/client-name'];
  if (client) return ownerKey('WekaClient', namespace, client);
  const cluster = labels['weka.io/cluster-name'];
  return cluster ? ownerKey('WekaCluster', namespace, cluster) : undefined;
}

export function ownerKey(
  kind: 'WekaCluster' | 'WekaClient' | 'WekaContainer',
  namespace: string,
  name: string,
): string {
  return `${kind}/${namespace}/${name}`;
}
