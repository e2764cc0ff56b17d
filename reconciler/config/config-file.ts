import * as z from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { Duration } from '../../schemas/duration.ts';
import { RiskName } from '../../schemas/risk.ts';
import { MOST_APPROVALS } from '../../schemas/settings.ts';
import { kindNamed, KINDS } from '../core/kube/kinds.ts';
import { AGENT_NAMESPACE } from '../core/nodes/agent-report.ts';
import { type GroupKind, groupKind } from '../core/kube/object.ts';
import {
  ForgeConfig,
  NotificationConfig,
  ReviewConfig,
  SigningConfig,
  VerifyConfig,
} from './forge-config.ts';

const BY_CEILING = KINDS.filter(({ allowed }) => allowed === 'by-ceiling').map(groupKind);

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME_FORM = 'must be lower-case letters, digits and -, at most 63';

/** Names of objects are made of it: those of a CronJob have at most 52 characters, and that of a Service 63. */
const INSTALLATION = /^[a-z]([-a-z0-9]{0,43}[a-z0-9])?$/;

/** Namespaces of Kubernetes itself, where nothing of ours belongs. */
const SYSTEM = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

const OwnNamespace = z
  .string()
  .regex(LABEL, NAME_FORM)
  .refine((name) => !SYSTEM.has(name), 'must be a namespace of its own');

