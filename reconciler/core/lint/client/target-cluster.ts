import type { SpecRule } from '../spec-rule.ts';
import { targetOf } from './target-of.ts';
import { unknownCluster } from './unknown-cluster.ts';

const TARGET = ['spec', 'targetCluster'] as const;

/** An admission policy of the operator: client_target_cluster_exists (weka-operator §2.8). */
export const targetCluster: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Clients of a cluster that nobody knows find no addresses to join, and wait for ever.',
  example: {
    wrong:
      'kind: WekaCluster\nspec: {}\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  targetCluster: { name: dmeo, namespace: weka }',
    right:
      'kind: WekaCluster\nspec: {}\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  targetCluster: { name: demo, namespace: weka }',
  },
  *check(set) {
    for (const spec of set.clients) {
      const target = targetOf(spec.client.spec);
      const problem = target && unknownCluster(set, target);
      if (problem !== undefined) {
        yield { spec, path: [...TARGET, 'name'], beside: [[...TARGET, 'namespace']], ...problem };
      }
    }
  },
};
