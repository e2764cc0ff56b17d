import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import { splitByType } from '../../desired/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { CORE_GIB, coresForCapacity } from './drive-sharing.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/**
 * An admission policy of the operator: cluster_drive_cores_below_capacity (weka-operator §2.8). Cores that nobody wrote
 * follow from the capacity.
 */
export const driveCoresForCapacity: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Shared drives beyond what the cores of a container can serve are not added before it has more cores.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 10\n    driveCapacity: 4000',
    right:
      'spec:\n  dynamicTemplate:\n    computeCores: 16\n    driveCores: 8\n    numDrives: 10\n    driveCapacity: 4000',
  },
  check: eachCluster(function* (cluster, spec) {
    if (!cluster.dynamicTemplate.driveCores || !isWritten(spec, ...inTemplate('driveCores'))) return;
    const { containerCapacity, driveCapacity, driveCores, driveTypesRatio, numDrives } = sizingOf(cluster);
    // Larger virtual drives fit no number of cores, which a rule of its own tells.
    if (!containerCapacity && (!driveCapacity || driveCapacity > CORE_GIB.tlc)) return;
    const total = containerCapacity || (driveCapacity ?? 0) * numDrives;
    const parts = containerCapacity ? splitByType(total, driveTypesRatio) : { tlc: total, qlc: 0 };
    const { tlc, qlc, total: needed } = coresForCapacity(parts);
    if (driveCores >= needed) return;
    const sum = containerCapacity ? `${total}` : `${numDrives} × ${driveCapacity} = ${total}`;
    const split = `${parts.tlc} GiB of TLC and ${parts.qlc} GiB of QLC`;
    const isDefault = qlc > 0 && cluster.dynamicTemplate.driveTypesRatio === undefined;
    const types = isDefault ? `${sum} GiB, ${split} where driveTypesRatio is not set,` : split;
    const capacity = qlc === 0 ? `${sum} GiB` : types;
    const cores = qlc === 0 ? `${needed} cores` : `${tlc} + ${qlc} = ${needed} cores`;
    const share = qlc === 0 ? '5 TiB of TLC' : '5 TiB of TLC and 50 TiB of QLC';
    yield {
      path: inTemplate('driveCores'),
      beside: allInTemplate('numDrives', 'driveCapacity', 'containerCapacity'),
      message: `A drive container of ${capacity} needs ${cores}, one for each ${share} drives, and has ${driveCores}.`,
      hint: `Set driveCores to ${needed} or more, or lower ${containerCapacity ? 'containerCapacity' : 'driveCapacity'}.`,
    };
  }),
};
