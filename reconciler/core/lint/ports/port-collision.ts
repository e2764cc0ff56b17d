import type { SpecRule } from '../spec-rule.ts';
import { ClaimIndex } from './claim-index.ts';
import { clientClaims, clusterClaims, describePorts } from './port-claims.ts';

/** Pods of clusters and clients use the network of their node (weka-operator §2.2, §2.5). */
export const portCollision: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Of two containers on one node that want the same port, one never starts.',
  example: {
    wrong:
      'kind: WekaCluster\nmetadata: { name: one }\nspec:\n  ports: { basePort: 36000 }\n---\nkind: WekaCluster\nmetadata: { name: two }\nspec:\n  ports: { basePort: 36400 }',
    right:
      'kind: WekaCluster\nmetadata: { name: one }\nspec:\n  ports: { basePort: 36000 }\n---\nkind: WekaCluster\nmetadata: { name: two }\nspec:\n  ports: { basePort: 36500 }',
  },
  *check({ clusters, clients }) {
    const taken = clusters.flatMap(clusterClaims);
    const index = new ClaimIndex(taken);
    // Two sorts of clients never share a node, and are told so by a rule of their own.
    for (const claim of [...taken, ...clients.flatMap(clientClaims)]) {
      const other = index.first(claim);
      if (other === undefined) continue;
      yield {
        spec: claim.spec,
        path: claim.path,
        message: `${claim.path.at(-1)} takes ${describePorts(claim)}, and ${other.owner} (${other.spec.source}) has ${describePorts(other)} on the same nodes.`,
        hint: claim.path.includes('basePort')
          ? `Set basePort to ${other.last + 1} or more, or remove it to have one chosen.`
          : 'Set a port that is free, or remove it to have one chosen.',
      };
    }
  },
};
