import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { alone } from '../cluster/lock.ts';
import { Supervisor } from '../cluster/supervisor.ts';
import { BASE_PACKAGES, NPM } from './base-image.ts';
import { BUILDER_PACKAGES, buildImage, REFERENCES } from './build-image.ts';
import { copyContext, hashContext } from './context.ts';
import { assertRoot } from './inside-root.ts';

/** The image of this checkout, and the one that holds a pod's namespaces. */
export interface BuiltImage {
  /** The folder of both, as the OCI lays images out. As a tar file, `ctr images import` takes it. */
  readonly ociLayout: string;
  readonly reference: string;
  readonly pauseReference: string;
}

const PROGRESS_MS = 20_000;
const KEPT = 4;
const checkout = join(import.meta.dirname, '../..');

/**
 * Builds the image by the repository's own Dockerfile, with Debian's buildah, on a base of Debian's packages. It is done once
 * for each state of the sources, and kept.
 */
export async function builtImage(report: (line: string) => void = console.error): Promise<BuiltImage> {
  assertRoot('The image');
  const there = await builtFolder(checkout);
  if (await exists(there)) return imageIn(there);
  const supervisor = await Supervisor.start();
  try {
    // Sources may change while a build runs: what is built is a copy, and named by what the copy holds.
    const source = join(supervisor.folder, 'source');
    await copyContext(checkout, source);
    const folder = await builtFolder(source);
    await mkdir(dirname(folder), { recursive: true });
    const onWait = () => report('Another process builds the image; waiting for it.');
    await alone(folder, () => buildUnlessThere(folder, source, supervisor, report), onWait);
    return imageIn(folder);
  } finally {
    await supervisor.end();
  }
}

async function buildUnlessThere(
  folder: string,
  source: string,
  supervisor: Supervisor,
  report: (line: string) => void,
): Promise<void> {
  if (await exists(folder)) return;
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report('Building the image; this is done once for each state of the sources, and takes a minute or more.');
  const progress = setInterval(() => report(`Building the image: ${seconds()}.`), PROGRESS_MS);
  // The lock is ours, so whoever left this is gone.
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    const { ociLayout } = imageIn(unfinished);
    await mkdir(ociLayout, { recursive: true });
    await buildImage({ layout: ociLayout, source, cache: dirname(folder), supervisor, report });
    await rename(unfinished, folder);
    await removeOlder(dirname(folder));
  } finally {
    clearInterval(progress);
    await rm(unfinished, { recursive: true, force: true });
  }
  report(`Built the image in ${seconds()}.`);
}

/** Images of sources that have changed since are of no use, save to who still runs the tests of these. */
async function removeOlder(cache: string): Promise<void> {
  const folders = (await readdir(cache))
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => join(cache, name));
  const dated = await Promise.all(
    folders.map(async (path) => ({ path, madeMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const older = dated.toSorted((one, other) => other.madeMs - one.madeMs).slice(KEPT);
  for (const { path } of older) await rm(path, { recursive: true, force: true });
}

function imageIn(folder: string): BuiltImage {
  return {
    ociLayout: join(folder, 'layout'),
    reference: REFERENCES.built,
    pauseReference: REFERENCES.pause,
  };
}

/** In the cache, named by all that decides what the image holds, save the day on which it was made. */
async function builtFolder(source: string): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([process.arch, BASE_PACKAGES, BUILDER_PACKAGES, NPM]),
  );
  for (const file of (await readdir(import.meta.dirname)).toSorted()) {
    if (!file.endsWith('.test.ts')) hash.update(await readFile(join(import.meta.dirname, file)));
  }
  await hashContext(source, hash);
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cache = process.env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops');
  return join(cache, 'image', hash.digest('hex').slice(0, 16));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
