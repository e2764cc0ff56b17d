import type { SpecRule } from '../spec-rule.ts';
import { describeNodes, hostedRoles, type Labels, sharedNodes } from './shared-nodes.ts';
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
    const hosts = clusters.map((spec) => ({ spec, roles: hostedRoles(spec.cluster.spec) }));
    for (const spec of clients) {
      const own = spec.client.spec.nodeSelector ?? {};
      for (const { spec: cluster, roles } of hosts) {
        const shared = roles.flatMap(({ role, labels }) => {
          const nodes = sharedNodes(own, labels);
          return nodes === undefined ? [] : [{ role, nodes }];
        });
        if (shared.length === 0) continue;
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

function wider(one: Labels, other: Labels): Labels {
  return Object.keys(other).length < Object.keys(one).length ? other : one;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
