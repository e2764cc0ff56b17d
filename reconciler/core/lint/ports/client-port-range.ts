import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { DEFAULT_RANGE } from './cluster-ports.ts';
import { ClaimIndex } from './claim-index.ts';
import { clusterClaims, describePorts, distinct, FIRST_CLUSTER_PORT, type PortClaim } from './port-claims.ts';
import { hostedRoles } from '../shared-nodes.ts';
import { describeReference } from '../client/target-of.ts';

const HIGHEST_PORT = 65_535;

/** Clients take the first free ports of their range, by default from 45000 on (weka-operator §2.5). */
export const clientPortRange: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A client that starts first takes ports that a container of the cluster will want.',
  example: {
    wrong:
      'kind: WekaCluster\nspec:\n  ports: { basePort: 46000 }\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  targetCluster: { name: demo, namespace: weka }',
    right:
      'kind: WekaCluster\nspec:\n  ports: { basePort: 36000 }\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  targetCluster: { name: demo, namespace: weka }',
  },
  *check({ clusters, clients }) {
    const taken = new ClaimIndex(clusters.flatMap(rangesOf));
    for (const spec of clients) {
      const { port, agentPort, portRange, nodeSelector = {} } = spec.client.spec;
      if (port > 0 && agentPort > 0) continue;
      const first = portRange?.basePort ?? 45_000;
      const count = portRange?.portRange ?? 0;
      const last = count === 0 ? HIGHEST_PORT : first + count - 1;
      const other = taken.first({ spec, first, last, nodes: [nodeSelector], isExclusive: true });
      if (other === undefined) continue;
      yield {
        spec,
        path: ['spec', 'portRange', 'basePort'],
        message: `Clients take free ${describePorts({ first, last })}, and ${other.owner} (${other.spec.source}) has ${describePorts(other)} on the same nodes.`,
        hint: 'Set portRange to ports that no cluster has, or move basePort of the cluster.',
      };
    }
  },
};

/** The range of a cluster, named or chosen. */
function rangesOf(spec: SpecOf<'WekaCluster'>): readonly Omit<PortClaim, 'path'>[] {
  const named = clusterClaims(spec).filter(({ path }) => path.at(-1) === 'basePort');
  if (named.length > 0) return named;
  return [
    {
      spec,
      first: FIRST_CLUSTER_PORT,
      last: FIRST_CLUSTER_PORT + DEFAULT_RANGE - 1,
      owner: `cluster ${describeReference(spec.cluster.metadata)}`,
      nodes: distinct(hostedRoles(spec.cluster.spec).map(({ labels }) => labels)),
      isExclusive: false,
    },
  ];
}
