import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** A CEL rule of the operator's WekaCluster (weka-operator §1.2). */
export const drivesOrContainerCapacity: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The number of drives and the capacity of a container are two answers to one question, and the operator refuses both.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    numDrives: 4\n    containerCapacity: 8000',
    right: 'spec:\n  dynamicTemplate:\n    containerCapacity: 8000',
  },
  check: eachCluster(function* ({ dynamicTemplate: { numDrives, containerCapacity } }) {
    if (!numDrives || !containerCapacity) return;
    yield {
      path: inTemplate('containerCapacity'),
      at: 'name',
      beside: allInTemplate('numDrives'),
      message: `A drive container gets either ${numDrives} drives or ${containerCapacity} GiB of shared drives, not both.`,
      hint: 'Remove numDrives or containerCapacity.',
    };
  }),
};
