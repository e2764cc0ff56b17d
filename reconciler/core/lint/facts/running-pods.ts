import type { Facts } from '../../facts/facts.ts';
import { ownerKey, ownerOf } from '../../facts/node-usage.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';

type Owner = { readonly namespace: string; readonly name: string };

/** Finds the pods of WEKA that have not ended, by the manifest that they are of. */
export function runningPods({
  pods,
}: Pick<Facts, 'pods'>): (kind: 'WekaCluster' | 'WekaClient', owner: Owner) => readonly PodFacts[] {
  const byOwner = Map.groupBy(
    pods.filter(({ ended }) => !ended),
    ownerOf,
  );
  return (kind, { namespace, name }) => byOwner.get(ownerKey(kind, namespace, name)) ?? [];
}
