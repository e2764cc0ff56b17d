import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { alone } from '../cluster/lock.ts';

/** A published package, and the digest of its archive. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly sha512: string;
}

const PATIENCE_MS = 120_000;
const run = promisify(execFile);

/** The folder of a package that nothing here depends on. It is fetched the first time, and kept. */
export async function npmPackage({ name, version, sha512 }: NpmPackage): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cache = process.env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops');
  const folder = join(cache, 'npm', `${name.replaceAll(/[@/]+/g, '-').replace(/^-/, '')}-${version}`);
  if (await exists(folder)) return folder;
  await mkdir(join(folder, '..'), { recursive: true });
  await alone(folder, async () => {
    if (await exists(folder)) return;
    // The lock is ours, so whoever left this is gone.
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    const options = { cwd: unfinished, timeout: PATIENCE_MS };
    const packed = await run('npm', ['pack', `${name}@${version}`, '--ignore-scripts', '--silent'], options);
    const archive = join(unfinished, packed.stdout.trim());
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (digest !== sha512)
      throw new Error(`${name}@${version} is another package than it was: sha512 ${digest}.`);
    const content = join(unfinished, 'content');
    await mkdir(content);
    const unpack = ['--extract', `--file=${archive}`, '--strip-components=1', '--no-same-owner'];
    await run('tar', unpack, { cwd: content });
    await rename(content, folder);
    await rm(unfinished, { recursive: true });
  });
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
