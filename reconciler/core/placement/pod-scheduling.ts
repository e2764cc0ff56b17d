import { podAffinity } from '../desired/node-affinity.ts';
import type { Resources } from '../facts/resources.ts';
import type { Labels } from './label-selector.ts';
import type { PodTerm } from './pod-term.ts';
import type { Shape, Spread } from './wanted.ts';

/** What of a pod the scheduler looks at. */
export interface PodScheduling {
  readonly labels: Labels;
  readonly affinity: object;
  readonly tolerations: readonly object[];
  readonly topologySpreadConstraints: readonly object[];
  /** Requests of its containers together, by Kubernetes' names. */
  readonly requests: Readonly<Record<string, string>>;
}

/**
 * A shape as a pod has it, so that the scheduler is asked for just what placement has reckoned with. Without a hostname
 * it has the same choice that placement had. With one the pod is pinned to that node, which still has to have the room,
 * the labels, no taint and nobody who must not be near; but how places compare and which pods are near was asked when the
 * node was chosen. To ask again would make it depend on the order in which pods come, count places on the pinned node
 * alone, and keep a container that returns from its node when others have moved since.
 */
export function podScheduling(
  shape: Shape,
  { hyperThreading, hostname }: { readonly hyperThreading: boolean; readonly hostname?: string },
): PodScheduling {
  const { labels, nodeSelector, nodeTerms, affinity, antiAffinity, requests, tolerations, spread } = shape;
  const isPinned = hostname !== undefined;
  const asked = {
    ...(nodeTerms.length > 0 && { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: nodeTerms } } }),
    ...(!isPinned && affinity.length > 0 && { podAffinity: { [REQUIRED]: affinity.map(termOf) } }),
    ...(antiAffinity.length > 0 && { podAntiAffinity: { [REQUIRED]: antiAffinity.map(termOf) } }),
  };
  return {
    labels,
    affinity: podAffinity({ nodeSelector, nodeAffinity: hostname, affinity: asked }),
    tolerations,
    topologySpreadConstraints: isPinned ? [] : spread.map(constraintOf),
    requests: quantities(hyperThreading ? requests.threaded : requests.plain),
  };
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function termOf({ topologyKey, selector, namespaces, namespaceSelector }: PodTerm): object {
  return {
    topologyKey,
    ...(selector !== undefined && { labelSelector: selector }),
    ...(namespaces.length > 0 && { namespaces }),
    ...(namespaceSelector !== undefined && { namespaceSelector }),
  };
}

function constraintOf({ topologyKey, maxSkew, minDomains, selector, anyNode, heedsTaints }: Spread): object {
  return {
    topologyKey,
    maxSkew,
    whenUnsatisfiable: 'DoNotSchedule',
    ...(minDomains > 1 && { minDomains }),
    ...(selector !== undefined && { labelSelector: selector }),
    ...(anyNode && { nodeAffinityPolicy: 'Ignore' }),
    ...(heedsTaints && { nodeTaintsPolicy: 'Honor' }),
  };
}

function quantities(amount: Resources): Readonly<Record<string, string>> {
  const all = {
    cpu: [amount.cpuMillis, 'm'],
    memory: [amount.memoryBytes, ''],
    'hugepages-2Mi': [amount.hugePages2MiBytes, ''],
    'hugepages-1Gi': [amount.hugePages1GiBytes, ''],
    'ephemeral-storage': [amount.ephemeralBytes, ''],
    'weka.io/drives': [amount.drives, ''],
    'weka.io/shared-drives-capacity': [amount.tlcGiB, ''],
    'weka.io/shared-drives-capacity-qlc': [amount.qlcGiB, ''],
  } as const;
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, [value, unit]]) => (value > 0 ? [[name, `${value}${unit}`]] : [])),
  );
}
