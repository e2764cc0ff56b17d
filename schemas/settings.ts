import { z } from 'zod';
import { Duration } from './duration.ts';
import { Metadata } from './kube/metadata.ts';
import { RiskName } from './risk.ts';

/** The most approvals that one change may be made to need. */
export const MOST_APPROVALS = 10;

const Approvals = z.strictObject({
  required: z
    .array(RiskName)
    .default(['data-loss', 'drive', 'kernel-module', 'quorum', 'privilege', 'irreversible'])
    .describe(
      'Risks that wait for an Approval. The process may require more of them, and is never overruled.',
    ),
  count: z.int().min(1).max(MOST_APPROVALS).default(1).describe('Approvals that one change needs.'),
  maxAge: Duration.default('7d').describe(
    'How far ahead an Approval may end; one that ends later counts for nothing.',
  ),
});

const Window = z.strictObject({
  schedule: z
    .string()
    .regex(/^(\S+\s+){4}\S+$/, 'must be a cron expression of five fields')
    .describe('Cron expression of five fields: when the window opens.'),
  duration: Duration.describe('How long it stays open.'),
  timeZone: z
    .string()
    .min(1)
    .default('UTC')
    .describe('IANA name of the time zone that the schedule is read in.'),
  allow: z.array(z.string().min(1)).min(1).describe('Operations that run only while such a window is open.'),
});

const Prune = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether objects go whose manifest went.'),
  budget: z
    .strictObject({
      objects: z.int().min(0).default(5).describe('Objects that one commit may remove at most.'),
      percent: z
        .int()
        .min(0)
        .max(100)
        .default(10)
        .describe('Share of all managed objects that one commit may remove at most.'),
    })
    .prefault({})
    .describe('The smaller of both counts; a commit that removes more removes nothing.'),
});

const Elsewhere = z.array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'must be namespace/name')).default([]);

const External = z.strictObject({
  secrets: Elsewhere.describe(
    'Secrets, as namespace/name, that exist in the cluster and not in the repository.',
  ),
  clusters: Elsewhere.describe('WEKA clusters, as namespace/name, that are kept elsewhere.'),
  services: Elsewhere.describe('Services, as namespace/name, that others keep.'),
  serviceAccounts: Elsewhere.describe('Service accounts, as namespace/name, that others keep.'),
  configMaps: Elsewhere.describe('ConfigMaps, as namespace/name, that others keep.'),
  claims: Elsewhere.describe('PersistentVolumeClaims, as namespace/name, that others keep.'),
});

/** The lists of objects that are kept outside the repository. */
export const EXTERNAL_LISTS = External.keyof().options;

/** What drivers are built with on nodes of one system. */
export const Toolchain = z.strictObject({
  os: z
    .string()
    .regex(/^[a-z0-9._-]+$/, 'must be an ID as os-release has it')
    .describe('`ID` of their os-release: `ubuntu`, `cos`; `rhcos` for Red Hat CoreOS.'),
  version: z
    .string()
    .min(1)
    .optional()
    .describe(
      'How their `VERSION_ID` begins; on Red Hat CoreOS `VERSION`, which names the build. Any where unset.',
    ),
  image: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Image that builds there for policies, in place of that of WEKA, whose files are copied beside it; builderImageOverride of a policy comes before.',
    ),
  headersImage: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Image with /lib/modules and /usr/src of their kernel, such as the driver-toolkit of an OpenShift release; it is used in place of what the node has.',
    ),
});
export type Toolchain = z.infer<typeof Toolchain>;

