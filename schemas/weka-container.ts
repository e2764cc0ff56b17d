import { z } from 'zod';
import { NamespacedMetadata } from './kube/metadata.ts';
import { ContainerSpec } from './weka/container-spec.ts';
import { ContainerStatus } from './weka/container-status.ts';

/** One container of WEKA: a pod with what belongs to it. */
export const WekaContainer = z
  .strictObject({
    apiVersion: z.literal('weka.weka.io/v1alpha1').describe('Version of the language.'),
    kind: z.literal('WekaContainer').describe('What this describes.'),
    metadata: NamespacedMetadata.describe('What it is called.'),
    spec: ContainerSpec.describe('What it shall be.'),
    status: ContainerStatus.optional().describe('What the operator saw; never an input.'),
  })
  .describe('One container of WEKA: a pod with what belongs to it.');
export type WekaContainer = z.infer<typeof WekaContainer>;

/** Modes whose pods this version makes. */
export const WEKA_CONTAINER_MODES = ['dist', 'drivers-dist', 'drivers-builder'] as const;

/** A container in one of those modes. */
export type DriverContainer = WekaContainer & {
  readonly spec: { readonly mode: (typeof WEKA_CONTAINER_MODES)[number] };
};

/** The one place that says which fields this version acts on; every other one that a manifest sets is told as ignored. */
export const WEKA_CONTAINER_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.additionalSecrets',
  'spec.affinity',
  'spec.agentPort',
  'spec.builder',
  'spec.driversBuildId',
  'spec.driversDistService',
  'spec.exposedPorts',
  'spec.image',
  'spec.imagePullSecret',
  'spec.mode',
  'spec.name',
  'spec.nodeAffinity',
  'spec.nodeSelector',
  'spec.overrides.preRunScript',
  'spec.port',
  'spec.pvc',
  'spec.resources',
  'spec.serviceAccountName',
  'spec.tolerations',
  'spec.topologySpreadConstraints',
  'spec.uploadResultsTo',
]);
