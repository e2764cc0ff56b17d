import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build, builtFolder, type GoProgram } from './build.ts';
import { download, downloadedFile, type Releases } from './download.ts';
import pinnedReleases from './releases.json' with { type: 'json' };
import { run } from './run.ts';

/** The minor version that everything here has to agree on. */
const kubernetesMinor = 'v1.36.';

export const programNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kubectl',
  'kwok',
] as const;

export type ProgramName = (typeof programNames)[number];

/** The file of each program that was found. */
export type Programs = Readonly<Partial<Record<ProgramName, string>>>;

/** One place where programs may come from. It gives those of the wanted ones that it has. */
export type Source = (wanted: readonly ProgramName[]) => Promise<Programs>;

export type Report = (line: string) => void;

/** The files of all `wanted` programs, each from the first source that has it. */
export async function findPrograms<Name extends ProgramName>(
  wanted: readonly Name[],
  sources: readonly Source[] = programSources(),
): Promise<Readonly<Record<Name, string>>> {
  let found: Programs = {};
  for (const source of sources) {
    const missing = wanted.filter((name) => found[name] === undefined);
    if (missing.length > 0) found = { ...(await source(missing)), ...found };
  }
  const missing = wanted.filter((name) => found[name] === undefined);
  if (missing.length > 0) throw new Error(`No source has ${missing.join(', ')}.`);
  return found as Record<Name, string>;
}

export interface SourceOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly report?: Report;
  readonly releases?: Releases;
}

/**
 * Where programs are looked for, in order: a folder that the user names, an installed envtest, what was built or
 * downloaded before, the official releases, and at last a build from source.
 */
export function programSources(options: SourceOptions = {}): Source[] {
  const { env = process.env, report = console.error, releases = pinnedReleases } = options;
  const cache = cacheFolder(env);
  const named = env['WEKA_GITOPS_PROGRAMS'];
  const envtest = env['KUBEBUILDER_ASSETS'];
  return [
    ...(named ? [inNamedFolder(named)] : []),
    ...(envtest ? [inEnvtest(envtest, report)] : []),
    builtBefore(cache),
    downloadedBefore(cache, releases),
    fromReleases(cache, releases, env['WEKA_GITOPS_RELEASES'], report),
    fromGo(cache, report),
  ];
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops', 'cluster');
}

function inNamedFolder(folder: string): Source {
  return async (wanted) => {
    await access(folder).catch((cause: unknown) => {
      throw new Error(`WEKA_GITOPS_PROGRAMS names ${folder}, which cannot be read.`, { cause });
    });
    return inFolder(folder, wanted);
  };
}

/** An envtest of another minor version would not work with the parts it lacks, so it is passed over. */
function inEnvtest(folder: string, report: Report): Source {
  return async (wanted) => {
    const found = await inFolder(folder, wanted);
    const apiServer = join(folder, 'kube-apiserver');
    if (Object.keys(found).length === 0 || !(await isExecutable(apiServer))) return {};
    const version = (await run(apiServer, ['--version'])).stdout.trim();
    if (version.includes(` ${kubernetesMinor}`)) return found;
    report(`KUBEBUILDER_ASSETS holds ${version || 'no version'}, not ${kubernetesMinor}x: not used.`);
    return {};
  };
}

function builtBefore(cache: string): Source {
  return async (wanted) => {
    const folders = await Promise.all(goPrograms(wanted).map((program) => builtFolder(cache, program)));
    return Object.assign({}, ...(await Promise.all(folders.map((folder) => inFolder(folder, wanted)))));
  };
}

function downloadedBefore(cache: string, releases: Releases): Source {
  return async (wanted) => {
    const files = wanted.map((name) => [name, downloadedFile(cache, releases, name)] as const);
    return onlyExecutable(files);
  };
}

/** Used only if it spares the build altogether. */
function fromReleases(cache: string, releases: Releases, mirror: string | undefined, report: Report): Source {
  return async (wanted) => {
    if (wanted.some((name) => downloadedFile(cache, releases, name) === undefined)) return {};
    const found: Record<string, string> = {};
    for (const name of wanted) {
      const file = await download(name, { cache, releases, mirror, report });
      if (file === undefined) return {};
      found[name] = file;
    }
    return found;
  };
}

function fromGo(cache: string, report: Report): Source {
  return async (wanted) => {
    const found: Programs[] = [];
    for (const program of goPrograms(wanted)) {
      found.push(await inFolder(await build(program, { cache, report }), wanted));
    }
    return Object.assign({}, ...found);
  };
}

function goPrograms(wanted: readonly ProgramName[]): GoProgram[] {
  return [...new Set(wanted.map((name) => (name === 'kwok' ? 'kwok' : 'kubernetes')))];
}

async function inFolder(folder: string, wanted: readonly ProgramName[]): Promise<Programs> {
  return onlyExecutable(wanted.map((name) => [name, join(folder, name)] as const));
}

async function onlyExecutable(
  files: readonly (readonly [name: ProgramName, file: string | undefined])[],
): Promise<Programs> {
  const checked = await Promise.all(
    files.map(async ([name, file]) =>
      file !== undefined && (await isExecutable(file)) ? [[name, file]] : [],
    ),
  );
  return Object.fromEntries(checked.flat());
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
