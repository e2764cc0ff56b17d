import { ownerOf } from '../../facts/node-usage.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { type Wanted, wantedKey, type Wants } from '../../placement/wanted.ts';

/**
 * Pods with those of a manifest in the places of containers that it asks for, whatever they are called: the operator
 * names them otherwise than we do. What there is of a manifest beyond that is left out, since it goes.
 */
export function podsAsWanted(pods: readonly PodFacts[], { containers }: Wants): readonly PodFacts[] {
  const named = new Set(containers.flatMap((each) => [each, ...each.companions]).map(wantedKey));
  const owners = new Set(containers.map(({ shape }) => shape.owner));
  const isNamed = (pod: PodFacts) => named.has(wantedKey(pod));
  const isOther = (pod: PodFacts) => !isNamed(pod) && owners.has(ownerOf(pod) ?? '');
  const kept = pods.filter((pod) => !isOther(pod));
  const others = pods.filter((pod) => isOther(pod) && !pod.ended && pod.node !== '');
  if (others.length === 0) return kept;

  const nodes = new Map(kept.filter(isNamed).map((pod) => [wantedKey(pod), pod.node]));
  const hosts = inPlaceOf(others, containers, nodes);
  for (const pod of hosts) nodes.set(wantedKey(pod), pod.node);
  const beside = containers.flatMap((host) => {
    const node = nodes.get(wantedKey(host));
    return node === undefined ? [] : host.companions.map((each) => ({ ...each, node }));
  });
  return [...kept, ...hosts, ...inPlaceOf(others, beside, nodes)];
}

/** Each pod as the first container of its manifest and mode that has no pod yet, and may be on its node. */
function inPlaceOf(
  pods: readonly PodFacts[],
  wanted: readonly Wanted[],
  taken: ReadonlyMap<string, string>,
): readonly PodFacts[] {
  const open = Map.groupBy(
    wanted.filter((each) => !taken.has(wantedKey(each))),
    ({ shape, node }) => placeKey(shape.owner, shape.mode, node),
  );
  return pods.flatMap((pod) => {
    const owner = ownerOf(pod) ?? '';
    const mode = pod.labels['weka.io/mode'] ?? '';
    const free = open.get(placeKey(owner, mode, pod.node)) ?? open.get(placeKey(owner, mode, undefined));
    const place = free?.shift();
    return place === undefined ? [] : [{ ...pod, namespace: place.namespace, name: place.name }];
  });
}

function placeKey(owner: string, mode: string, node: string | undefined): string {
  return JSON.stringify([owner, mode, node ?? null]);
}
