import { z } from 'zod';
import { KubeDuration } from './kube/duration.ts';
import { NamespacedMetadata } from './kube/metadata.ts';
import {
  CleanStaleVirtualDrivesPayload,
  DiscoverDrivesPayload,
  SignDrivesPayload,
} from './weka/drive-payloads.ts';
import {
  ConfigurationPayload,
  DriverDistPayload,
  EnsureNICsPayload,
  RemoteTracesSession,
} from './weka/operation-payloads.ts';
import { RUN_FIELDS } from './weka/run-spec.ts';

const POLICY_TYPES = [
  'sign-drives',
  'discover-drives',
  'ensure-nics',
  'enable-local-drivers-distribution',
  'remote-traces-session',
  'clean-stale-virtual-drives',
  'configuration',
] as const;

const Payload = z.strictObject({
  signDrivesPayload: SignDrivesPayload.optional().describe('For sign-drives: which drives.'),
  schedulingConfigPayload: z.strictObject({}).optional().describe('Has no fields and no effect.'),
  discoverDrivesPayload: DiscoverDrivesPayload.optional().describe('For discover-drives: which nodes.'),
  ensureNICsPayload: EnsureNICsPayload.optional().describe('For ensure-nics: which devices.'),
  driverDistPayload: DriverDistPayload.optional().describe(
    'For enable-local-drivers-distribution: which drivers.',
  ),
  remoteTracesSessionPayload: RemoteTracesSession.optional().describe(
    'For remote-traces-session: whose traces.',
  ),
  cleanStaleVirtualDrivesPayload: CleanStaleVirtualDrivesPayload.optional().describe(
    'For clean-stale-virtual-drives: which drives.',
  ),
  configurationPayload: ConfigurationPayload.optional().describe('For configuration: settings.'),
  interval: KubeDuration.default('5m').describe('Time from the end of a run to the next one.'),
  waitForPolicies: z
    .array(z.string())
    .optional()
    .describe('Policies of the namespace that must be done before the first run.'),
});

const Status = z.looseObject({
  status: z.string().optional().describe('State in one word, such as Done.'),
  result: z.string().optional().describe('Result of the last run, as JSON.'),
  lastRunTime: z
    .union([z.string(), z.null()], { error: 'must be a time' })
    .optional()
    .describe('When it last ran.'),
  progress: z.string().optional().describe('How much of a run is done, as n/m.'),
  typedStatus: z
    .looseObject({
      distService: z
        .looseObject({ serviceUrl: z.string().optional().describe('Its address.') })
        .optional()
        .describe('The distribution service.'),
    })
    .optional()
    .describe('What the type has to say besides.'),
});

/** Work that WEKA's nodes need again and again. */
export const WekaPolicy = z
  .strictObject({
    apiVersion: z.literal('weka.weka.io/v1alpha1').describe('Version of the language.'),
    kind: z.literal('WekaPolicy').describe('What this describes.'),
    metadata: NamespacedMetadata.describe('What it is called.'),
    spec: z
      .strictObject({
        type: z.enum(POLICY_TYPES).describe('What is done.'),
        payload: Payload.describe('How often, and with what.'),
        ...RUN_FIELDS,
      })
      .describe('What it shall do.'),
    status: Status.optional().describe('What the operator saw; never an input.'),
  })
  .describe('Work that WEKA’s nodes need again and again.');
export type WekaPolicy = z.infer<typeof WekaPolicy>;

/** Types of policies of which this version only checks the manifest. */
export const WEKA_POLICY_CHECKED_TYPES: ReadonlySet<string> = new Set(
  POLICY_TYPES.filter((type) => type !== 'enable-local-drivers-distribution'),
);

/** The one place that says which fields of a policy this version acts on; every other one that is set is told as ignored. */
export const WEKA_POLICY_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.image',
  'spec.imagePullSecret',
  'spec.payload.driverDistPayload',
  'spec.serviceAccountName',
  'spec.tolerations',
  'spec.type',
]);
