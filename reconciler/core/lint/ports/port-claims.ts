import { DEFAULT_RANGE, SINGLE_PORTS } from './cluster-ports.ts';
import { hostedRoles, isWithin, type Labels } from '../shared-nodes.ts';
import { describeReference } from '../client/target-of.ts';
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
  /** Whether they are of S3 or of clients, whose pods share no node with those of any other manifest (weka-operator §2.4). */
  readonly isExclusive: boolean;
}

/** Ports of S3 and of the proxy before it, which goes where S3 goes. */
const S3_PORTS: ReadonlySet<string> = new Set(['s3Port', 'lbPort', 'lbAdminPort']);

/** The ports that a cluster names, and that something of it listens on. */
export function clusterClaims(spec: SpecOf<'WekaCluster'>): readonly PortClaim[] {
  const { metadata, spec: cluster } = spec.cluster;
  const owner = `cluster ${describeReference(metadata)}`;
  const hosts = hostedRoles(cluster);
  const all = distinct(hosts.map(({ labels }) => labels));
  const ofS3 = hosts.flatMap(({ role, labels }) => (role === 's3' ? [labels] : []));
  const { basePort, portRange } = cluster.ports ?? {};
  const claims: PortClaim[] = [];
  if (basePort) {
    const path = ['spec', 'ports', 'basePort'];
    const last = basePort + (portRange || DEFAULT_RANGE) - 1;
    claims.push({ spec, path, first: basePort, last, owner, nodes: all, isExclusive: false });
  }
  for (const field of SINGLE_PORTS) {
    const port = cluster.ports?.[field];
    const isExclusive = S3_PORTS.has(field);
    const nodes = isExclusive ? ofS3 : all;
    if (!port || nodes.length === 0) continue;
    claims.push({ spec, path: ['spec', 'ports', field], first: port, last: port, owner, nodes, isExclusive });
  }
  return claims;
}

/** Selectors, those that are alike only once. */
export function distinct(selectors: readonly Labels[]): readonly Labels[] {
  return selectors.filter(
    (one, index) => !selectors.slice(0, index).some((other) => isWithin(one, other) && isWithin(other, one)),
  );
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
    .map(({ field, first, last }) => ({
      spec,
      path: ['spec', field],
      first,
      last,
      owner,
      nodes,
      isExclusive: true,
    }));
}

/** `port 443`, or `ports 35000 to 35499`. */
export function describePorts({ first, last }: Pick<PortClaim, 'first' | 'last'>): string {
  return first === last ? `port ${first}` : `ports ${first} to ${last}`;
}
