import { dirname, isAbsolute, join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { record, records } from '../../core/kube/json.ts';
import { clip, oneLine } from '../../core/report/plain.ts';
import { nearest } from '../../core/spec/nearest.ts';
import { KubeconfigError } from './errors.ts';

export interface KubeconfigFile {
  readonly path: string;
  readonly text: string;
}

/** One context with all that it names. Paths in it are absolute. */
export interface Context {
  /** What messages call it: `context "prod" of /home/ops/.kube/config`. */
  readonly origin: string;
  readonly namespace: string | undefined;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

export interface ClusterEntry {
  readonly server: string;
  readonly ca: Material | undefined;
  readonly tlsServerName: string | undefined;
  readonly insecure: boolean;
  readonly proxyUrl: string | undefined;
}

export interface UserEntry {
  readonly cert: Material | undefined;
  readonly key: Material | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly impersonate: Readonly<Record<string, string | string[]>>;
  readonly exec: Readonly<Record<string, unknown>> | undefined;
  readonly authProvider: Readonly<Record<string, unknown>> | undefined;
}

/** PEM text, or the file that holds it. */
export type Material = { readonly text: string } | { readonly file: string };

/**
 * The context `wanted`, or the current one, of several files read as one: of entries of the same name the first
 * counts, as kubectl has it.
 */
export function selectContext(files: readonly KubeconfigFile[], wanted?: string): Context {
  const parsed = files.map(parseFile);
  const where = files.map(({ path }) => path).join(', ');
  const contexts = entries(parsed, 'contexts');
  const name =
    wanted ?? parsed.map(({ value }) => scalar(value['current-context'])).find((set) => set !== undefined);
  const known = [...contexts.keys()].map(shown).join(', ');
  if (name === undefined) {
    const hint =
      known === '' ? 'It defines no context either.' : `Choose one by --context: ${clip(known, 400)}.`;
    throw new KubeconfigError(`${where} sets no current-context.`, { hint });
  }
  const context = contexts.get(name);
  if (context === undefined) {
    const near = nearest(name, contexts.keys());
    throw new KubeconfigError(`${where} has no context ${shown(name)}.`, {
      hint:
        near !== undefined
          ? `Did you mean ${shown(near)}?`
          : known === ''
            ? 'It defines no context at all.'
            : `It has ${clip(known, 400)}.`,
    });
  }
  const { value, path } = context;
  const body = record(value['context']);
  const cluster = named(entries(parsed, 'clusters'), scalar(body['cluster']), 'cluster', name, path);
  const userName = scalar(body['user']);
  // A context may go without a user: then nobody in particular asks.
  const user =
    userName === undefined ? undefined : named(entries(parsed, 'users'), userName, 'user', name, path);
  return {
    origin: `context ${shown(name)} of ${path}`,
    namespace: scalar(body['namespace']),
    cluster: clusterEntry(cluster),
    user: userEntry(user ?? { path, value: {} }),
  };
}

interface Entry {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

function parseFile({ path, text }: KubeconfigFile): Entry {
  try {
    return { path, value: record(parse(text, { maxAliasCount: 0, logLevel: 'error' })) };
  } catch (error) {
    // The parser's own words quote the file, credentials included.
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    throw new KubeconfigError(`${path}${at ? `:${at.line}:${at.col}` : ''} is not valid YAML.`);
  }
}

function entries(files: readonly Entry[], list: string): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const { path, value } of files) {
    for (const entry of records(value[list])) {
      const name = scalar(entry['name']);
      if (name !== undefined && !found.has(name)) found.set(name, { path, value: entry });
    }
  }
  return found;
}

function named(
  from: ReadonlyMap<string, Entry>,
  name: string | undefined,
  what: 'cluster' | 'user',
  context: string,
  path: string,
): Entry {
  const entry = name === undefined ? undefined : from.get(name);
  if (entry !== undefined) return entry;
  const said =
    name === undefined ? `names no ${what}` : `names the ${what} ${shown(name)}, which is not defined`;
  const near = name === undefined ? undefined : nearest(name, from.keys());
  const hint = near === undefined ? {} : { hint: `Did you mean ${shown(near)}?` };
  throw new KubeconfigError(`${path}: context ${shown(context)} ${said}.`, hint);
}

function clusterEntry({ path, value }: Entry): ClusterEntry {
  const cluster = record(value['cluster']);
  const server = scalar(cluster['server']);
  if (server === undefined)
    throw new KubeconfigError(`${path}: cluster ${shown(scalar(value['name']))} has no server.`);
  return {
    server,
    ca: material(cluster, 'certificate-authority', path),
    tlsServerName: scalar(cluster['tls-server-name']),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    proxyUrl: scalar(cluster['proxy-url']),
  };
}

function userEntry({ path, value }: Entry): UserEntry {
  const user = record(value['user']);
  const tokenFile = scalar(user['tokenFile']);
  const exec = user['exec'] === undefined || user['exec'] === null ? undefined : record(user['exec']);
  const command = scalar(exec?.['command']);
  const provider = user['auth-provider'];
  return {
    cert: material(user, 'client-certificate', path),
    key: material(user, 'client-key', path),
    token: scalar(user['token']),
    tokenFile: tokenFile === undefined ? undefined : beside(path, tokenFile),
    username: scalar(user['username']),
    password: scalar(user['password']),
    impersonate: impersonation(user),
    // A command with a slash is looked for beside the file, one without on the PATH.
    exec: command?.includes('/') ? { ...exec, command: beside(path, command) } : exec,
    authProvider: provider === undefined || provider === null ? undefined : record(provider),
  };
}

function material(from: Readonly<Record<string, unknown>>, key: string, path: string): Material | undefined {
  const data = scalar(from[`${key}-data`]);
  if (data !== undefined) return { text: Buffer.from(data, 'base64').toString('utf8') };
  const file = scalar(from[key]);
  return file === undefined ? undefined : { file: beside(path, file) };
}

function impersonation(user: Readonly<Record<string, unknown>>): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const as = scalar(user['as']);
  const uid = scalar(user['as-uid']);
  if (as !== undefined) headers['impersonate-user'] = as;
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  const groups = texts(user['as-groups']);
  if (groups.length > 0) headers['impersonate-group'] = groups;
  for (const [name, values] of Object.entries(record(user['as-user-extra']))) {
    headers[`impersonate-extra-${encodeURIComponent(name.toLowerCase())}`] = texts(values);
  }
  return headers;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(scalar).filter((text) => text !== undefined) : [];
}

function beside(path: string, file: string): string {
  return isAbsolute(file) ? file : join(dirname(path), file);
}

/** Numbers too: an unquoted password or name may look like one. */
function scalar(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function shown(name: string | undefined): string {
  return JSON.stringify(clip(oneLine(name ?? ''), 100));
}
