import { networks } from './networks.ts';
import type { SpecRule } from '../spec-rule.ts';

/** UDP takes one device of any kind, and no DPDK (weka-operator §1.1 network, §6.5 network_udp_mode_validation). */
export const udpMode: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'In UDP mode data goes through the kernel over one device, and what is for DPDK has no effect.',
  example: {
    wrong: 'spec:\n  network:\n    udpMode: true\n    ethDevices: [eth1, eth2]',
    right: 'spec:\n  network:\n    udpMode: true\n    ethDevice: eth1',
  },
  *check(set) {
    for (const { spec, path, network } of networks(set)) {
      if (network.udpMode !== true) continue;
      const { ethDevices = [], nvidiaVfSingleIp, allocateVfPerIoNode, selectors = [] } = network;
      if (ethDevices.length > 1) {
        yield {
          spec,
          path: [...path, 'ethDevices'],
          message: `UDP mode uses one device, and ethDevices has ${ethDevices.length}.`,
          hint: 'Name the one in ethDevice, or remove udpMode to use them all by DPDK.',
        };
      }
      const unused = [
        ...(nvidiaVfSingleIp === true ? [['nvidiaVfSingleIp']] : []),
        ...(allocateVfPerIoNode === true ? [['allocateVfPerIoNode']] : []),
        ...selectors.flatMap(({ rdmaOnly }, index) =>
          rdmaOnly === true ? [['selectors', index, 'rdmaOnly']] : [],
        ),
      ];
      for (const field of unused) {
        yield {
          spec,
          path: [...path, ...field],
          at: 'name',
          message: `${field.at(-1)} is for DPDK and RDMA, and has no effect in UDP mode.`,
          hint: 'Remove it, or remove udpMode.',
        };
      }
    }
  },
};
