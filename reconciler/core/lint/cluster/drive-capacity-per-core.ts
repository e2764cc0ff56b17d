import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { CORE_GIB, coresForCapacity } from './drive-sharing.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** An admission policy of the operator: cluster_num_drives_below_required_cores (weka-operator §2.8). */
export const driveCapacityPerCore: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A core serves 5 TiB of shared TLC drives and needs a virtual drive of its own, so larger ones are never all added.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 4\n    driveCapacity: 8000',
    right:
      'spec:\n  dynamicTemplate:\n    computeCores: 14\n    driveCores: 7\n    numDrives: 8\n    driveCapacity: 4000',
  },
  check: eachCluster(function* (cluster) {
    const { containerCapacity, driveCapacity = 0, numDrives } = sizingOf(cluster);
    if (containerCapacity || driveCapacity <= CORE_GIB.tlc || numDrives === 0) return;
    const { total: needed } = coresForCapacity({ tlc: numDrives * driveCapacity, qlc: 0 });
    const drives = numDrives === 1 ? '1 drive' : `${numDrives} drives`;
    yield {
      path: inTemplate('driveCapacity'),
      beside: allInTemplate('numDrives'),
      message: `Virtual drives of ${driveCapacity} GiB need ⌈${numDrives} × ${driveCapacity} / ${CORE_GIB.tlc}⌉ = ${needed} cores, and a drive container with ${drives} can have ${numDrives}.`,
      hint: `Set driveCapacity to ${CORE_GIB.tlc} or less, with more drives for the same capacity.`,
    };
  }),
};
