import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { coreBalance } from './core-balance.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { areCoresCounted } from './is-counted.ts';

/** The operator's advice of two to one (weka-operator §2.8: cluster_drive_compute_core_ratio). */
export const computeCoresRatio: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'With less than two compute cores for each drive core, the drives wait for the compute cores under load.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 3\n    driveCores: 2\n    numDrives: 2',
    right:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 4\n    driveCores: 2\n    numDrives: 2',
  },
  check: eachCluster(function* (cluster, spec) {
    if (!areCoresCounted(cluster.dynamicTemplate, spec)) return;
    const balance = coreBalance(cluster);
    if (balance === undefined || balance.compute < balance.drive || balance.compute >= 2 * balance.drive) {
      return;
    }
    // One core for each container is where everybody starts; who sets cores has thought of them.
    const counted = ['computeCores', 'driveCores'].some((field) => isWritten(spec, ...inTemplate(field)));
    if (!counted) return;
    const { computeContainers } = sizingOf(cluster);
    yield {
      path: inTemplate('computeCores'),
      beside: allInTemplate('computeCores', 'driveCores', 'computeContainers', 'driveContainers'),
      message: `There are ${balance.sums.compute} compute cores for ${balance.sums.drive} drive cores, and twice as many as drive cores are advised.`,
      hint: `Set computeCores to ${Math.ceil((2 * balance.drive) / computeContainers)}, or lower driveCores.`,
    };
  }),
};
