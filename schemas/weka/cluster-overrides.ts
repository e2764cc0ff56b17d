import { z } from 'zod';
import { KubeDuration } from '../kube/duration.ts';
import { DpdkBaseMemory } from './resources.ts';
import { perRole } from './roles.ts';

/** Ways around a cluster's guards, for emergencies. */
export const ClusterOverrides = z.strictObject({
  allowS3ClusterDestroy: z
    .boolean()
    .optional()
    .describe('Lets the S3 cluster be destroyed when its containers go.'),
  allowSmbwClusterDestroy: z
    .boolean()
    .optional()
    .describe('Lets the SMB cluster be destroyed when its containers go.'),
  allowNfsInterfaceGroupDestroy: z
    .boolean()
    .optional()
    .describe('Lets the NFS interface group be destroyed when its containers go.'),
  disregardRedundancy: z
    .boolean()
    .optional()
    .describe('Lets containers of one role share a node, so that one node’s loss may lose data. For tests.'),
  driversBuildId: z
    .string()
    .optional()
    .describe('Build of the drivers, where it is not the one found by itself.'),
  driversLoaderImage: z.string().optional().describe('Image that loads drivers, where it is another one.'),
  forceAio: z
    .boolean()
    .optional()
    .describe('Reads drives through the kernel and not directly: slower, for drives that need it.'),
  postFormClusterScript: z
    .string()
    .optional()
    .describe('Shell script that runs once, when the cluster is formed and before it starts IO.'),
  upgradeForceReplace: z
    .boolean()
    .optional()
    .describe('Ends containers at once in an upgrade and not gracefully.'),
  upgradeForceReplaceDrives: z.boolean().optional().describe('Ends drive containers at once in an upgrade.'),
  upgradeAllAtOnce: z
    .boolean()
    .optional()
    .describe('Upgrades all containers together; the cluster stops meanwhile.'),
  upgradePaused: z.boolean().optional().describe('Holds an upgrade before its next container.'),
  upgradePausePreCompute: z
    .boolean()
    .optional()
    .describe('Holds an upgrade between drive and compute containers.'),
  podTerminationDeactivationTimeout: KubeDuration.default('5m').describe(
    'Time after which a container whose pod does not end is deactivated; 0: never.',
  ),
  cancelDeletion: z.boolean().optional().describe('Brings a cluster in its grace period back to service.'),
  paused: z
    .boolean()
    .optional()
    .describe('true stops all containers, false starts them again; where unset, each stays as it is.'),
  podRotation: z
    .boolean()
    .optional()
    .describe('Lets pods whose settings changed be replaced, one after another.'),
  skipDefaultFilesystemCreation: z
    .boolean()
    .optional()
    .describe('Makes no default filesystem in a new cluster.'),
  dpdkBaseMemoryMb: perRole(
    DpdkBaseMemory,
    (role) => `MiB that DPDK keeps for each core of ${role} containers; 64 where unset.`,
  )
    .optional()
    .describe('Memory that DPDK keeps, by role.'),
  machineIdentifierNodeRef: z
    .string()
    .optional()
    .describe('Path of the node’s field that tells machines apart, in place of the node itself.'),
  waitSinceIoProcessesUpTimeout: KubeDuration.optional().describe(
    'Time that an upgraded container must have been up before the next one follows.',
  ),
  noReserveSpace: z.boolean().optional().describe('Sets no space of the node’s disk aside for containers.'),
});
