import { networks } from './networks.ts';
import type { SpecRule } from '../spec-rule.ts';

export const ethDevice: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Either one device is for data or several are; of both fields only one could hold.',
  example: {
    wrong: 'spec:\n  network:\n    ethDevice: eth1\n    ethDevices: [eth1, eth2]',
    right: 'spec:\n  network:\n    ethDevices: [eth1, eth2]',
  },
  *check(set) {
    for (const { spec, path, network } of networks(set)) {
      const { ethDevice: one, ethDevices: several = [] } = network;
      if (!one || several.length === 0) continue;
      yield {
        spec,
        path: [...path, 'ethDevice'],
        at: 'name',
        message: `Data goes over ${one} by ethDevice, and over ${several.join(', ')} by ethDevices.`,
        hint: several.includes(one) ? 'Remove ethDevice.' : 'Remove ethDevice or ethDevices.',
      };
    }
  },
};
