import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { run, type Result } from '../cluster/run.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import type { BuiltImage } from './built-image.ts';
import { insideRoot } from './inside-root.ts';
import { blob, type ImageConfig, readImage } from './oci-layout.ts';

/** A file of an image, as its layer says. */
export interface Entry {
  /** As `ls` shows it: `-rwxr-xr-x`. */
  readonly mode: string;
  /** `USER/GROUP`, as numbers. */
  readonly owner: string;
  readonly bytes: number;
  readonly path: string;
}

/** What an image holds and how it starts. */
export interface UnpackedImage {
  readonly config: ImageConfig;
  readonly layers: readonly string[];
  readonly entries: readonly Entry[];
}

/** Reads an image without unpacking it. */
export async function readBuiltImage({ ociLayout, reference }: BuiltImage): Promise<UnpackedImage> {
  const { manifest, document } = await readImage(ociLayout, reference);
  const layers = manifest.layers.map(({ digest }) => blob(ociLayout, digest));
  const entries: Entry[] = [];
  for (const layer of layers) {
    const args = ['--list', '--verbose', '--numeric-owner', '--quoting-style=literal', `--file=${layer}`];
    const { stdout } = await promisify(execFile)('tar', args, { maxBuffer: 2 ** 26 });
    entries.push(...stdout.trimEnd().split('\n').map(entryOf));
  }
  return { config: document.config, layers, entries };
}

function entryOf(line: string): Entry {
  const [, mode, owner, bytes, path] = /^(\S+) +(\S+) +(\d+|\d+,\d+) \S+ \S+ (.*)$/.exec(line) ?? [];
  if (path === undefined) throw new Error(`tar lists ${line}`);
  return { mode: mode!, owner: owner!, bytes: Number(bytes), path: `/${path.replace(/^\.?\//, '')}` };
}

/** Unpacks an image into an empty folder. */
export async function unpack({ layers }: UnpackedImage, folder: string): Promise<void> {
  for (const layer of layers)
    await promisify(execFile)('tar', [
      '--extract',
      '--numeric-owner',
      `--file=${layer}`,
      `--directory=${folder}`,
    ]);
}

/** Runs a program of an unpacked image as somebody. What it writes is gone at its end. */
export async function runIn(
  root: string,
  { config }: UnpackedImage,
  user: number,
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const env = Object.fromEntries(
    (config.Env ?? []).map((entry) => entry.split(/=(.*)/s) as [string, string]),
  );
  const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs'];
  const { file, args } = insideRoot({
    root,
    scratch: await scratchFolder(),
    env: { ...env, ...more },
    command: [...as, ...command],
  });
  return run(file, args);
}
