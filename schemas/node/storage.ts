import * as z from 'zod';
import { list } from './list.ts';
import { observed, text, YesNo } from './observed.ts';

const count = z.int().min(0);

export const PersistenceFolder = z.object({
  path: text(256).describe('Where WEKA keeps its files on a node of this operating system.'),
  exists: observed(YesNo).describe(
    'Whether it is there; if not, the rest is about the nearest folder above it.',
  ),
  fileSystem: observed(text(64)).describe('Type of the file system, e.g. `xfs`.'),
  mountPoint: observed(text(4096)).describe('Where the file system is mounted.'),
  totalGiB: observed(count).describe('Size of the file system.'),
  freeGiB: observed(count).describe(
    'What may still be written, rounded down: to 1 GiB below 64 GiB, to 8 GiB below 512 GiB, above to 64 GiB.',
  ),
});
export type PersistenceFolder = z.infer<typeof PersistenceFolder>;

export const WekaMounts = z.object({
  interface: text(256).describe(
    'Name of the container whose driver it is; empty for the one that has no name.',
  ),
  active: observed(count).describe(
    'Mounts that are in use: exact up to 8, above rounded down to a power of two.',
  ),
});
export type WekaMounts = z.infer<typeof WekaMounts>;

export const BlockDevice = z.object({
  name: text(256).describe("Name in `/dev`. It may be another disk's after a reboot."),
  sizeBytes: observed(count).describe('Size.'),
  model: observed(text(256)).optional().describe('Model; absent where the device tells none.'),
  serial: observed(text(256)).optional().describe('Serial number; absent where the kernel shows none.'),
  rotational: observed(YesNo).describe('Whether it turns.'),
  removable: observed(YesNo).describe('Whether its medium can be taken out.'),
  readOnly: observed(YesNo).describe('Whether it cannot be written.'),
  pciAddress: text(64).optional().describe('Address on the PCI bus; absent where it is on none.'),
});
export type BlockDevice = z.infer<typeof BlockDevice>;

/** What there is to keep data with. */
export const storageFields = {
  persistence: observed(PersistenceFolder).describe('The folder where WEKA keeps its files.'),
  wekaMounts: observed(list(WekaMounts, 1024)).describe(
    "WEKA's drivers with the mounts that they serve; none where no driver is loaded.",
  ),
  blockDevices: observed(list(BlockDevice, 4096)).describe('Disks of the machine, by name.'),
  xfsTools: observed(list(text(64), 16)).describe('Tools for XFS that are installed; WEKA needs `mkfs.xfs`.'),
};
