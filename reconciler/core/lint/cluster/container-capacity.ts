import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import { splitByType } from '../../desired/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { capacityFor, MIN_DRIVE_GIB } from './drive-sharing.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/**
 * Cores may not outnumber the virtual drives of either type (weka-operator §2.8; Helm's enforceMinDrivesPerTypePerCore). A
 * ratio that is not written is the installation's, so there only the whole is looked at.
 */
export const containerCapacity: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Each core of a drive container needs a virtual drive of every type that has a share, and none is smaller than 384 GiB.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeCores: 4\n    driveCores: 2\n    containerCapacity: 4000\n    driveTypesRatio: { tlc: 1, qlc: 9 }',
    right:
      'spec:\n  dynamicTemplate:\n    computeCores: 4\n    driveCores: 2\n    containerCapacity: 8000\n    driveTypesRatio: { tlc: 1, qlc: 9 }',
  },
  check: eachCluster(function* (cluster) {
    const { containerCapacity: total, driveCores } = sizingOf(cluster);
    const { driveTypesRatio: ratio } = cluster.dynamicTemplate;
    if (!total) return;
    const needed = driveCores * MIN_DRIVE_GIB;
    const parts = splitByType(total, ratio);
    for (const type of ['tlc', 'qlc'] as const) {
      if ((type === 'qlc' && !ratio?.qlc) || (type === 'tlc' && ratio?.tlc === 0)) continue;
      if (parts[type] >= needed) continue;
      const share = ratio === undefined ? '' : ` on ${type.toUpperCase()} drives`;
      yield {
        path: inTemplate('containerCapacity'),
        beside: allInTemplate('driveCores', 'driveTypesRatio'),
        message: `A drive container with ${driveCores === 1 ? '1 core' : `${driveCores} cores`} needs ${driveCores} × ${MIN_DRIVE_GIB} = ${needed} GiB${share}, and has ${parts[type]} GiB${ratio === undefined ? '' : ' there'}.`,
        hint: `Set containerCapacity to ${capacityFor(needed, ratio)} or more, or lower driveCores.`,
      };
    }
  }),
};
