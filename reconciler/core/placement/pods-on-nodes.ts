import type { PodFacts } from '../facts/pod-facts.ts';
import type { Holding } from './allocation.ts';
import { podTerms } from './pod-term.ts';
import { claimPorts, type Seating } from './seating.ts';

/** Makes the terms of all pods known, which has to be before any of them is added. */
export function announcePods(pods: readonly PodFacts[], seating: Seating): void {
  for (const pod of pods) {
    if (pod.affinity === undefined) continue;
    for (const term of podTerms(pod.affinity, 'podAntiAffinity', pod))
      seating.index.of(term.topologyKey, term);
  }
}

/** Puts pods that run, and are not those of containers that stay, on their nodes: what they take is gone. */
export function addPods(
  pods: readonly PodFacts[],
  isKept: (key: string, node: string) => boolean,
  seating: Seating,
): void {
  for (const pod of pods) {
    const { namespace, name, labels, requests, hostPorts, affinity, terminating = false } = pod;
    const node = seating.byName.get(pod.node);
    const key = `${namespace}/${name}`;
    if (node === undefined || pod.ended || isKept(key, pod.node)) continue;
    node.take(requests, 1);
    for (const port of hostPorts) node.ports.push({ first: port, last: port, by: key });
    const mode = labels['weka.io/mode'];
    if (mode !== undefined) node.load += 1;
    if (mode === 'ssdproxy') node.proxyUsers += 1;
    const antiAffinity = affinity === undefined ? [] : podTerms(affinity, 'podAntiAffinity', pod);
    seating.index.add({ key, namespace, labels, antiAffinity, terminating }, node);
  }
}

/**
 * What containers hold that are wanted no more, or elsewhere: it is theirs until they are gone. Drives of a pod that
 * does not say which they are make all drives of its node unsafe to give away.
 */
export function addLeaving(
  holdings: readonly Holding[],
  pods: readonly PodFacts[],
  isKept: (key: string, node: string) => boolean,
  seating: Seating,
): void {
  const named = new Set<string>();
  for (const { namespace, name, node: nodeName, allocation, returns = false } of holdings) {
    if (returns) continue;
    const key = `${namespace}/${name}`;
    const node = seating.byName.get(nodeName);
    if (allocation !== undefined) named.add(`${key} ${nodeName}`);
    if (node === undefined || allocation === undefined || isKept(key, nodeName)) continue;
    for (const serial of allocation.drives)
      if (!node.driveOwners.has(serial)) node.driveOwners.set(serial, key);
    claimPorts(node, key, allocation.ports);
  }
  for (const { namespace, name, node: nodeName, requests, ended } of pods) {
    const key = `${namespace}/${name}`;
    if (ended || requests.drives === 0 || named.has(`${key} ${nodeName}`)) continue;
    const node = seating.byName.get(nodeName);
    if (node !== undefined) node.unnamedDrives ??= key;
  }
}

/** Pods that run, by their names. */
export function runningPods(pods: readonly PodFacts[]): ReadonlyMap<string, PodFacts> {
  const running = pods.filter(({ node, ended }) => node !== '' && !ended);
  return new Map(running.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
}
