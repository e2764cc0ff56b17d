import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from '../cluster/each-cluster.ts';

/** One port of each host, named and not looked for (weka-operator §2.8, NFS). */
export const nfsInterfaces: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'NFS is served on one device of each host, which the operator takes by name only.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { nfsContainers: 2 }\n  network:\n    deviceSubnets: [10.0.0.0/16]',
    right:
      'spec:\n  dynamicTemplate: { nfsContainers: 2 }\n  network:\n    deviceSubnets: [10.0.0.0/16]\n  nfs: { interfaces: [eth1] }',
  },
  check: eachCluster(function* (cluster) {
    const interfaces = cluster.nfs?.interfaces ?? [];
    if (interfaces.length > 1) {
      yield {
        path: ['spec', 'nfs', 'interfaces'],
        message: `NFS is served on one device of each host, and ${interfaces.length} are named (${interfaces.join(', ')}).`,
        hint: 'Leave one.',
      };
    }
    if (interfaces.length > 0 || cluster.dynamicTemplate.nfsContainers === 0) return;
    const own = cluster.roleNetworkSelector?.nfs;
    const network = own ?? cluster.network;
    if (network === undefined || network.ethDevice || network.ethDevices?.length) return;
    const path = own === undefined ? ['spec', 'network'] : ['spec', 'roleNetworkSelector', 'nfs'];
    for (const field of ['selectors', 'deviceSubnets'] as const) {
      if (!network[field]?.length) continue;
      yield {
        path: [...path, field],
        at: 'name',
        message: `NFS takes its device by name, and ${field} only describes some.`,
        hint: 'Set nfs.interfaces to the device, or roleNetworkSelector.nfs.ethDevice.',
      };
    }
  }),
};
