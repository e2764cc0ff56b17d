import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { alone } from './lock.ts';
import { run } from './run.ts';

/** An official release: an archive that holds programs. `{arch}` stands for amd64 or arm64. */
export interface Release {
  readonly url: string;
  /** By architecture: `sha256:…` or `sha512:…`, whichever is published. What is not pinned is never downloaded. */
  readonly digest: Readonly<Partial<Record<string, string>>>;
  /** Where each program is in the archive. */
  readonly programs: Readonly<Partial<Record<string, string>>>;
}

export interface DownloadOptions {
  readonly cache: string;
  /** Address under which `HOST/PATH` of each release is found instead. */
  readonly mirror?: string | undefined;
  readonly report: (line: string) => void;
  /** How long to wait for an answer, and for each next piece of it. */
  readonly patienceMs?: number;
  /** How long all of it may take. */
  readonly limitMs?: number;
  readonly progressMs?: number;
}

const goArch = arch() === 'x64' ? 'amd64' : arch();

/** The folder in the cache for what a release holds, by its digest; undefined if none is pinned. */
export function releaseFolder(cache: string, { digest }: Release): string | undefined {
  const [, hex] = digest[goArch]?.split(':') ?? [];
  return hex === undefined ? undefined : join(cache, `release-${hex.slice(0, 16)}`);
}

/** Downloads a pinned release into the cache, and gives undefined where that cannot be done. */
export async function download(release: Release, options: DownloadOptions): Promise<string | undefined> {
  const folder = releaseFolder(options.cache, release);
  if (folder === undefined) return undefined;
  const url = mirrored(forArch(release.url), options.mirror);
  const unfinished = `${folder}.unfinished`;
  const onWait = () => options.report(`Another process downloads ${url}; waiting for it.`);
  const fetched = async () => {
    if (await exists(folder)) return folder;
    // The lock is ours, so whoever left this is gone.
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
      const archive = join(unfinished, 'archive');
      await fetchFile(url, archive, release.digest[goArch]!, options);
      await unpack(archive, release, join(unfinished, 'programs'));
      await rename(join(unfinished, 'programs'), folder);
      return folder;
    } catch (error) {
      options.report(`Not used: ${url}: ${reason(error)}.`);
      return undefined;
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  };
  return alone(folder, fetched, onWait);
}

/** Writes what `url` gives to a file, and throws where it is not what was pinned. */
async function fetchFile(
  url: string,
  file: string,
  pinned: string,
  { patienceMs = 4_000, limitMs = 600_000, progressMs = 20_000, report }: DownloadOptions,
): Promise<void> {
  const gaveUp = new AbortController();
  const giveUp = (why: string) => gaveUp.abort(new Error(why));
  const patience = setTimeout(giveUp, patienceMs, `no data for ${patienceMs / 1000} s`);
  const limit = setTimeout(giveUp, limitMs, `not done within ${limitMs / 1000} s`);
  let received = 0;
  const progress = setInterval(() => {
    report(`Downloading ${url}: ${Math.round(received / 2 ** 20)} MiB.`);
  }, progressMs);
  try {
    const response = await fetch(url, { signal: gaveUp.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const [algorithm] = pinned.split(':');
    const hash = createHash(algorithm!);
    const pieces: AsyncIterable<Uint8Array> = response.body;
    await pipeline(async function* () {
      for await (const piece of pieces) {
        patience.refresh();
        received += piece.length;
        hash.update(piece);
        yield piece;
      }
    }, createWriteStream(file));
    const digest = `${algorithm}:${hash.digest('hex')}`;
    if (digest !== pinned) throw new Error(`it is ${digest}, but ${pinned} is pinned`);
  } finally {
    clearTimeout(patience);
    clearTimeout(limit);
    clearInterval(progress);
  }
}

async function unpack(archive: string, release: Release, into: string): Promise<void> {
  const members = Object.entries(release.programs).map(([name, path]) => [name, forArch(path!)] as const);
  const all = `${into}.all`;
  await mkdir(into);
  await mkdir(all);
  const { exitCode, stderr } = await run('tar', [
    '-xzf',
    archive,
    '-C',
    all,
    ...members.map(([, path]) => path),
  ]);
  if (exitCode !== 0) throw new Error(`it cannot be unpacked: ${stderr.trim()}`);
  for (const [name, path] of members) {
    await rename(join(all, path), join(into, name));
    await chmod(join(into, name), 0o755);
  }
}

function mirrored(url: string, mirror: string | undefined): string {
  if (!mirror) return url;
  const { host, pathname } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}/${host}${pathname}`;
}

function forArch(template: string): string {
  return template.replaceAll('{arch}', goArch);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
