import { Buffer } from 'node:buffer';
import { readdir as readdirWithCallback } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Reading } from '../observe/reading.ts';
import { type Interfaces, interfaceAddresses } from '../observe/addresses.ts';
import { followLinks, linkedPath } from './follow-links.ts';
import type { Entry, Host, HostPath, ReadLimits } from './host.ts';
import { shown } from './names.ts';
import { Patience } from './patience.ts';
import { NoFile, NotPublic, readFile, TooLarge } from './read-file.ts';

/** Half as much work as that of `node:fs/promises`. */
const readdir = promisify(readdirWithCallback);

/** The kernel's own file systems. */
const KERNEL = /^\/(proc|sys)\//;

const KIB = 1024;
const MAX_BYTES = 64 * KIB;

/** No folder that a report is made of has nearly as many entries. */
const MAX_ENTRIES = 20_000;

export interface HostOptions {
  /** Folder where the root of the host is: `/` on the host itself. */
  readonly root: string;
  /** As `uname -m` prints it: a container has the kernel of its host. */
  readonly machine: string;
  /** Network interfaces as this process sees them. */
  readonly interfaces: () => Interfaces;
  /** How long one thing may take to answer. */
  readonly timeoutMs?: number;
}

/** The host whose root is a folder here: `/` itself, or where a container has it mounted. */
export function openHost({ root, machine, interfaces, timeoutMs = 5000 }: HostOptions): Host {
  const base = Buffer.from(root.replace(/\/+$/, ''), 'utf8');
  const patience = new Patience(timeoutMs);

  const at = (path: HostPath): Buffer => Buffer.concat([base, Buffer.from(path, 'latin1')]);

  const asked = async <Value>(path: HostPath, work: () => Promise<Value>): Promise<Reading<Value>> =>
    await patience.wait<Value>(shown(path), async () => {
      try {
        return { state: 'read', value: await work() };
      } catch (error) {
        return failure(path, error);
      }
    });

  const reading = async <Value>(
    path: HostPath,
    { maxBytes = MAX_BYTES, publicOnly = false }: ReadLimits,
    take: (bytes: Buffer) => Value,
  ): Promise<Reading<Value>> =>
    await asked(path, async () => {
      const ofKernel = KERNEL.test(path);
      const inPieces = path.startsWith('/proc/');
      try {
        return await readFile(at(await placeOf(path)), { maxBytes, publicOnly, ofKernel, inPieces }, take);
      } catch (error) {
        if (error instanceof TooLarge)
          throw new Refused(`${shown(path)} is larger than ${maxBytes / KIB} KiB.`);
        throw error;
      }
    });

  // The links of the kernel's own file systems stay within them; on disks a link may be meant from the host's root.
  const placeOf = async (path: HostPath): Promise<HostPath> =>
    KERNEL.test(path) ? path : await followLinks(base, path);

  return {
    machine,
    late: () => patience.late,
    bytes: async (path, limits = {}) => await reading(path, limits, (bytes) => Uint8Array.from(bytes)),
    text: async (path, limits = {}) => await reading(path, limits, (bytes) => bytes.toString('utf8')),
    list: async (path) =>
      await asked(path, async () => {
        const names = await readdir(at(await placeOf(path)), 'latin1');
        if (names.length > MAX_ENTRIES)
          throw new Refused(`${shown(path)} has more than ${MAX_ENTRIES} entries.`);
        return names.toSorted().map((name): Entry => ({ name: shown(name), path: `${path}/${name}` }));
      }),
    kind: async (path) =>
      await asked(path, async () => {
        const stats = await stat(at(await followLinks(base, path)));
        return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
      }),
    link: async (path) => await asked(path, async () => await linkedPath(base, path)),
    follow: async (path) => await asked(path, async () => await followLinks(base, path)),
    space: async (path) =>
      await asked(path, async () => {
        const { bsize, blocks, bavail } = await statfs(at(await followLinks(base, path)));
        return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
      }),
    addresses: async () => {
      // Where both are the same network, what this process sees is what the host has.
      if (base.length > 0 && !(await isSameNetwork(at('/proc/1/net/dev')))) {
        return {
          state: 'failed',
          reason: 'This process is in another network than the host, whose addresses it cannot see.',
        };
      }
      return { state: 'read', value: interfaceAddresses(interfaces()) };
    },
  };
}

/** Why something was not read, in words of this program. */
class Refused extends Error {}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'ESRCH']);

function failure(path: HostPath, error: unknown): Reading<never> {
  const name = shown(path);
  if (error instanceof Refused) return { state: 'failed', reason: error.message };
  if (error instanceof NoFile) return { state: 'failed', reason: `${name} is not a plain file.` };
  if (error instanceof NotPublic) return { state: 'absent', reason: `${name} is not for everyone to read.` };
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  // Whatever was there a moment ago and went while it was read is not there.
  if (ABSENT.has(code)) return { state: 'absent', reason: `There is no ${name}.` };
  return { state: 'failed', reason: `${name} cannot be read (${code}).` };
}

/**
 * Whether another process's table of interfaces is that of this one: the kernel has one for each network, with an inode of its own. Who
 * may not trace that process cannot read the link that names its network.
 */
async function isSameNetwork(other: Buffer): Promise<boolean> {
  try {
    const [mine, theirs] = await Promise.all([stat('/proc/self/net/dev'), stat(other)]);
    return mine.ino === theirs.ino;
  } catch {
    return false;
  }
}
