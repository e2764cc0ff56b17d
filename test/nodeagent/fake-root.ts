import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host } from '../../nodeagent/host/host.ts';
import { openHost } from '../../nodeagent/host/open-host.ts';
import { type Tree, writeTree } from './write-tree.ts';

/** A folder that looks like the root of a host; it goes when the test has finished. */
export async function fakeRoot(tree: Tree): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'weka-nodeagent-root-'));
  onTestFinished(async () => await rm(root, { recursive: true, force: true }));
  await writeTree(root, tree);
  return root;
}

export interface Seen {
  readonly interfaces?: Parameters<typeof openHost>[0]['interfaces'];
  readonly timeoutMs?: number;
}

/** The host below a fake root. */
export function fakeHost(root: string, { interfaces = () => ({}), ...rest }: Seen = {}): Host {
  return openHost({ root, machine: 'x86_64', interfaces, ...rest });
}

/** Everything below a folder with what it holds and when it last changed, to compare. */
export async function everything(root: string): Promise<readonly string[]> {
  // With types, since links to folders are followed without them, and sysfs goes round in circles.
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  const lines = paths.map(async (at) => {
    const stats = await lstat(at);
    const holds = stats.isFile()
      ? (await readFile(at)).toString('base64')
      : stats.isSymbolicLink()
        ? await readlink(at)
        : '';
    return `${at} ${stats.mode} ${stats.mtimeMs} ${stats.ctimeMs} ${holds}`;
  });
  return await Promise.all(lines);
}
