import { DEFAULT_RANGE, SINGLE_PORTS } from '../cluster/cluster-ports.ts';
import { type Labels, hostedRoles } from './shared-nodes.ts';
import { describeReference } from './target-of.ts';
import type { SpecOf } from '../spec-rule.ts';

/** Where the ranges of clusters begin that name no port (weka-operator §2.5). */
export const FIRST_CLUSTER_PORT = 35_000;
/** Ports of one client, besides that of its agent. */
export const CLIENT_PORTS = 100;

/** Ports that a manifest asks for by number, on the nodes that any of its selectors chooses. */
export interface PortClaim {
  readonly spec: SpecOf<'WekaCluster'> | SpecOf<'WekaClient'>;
  readonly path: readonly string[];
  readonly first: number;
  readonly last: number;
  /** Whose they are. */
  readonly owner: string;
  readonly nodes: readonly Labels[];
}

/** The ports that a cluster names. */
export function clusterClaims(spec: SpecOf<'WekaCluster'>): readonly PortClaim[] {
  const { metadata, spec: cluster } = spec.cluster;
  const owner = `cluster ${describeReference(metadata)}`;
  const nodes = hostedRoles(cluster).map(({ labels }) => labels);
  const { basePort, portRange } = cluster.ports ?? {};
  const claims: PortClaim[] = [];
  if (basePort) {
    const last = basePort + (portRange || DEFAULT_RANGE) - 1;
    claims.push({ spec, path: ['spec', 'ports', 'basePort'], first: basePort, last, owner, nodes });
  }
  for (const field of SINGLE_PORTS) {
    const port = cluster.ports?.[field];
    if (!port) continue;
    claims.push({ spec, path: ['spec', 'ports', field], first: port, last: port, owner, nodes });
  }
  return claims;
}

/** The ports that clients name. */
export function clientClaims(spec: SpecOf<'WekaClient'>): readonly PortClaim[] {
  const { metadata, spec: client } = spec.client;
  const owner = `clients ${describeReference(metadata)}`;
  const nodes = [client.nodeSelector ?? {}];
  const { port, agentPort } = client;
  const fixed = [
    { field: 'port', first: port, last: port + CLIENT_PORTS - 1 },
    { field: 'agentPort', first: agentPort, last: agentPort },
  ];
  return fixed
    .filter(({ first }) => first > 0)
    .map(({ field, first, last }) => ({ spec, path: ['spec', field], first, last, owner, nodes }));
}

/** `port 443`, or `ports 35000 to 35499`. */
export function describePorts({ first, last }: Pick<PortClaim, 'first' | 'last'>): string {
  return first === last ? `port ${first}` : `ports ${first} to ${last}`;
}
