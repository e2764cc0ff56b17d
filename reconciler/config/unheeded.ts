import { isRecord } from '../core/kube/json.ts';
import { InstallConfigError } from '../install/errors.ts';
import type { ConfigSources } from './config-sources.ts';

/** A variable of this machine that says something which a process elsewhere does not hear. */
export interface Unheeded {
  readonly variable: string;
  /** The setting that says it where it is written down. */
  readonly setting: string;
  /** Whether it says what the processes are for, and says otherwise. */
  readonly differs: boolean;
}

/** What variables say that name what is to be done. */
const PLAIN = [
  ['WEKA_GITOPS_CLUSTER', 'cluster'],
  ['WEKA_GITOPS_REPOSITORY', 'repository.url'],
  ['WEKA_GITOPS_REF', 'repository.ref'],
  ['WEKA_GITOPS_PATH', 'repository.path'],
] as const;
/** What others say that give access; in the cluster a file does. */
const CREDENTIALS = [
  ['WEKA_GITOPS_USERNAME', 'repository.username'],
  ['WEKA_GITOPS_PASSWORD', 'repository.passwordFile'],
  ['WEKA_GITOPS_TOKEN', 'repository.tokenFile'],
  ['WEKA_GITOPS_AGE_KEY_FILE', 'decryption.ageKeyFile'],
  ['SOPS_AGE_KEY_FILE', 'decryption.ageKeyFile'],
  ['SOPS_AGE_KEY', 'decryption.ageKeyFile'],
  ['WEKA_GITOPS_FORGE_TOKEN', 'forge.tokenFile'],
  ['WEKA_GITOPS_WEBHOOK_SECRET', 'forge.webhookSecretFile'],
] as const;

/** What the environment says besides `settings`, which are written down. What flags say counts in its place everywhere. */
export function unheeded(
  settings: unknown,
  env: ConfigSources['env'],
  flagged: ReadonlySet<string>,
): readonly Unheeded[] {
  const plain = PLAIN.flatMap(([variable, setting]) => {
    const said = env[variable];
    const differs = said !== undefined && !flagged.has(setting) && said !== at(settings, setting);
    return differs ? [{ variable, setting, differs }] : [];
  });
  const credentials = CREDENTIALS.flatMap(([variable, setting]) =>
    env[variable] && at(settings, setting) === undefined ? [{ variable, setting, differs: false }] : [],
  );
  return [...plain, ...credentials];
}

/** What is to be said of credentials. Throws an InstallConfigError where the processes would be for something else than this machine is. */
export function unheededNotes(found: readonly Unheeded[]): readonly string[] {
  const other = found.find(({ differs }) => differs);
  if (other !== undefined) {
    const { variable, setting } = other;
    throw new InstallConfigError(
      `${variable} says otherwise than the configuration, and no process in the cluster sees it.`,
      { hint: `Write it into the configuration file as ${setting}, or unset ${variable}.` },
    );
  }
  return found.map(
    ({ variable, setting }) =>
      `${variable} is set here, and no process in the cluster sees it: write ${setting} into the configuration file if they need it.`,
  );
}

function at(settings: unknown, path: string): unknown {
  let found = settings;
  for (const name of path.split('.')) found = isRecord(found) ? found[name] : undefined;
  return found;
}
