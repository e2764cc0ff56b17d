import { z } from 'zod';
import { Condition } from './kube/condition.ts';
import { NamespacedMetadata } from './kube/metadata.ts';
import { ClientSpec } from './weka/client-spec.ts';
import { EntityStatefulNum, StringMetric } from './weka/metrics.ts';

/** What the operator saw of clients. Newer versions of it say more. */
const Status = z.looseObject({
  conditions: z.array(Condition).optional().describe('Steps that were taken.'),
  lastAppliedSpec: z.string().optional().describe('Hash of the spec that runs.'),
  status: z.string().optional().describe('State in one word, such as Running.'),
  stats: z
    .looseObject({ containers: EntityStatefulNum.optional().describe('Clients.') })
    .optional()
    .describe('Figures.'),
  printer: z
    .looseObject({ containers: StringMetric.optional().describe('Column of clients.') })
    .optional()
    .describe('What tables print.'),
});

/** Clients of a WEKA cluster, one on each node that is selected. */
export const WekaClient = z
  .strictObject({
    apiVersion: z.literal('weka.weka.io/v1alpha1').describe('Version of the language.'),
    kind: z.literal('WekaClient').describe('What this describes.'),
    metadata: NamespacedMetadata.describe('What it is called.'),
    spec: ClientSpec.describe('What it shall be.'),
    status: Status.optional().describe('What the operator saw; never an input.'),
  })
  .describe('Clients of a WEKA cluster, one on each node that is selected.');
export type WekaClient = z.infer<typeof WekaClient>;

/** The one place that says which fields of a client this version acts on, for the drivers of its nodes; every other one is only checked. */
export const WEKA_CLIENT_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.driversDistService',
  'spec.image',
  'spec.imagePullSecret',
  'spec.nodeSelector',
  'spec.overrides.driversBuildId',
  'spec.overrides.driversLoaderImage',
  'spec.rawTolerations',
  'spec.targetCluster',
  'spec.tolerations',
]);
