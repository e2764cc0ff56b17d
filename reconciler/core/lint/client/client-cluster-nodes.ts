import type { Role } from '../cluster/roles.ts';
import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { NodeIndex } from '../node-index.ts';
import { describeNodes, hostedRoles, type Labels, sharedNodes } from '../shared-nodes.ts';
import { describeReference } from './target-of.ts';

/** The vendor's plugin warns of it: cluster_client_node_conflict (weka-operator §6.5). */
export const clientClusterNodes: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Clients take cores, huge pages and ports from backends on the same node, and exclude its S3 and NFS containers.',
  example: {
    wrong:
      'kind: WekaCluster\nspec:\n  nodeSelector: { weka.io/supports-backends: "true" }\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  targetCluster: { name: demo, namespace: weka }',
    right:
      'kind: WekaCluster\nspec:\n  nodeSelector: { weka.io/supports-backends: "true" }\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  nodeSelector: { weka.io/supports-clients: "true" }\n  targetCluster: { name: demo, namespace: weka }',
  },
  *check({ clients, clusters }) {
    const hosts = new NodeIndex(clusters.flatMap(hostsOf), ({ labels }) => labels);
    for (const spec of clients) {
      const own = spec.client.spec.nodeSelector ?? {};
      for (const [cluster, roles] of Map.groupBy(hosts.sharing(own), (host) => host.spec)) {
        const shared = roles.map(({ role, labels }) => ({ role, nodes: sharedNodes(own, labels) ?? {} }));
        const widest = shared.map(({ nodes }) => nodes).reduce(wider);
        yield {
          spec,
          path: ['spec', 'nodeSelector'],
          message: `${describeNodes(widest)} are chosen for these clients, and for ${listed(shared.map(({ role }) => role))} containers of cluster ${describeReference(cluster.cluster.metadata)} (${cluster.source}).`,
          hint: 'Ask in nodeSelector for a label that nodes of backends do not have.',
        };
      }
    }
  },
};

interface Host {
  readonly spec: SpecOf<'WekaCluster'>;
  readonly role: Role;
  readonly labels: Labels;
}

function hostsOf(spec: SpecOf<'WekaCluster'>): readonly Host[] {
  return hostedRoles(spec.cluster.spec).map(({ role, labels }) => ({ spec, role, labels }));
}

function wider(one: Labels, other: Labels): Labels {
  return Object.keys(other).length < Object.keys(one).length ? other : one;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
