import { z } from 'zod';
import { NamespacedMetadata } from './kube/metadata.ts';
import { ClusterSpec } from './weka/cluster-spec.ts';
import { ClusterStatus } from './weka/cluster-status.ts';

/** A storage cluster of WEKA, and the nodes that host it. */
export const WekaCluster = z
  .strictObject({
    apiVersion: z.literal('weka.weka.io/v1alpha1').describe('Version of the language.'),
    kind: z.literal('WekaCluster').describe('What this describes.'),
    metadata: NamespacedMetadata.describe('What it is called.'),
    spec: ClusterSpec.describe('What it shall be.'),
    status: ClusterStatus.optional().describe('What the operator saw; never an input.'),
  })
  .describe('A storage cluster of WEKA, and the nodes that host it.');
export type WekaCluster = z.infer<typeof WekaCluster>;

/** The one place that says which fields of a cluster this version acts on, for the drivers of its nodes; every other one is only checked. */
export const WEKA_CLUSTER_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.driversDistService',
  'spec.image',
  'spec.imagePullSecret',
  'spec.nodeSelector',
  'spec.overrides.driversBuildId',
  'spec.overrides.driversLoaderImage',
  'spec.podConfig.affinity',
  'spec.podConfig.roleAffinity',
  'spec.rawTolerations',
  'spec.roleNodeSelector',
  'spec.tolerations',
]);
