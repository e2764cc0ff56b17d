import { networks } from './networks.ts';
import type { SpecRule } from '../spec-rule.ts';

export const networkSelectors: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A selector that no node can satisfy keeps every container from starting.',
  example: {
    wrong: 'spec:\n  network:\n    selectors: [{ subnet: 10.0.0.0/16, min: 2, max: 1 }]',
    right: 'spec:\n  network:\n    selectors: [{ subnet: 10.0.0.0/16, min: 1, max: 2 }]',
  },
  *check(set) {
    for (const { spec, path, network } of networks(set)) {
      for (const field of ['selectors', 'managementIpsSelectors'] as const) {
        for (const [index, selector] of (network[field] ?? []).entries()) {
          const at = [...path, field, index];
          const { min = 0, max = 0, rdmaOnly, disableRdma, deviceNames = [] } = selector;
          if (max > 0 && min > max) {
            yield {
              spec,
              path: [...at, 'min'],
              message: `A node needs ${min} devices, of which ${max} at most are used.`,
              hint: `Set min to ${max} or less, or max to ${min} or more.`,
            };
          }
          const named = new Set(deviceNames).size;
          if (named > 0 && min > named) {
            yield {
              spec,
              path: [...at, 'min'],
              message: `A node needs ${min} devices, and ${named === 1 ? 'only 1 is' : `only ${named} are`} named.`,
              hint: 'Name more devices in deviceNames, or lower min.',
            };
          }
          if (rdmaOnly === true && disableRdma === true) {
            yield {
              spec,
              path: [...at, 'disableRdma'],
              at: 'name',
              message: 'The devices are for RDMA only, and RDMA is off on them.',
              hint: 'Remove rdmaOnly or disableRdma.',
            };
          }
        }
      }
    }
  },
};
