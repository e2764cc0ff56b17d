import { ownerOf } from '../facts/node-usage.ts';
import { ALLOCATION, type PodFacts } from '../facts/pod-facts.ts';
import { type Holding, parseAllocation } from './allocation.ts';

/**
 * What the containers of WEKA have by what is written on their pods. A pod that waits for its node has the one it was
 * placed on; one that has run elsewhere than that is where it runs, and what it has there is not known.
 */
export function holdingsOf(pods: readonly PodFacts[]): readonly Holding[] {
  return pods.flatMap((pod): readonly Holding[] => {
    if (pod.labels['weka.io/mode'] === undefined) return [];
    const written = parseAllocation(pod.annotations?.[ALLOCATION]);
    const node = pod.node === '' ? written?.node : pod.node;
    if (node === undefined) return [];
    const { namespace, name } = pod;
    const allocation = written?.node === node ? written : undefined;
    return [{ namespace, name, owner: ownerOf(pod), node, allocation }];
  });
}
