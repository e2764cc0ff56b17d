import * as z from 'zod';

const FILE = z.string().min(1).optional();

/** Where pull requests, comments and commit statuses are. */
export const ForgeConfig = z.strictObject({
  kind: z.enum(['github', 'gitea', 'forgejo']).describe('What runs there.'),
  url: z
    .string()
    .regex(/^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/, 'must be an http:// or https:// address without a user')
    .optional()
    .describe('Address of the forge; that of the repository where unset.'),
  repository: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, 'must be owner/name')
    .optional()
    .describe('owner/name on the forge; that of the repository’s address where unset.'),
  tokenFile: FILE.describe('File with an access token; WEKA_GITOPS_FORGE_TOKEN instead of it.'),
  app: z
    .strictObject({
      id: z.int().min(1).describe('Id of the GitHub App.'),
      privateKeyFile: z.string().min(1).describe('File with its private key, as PEM.'),
      installation: z
        .int()
        .min(1)
        .optional()
        .describe('Its installation; that of the repository where unset.'),
    })
    .optional()
    .describe('A GitHub App in place of a token.'),
  caFile: FILE.describe(
    'PEM file with the CA that signed the forge’s certificate; repository.caFile where unset.',
  ),
  webhookSecretFile: FILE.describe(
    'File with the secret of the webhook that posts JSON to /webhook; WEKA_GITOPS_WEBHOOK_SECRET instead of it. Without one none is heard.',
  ),
  statusUrl: z
    .string()
    .regex(/^https?:\/\/[^\s@]+$/, 'must be an http:// or https:// address')
    .optional()
    .describe('Where commit statuses link to; the status branch on the forge where unset.'),
});
export type ForgeConfig = z.infer<typeof ForgeConfig>;

/** How `run --only review` plans pull requests. */
export const ReviewConfig = z.strictObject({
  forks: z
    .enum(['ignore', 'plan'])
    .default('ignore')
    .describe(
      'Whether pull requests from other repositories are planned; their plans show nothing of Secrets.',
    ),
  drafts: z.boolean().default(false).describe('Whether pull requests are planned while they are drafts.'),
  concurrency: z.int().min(1).max(16).default(2).describe('Pull requests that are planned at once at most.'),
  settleSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(10)
    .describe('How long the cluster has to be still before its changes lead to new plans.'),
  annotations: z
    .boolean()
    .default(true)
    .describe('Whether findings are shown at the lines of the pull request.'),
  commands: z.boolean().default(true).describe('Whether /weka-gitops in a comment is answered.'),
});
export type ReviewConfig = z.infer<typeof ReviewConfig>;

/** Who else is told what became of a commit. */
export const NotificationConfig = z.strictObject({
  kind: z.enum(['webhook', 'slack']).describe('Shape of the message: JSON of ours, or what Slack takes.'),
  urlFile: z.string().min(1).describe('File with the address, which is a secret.'),
  secretFile: FILE.describe('File with the secret that messages of kind webhook are signed with.'),
  on: z
    .array(z.enum(['applied', 'healthy', 'waiting', 'failed']))
    .min(1)
    .default(['waiting', 'failed'])
    .describe('What is told; that something is well again is told after each failure.'),
});
export type NotificationConfig = z.infer<typeof NotificationConfig>;

/** Whose commits are applied. */
export const VerifyConfig = z
  .strictObject({
    allowedSignersFile: FILE.describe('Allowed signers as in git’s gpg.ssh.allowedSignersFile.'),
    pgpKeysFile: FILE.describe('PGP public keys in ASCII armor.'),
  })
  .refine((files) => Object.values(files).some(Boolean), 'must name allowedSignersFile or pgpKeysFile');
export type VerifyConfig = z.infer<typeof VerifyConfig>;

/** What the commits of the status branch are signed with. */
export const SigningConfig = z
  .strictObject({
    sshKeyFile: FILE.describe('File with an OpenSSH private key.'),
    pgpKeyFile: FILE.describe('File with a PGP private key in ASCII armor.'),
    passphraseFile: FILE.describe('File with the passphrase of that key.'),
  })
  .refine(
    ({ sshKeyFile, pgpKeyFile }) => (sshKeyFile === undefined) !== (pgpKeyFile === undefined),
    'must name either sshKeyFile or pgpKeyFile',
  );
export type SigningConfig = z.infer<typeof SigningConfig>;
