import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Flags } from '../args.ts';
import type { RiskName } from '../../schemas/risk.ts';
import type { GroupKind, ObjectId } from '../core/kube/object.ts';
import type { ApprovalFloor } from '../core/plan/approvals/rules.ts';
import { installationNames } from '../install/installation-names.ts';
import { ownObjectIds } from '../install/own-objects.ts';
import type { CommitSha } from '../ports.ts';
import type { KustomizePlaces } from '../world/kustomize/find-kustomize.ts';
import { keyFiles } from '../world/secrets/key-files.ts';
import type { KeySource } from '../world/secrets/open-sealed.ts';
import { ConfigFile } from './config-file.ts';
import { type ConfigSources, readText } from './config-sources.ts';
import { type Login, readLogin } from './login.ts';
import { given, invalid, overlay, parseFile } from './overlay.ts';

export interface Config extends Omit<ConfigFile, 'cacheDir' | 'ceilings' | 'kustomize'>, Login {
  readonly cacheDir: string;
  readonly kustomize: KustomizePlaces;
  /** What decrypts SOPS files; read where one needs it. */
  readonly keys: KeySource;
  readonly ceilings: {
    readonly namespaces?: readonly string[];
    readonly kinds: readonly GroupKind[];
    readonly driverRegistries?: readonly string[];
    /** Objects of the installation itself that specs may hold. */
    readonly own?: readonly ObjectId[];
  };
  /** Which consent is asked for at least, whatever the repository says. */
  readonly approvals: ApprovalFloor;
  readonly acceptRewrittenHistory?: CommitSha;
  /** PEM of the CA of registries of driver packages. */
  readonly driversCa?: string;
}

/** What an installation that may change itself asks consent for, whatever else it does. */
const PRIVILEGE: RiskName = 'privilege';

/** File, then environment, then flags: the later one wins. */
export async function loadConfig(flags: Flags, { env, readFile }: ConfigSources): Promise<Config> {
  const path = flags.config ?? env['WEKA_GITOPS_CONFIG'];
  const file = path === undefined ? {} : parseFile(path, await readText(path, readFile, 'the configuration'));
  const over = given(flags, env);
  const merged = ConfigFile.safeParse(overlay(file, over));
  if (!merged.success) throw invalid(path, merged.error, over);
  const { ceilings, cacheDir, kustomize, ...config } = merged.data;
  const { installation } = config;

  return {
    ...config,
    ceilings: {
      kinds: ceilings.kinds as GroupKind[],
      ...(ceilings.namespaces === undefined ? {} : { namespaces: ceilings.namespaces }),
      ...(ceilings.driverRegistries === undefined ? {} : { driverRegistries: ceilings.driverRegistries }),
      ...(installation.selfManaged
        ? { own: ownObjectIds({ names: installationNames(installation), namespaces: ceilings.namespaces }) }
        : {}),
    },
    approvals: installation.selfManaged
      ? { ...ceilings.approvals, required: [...new Set([...ceilings.approvals.required, PRIVILEGE])] }
      : ceilings.approvals,
    keys: keyFiles({ ...config.decryption, ageKey: env['SOPS_AGE_KEY'] }, readFile),
    kustomize: { searchPath: env['PATH'] ?? '', ...(kustomize === undefined ? {} : { program: kustomize }) },
    cacheDir: cacheDir ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weka-gitops', 'git'),
    ...(await readLogin(config, { env, readFile })),
    ...(config.drivers.caFile === undefined
      ? {}
      : { driversCa: await readText(config.drivers.caFile, readFile, 'the CA of driver registries') }),
    ...(flags.acceptRewrittenHistory === undefined
      ? {}
      : { acceptRewrittenHistory: flags.acceptRewrittenHistory as CommitSha }),
  };
}
