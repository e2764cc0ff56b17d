import { z } from 'zod';
import { DriveTypesRatio } from './resources.ts';

const Count = z.int().min(0);

/** Containers and cores of each role. */
export const DynamicTemplate = z.strictObject({
  computeContainers: Count.default(6).describe(
    'Containers that compute; more of them are added at once, fewer take one away after another.',
  ),
  driveContainers: Count.default(6).describe(
    'Containers that own drives; more of them add capacity, fewer move data away first.',
  ),
  s3Containers: Count.default(0).describe('Containers that serve S3; the first makes the S3 cluster.'),
  nfsContainers: Count.default(0).describe('Containers that serve NFS.'),
  smbwContainers: Count.default(0).describe('Containers that serve SMB: 3 to 8, or none.'),
  dataServicesContainers: Count.default(0).describe('Containers for data services.'),
  computeCores: Count.default(1).describe('Cores of each compute container; a change restarts them in turn.'),
  driveCores: Count.default(1).describe('Cores of each drive container; a change restarts them in turn.'),
  s3Cores: Count.default(1).describe('Cores for data of each S3 container.'),
  nfsCores: Count.default(1).describe('Cores for data of each NFS container.'),
  smbwCores: Count.default(1).describe('Cores for data of each SMB container.'),
  dataServicesCores: Count.default(1).describe('Cores for data of each data services container.'),
  dataServicesFeCores: Count.default(1).describe('Cores of the front end beside data services.'),
  envoyCores: Count.default(1).describe('Cores of the proxy before S3.'),
  computeExtraCores: Count.default(0).describe('Cores of each compute container beside those for data.'),
  driveExtraCores: Count.default(0).describe('Cores of each drive container beside those for data.'),
  s3ExtraCores: Count.default(1).describe('Cores of each S3 container beside those for data.'),
  nfsExtraCores: Count.default(1).describe('Cores of each NFS container beside those for data.'),
  smbwExtraCores: Count.default(0).describe('Cores of each SMB container beside those for data.'),
  dataServicesExtraCores: Count.default(0).describe(
    'Cores of each data services container beside those for data.',
  ),
  numDrives: Count.optional().describe(
    'Drives of each drive container; 1 where unset. Not together with containerCapacity.',
  ),
  driveCapacity: Count.optional().describe(
    'GiB of each virtual drive on shared TLC drives. Not together with driveTypesRatio.',
  ),
  containerCapacity: Count.optional().describe(
    'GiB of shared drives for each drive container. Not together with numDrives.',
  ),
  clusterCapacity: z
    .string()
    .regex(/^\d+(\.\d+)?\s?([kmgtpeKMGTPE][iI]?)?[bB]?$/, 'must be a capacity such as 500TiB')
    .optional()
    .describe(
      'Capacity that the cluster shall offer; containers and drives then follow from it. It only grows.',
    ),
  driveTypesRatio: DriveTypesRatio.optional().describe('How shared capacity is split between drive types.'),
  driveHugepages: Count.optional().describe(
    'MiB of huge pages of each drive container; computed where unset or 0.',
  ),
  driveHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
  computeHugepages: Count.optional().describe(
    'MiB of huge pages of each compute container; computed where unset or 0.',
  ),
  computeHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
  s3FrontendHugepages: Count.optional().describe(
    'MiB of huge pages of each S3 container; computed where unset or 0.',
  ),
  s3FrontendHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
  nfsFrontendHugepages: Count.optional().describe(
    'MiB of huge pages of each NFS container; computed where unset or 0.',
  ),
  nfsFrontendHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
  smbwFrontendHugepages: Count.optional().describe(
    'MiB of huge pages of each SMB container; computed where unset or 0.',
  ),
  smbwFrontendHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
  dataServicesHugepages: Count.optional().describe(
    'MiB of huge pages of each data services container; computed where unset or 0.',
  ),
  dataServicesHugepagesOffset: Count.optional().describe(
    'MiB of them that WEKA leaves alone; computed where unset or 0.',
  ),
});
export type DynamicTemplate = z.infer<typeof DynamicTemplate>;
