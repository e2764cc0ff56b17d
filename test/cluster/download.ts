import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { run } from './run.ts';

/** An official release of one program. `{arch}` stands for amd64 or arm64. */
export interface Release {
  readonly url: string;
  /** By architecture. What is not pinned is never downloaded. */
  readonly sha256: Readonly<Partial<Record<string, string>>>;
  /** The program's place in the archive, if the release is one. */
  readonly member?: string;
}

export type Releases = Readonly<Partial<Record<string, Release>>>;

export interface DownloadOptions {
  readonly cache: string;
  readonly releases: Releases;
  /** Address under which `HOST/PATH` of each release is found instead. */
  readonly mirror?: string | undefined;
  readonly report: (line: string) => void;
  /** How long to wait for an answer, and for each next piece of it. */
  readonly patienceMs?: number;
}

const goArch = arch() === 'x64' ? 'amd64' : arch();

/** Where a program's release is kept, by its hash; undefined if none is pinned. */
export function downloadedFile(cache: string, releases: Releases, name: string): string | undefined {
  const sha256 = releases[name]?.sha256[goArch];
  return sha256 === undefined ? undefined : join(cache, `release-${sha256.slice(0, 16)}`, name);
}

/** Downloads a pinned release into the cache, and gives undefined where that cannot be done. */
export async function download(name: string, options: DownloadOptions): Promise<string | undefined> {
  const { cache, releases, mirror, report } = options;
  const release = releases[name];
  const file = downloadedFile(cache, releases, name);
  if (release === undefined || file === undefined) return undefined;

  const url = mirrored(forArch(release.url), mirror);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, `${name}-unfinished-`));
  try {
    const fetched = join(unfinished, 'fetched');
    const sha256 = await fetchFile(url, fetched, options);
    if (sha256 !== release.sha256[goArch]) {
      report(`Refused ${url}: its SHA-256 is ${sha256}, not the pinned one.`);
      return undefined;
    }
    const program = release.member ? await unpack(fetched, forArch(release.member), unfinished) : fetched;
    await chmod(program, 0o755);
    await mkdir(dirname(file), { recursive: true });
    await rename(program, file);
    return file;
  } catch (error) {
    report(`Could not download ${url}: ${reason(error)}.`);
    return undefined;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Writes what `url` gives to a file and tells its SHA-256. */
async function fetchFile(
  url: string,
  file: string,
  { patienceMs = 4_000 }: DownloadOptions,
): Promise<string> {
  const gaveUp = new AbortController();
  const patience = setTimeout(
    () => gaveUp.abort(new Error(`no data for ${patienceMs / 1000} s`)),
    patienceMs,
  );
  const output = createWriteStream(file);
  try {
    const response = await fetch(url, { signal: gaveUp.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const hash = createHash('sha256');
    for await (const piece of response.body) {
      patience.refresh();
      hash.update(piece);
      if (!output.write(piece)) await once(output, 'drain');
    }
    return hash.digest('hex');
  } finally {
    clearTimeout(patience);
    output.end();
    await once(output, 'close');
  }
}

async function unpack(archive: string, member: string, into: string): Promise<string> {
  const { exitCode, stderr } = await run('tar', ['-xzf', archive, '-C', into, member]);
  if (exitCode !== 0) throw new Error(`${basename(archive)} could not be unpacked: ${stderr.trim()}`);
  return join(into, member);
}

function mirrored(url: string, mirror: string | undefined): string {
  if (!mirror) return url;
  const { host, pathname } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}/${host}${pathname}`;
}

function forArch(template: string): string {
  return template.replaceAll('{arch}', goArch);
}

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
