import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

const OTHERS = ['containerCapacity', 'numDrives', 'driveCapacity'] as const;

/** A CEL rule of the operator's WekaCluster (weka-operator §1.2). */
export const clusterCapacityAlone: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The drives of every container follow from the capacity of the cluster, and the operator refuses them beside it.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    clusterCapacity: 500TiB\n    numDrives: 6',
    right: 'spec:\n  dynamicTemplate:\n    clusterCapacity: 500TiB',
  },
  check: eachCluster(function* ({ dynamicTemplate }) {
    if (dynamicTemplate.clusterCapacity === undefined) return;
    for (const field of OTHERS) {
      if (!dynamicTemplate[field]) continue;
      yield {
        path: inTemplate(field),
        at: 'name',
        beside: allInTemplate('clusterCapacity'),
        message: `${field} follows from clusterCapacity (${dynamicTemplate.clusterCapacity}) and cannot be set beside it.`,
        hint: `Remove ${field}, or clusterCapacity.`,
      };
    }
  }),
};
