import { Buffer } from 'node:buffer';
import { readlink as readlinkWithCallback } from 'node:fs';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import type { HostPath } from './host.ts';

/** Half as much work as that of `node:fs/promises`. */
const readlink = promisify(readlinkWithCallback);

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Where `path` leads below `root` when all links are followed. An absolute link counts from `root`, and nothing leads
 * out of it, as for a program whose root it is. What is not there is reported by whoever opens the result.
 */
export async function followLinks(root: Buffer, path: HostPath): Promise<HostPath> {
  const left = parts(path);
  let at = '';
  let links = 0;
  while (left.length > 0) {
    const part = left.shift() ?? '';
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${part}`;
    const target = await linkTarget(Buffer.concat([root, Buffer.from(next, 'latin1')]));
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    if (target.startsWith('/')) at = '';
    left.unshift(...parts(target));
  }
  return at === '' ? '/' : at;
}

/** Where the link at `path` leads, in one step and without looking whether that is there. */
export async function linkedPath(root: Buffer, path: HostPath): Promise<HostPath> {
  const target = await readlink(Buffer.concat([root, Buffer.from(path, 'latin1')]), 'latin1');
  return posix.resolve('/', posix.dirname(path), target);
}

function parts(path: HostPath): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

async function linkTarget(path: Buffer): Promise<HostPath | undefined> {
  try {
    return await readlink(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
