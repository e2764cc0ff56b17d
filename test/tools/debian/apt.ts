import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { lastLines, type Supervisor } from '../../cluster/supervisor.ts';
import { noteUse, removeForgotten } from '../../cluster/remove-unused.ts';
import { debianArchitecture } from './architecture.ts';
import { INSTALL, KEYRING, sourceList, type Sources } from './archives.ts';

const PROGRESS_MS = 20_000;

export interface DownloadOptions {
  readonly packages: readonly string[];
  readonly sources: Sources;
  readonly cache: string;
  readonly supervisor: Supervisor;
  readonly name: string;
  readonly report: (line: string) => void;
}

/**
 * The files of packages and of all that they depend on, in an order in which they may be unpacked. apt checks their
 * signatures; its folders are ours, so that neither what this machine has installed nor how its apt is set up plays a part.
 */
export async function download(options: DownloadOptions): Promise<readonly string[]> {
  await assertApt();
  const folder = aptFolder(options);
  const onWait = () =>
    options.report(`Another process downloads Debian packages; ${options.name} waits for it.`);
  return alone(folder, () => downloadInto(folder, options), onWait);
}

/** Where apt's lists of these archives, and the packages that it had of them, are kept. */
export function aptFolder({ cache, sources }: Pick<DownloadOptions, 'cache' | 'sources'>): string {
  const hash = createHash('sha256').update(sourceList(sources)).digest('hex');
  return join(cache, `apt-${hash.slice(0, 16)}`);
}

async function downloadInto(folder: string, options: DownloadOptions): Promise<readonly string[]> {
  await prepare(folder, sourceList(options.sources));
  await noteUse(folder);
  const hadLists = await exists(listsAreWhole(folder));
  if (!hadLists) await update(folder, options);
  try {
    return await fetchPackages(folder, options);
  } catch (error) {
    if (!hadLists) throw error;
    // Versions that old lists name go from the archive when newer ones come.
    await update(folder, options);
    return fetchPackages(folder, options);
  }
}

async function fetchPackages(folder: string, options: DownloadOptions): Promise<readonly string[]> {
  const { packages, name, report } = options;
  const names = debsOf(await apt(folder, [...INSTALL, '--simulate', ...packages], options));
  const archives = join(folder, 'archives');
  const progress = setInterval(() => {
    void readdir(archives).then((files) => {
      const there = names.filter((deb) => files.includes(deb)).length;
      report(`Downloading packages of ${name}: ${there} of ${names.length}.`);
    });
  }, PROGRESS_MS);
  try {
    await apt(folder, [...INSTALL, '--download-only', ...packages], options);
  } finally {
    clearInterval(progress);
  }
  const debs = names.map((deb) => join(archives, deb));
  await Promise.all(debs.map(noteUse));
  await removeForgotten(archives, '.deb');
  return debs;
}

/** Of lines as `Inst libc6 (2.36-9 Debian:12.11/stable [amd64])`, the files that apt keeps. */
function debsOf(simulation: string): readonly string[] {
  return [...simulation.matchAll(/^Inst (\S+) \((\S+) .*\[(\w+)\]\)/gm)].map(
    ([, name, version, architecture]) => `${name}_${version!.replaceAll(':', '%3a')}_${architecture}.deb`,
  );
}

async function update(folder: string, options: DownloadOptions): Promise<void> {
  await rm(listsAreWhole(folder), { force: true });
  const progress = setInterval(
    () => options.report('Downloading the lists of Debian packages.'),
    PROGRESS_MS,
  );
  try {
    await apt(folder, ['update'], options);
  } finally {
    clearInterval(progress);
  }
  await writeFile(listsAreWhole(folder), '');
}

const listsAreWhole = (folder: string) => join(folder, 'lists-are-whole');

/** Everything that apt reads of itself, and nothing of this machine's. */
async function prepare(folder: string, list: string): Promise<void> {
  for (const part of ['lists/partial', 'archives/partial', 'empty'])
    await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'debian.sources'), list);
  await writeFile(join(folder, 'apt.conf'), configuration(folder));
}

function configuration(folder: string): string {
  const settings = {
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': `${folder}/empty`,
    'Dir::Etc::sourcelist': `${folder}/debian.sources`,
    'Dir::Etc::sourceparts': `${folder}/empty`,
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': `${folder}/empty`,
    'Dir::Etc::netrcparts': `${folder}/empty`,
    'Dir::State': folder,
    'Dir::State::lists': `${folder}/lists`,
    'Dir::State::status': `${folder}/status`,
    'Dir::State::extended_states': `${folder}/extended_states`,
    'Dir::Cache': folder,
    'Dir::Cache::archives': `${folder}/archives`,
    'Dir::Log': folder,
    'APT::Architecture': debianArchitecture(),
    'APT::Architectures': debianArchitecture(),
    'APT::Sandbox::User': '',
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::GzipIndexes': 'true',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    // A clock that is off spoils nothing: what is signed stays signed.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Check-Date': 'false',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join('');
}

/** What apt-get printed. */
async function apt(folder: string, args: readonly string[], options: DownloadOptions): Promise<string> {
  const { supervisor, name } = options;
  const log = join(supervisor.folder, `apt-${args[0]}${args.includes('--simulate') ? '-simulated' : ''}.log`);
  await rm(log, { force: true });
  // Of the environment, only what leads through a proxy.
  const env = { ...process.env, LC_ALL: 'C', APT_CONFIG: join(folder, 'apt.conf') };
  const child = await supervisor.spawn({
    file: 'apt-get',
    args: ['--quiet', ...args],
    cwd: folder,
    env,
    log,
  });
  const how = await child.ended;
  const printed = await readFile(log, 'utf8').catch(() => '');
  if (how === 'exit code 0') return printed;
  throw new Error(
    `apt-get ${args[0]} for the Debian root of ${name} failed, ${how}:\n${await lastLines(log, 12)}${adviceOn(printed, folder)}`,
  );
}

function adviceOn(printed: string, folder: string): string {
  if (/No space left on device|enough free space/.test(printed))
    return `\nThe disk is full: ${folder} needs 1 GB.`;
  if (/Failed to fetch|Could not resolve|Could not connect|Unable to connect|timed out/.test(printed)) {
    return '\nDebian packages could not be downloaded. Set http_proxy where there is a proxy, or WEKA_GITOPS_DEBIAN to the address of a mirror.';
  }
  return '';
}

async function assertApt(): Promise<void> {
  const needed = ['/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING];
  for (const file of needed) {
    if (await exists(file)) continue;
    throw new Error(
      `${file} is missing: tests that use Debian packages need Debian 12 or Ubuntu with apt, dpkg and debian-archive-keyring.`,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
