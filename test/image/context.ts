import { createHash, type Hash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The files and folders of a checkout that a build of the image is given, by its .dockerignore, which names no others. */
export async function contextPaths(checkout: string): Promise<readonly string[]> {
  const lines = (await readFile(join(checkout, '.dockerignore'), 'utf8')).split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (rules[0] !== '*') throw new Error('.dockerignore is read here only where its first rule is `*`.');
  return rules.slice(1).map((rule) => rule.replace(/^!/, ''));
}

const OF_THE_BUILD = ['.dockerignore', 'Dockerfile'];

/** Copies what a build needs. */
export async function copyContext(checkout: string, to: string): Promise<void> {
  for (const path of [...OF_THE_BUILD, ...(await contextPaths(checkout))]) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(checkout, path), join(to, path), { recursive: true });
  }
}

/** Adds all that a build needs to a hash. */
export async function hashContext(checkout: string, hash: Hash): Promise<void> {
  for (const path of [...OF_THE_BUILD, ...(await contextPaths(checkout))])
    await hashPath(checkout, path, hash);
}

async function hashPath(root: string, path: string, hash: Hash): Promise<void> {
  const entries = await readdir(join(root, path)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) {
    const content = createHash('sha256').update(await readFile(join(root, path)));
    hash.update(`${path} ${content.digest('hex')}\n`);
    return;
  }
  for (const entry of entries.toSorted()) await hashPath(root, join(path, entry), hash);
}