const Fields = z.strictObject({
  cluster: z
    .string()
    .regex(LABEL, NAME_FORM)
    .default('default')
    .describe('Name of the cluster: it names the status branch and stands in every report.'),
  repository: z
    .strictObject({
      url: z.string().min(1).describe('https://…, http://… or the path of a local repository.'),
      ref: z
        .string()
        .min(1)
        .default('main')
        .describe('Branch, tag, full ref or commit; where pull requests are planned, a branch.'),
      path: z.string().default('').describe('Folder within the repository that holds the manifests.'),
      username: z.string().optional().describe('User for basic authentication.'),
      passwordFile: z
        .string()
        .optional()
        .describe('File with the password; WEKA_GITOPS_PASSWORD instead of it.'),
      tokenFile: z
        .string()
        .optional()
        .describe('File with an access token; WEKA_GITOPS_TOKEN instead of it.'),
      caFile: z.string().optional().describe('PEM file with the CA that signed the server’s certificate.'),
      verify: VerifyConfig.optional().describe(
        'Only commits that one of these keys signed are applied; any are where unset.',
      ),
    })
    .optional()
    .describe('Where the specs are.'),
  kubernetes: z
    .strictObject({
      kubeconfig: z
        .string()
        .optional()
        .describe('Path of a kubeconfig; otherwise KUBECONFIG, the pod’s account, or ~/.kube/config.'),
      context: z.string().optional().describe('Context of the kubeconfig; otherwise its current one.'),
    })
    .prefault({}),
  installation: z
    .strictObject({
      name: z
        .string()
        .regex(INSTALLATION, 'must be lower-case letters, digits and -, at most 45, with a letter first')
        .default('weka-gitops')
        .describe('Name of the ApplySet parent. Two installations on one cluster need two names.'),
      namespace: OwnNamespace.default('weka-gitops-system').describe(
        'Namespace of our own objects, which no spec may name.',
      ),
      agentNamespace: OwnNamespace.default(AGENT_NAMESPACE).describe(
        'Namespace of the agents of nodes and of what they report, which no spec may name.',
      ),
      agentProbePort: z
        .int()
        .min(1024)
        .max(65_535)
        .default(14_299)
        .describe(
          'Port of 127.0.0.1 at which each agent answers the probes of its node. Two installations on one cluster need two ports.',
        ),
      image: z
        .string()
        .regex(/^\S+$/, 'must be an image')
        .default(`ghcr.io/weka-gitops/weka-gitops:${packageJson.version}`)
        .describe('Image that brings our programs into the pods of WEKA.'),
      selfManaged: z
        .boolean()
        .default(false)
        .describe(
          'Whether the repository may hold what install makes, save the configuration. Every privilege then waits for an Approval.',
        ),
    })
    .prefault({}),
  ceilings: z
    .strictObject({
      namespaces: z
        .array(z.string().regex(LABEL, NAME_FORM))
        .optional()
        .describe('Namespaces that specs may name; all but the system’s own where unset.'),
      kinds: z
        .array(
          z
            .string()
            .refine(
              (name) => kindNamed(name as GroupKind) !== undefined,
              `must be one of ${BY_CEILING.join(', ')}`,
            ),
        )
        .default([])
        .describe('Kinds beyond the default allow-list, e.g. RoleBinding.rbac.authorization.k8s.io.'),
      driverRegistries: z
        .array(
          z
            .string()
            .regex(
              /^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/,
              'must be an http:// or https:// address without a user or a query',
            ),
        )
        .optional()
        .describe(
          'Registries that packages of drivers may come from, and where these lead to; https://drivers.weka.io alone where unset, none where empty.',
        ),
      approvals: z
        .strictObject({
          required: z
            .array(RiskName)
            .default([])
            .describe('Dangers that wait for an Approval, whatever Settings say, e.g. privilege.'),
          count: z
            .int()
            .min(1)
            .max(MOST_APPROVALS)
            .default(1)
            .describe('Approvals that one change needs at least.'),
          maxAge: Duration.optional().describe('How long an Approval holds at most, e.g. 7d.'),
        })
        .prefault({}),
    })
    .prefault({}),
  drivers: z
    .strictObject({
      caFile: z
        .string()
        .optional()
        .describe('PEM file with the CA of registries of driver packages, beside those of the system.'),
      proxy: z
        .string()
        .regex(/^https?:\/\/[^\s/@]+\/?$/, 'must be an http:// or https:// address without a user')
        .optional()
        .describe(
          'Proxy by which registries of driver packages are reached, also by the pods that fetch from them; for the process itself HTTPS_PROXY where unset.',
        ),
      noProxy: z.string().optional().describe('Hosts that are reached without that proxy, as in NO_PROXY.'),
    })
    .prefault({}),
  decryption: z
    .strictObject({
      ageKeyFile: z
        .string()
        .optional()
        .describe(
          'File with the age identities that decrypt SOPS files; WEKA_GITOPS_AGE_KEY_FILE or SOPS_AGE_KEY_FILE instead of it, SOPS_AGE_KEY besides.',
        ),
      pgpKeyFile: z
        .string()
        .optional()
        .describe('File with the PGP private keys that decrypt SOPS files, in ASCII armor.'),
      pgpPassphraseFile: z.string().optional().describe('File with the passphrase of those PGP keys.'),
    })
    .prefault({}),
  status: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether to write the status branch.'),
      signing: SigningConfig.optional().describe('Signs the commits of the status branch.'),
    })
    .prefault({}),
  run: z
    .strictObject({
      pollSeconds: z
        .int()
        .min(1)
        .default(30)
        .describe('How often `run` asks the repository for a new commit; each time one ref listing.'),
      listen: z
        .string()
        .regex(/^(\[[0-9a-f:]+\]|[^:\s]*):\d{1,5}$/, 'must be host:port')
        .default('0.0.0.0:8080')
        .describe(
          'Where `run` answers /healthz, /readyz, /metrics and the forge at /webhook. Two processes on one host need two.',
        ),
    })
    .prefault({}),
  forge: ForgeConfig.optional().describe('Where pull requests and commit statuses are; none where unset.'),
  review: ReviewConfig.prefault({}).describe('How pull requests are planned.'),
  notifications: z.array(NotificationConfig).max(20).default([]).describe('Who else is told what happens.'),
  kustomize: z
    .string()
    .optional()
    .describe(
      'Path of kustomize or kubectl, which builds folders with a kustomization; looked for on the PATH where unset.',
    ),
  cacheDir: z.string().optional().describe('Folder for the clone; ~/.cache/weka-gitops where unset.'),
});

/** What the process is told by its own configuration, and never by the repository. */
export const ConfigFile = Fields.superRefine(({ installation, ceilings }, context) => {
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (installation.agentNamespace === installation.namespace) {
    refuse(['installation', 'agentNamespace'], 'must be another namespace than installation.namespace');
  }
  for (const setting of ['namespace', 'agentNamespace'] as const) {
    const at = (ceilings.namespaces ?? []).indexOf(installation[setting]);
    if (at === -1) continue;
    refuse(
      ['ceilings', 'namespaces', at],
      `must not name ${installation[setting]}, which is installation.${setting}`,
    );
  }
});
export type ConfigFile = z.infer<typeof ConfigFile>;
