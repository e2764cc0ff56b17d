import { z } from 'zod';
import { Metadata } from './kube/metadata.ts';

const Target = z.strictObject({
  apiVersion: z
    .string()
    .min(1)
    .optional()
    .describe('Version of the target, where kind alone leaves a choice.'),
  kind: z.string().min(1).describe('Kind of the target, such as WekaCluster or Node.'),
  namespace: z.string().min(1).optional().describe('Namespace of the target.'),
  name: z.string().min(1).describe('Name of the target.'),
  uid: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Identity of the target: for a WEKA kind, the UID of its anchor. One that was made anew has another.',
    ),
  drives: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Ids of the drives that are meant, each in full.'),
});

/** Consent to one change that could lose data, or otherwise cannot be taken back. The plan prints the file to commit. */
export const Approval = z
  .strictObject({
    apiVersion: z.literal('weka-gitops.dev/v1').describe('Version of the language.'),
    kind: z.literal('Approval').describe('What this describes.'),
    metadata: Metadata.describe('What it is called.'),
    spec: z
      .strictObject({
        action: z
          .string()
          .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be words such as destroy-cluster')
          .describe('What may be done, such as destroy-cluster or sign-drives; the plan names it.'),
        target: Target.describe('The one object that it may be done to.'),
        approvalDigest: z
          .string()
          .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
          .describe(
            'Digest of cluster, action, target and content, as the plan prints it; any other change needs another.',
          ),
        reason: z.string().min(1).max(1000).describe('Why, for those who read it later.'),
        expires: z
          .string()
          .regex(
            /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
            'must be a time such as 2027-01-31T18:00:00Z',
          )
          .describe(
            'When it ends, with its time zone; no further ahead than Settings’ spec.approvals.maxAge.',
          ),
        requestedBy: z.string().min(1).optional().describe('Who asked for it, for those who read it later.'),
      })
      .describe('What is consented to.'),
  })
  .describe('Consent to one change that could lose data, or otherwise cannot be taken back.');
export type Approval = z.infer<typeof Approval>;

/** The one place that says which fields of an Approval this version acts on; every other one that is set is told as ignored. */
export const APPROVAL_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.action',
  'spec.approvalDigest',
  'spec.expires',
  'spec.reason',
  'spec.requestedBy',
  'spec.target.apiVersion',
  'spec.target.kind',
  'spec.target.name',
  'spec.target.namespace',
  'spec.target.uid',
]);
