import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';

/**
 * A CEL rule of the operator's newer WekaCluster (weka-operator §1.2, which leaves out that it holds without a capacity
 * only: with one, the operator works out whichever count is open).
 */
export const computeAndDriveContainers: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The operator refuses a cluster that counts the containers of one role and leaves the other open.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    driveContainers: 8',
    right: 'spec:\n  dynamicTemplate:\n    computeContainers: 8\n    driveContainers: 8',
  },
  check: eachCluster(function* ({ dynamicTemplate }, spec) {
    const { clusterCapacity, containerCapacity, driveCapacity } = dynamicTemplate;
    if (clusterCapacity !== undefined || containerCapacity || driveCapacity) return;
    const compute = isCounted(spec, 'computeContainers');
    const drive = isCounted(spec, 'driveContainers');
    if (compute === drive) return;
    const [set, unset] = compute
      ? (['computeContainers', 'driveContainers'] as const)
      : (['driveContainers', 'computeContainers'] as const);
    yield {
      path: inTemplate(set),
      at: 'name',
      beside: allInTemplate('computeContainers', 'driveContainers'),
      message: `${set} is set to ${dynamicTemplate[set]} and ${unset} is not; both are set, or neither is.`,
      hint: `Set ${unset} too, or remove ${set}.`,
    };
  }),
};
