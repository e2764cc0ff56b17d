import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build, builtFolder, type BuildOptions, type GoProgram } from './build.ts';
import { download, type DownloadOptions, type Release, releaseFolder } from './download.ts';
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
  readonly releases?: readonly Release[];
  /** Folder of the Go module, if not the one here. */
  readonly module?: string;
}

/**
 * Where programs are looked for, in order: a folder that the user names, an installed envtest, what was built or
 * downloaded before, the official releases, and at last a build from source.
 */
export function programSources(options: SourceOptions = {}): Source[] {
  const { env = process.env, report = console.error, releases = pinnedReleases, module } = options;
  const cache = cacheFolder(env);
  const named = env['WEKA_GITOPS_PROGRAMS'];
  const envtest = env['KUBEBUILDER_ASSETS'];
  const building = { cache, report, env, ...(module !== undefined && { module }) };
  return [
    ...(named ? [inNamedFolder(named)] : []),
    ...(envtest ? [inEnvtest(envtest, report)] : []),
    builtBefore(building),
    downloadedBefore(cache, releases),
    fromReleases(releases, { cache, report, mirror: env['WEKA_GITOPS_RELEASES'] }),
    fromGo(building),
  ];
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
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

function builtBefore({ cache, module }: BuildOptions): Source {
  return async (wanted) => {
    const programs: GoProgram[] = ['etcd', 'kubernetes', 'kwok'];
    const folders = await Promise.all(programs.map((program) => builtFolder(cache, program, module)));
    return merged(await Promise.all(folders.map((folder) => inFolder(folder, wanted))));
  };
}

function downloadedBefore(cache: string, releases: readonly Release[]): Source {
  return async (wanted) => {
    const folders = releases.flatMap((release) => releaseFolder(cache, release) ?? []);
    return merged(await Promise.all(folders.map((folder) => inFolder(folder, wanted))));
  };
}

/** Ends with the first that cannot be had: where one server is out of reach, so is the next, and waiting adds up. */
function fromReleases(releases: readonly Release[], options: DownloadOptions): Source {
  return async (wanted) => {
    const found: Programs[] = [];
    for (const release of releases.filter(({ programs }) => wanted.some((name) => programs[name]))) {
      const folder = await download(release, options);
      if (folder === undefined) break;
      found.push(await inFolder(folder, wanted));
    }
    return merged(found);
  };
}

function fromGo(options: BuildOptions): Source {
  return async (wanted) => {
    const found: Programs[] = [];
    for (const program of goPrograms(wanted)) {
      found.push(await inFolder(await build(program, options), wanted));
    }
    return merged(found);
  };
}

/** Of what several have, the last one counts. */
function merged(found: readonly Programs[]): Programs {
  return Object.assign({}, ...found) as Programs;
}

function goPrograms(wanted: readonly ProgramName[]): GoProgram[] {
  return [
    ...new Set(
      wanted.map((name) => {
        if (name === 'kwok') return 'kwok';
        return wanted.every((other) => other === 'etcd' || other === 'kwok') ? 'etcd' : 'kubernetes';
      }),
    ),
  ];
}

async function inFolder(folder: string, wanted: readonly ProgramName[]): Promise<Programs> {
  const files = wanted.map((name) => [name, join(folder, name)] as const);
  const executable = await Promise.all(files.map(([, file]) => isExecutable(file)));
  return Object.fromEntries(files.filter((_, index) => executable[index]));
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
