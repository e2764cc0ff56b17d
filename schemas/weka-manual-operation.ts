import { z } from 'zod';
import { KubeDuration } from './kube/duration.ts';
import { NamespacedMetadata } from './kube/metadata.ts';
import {
  BlockDrivesPayload,
  CleanStaleVirtualDrivesPayload,
  DiscoverDrivesPayload,
  ForceResignDrivesPayload,
  SignDrivesPayload,
} from './weka/drive-payloads.ts';
import {
  EnsureNICsPayload,
  MigrateToDriveSharingPayload,
  RemoteTracesSession,
  RotateSsdProxyPayload,
} from './weka/operation-payloads.ts';
import { RUN_FIELDS } from './weka/run-spec.ts';

const Payload = z.strictObject({
  signDrivesPayload: SignDrivesPayload.optional().describe('For sign-drives: which drives.'),
  blockDrivesPayload: BlockDrivesPayload.optional().describe(
    'For block-drives and unblock-drives: which drives.',
  ),
  discoverDrivesPayload: DiscoverDrivesPayload.optional().describe('For discover-drives: which nodes.'),
  ensureNICsPayload: EnsureNICsPayload.optional().describe('For ensure-nics: which devices.'),
  forceResignDrivesPayload: ForceResignDrivesPayload.optional().describe(
    'For force-resign-drives: which drives.',
  ),
  remoteTracesSessionPayload: RemoteTracesSession.optional().describe(
    'For remote-traces-session: whose traces.',
  ),
  cleanStaleVirtualDrivesPayload: CleanStaleVirtualDrivesPayload.optional().describe(
    'For clean-stale-virtual-drives: which drives.',
  ),
  rotateSsdProxyPayload: RotateSsdProxyPayload.optional().describe('For rotate-ssdproxy: which nodes.'),
  migrateToDriveSharingPayload: MigrateToDriveSharingPayload.optional().describe(
    'For migrate-to-drive-sharing: which cluster.',
  ),
});

const Status = z.looseObject({
  result: z.string().optional().describe('Result, as JSON.'),
  status: z
    .string()
    .optional()
    .describe('State in one word; an imported operation that is Done is not run again.'),
  completedAt: z
    .union([z.string(), z.null()], { error: 'must be a time' })
    .optional()
    .describe('When it ended.'),
});

/** Work that is done once. */
export const WekaManualOperation = z
  .strictObject({
    apiVersion: z.literal('weka.weka.io/v1alpha1').describe('Version of the language.'),
    kind: z.literal('WekaManualOperation').describe('What this describes.'),
    metadata: NamespacedMetadata.describe('What it is called.'),
    spec: z
      .strictObject({
        action: z
          .enum([
            'sign-drives',
            'discover-drives',
            'force-resign-drives',
            'block-drives',
            'unblock-drives',
            'ensure-nics',
            'remote-traces-session',
            'clean-stale-virtual-drives',
            'rotate-ssdproxy',
            'migrate-to-drive-sharing',
          ])
          .describe('What is done.'),
        payload: Payload.describe('With what.'),
        ...RUN_FIELDS,
        deletionDelay: KubeDuration.default('5m').describe(
          'Time that what it left in the cluster stays after its end.',
        ),
      })
      .describe('What it shall do.'),
    status: Status.optional().describe('What the operator saw; never an input, save that it is done.'),
  })
  .describe('Work that is done once.');
export type WekaManualOperation = z.infer<typeof WekaManualOperation>;

/** The one place that says which fields of an operation this version acts on; every other one that is set is told as ignored. */
export const WEKA_MANUAL_OPERATION_ACTED_ON: ReadonlySet<string> = new Set();
