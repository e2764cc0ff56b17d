import type { FactRule } from '../spec-rule.ts';
import { placed } from './placed.ts';
import { counted, firstFew, placeOfRole, shortage } from './shortages.ts';

export const nodesTogether: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Nodes that have room for each of several containers alone may not have it for all of them.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveCores: 5, computeCores: 5 }',
    right: 'spec:\n  dynamicTemplate: { driveCores: 2, computeCores: 2 }',
  },
  *checkFacts(set, facts) {
    const { crowded, crowdedClients } = placed(set, facts);
    for (const { cluster, role, placed: count, full } of crowded) {
      const { name } = cluster.spec.cluster.metadata;
      const { containers, words } = role.need;
      yield {
        spec: cluster.spec,
        path: placeOfRole(cluster.spec, role.need),
        message: `There is room for ${count} of the ${counted(containers, `${words} container`)} of cluster ${name} beside the other containers of this repository: ${firstFew(full, shortage)}.`,
        hint: 'Give roles and clusters nodes of their own by label, add nodes, or ask for less.',
      };
    }
    for (const { client, placed: count, full } of crowdedClients) {
      const { name } = client.spec.client.metadata;
      yield {
        spec: client.spec,
        path: ['spec', 'nodeSelector'],
        message: `There is room for client ${name} on ${count} of the ${counted(count + full.length, 'node')} that it fits on alone, beside the other containers of this repository: ${firstFew(full, shortage)}.`,
        hint: 'Narrow nodeSelector to nodes without such containers, or ask for less.',
      };
    }
  },
};
