import type { SpecOf, SpecRule } from '../spec-rule.ts';
import { NodeIndex } from '../node-index.ts';
import { describeNodes, sharedNodes } from '../shared-nodes.ts';
import { describeReference } from './target-of.ts';

/** Pods of clients exclude each other on a node, across all clusters (weka-operator §2.4). */
export const clientsShareNodes: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A node runs one client, so the pod of the second one stays Pending there.',
  example: {
    wrong:
      'kind: WekaClient\nmetadata: { name: one }\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n---\nkind: WekaClient\nmetadata: { name: two }\nspec:\n  nodeSelector: { example.com/hall: two }\n  joinIpPorts: ["10.0.0.12:14000"]',
    right:
      'kind: WekaClient\nmetadata: { name: one }\nspec:\n  nodeSelector: { example.com/hall: one }\n  joinIpPorts: ["10.0.0.11:14000"]\n---\nkind: WekaClient\nmetadata: { name: two }\nspec:\n  nodeSelector: { example.com/hall: two }\n  joinIpPorts: ["10.0.0.12:14000"]',
  },
  *check({ clients }) {
    const all = new NodeIndex(clients, labelsOf);
    const unwilling = new NodeIndex(
      clients.filter((spec) => !mayShare(spec)),
      labelsOf,
    );
    const earlier = new Set<SpecOf<'WekaClient'>>();
    for (const spec of clients) {
      const [first] = (mayShare(spec) ? unwilling : all).sharing(labelsOf(spec));
      const isEarlier = first !== undefined && earlier.has(first);
      earlier.add(spec);
      if (!isEarlier) continue;
      const nodes = sharedNodes(labelsOf(first), labelsOf(spec)) ?? {};
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `${describeNodes(nodes)} are chosen for these clients, and for those of ${describeReference(first.client.metadata)} (${first.source}); a node runs one client.`,
        hint: 'Ask in both for the same label with different values.',
      };
    }
  },
};

function mayShare({ client }: SpecOf<'WekaClient'>): boolean {
  return client.spec.overrides?.dropAffinityConstraints === true;
}

function labelsOf({ client }: SpecOf<'WekaClient'>): Readonly<Record<string, string>> {
  return client.spec.nodeSelector ?? {};
}
