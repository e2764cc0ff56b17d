import { z } from 'zod';
import { NodeLabels } from '../kube/selectors.ts';

const HexId = z.string().regex(/^(0x)?[0-9A-Fa-f]{4}$/, 'must be four hexadecimal digits');

/** What signing may write over. Each of these lets data be lost, and needs an Approval. */
export const SignOptions = z.strictObject({
  allowEraseWekaPartitions: z
    .boolean()
    .optional()
    .describe('Signs drives that another cluster of WEKA used.'),
  allowEraseNonWekaPartitions: z
    .boolean()
    .optional()
    .describe('Signs drives that hold partitions of others.'),
  allowNonEmptyDevice: z.boolean().optional().describe('Signs drives that are not blank.'),
  skipTrimFormat: z
    .boolean()
    .optional()
    .describe('Leaves a drive’s blocks as they are and does not trim them.'),
});

const DriveType = z.enum(['TLC', 'QLC']);

/** Says of which type drives are that do not say it themselves. */
export const DriveTypeOverrides = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        model: z.string().optional().describe('Model of the drives.'),
        capacityGiB: z.int().min(0).optional().describe('Size of the drives.'),
        type: DriveType.describe('Their type.'),
      }),
    )
    .optional()
    .describe('Rules; the first that fits holds.'),
});

/** Which drives get a signature of WEKA. */
export const SignDrivesPayload = z.strictObject({
  type: z
    .enum(['all-not-root', 'aws-all', 'gcp-all', 'device-identifiers', 'device-paths', 'device-serials'])
    .describe(
      'How drives are chosen. The widest, all-not-root, takes every disk on which nothing is mounted.',
    ),
  nodeSelector: NodeLabels.optional().describe(
    'Labels of the nodes whose drives are meant; all nodes where unset.',
  ),
  devicePaths: z
    .array(z.string())
    .optional()
    .describe('Paths such as /dev/nvme1n1, for device-paths; each node signs those that it has.'),
  deviceSerials: z
    .array(z.string())
    .optional()
    .describe('Serial numbers, for device-serials; all must be found.'),
  pciDevices: z
    .strictObject({
      vendorId: HexId.optional().describe('Vendor, as four hexadecimal digits.'),
      deviceId: HexId.optional().describe('Device, as four hexadecimal digits.'),
    })
    .optional()
    .describe('PCI ids, for device-identifiers.'),
  options: SignOptions.optional().describe('What signing may write over; nothing where unset.'),
  shared: z
    .boolean()
    .optional()
    .describe('Whether the drives are for several clusters, which share them by a proxy.'),
  driveTypeOverrides: DriveTypeOverrides.optional().describe(
    'Types of drives that do not say it themselves.',
  ),
  driveExclusions: z
    .strictObject({
      rules: z
        .array(
          z.looseObject({
            model: z.string().optional().describe('Model of the drives.'),
            capacityGiB: z.int().min(0).optional().describe('Size of the drives.'),
          }),
        )
        .optional()
        .describe('Rules; a drive that one of them fits is left alone.'),
    })
    .optional()
    .describe('Drives that are left alone.'),
});

/** Which nodes are asked for their drives. */
export const DiscoverDrivesPayload = z.strictObject({
  nodeSelector: NodeLabels.optional().describe('Labels of the nodes that are asked; all nodes where unset.'),
});

/** Which drives clusters are to stop using, or may use again. */
export const BlockDrivesPayload = z.strictObject({
  serialIDs: z.array(z.string()).optional().describe('Serial numbers of drives that one cluster uses alone.'),
  physicalUUIDs: z.array(z.string()).optional().describe('Ids of drives that clusters share.'),
  virtualUUIDs: z.array(z.string()).optional().describe('Ids of virtual drives on them.'),
  node: z.string().optional().describe('Node that has them.'),
});

/** Which drives are signed anew, whatever WEKA holds on them. */
export const ForceResignDrivesPayload = z.strictObject({
  nodeName: z.string().min(1).describe('Node that has them.'),
  deviceSerials: z.array(z.string()).optional().describe('Their serial numbers.'),
  devicePaths: z.array(z.string()).optional().describe('Their paths, where serial numbers are not known.'),
});

/** Which virtual drives of clusters that are gone are removed. */
export const CleanStaleVirtualDrivesPayload = z.strictObject({
  nodeSelector: NodeLabels.optional().describe(
    'Labels of the nodes that are looked at; all nodes where unset.',
  ),
  onlyNonExistingClusters: z
    .boolean()
    .optional()
    .describe('Whether only those of clusters that are gone count.'),
  deleteStaleVids: z.boolean().default(false).describe('Whether they are removed, or only told.'),
});