const SettingsSpec = z.strictObject({
  namespaces: z
    .array(z.string().min(1))
    .optional()
    .describe('Namespaces where objects may go; where unset, those that the specs name.'),
  kinds: z
    .strictObject({
      allow: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Kinds beyond the default allow-list, within the ceilings, e.g. RoleBinding.rbac.authorization.k8s.io.',
        ),
    })
    .prefault({})
    .describe('Which kinds the repository may hold.'),
  prune: Prune.prefault({}).describe('What happens to objects whose manifest went.'),
  drift: z
    .enum(['correct', 'report'])
    .default('correct')
    .describe('Whether a field that somebody changed in the cluster is set back, or only shown.'),
  conflicts: z
    .enum(['report', 'force'])
    .default('report')
    .describe('Whether a field that another manager owns is only shown, or taken over.'),
  approvals: Approvals.prefault({}).describe('What waits for an Approval in the repository.'),
  rules: z
    .record(z.string(), z.enum(['error', 'warning', 'silent']))
    .default({})
    .describe('Level of single rules. What keeps a manifest from being read at all cannot be lowered.'),
  external: External.prefault({}).describe(
    'What manifests may refer to although the repository does not hold it.',
  ),
  windows: z.array(Window).default([]).describe('Times outside which the operations they name wait.'),
  drivers: z
    .strictObject({
      registry: z
        .string()
        .regex(/^https?:\/\/[^\s/]+/, 'must be an http:// or https:// address')
        .default('https://drivers.weka.io')
        .describe('Where prebuilt driver packages come from, within ceilings.driverRegistries.'),
      builder: z.boolean().default(true).describe('Whether a missing driver is built in the cluster.'),
      toolchains: z
        .array(Toolchain)
        .default([])
        .describe('What drivers are built with on systems that lack it; the first that fits a node counts.'),
    })
    .prefault({})
    .describe('How kernel drivers are found.'),
  drives: z
    .strictObject({
      signTool: z
        .string()
        .min(1)
        .optional()
        .describe('`builtin`, or the image of the vendor’s tool; where unset, signing is refused.'),
      blankCheck: z
        .enum(['sample', 'full'])
        .default('sample')
        .describe('Whether a large disk is read by sample or whole before it counts as blank.'),
    })
    .prefault({})
    .describe('How drives are signed for WEKA.'),
  status: z
    .strictObject({
      history: z
        .int()
        .min(1)
        .max(10_000)
        .default(200)
        .describe('Commits that the status branch keeps before it starts again.'),
    })
    .prefault({})
    .describe('The branch where what happened is written.'),
  report: z
    .strictObject({
      commitStatus: z
        .boolean()
        .default(true)
        .describe('Whether the forge shows at each commit that was carried out what became of it.'),
      comment: z
        .boolean()
        .default(true)
        .describe(
          'Whether a merged pull request that changed manifests or was shown a plan gets a closing comment.',
        ),
    })
    .prefault({})
    .describe('What a forge is told, where the process’s configuration names one.'),
  suspend: z
    .string()
    .regex(/\S/, 'must say why')
    .max(500)
    .optional()
    .describe('Why no pass may write anything; passes write again once it is gone.'),
});

/** What the repository itself decides about its passes, within the process's configuration. One per repository path. */
export const Settings = z
  .strictObject({
    apiVersion: z.literal('weka-gitops.dev/v1').describe('Version of the language.'),
    kind: z.literal('Settings').describe('What this describes.'),
    metadata: Metadata.describe('What they are called.'),
    spec: SettingsSpec.prefault({}).describe('Everything has a default.'),
  })
  .describe('What the repository itself decides about its passes, within the process’s configuration.');
export type Settings = z.infer<typeof Settings>;

/** What holds where a repository has no Settings. */
export const DEFAULT_SETTINGS: Settings = Settings.parse({
  apiVersion: 'weka-gitops.dev/v1',
  kind: 'Settings',
  metadata: { name: 'default' },
});

/** The one place that says which settings this version acts on; every other one that is set is told as ignored. */
export const SETTINGS_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.approvals',
  'spec.conflicts',
  'spec.drift',
  'spec.drivers',
  'spec.external',
  'spec.kinds',
  'spec.namespaces',
  'spec.prune',
  'spec.report',
  'spec.rules',
  'spec.status',
  'spec.suspend',
]);
