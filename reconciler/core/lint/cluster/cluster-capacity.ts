import type { SpecRule } from '../spec-rule.ts';
import { capacityFor, capacityGiB, MIN_DRIVE_GIB } from './drive-sharing.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { MIN_STRIPE } from './protection.ts';

/** The operator's own bound: capacity × share ≥ 384 GiB × stripe width, for each drive type (weka-operator §2.8). */
export const clusterCapacity: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Every failure domain needs at least 384 GiB of each drive type, and a plan with less is never carried out.',
  example: {
    wrong: 'spec:\n  stripeWidth: 5\n  hotSpare: 1\n  dynamicTemplate:\n    clusterCapacity: 1TiB',
    right: 'spec:\n  stripeWidth: 5\n  hotSpare: 1\n  dynamicTemplate:\n    clusterCapacity: 2TiB',
  },
  check: eachCluster(function* ({ dynamicTemplate, stripeWidth }) {
    const { clusterCapacity: wanted, driveTypesRatio } = dynamicTemplate;
    if (wanted === undefined) return;
    const stripe = Math.max(stripeWidth ?? 0, MIN_STRIPE);
    const needed = capacityFor(stripe * MIN_DRIVE_GIB, driveTypesRatio);
    const given = capacityGiB(wanted);
    if (given >= needed) return;
    const { tlc = 0, qlc = 0 } = driveTypesRatio ?? {};
    const shared = qlc > 0 && tlc > 0 ? ` × ${tlc + qlc}/${Math.min(tlc, qlc)}` : '';
    yield {
      path: inTemplate('clusterCapacity'),
      beside: [...allInTemplate('driveTypesRatio'), ['spec', 'stripeWidth']],
      message: `Stripes of ${stripe} need ${stripe} × ${MIN_DRIVE_GIB} GiB${shared} = ${needed} GiB, and ${wanted} is ${Math.floor(given)} GiB.`,
      hint: `Set clusterCapacity to ${needed}GiB or more.`,
    };
  }),
};
