import type * as z from 'zod';
import { parse, YAMLParseError } from 'yaml';
import type { Flags } from '../args.ts';
import { isRecord } from '../core/kube/json.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSources } from './config-sources.ts';

type Loose = Readonly<Record<string, unknown>>;

/** Settings that flags and the environment give too, in the order in which one is taken. */
export function given(flags: Flags, env: ConfigSources['env']) {
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
export function overlay(file: Loose, over: Given): Loose {
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

/** The settings of a configuration file; throws a ConfigError with the place where it is no YAML. */
export function parseFile(path: string, text: string): Loose {
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

/** Names the setting that is wrong, by the flag or variable that gave it where one did. */
export function invalid(file: string | undefined, error: z.ZodError, over: Given): ConfigError {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  const source = over.find(({ path }) => path === where)?.source;
  const place = source ?? `${file ?? 'The configuration'}${where === '' ? '' : `: ${where}`}`;
  return new ConfigError(`${place}: ${issue?.message ?? 'not valid'}.`, {
    hint: 'weka-gitops help config lists every setting.',
    cause: error,
  });
}
