import type { SpecRule } from '../spec-rule.ts';
import { describeReference, targetOf } from './target-of.ts';

/** Exactly one of both is meant (weka-operator §1.4); the operator would silently take targetCluster. */
export const clientTarget: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A client joins one cluster: one that is named, or one that is found by its addresses.',
  example: {
    wrong: 'kind: WekaClient\nspec:\n  coresNum: 1',
    right: 'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]',
  },
  *check({ clients }) {
    for (const spec of clients) {
      const { joinIpPorts = [] } = spec.client.spec;
      const target = targetOf(spec.client.spec);
      if (target === undefined && joinIpPorts.length === 0) {
        yield {
          spec,
          path: ['spec'],
          at: 'name',
          message: 'The manifest names no cluster that its clients join.',
          hint: 'Set targetCluster, or joinIpPorts for a cluster outside this Kubernetes.',
        };
      } else if (target !== undefined && joinIpPorts.length > 0) {
        yield {
          spec,
          path: ['spec', 'joinIpPorts'],
          at: 'name',
          beside: [['spec', 'targetCluster']],
          message: `Clients join cluster ${describeReference(target)}, or the one at ${joinIpPorts[0]}, but never both.`,
          hint: 'Remove joinIpPorts or targetCluster.',
        };
      }
    }
  },
};
