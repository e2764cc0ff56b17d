import { z } from 'zod';

/** Ways around a container's guards, for emergencies. */
export const ContainerOverrides = z.strictObject({
  skipDeactivate: z
    .boolean()
    .optional()
    .describe('Removes it without deactivating it in WEKA first: for a container that never comes back.'),
  skipDrivesForceResign: z
    .boolean()
    .optional()
    .describe(
      'Leaves the signatures of removed drives alone; they cannot be used again until signed by hand.',
    ),
  skipVirtualDrivesRemoval: z.boolean().optional().describe('Leaves its virtual drives in the proxy.'),
  skipCleanupPersistentDir: z.boolean().optional().describe('Leaves its folder on the node.'),
  upgradeForceReplace: z
    .boolean()
    .optional()
    .describe('Ends its pod at once in an upgrade and not gracefully.'),
  upgradePreventEviction: z.boolean().optional().describe('Keeps its pod from being evicted in an upgrade.'),
  podDeleteForceReplace: z.boolean().optional().describe('Replaces its pod at once when it was deleted.'),
  machineIdentifierNodeRef: z
    .string()
    .optional()
    .describe('Path of the node’s field that tells machines apart, in place of the node itself.'),
  preRunScript: z.string().optional().describe('Shell script that runs before the container’s own program.'),
  forceDrain: z
    .boolean()
    .optional()
    .describe('Drains a client although its mounts are in use: writes that are under way are lost.'),
  skipActiveMountsCheck: z.boolean().optional().describe('Does not ask whether mounts are in use.'),
  umountOnHost: z
    .boolean()
    .optional()
    .describe('Unmounts every WEKA filesystem of the node before it stops.'),
  debugSleepOnTerminate: z
    .int()
    .min(0)
    .optional()
    .describe('Seconds it stays after the end, for a look inside.'),
  migrateOutFromPvc: z.boolean().optional().describe('Moves its state from the claim to the node’s disk.'),
  noReserveSpace: z.boolean().optional().describe('Sets no space of the node’s disk aside for it.'),
});
