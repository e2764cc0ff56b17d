import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { parse, YAMLParseError } from 'yaml';
import { Duration } from '../schemas/duration.ts';
import { RiskName } from '../schemas/risk.ts';
import { isRecord } from './core/kube/json.ts';
import { kindNamed, KINDS } from './core/kube/kinds.ts';
import { type GroupKind, groupKind } from './core/kube/object.ts';
import type { ApprovalFloor } from './core/plan/approvals/rules.ts';
import { ReconcilerError } from './errors.ts';
import type { CommitSha } from './ports.ts';
import type { Flags } from './args.ts';
import type { KustomizePlaces } from './world/kustomize/find-kustomize.ts';
import { keyFiles } from './world/secrets/key-files.ts';
import type { KeySource } from './world/secrets/open-sealed.ts';

const BY_CEILING = KINDS.filter(({ allowed }) => allowed === 'by-ceiling').map(groupKind);

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME_FORM = 'must be lower-case letters, digits and -, at most 63';

/** Namespaces of Kubernetes itself, where nothing of ours belongs. */
const SYSTEM = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** What the process is told by its own configuration, and never by the repository. */
export const ConfigFile = z.strictObject({
  cluster: z
    .string()
    .regex(LABEL, NAME_FORM)
    .default('default')
    .describe('Name of the cluster: it names the status branch and stands in every report.'),
  repository: z
    .strictObject({
      url: z.string().min(1).describe('https://…, http://… or the path of a local repository.'),
      ref: z.string().min(1).default('main').describe('Branch, tag, full ref or commit.'),
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
        .regex(LABEL, NAME_FORM)
        .default('weka-gitops')
        .describe('Name of the ApplySet parent. Two installations on one cluster need two names.'),
      namespace: z
        .string()
        .regex(LABEL, NAME_FORM)
        .refine((name) => !SYSTEM.has(name), 'must be a namespace of its own')
        .default('weka-gitops-system')
        .describe('Namespace of our own objects, which no spec may name.'),
      image: z
        .string()
        .default('ghcr.io/weka-gitops/weka-gitops:0.1.0')
        .describe('Image that brings our programs into the pods of WEKA.'),
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
      approvals: z
        .strictObject({
          required: z
            .array(RiskName)
            .default([])
            .describe('Dangers that wait for an Approval, whatever Settings say, e.g. privilege.'),
          count: z.int().min(1).max(10).default(1).describe('Approvals that one change needs at least.'),
          maxAge: Duration.optional().describe('How long an Approval holds at most, e.g. 7d.'),
        })
        .prefault({}),
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
    .strictObject({ enabled: z.boolean().default(true).describe('Whether to write the status branch.') })
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
        .describe('Where `run` answers /healthz, /readyz and /metrics.'),
    })
    .prefault({}),
  kustomize: z
    .string()
    .optional()
    .describe(
      'Path of kustomize or kubectl, which builds folders with a kustomization; looked for on the PATH where unset.',
    ),
  cacheDir: z.string().optional().describe('Folder for the clone; ~/.cache/weka-gitops where unset.'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

export interface Config extends Omit<ConfigFile, 'cacheDir' | 'ceilings' | 'kustomize'>, Login {
  readonly cacheDir: string;
  readonly kustomize: KustomizePlaces;
  /** What decrypts SOPS files; read where one needs it. */
  readonly keys: KeySource;
  readonly ceilings: { readonly namespaces?: readonly string[]; readonly kinds: readonly GroupKind[] };
  /** Which consent is asked for at least, whatever the repository says. */
  readonly approvals: ApprovalFloor;
  readonly acceptRewrittenHistory?: CommitSha;
}

/** What proves us to the repository's server, and that server to us. */
export interface Login {
  readonly password?: string;
  readonly token?: string;
  /** PEM of the CA. */
  readonly ca?: string;
}

export class ConfigError extends ReconcilerError {
  readonly code = 'CONFIG';
  readonly retry = 'after-change';
}

/** The environment and the one file that configuration is read from, given by `main`. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

/** File, then environment, then flags: the later one wins. */
export async function loadConfig(flags: Flags, { env, readFile }: ConfigSources): Promise<Config> {
  const path = flags.config ?? env['WEKA_GITOPS_CONFIG'];
  const file = path === undefined ? {} : parseFile(path, await read(path, readFile, 'the configuration'));
  const over = given(flags, env);
  const merged = ConfigFile.safeParse(overlay(file, over));
  if (!merged.success) throw invalid(path, merged.error, over);
  const { ceilings, cacheDir, kustomize, ...config } = merged.data;

  return {
    ...config,
    ceilings: {
      kinds: ceilings.kinds as GroupKind[],
      ...(ceilings.namespaces === undefined ? {} : { namespaces: ceilings.namespaces }),
    },
    approvals: ceilings.approvals,
    keys: keyFiles({ ...config.decryption, ageKey: env['SOPS_AGE_KEY'] }, readFile),
    kustomize: { searchPath: env['PATH'] ?? '', ...(kustomize === undefined ? {} : { program: kustomize }) },
    cacheDir: cacheDir ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weka-gitops', 'git'),
    ...(await readLogin(config, { env, readFile })),
    ...(flags.acceptRewrittenHistory === undefined
      ? {}
      : { acceptRewrittenHistory: flags.acceptRewrittenHistory as CommitSha }),
  };
}

/** The repository's credentials as their files hold them now. */
export async function readLogin(
  { repository }: Pick<ConfigFile, 'repository'>,
  { env, readFile }: ConfigSources,
): Promise<Login> {
  const { passwordFile, tokenFile, caFile } = repository ?? {};
  const password =
    env['WEKA_GITOPS_PASSWORD'] ?? (passwordFile && (await readSecret(passwordFile, readFile)));
  const token = env['WEKA_GITOPS_TOKEN'] ?? (tokenFile && (await readSecret(tokenFile, readFile)));
  const ca = caFile && (await read(caFile, readFile, 'the repository’s CA'));
  return { ...(password ? { password } : {}), ...(token ? { token } : {}), ...(ca ? { ca } : {}) };
}

type Loose = Readonly<Record<string, unknown>>;

/** Settings that flags and the environment give too, in the order in which one is taken. */
function given(flags: Flags, env: ConfigSources['env']) {
  const one = (path: string, flag: string, flagged: string | undefined, variable?: string) => ({
    path,
    source: flagged === undefined ? (variable ?? flag) : flag,
    value: flagged ?? (variable === undefined ? undefined : env[variable]),
  });
  const variable = (path: string, ...names: readonly string[]) => {
    const source = names.find((name) => env[name]) ?? '';
    return { path, source, value: env[source] };
  };
  return [
    one('cluster', '--cluster', flags.cluster, 'WEKA_GITOPS_CLUSTER'),
    one('repository.url', '--repository', flags.repository, 'WEKA_GITOPS_REPOSITORY'),
    one('repository.ref', '--ref', flags.ref, 'WEKA_GITOPS_REF'),
    one('repository.path', '--path', flags.path, 'WEKA_GITOPS_PATH'),
    { path: 'repository.username', source: 'WEKA_GITOPS_USERNAME', value: env['WEKA_GITOPS_USERNAME'] },
    variable('decryption.ageKeyFile', 'WEKA_GITOPS_AGE_KEY_FILE', 'SOPS_AGE_KEY_FILE'),
    one('kubernetes.kubeconfig', '--kubeconfig', flags.kubeconfig),
    one('kubernetes.context', '--context', flags.context),
  ].filter(({ value }) => value !== undefined);
}

type Given = ReturnType<typeof given>;

/** The file's settings with those given elsewhere on top. What the file has in the wrong shape is left for the schema. */
function overlay(file: Loose, over: Given): Loose {
  const merged: Record<string, unknown> = { ...file };
  for (const { path, value } of over) {
    const [group = '', name] = path.split('.');
    if (name === undefined) merged[group] = value;
    else {
      const members = merged[group] ?? {};
      if (isRecord(members)) merged[group] = { ...members, [name]: value };
    }
  }
  // A user or a path without a repository says nothing: `validate` needs none.
  const { repository } = merged;
  const { repository: _unused, ...rest } = merged;
  return isRecord(repository) && repository['url'] === undefined && file['repository'] === undefined
    ? rest
    : merged;
}

function parseFile(path: string, text: string): Loose {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    throw new ConfigError(`${path}${at ? `:${at.line}:${at.col}` : ''} is not valid YAML.`, { cause: error });
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError(`${path} does not hold a map of settings.`);
  return value as Loose;
}

function invalid(file: string | undefined, error: z.ZodError, over: Given): ConfigError {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  const source = over.find(({ path }) => path === where)?.source;
  const place = source ?? `${file ?? 'The configuration'}${where === '' ? '' : `: ${where}`}`;
  return new ConfigError(`${place}: ${issue?.message ?? 'not valid'}.`, {
    hint: 'weka-gitops help config lists every setting.',
    cause: error,
  });
}

async function readSecret(path: string, readFile: ConfigSources['readFile']): Promise<string> {
  return (await read(path, readFile, 'a credential')).trim();
}

async function read(path: string, readFile: ConfigSources['readFile'], what: string): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ConfigError(`${path}, which should hold ${what}, cannot be read.`, { cause });
  }
}
