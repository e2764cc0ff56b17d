import { client, cluster } from '../../lint/facts/build-facts.ts';
import type { Verdicts } from '../checked.ts';
import { aDrive } from '../fleet.ts';
import { UNKNOWN, drivePod, folder } from './parts.ts';

const ONE_DRIVE = cluster(
  '{ dynamicTemplate: { driveContainers: 1, computeContainers: 1, driveCores: 1, numDrives: 1, driveHugepages: 2000 } }',
);

/** What checks say of disks. */
export const STORAGE = {
  storage: [
    ['pass: 400 GiB free on /opt/k8s-weka', {}],
    ['pass: 30 GiB free on /', { seen: folder({ freeGiB: 30 }) }],
    [
      'fail: 29 GiB free on /, needs 30 GiB under /opt/k8s-weka for any container of one core',
      { seen: folder({ freeGiB: 29 }) },
    ],
    [
      'warn: 136 GiB free on /, needs 140 GiB under /opt/k8s-weka for compute and drive of demo',
      {
        seen: folder({ freeGiB: 136 }),
        manifests: cluster('{ dynamicTemplate: { driveCores: 5, numDrives: 2 } }'),
        node: { has: { cpu: '64' } },
      },
    ],
    ['pass: 500 GiB on /, 8 GiB of it free', { seen: folder({ freeGiB: 8 }), beside: [drivePod] }],
    [
      'fail: 20 GiB on /, 8 GiB of it free, needs 30 GiB under /opt/k8s-weka for any container of one core',
      { seen: folder({ freeGiB: 8, totalGiB: 20 }), beside: [drivePod] },
    ],
    ['not concerned', { manifests: cluster('{ globalPVC: { name: state, path: /weka } }') }],
    ['unknown: The file cannot be read.', { seen: { persistence: UNKNOWN } }],
    ['unknown: The file cannot be read.', { seen: folder({ freeGiB: UNKNOWN }) }],
  ],
  'persistence-file-system': [
    ['pass: xfs', {}],
    ['pass: ext4; /opt/k8s-weka is not there yet', { seen: folder({ fileSystem: 'ext4', exists: 'no' }) }],
    [
      'fail: tmpfs, needs a local file system on disk, such as xfs, under /opt/k8s-weka',
      { seen: folder({ fileSystem: 'tmpfs' }) },
    ],
    [
      'warn: nfs4, needs a local file system on disk, such as xfs, under /opt/k8s-weka',
      { seen: folder({ fileSystem: 'nfs4' }) },
    ],
    ['unknown: The file cannot be read.', { seen: folder({ fileSystem: UNKNOWN }) }],
    ['unknown: The file cannot be read.', { seen: { persistence: UNKNOWN } }],
  ],
  'xfs-tools': [
    ['pass: mkfs.xfs', {}],
    ['fail: no mkfs.xfs, needs mkfs.xfs', { seen: { xfsTools: ['xfs_repair'] } }],
    ['unknown: The file cannot be read.', { seen: { xfsTools: UNKNOWN } }],
  ],
  'nvme-drives': [
    ['pass: 3 NVMe drives, of which one may be the boot disk', {}],
    [
      'pass: 2 NVMe drives, of which one may be the boot disk',
      { seen: { blockDevices: [aDrive('nvme0n1'), aDrive('nvme1n1')] }, manifests: ONE_DRIVE },
    ],
    [
      'unknown: There is 1 NVMe drive, as many as are needed for drive of demo, and one may be the boot disk.',
      { seen: { blockDevices: [aDrive('sda'), aDrive('nvme0n1')] }, manifests: ONE_DRIVE },
    ],
    [
      'warn: 1 NVMe drive, of which one may be the boot disk, needs 1 NVMe drive for a drive container, if it is to host one',
      { seen: { blockDevices: [aDrive('nvme0n1')] } },
    ],
    // What cannot be written, or has no room at all, is no drive for data.
    [
      'fail: no NVMe drive that can be written, needs 1 NVMe drive for drive of demo',
      {
        seen: {
          blockDevices: [
            { ...aDrive('nvme0n1'), readOnly: 'yes' },
            { ...aDrive('nvme1n1'), sizeBytes: 0 },
          ],
        },
        manifests: ONE_DRIVE,
      },
    ],
    [
      'unknown: The file cannot be read.',
      {
        seen: { blockDevices: [aDrive('nvme0n1'), { ...aDrive('nvme1n1'), sizeBytes: UNKNOWN }] },
        manifests: ONE_DRIVE,
      },
    ],
    [
      'fail: no NVMe drive, needs 1 NVMe drive for drive of demo',
      { seen: { blockDevices: [aDrive('sda')] }, manifests: ONE_DRIVE },
    ],
    [
      'pass: 1 NVMe drive signed',
      {
        silent: true,
        manifests: ONE_DRIVE,
        node: { annotations: { 'weka.io/weka-drives': '["S1","S2"]', 'weka.io/blocked-drives': '["S2"]' } },
      },
    ],
    [
      'warn: no NVMe drive, needs 1 NVMe drive for a drive container, if it is to host one',
      { seen: { blockDevices: [] } },
    ],
    ['not concerned', { seen: { blockDevices: [] }, manifests: client() }],
    ['unknown: The file cannot be read.', { seen: { blockDevices: UNKNOWN } }],
    ['unknown: No agent runs on the node.', { silent: true }],
  ],
} as const satisfies Verdicts;
