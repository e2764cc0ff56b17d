import { clientSizingOf } from '../../../schemas/weka/sizing.ts';
import type { WekaClient } from '../../../schemas/weka-client.ts';
import { hasLabels, wekaTolerations } from '../facts/node-match.ts';
import { ownerKey } from '../facts/node-usage.ts';
import { sha256Hex } from '../kube/hash.ts';
import type { Holding } from './allocation.ts';
import { sameHost } from './host-rules.ts';
import type { PlacementNode } from './input.ts';
import { clientRequests } from './requests.ts';
import type { Shape, Wanted, Wants } from './wanted.ts';

/** What is known of clients besides their manifest. */
export interface ClientOptions {
  readonly allowMultipleProtocolsPerNode?: boolean;
  /** Whether a client goes when its node stops having the labels; it stays otherwise (weka-operator §2.7). */
  readonly cleanupOnSelectorMismatch?: boolean;
}

/** A client for each node that has the labels, and for each that has one already. */
export function wantClient(
  manifest: WekaClient,
  nodes: readonly PlacementNode[],
  holdings: readonly Holding[],
  options: ClientOptions = {},
): Wants {
  const { metadata, spec } = manifest;
  const shape = clientShape(manifest, options);
  const stays =
    options.cleanupOnSelectorMismatch === true
      ? new Set<string>()
      : new Set(holdings.flatMap(({ owner, node }) => (owner === shape.owner ? [node] : [])));
  const containers = nodes
    .filter((node) => hasLabels(node, spec.nodeSelector ?? {}) || stays.has(node.name))
    .map((node): Wanted => {
      const name = clientName(metadata.name, node);
      return { namespace: metadata.namespace, name, shape, node: node.name, companions: [] };
    });
  return { containers, ranges: [] };
}

/** `<client>-<node>`, with something shorter for the node where that has more than 63 characters (weka-operator §2.7). */
function clientName(client: string, { name, uid }: Pick<PlacementNode, 'name' | 'uid'>): string {
  const full = `${client}-${name}`;
  return full.length <= 63 ? full : `${client}-${uid ?? sha256Hex(name).slice(0, 32)}`;
}

/** What each container of a client asks of its node. */
export function clientShape({ metadata, spec }: WekaClient, options: ClientOptions = {}): Shape {
  const { namespace, name } = metadata;
  const { cores, hugepagesMiB } = clientSizingOf(spec);
  const { extraCores, cpuPolicy: policy, port, agentPort, portRange } = spec;
  const { basePort: first = 45_000, portRange: count = 0 } = portRange ?? {};
  const labels = { app: 'weka', 'weka.io/mode': 'client', 'weka.io/client-name': name };
  const alone =
    spec.overrides?.dropAffinityConstraints !== true && options.allowMultipleProtocolsPerNode !== true;
  return {
    key: `${ownerKey('WekaClient', namespace, name)} client`,
    owner: ownerKey('WekaClient', namespace, name),
    namespace,
    mode: 'client',
    labels,
    requests: clientRequests({ cores, extraCores, policy }, { ...spec, hugepagesMiB }),
    companions: [],
    // Its node is named, and one whose labels have changed keeps it.
    nodeSelector: {},
    nodeTerms: [],
    tolerations: wekaTolerations(spec, 'client'),
    affinity: [],
    antiAffinity: alone ? [sameHost('protocols')] : [],
    spread: [],
    softSpread: [],
    failureDomain: [],
    drives: undefined,
    sharesDrives: false,
    ports: {
      kind: 'own',
      port,
      agentPort,
      first,
      last: count === 0 ? 65_535 : Math.min(65_535, first + count - 1),
    },
    cores: { data: cores, extra: extraCores, ids: policy === 'manual' ? (spec.coreIds ?? []) : [] },
  };
}
