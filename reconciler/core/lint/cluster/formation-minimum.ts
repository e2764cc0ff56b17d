import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import { joins, MIN_CONTAINERS } from './protection.ts';

/** The operator waits for 5 ready containers of each role for ever (weka-operator §2.1; cluster_min_containers). */
export const formationMinimum: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A cluster is formed of at least 5 drive and 5 compute containers; with fewer it waits for ever.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    computeContainers: 4\n    driveContainers: 5',
    right: 'spec:\n  dynamicTemplate:\n    computeContainers: 5\n    driveContainers: 5',
  },
  check: eachCluster(function* (cluster, spec) {
    if (joins(cluster)) return;
    const sizing = sizingOf(cluster);
    for (const role of ['drive', 'compute'] as const) {
      const field = `${role}Containers` as const;
      if (sizing[field] >= MIN_CONTAINERS || !isCounted(spec, field)) continue;
      yield {
        path: inTemplate(field),
        message: `A cluster is formed of ${MIN_CONTAINERS} + ${MIN_CONTAINERS} drive and compute containers at least, and ${sizing[field]} ${role} ${sizing[field] === 1 ? 'container is' : 'containers are'} asked for.`,
        hint: `Set ${field} to ${MIN_CONTAINERS} or more.`,
      };
    }
  }),
};
