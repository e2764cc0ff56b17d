import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { parse, YAMLParseError } from 'yaml';
import type { GroupKind } from './core/kube/object.ts';
import { ReconcilerError } from './errors.ts';
import type { CommitSha } from './ports.ts';
import type { Flags } from './args.ts';

/** What the process is told by its own configuration, and never by the repository. */
export const ConfigFile = z.strictObject({
  cluster: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/)
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
        .default('weka-gitops')
        .describe('Name of the ApplySet parent. Two installations on one cluster need two names.'),
      namespace: z
        .string()
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
        .array(z.string())
        .optional()
        .describe('Namespaces that specs may name; all but the system’s own where unset.'),
      kinds: z
        .array(z.string())
        .default([])
        .describe('Kinds beyond the default allow-list, e.g. RoleBinding.rbac.authorization.k8s.io.'),
    })
    .prefault({}),
  status: z
    .strictObject({ enabled: z.boolean().default(true).describe('Whether to write the status branch.') })
    .prefault({}),
  cacheDir: z.string().optional().describe('Folder for the clone; ~/.cache/weka-gitops where unset.'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

export interface Config extends Omit<ConfigFile, 'cacheDir' | 'ceilings'> {
  readonly cacheDir: string;
  /** The repository's CA, as PEM. */
  readonly ca?: string;
  readonly ceilings: { readonly namespaces?: readonly string[]; readonly kinds: readonly GroupKind[] };
  readonly password?: string;
  readonly token?: string;
  readonly acceptRewrittenHistory?: CommitSha;
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
  const merged = ConfigFile.safeParse(overlay(file, flags, env));
  if (!merged.success) throw invalid(path ?? 'the command line', merged.error);
  const { ceilings, cacheDir, ...config } = merged.data;

  const { repository } = config;
  const password =
    env['WEKA_GITOPS_PASSWORD'] ??
    (repository?.passwordFile && (await readSecret(repository.passwordFile, readFile)));
  const token =
    env['WEKA_GITOPS_TOKEN'] ?? (repository?.tokenFile && (await readSecret(repository.tokenFile, readFile)));
  const ca = repository?.caFile && (await read(repository.caFile, readFile, 'the repository’s CA'));
  return {
    ...config,
    ceilings: {
      kinds: ceilings.kinds as GroupKind[],
      ...(ceilings.namespaces === undefined ? {} : { namespaces: ceilings.namespaces }),
    },
    cacheDir: cacheDir ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weka-gitops', 'git'),
    ...(password ? { password } : {}),
    ...(token ? { token } : {}),
    ...(ca ? { ca } : {}),
    ...(flags.acceptRewrittenHistory === undefined
      ? {}
      : { acceptRewrittenHistory: flags.acceptRewrittenHistory as CommitSha }),
  };
}

type Loose = Readonly<Record<string, unknown>>;

function overlay(file: Loose, flags: Flags, env: ConfigSources['env']): Loose {
  const repository = {
    ...(file['repository'] as Loose | undefined),
    ...defined({
      url: flags.repository ?? env['WEKA_GITOPS_REPOSITORY'],
      ref: flags.ref ?? env['WEKA_GITOPS_REF'],
      path: flags.path ?? env['WEKA_GITOPS_PATH'],
      username: env['WEKA_GITOPS_USERNAME'],
    }),
  };
  const kubernetes = {
    ...(file['kubernetes'] as Loose | undefined),
    ...defined({ kubeconfig: flags.kubeconfig, context: flags.context }),
  };
  return {
    ...file,
    ...defined({ cluster: flags.cluster ?? env['WEKA_GITOPS_CLUSTER'] }),
    ...('url' in repository ? { repository } : {}),
    kubernetes,
  };
}

function defined(values: Loose): Loose {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
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

function invalid(path: string, error: z.ZodError): ConfigError {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return new ConfigError(`${path}: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'not valid'}.`, {
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
