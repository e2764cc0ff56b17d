import { type Role, ROLE_WORDS } from '../cluster/roles.ts';
import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { NodeIndex } from '../node-index.ts';
import { describeNodes, hostedRoles, isWithin, type Labels, sharedNodes } from '../shared-nodes.ts';
import { describeReference } from './target-of.ts';

/** Clusters that a message names before it only counts them. */
const MOST = 3;

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
      const shared = [...hosts.sharing(own)];
      const [first, ...more] = shared.map(({ labels }) => sharedNodes(own, labels) ?? {});
      if (first === undefined) continue;
      // Nodes that are not the same for all of them are called by what the clients ask for.
      const nodes = more.every((each) => isWithin(each, first) && isWithin(first, each)) ? first : own;
      const clusters = Map.groupBy(shared, (host) => host.spec);
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `${describeNodes(nodes)} are chosen for these clients, and ${nodes === first ? 'for' : 'some of them for'} ${described(clusters)}.`,
        hint: 'Ask in nodeSelector for a label that nodes of backends do not have.',
      };
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

/** The first few, by their roles: a repository may have any number of clusters. */
function described(clusters: ReadonlyMap<Host['spec'], readonly Host[]>): string {
  const named = [...clusters].slice(0, MOST).map(([{ cluster, source }, hosts]) => {
    const roles = listed(hosts.map(({ role }) => ROLE_WORDS[role]));
    return `${roles} containers of cluster ${describeReference(cluster.metadata)} (${source})`;
  });
  const more = clusters.size - named.length;
  return more > 0 ? `${named.join(', ')}, and of ${more} more` : named.join(', and for ');
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
