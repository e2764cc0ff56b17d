import { z } from 'zod';
import { Affinity, TopologySpreadConstraint } from '../kube/scheduling.ts';
import { Volume, VolumeMount } from '../kube/volumes.ts';
import { perServingRole } from './roles.ts';

const Spread = z.array(TopologySpreadConstraint);

/** How the pods of a cluster spread, and what they mount besides their own. */
export const PodConfig = z.strictObject({
  topologySpreadConstraints: Spread.optional().describe(
    'How pods spread over places such as racks; pods that run stay where they are.',
  ),
  roleTopologySpreadConstraints: perServingRole(
    Spread,
    (role) => `How ${role} pods spread; replaces the general value.`,
  )
    .optional()
    .describe('How pods of each role spread, in place of topologySpreadConstraints.'),
  affinity: Affinity.optional().describe('Where pods may or should run, besides the node selectors.'),
  roleAffinity: perServingRole(
    Affinity,
    (role) => `Where ${role} pods may or should run; replaces the general value.`,
  )
    .optional()
    .describe('Where pods may or should run, by role.'),
  extraVolumes: z.array(Volume).optional().describe('Volumes besides their own.'),
  extraVolumeMounts: z.array(VolumeMount).optional().describe('Where those volumes appear.'),
});
