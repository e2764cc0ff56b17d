import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { MOST_MODULES, type PackageModule } from '../plan/package-module.ts';
import { StepFailedError } from '../plan/fault.ts';
import { syncFolder } from './durable.ts';
import { NoModule, readModinfo } from './modinfo.ts';

export interface UnpackLimits {
  readonly members: number;
  readonly memberBytes: number;
  readonly bytes: number;
}

/** The closed drivers of WEKA have some ten MiB each, with what debuggers need. */
export const UNPACK_LIMITS: UnpackLimits = { members: 256, memberBytes: 256 << 20, bytes: 1 << 30 };

/**
 * Unpacks the modules of an archive to `folder`, which is there as a whole or not at all, and tells what they are. The archive is
 * hashed on the way: where it is not that of `sha256`, nothing of it stays. Modules are written under numbers, so that no
 * name of the archive is ever a path.
 */
export async function unpack(
  archive: string,
  sha256: string,
  folder: string,
  limits: UnpackLimits = UNPACK_LIMITS,
): Promise<readonly PackageModule[]> {
  const partial = `${folder}.new`;
  await rm(partial, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    const modules = await unpackTo(partial, archive, sha256, limits);
    await syncFolder(partial);
    await rename(partial, folder);
    return modules;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function unpackTo(
  folder: string,
  archive: string,
  sha256: string,
  limits: UnpackLimits,
): Promise<readonly PackageModule[]> {
  const hash = createHash('sha256');
  const source = createReadStream(archive, { highWaterMark: 64 * 1024 });
  source.on('data', (chunk) => void hash.update(chunk));
  const archived = extract();
  const sizes: Sizes = { declared: 0, members: 0 };
  const feeding = pipeline(source, createGunzip(), bounded(sizes), archived);
  // Whichever of the two fails first ends the other; the first tells why.
  let modules: readonly PackageModule[];
  try {
    [modules] = await Promise.all([takeAll(archived, folder, limits, sizes), feeding]);
  } catch (error) {
    archived.destroy();
    source.destroy();
    await feeding.catch(() => undefined);
    throw asFault(error);
  }
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new StepFailedError({
      state: 'failed',
      code: 'DIGEST',
      message: 'The package changed on the disk of the node since it was verified.',
    });
  }
  if (modules.length === 0) throw bad('it has no kernel module');
  return modules;
}

/** What the headers of an archive have told so far. */
interface Sizes {
  declared: number;
  members: number;
}

/** What an archive has beside its members: padding at its end, and what waits on its way here. */
const MOST_BESIDE = 1 << 20;
/** Headers and padding of one member. */
const MOST_OF_MEMBER = 8192;

/** Lets no more through than the headers tell of, since what follows the last member has none and may unpack without end. */
function bounded(sizes: Sizes): Transform {
  let through = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      through += chunk.length;
      const most = sizes.declared + MOST_OF_MEMBER * sizes.members + MOST_BESIDE;
      if (through <= most) done(null, chunk);
      else done(bad('it unpacks to more than its members have'));
    },
  });
}

interface Entry extends Readable {
  readonly header: Header;
}

async function takeAll(
  entries: AsyncIterable<unknown>,
  folder: string,
  limits: UnpackLimits,
  sizes: Sizes,
): Promise<readonly PackageModule[]> {
  const names = new Set<string>();
  const modules: PackageModule[] = [];
  let bytes = 0;
  for await (const entry of entries as AsyncIterable<Entry>) {
    const { name, type, size } = entry.header;
    const path = safeName(name);
    if (names.has(path)) throw bad(`it has ${quoted(path)} twice`);
    names.add(path);
    if (names.size > limits.members) throw bad(`it has more than ${limits.members} members`);
    if (type !== 'file' && type !== 'directory') throw bad(`${quoted(path)} is no file`);
    bytes += size;
    if (size > limits.memberBytes || bytes > limits.bytes)
      throw bad('it unpacks to more than modules ever have');
    sizes.declared = bytes;
    sizes.members = names.size;
    if (type === 'directory' || !path.endsWith('.ko')) {
      entry.resume();
      continue;
    }
    if (modules.length === MOST_MODULES) throw bad(`it has more than ${MOST_MODULES} modules`);
    const module = await take(entry, folder, `${modules.length}.ko`, path);
    const twin = modules.find((each) => each.name === module.name);
    if (twin !== undefined) throw bad(`two of its files are module ${module.name}`);
    modules.push(module);
  }
  return modules;
}

async function take(entry: Entry, folder: string, file: string, path: string): Promise<PackageModule> {
  const hash = createHash('sha256');
  await using handle = await open(join(folder, file), 'wx+', 0o600);
  for await (const chunk of entry as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
  await handle.sync();
  try {
    return { file, ...(await readModinfo(handle)), sha256: hash.digest('hex') };
  } catch (error) {
    if (error instanceof NoModule) throw bad(`${quoted(path)} is no module: ${error.message}`);
    throw error;
  }
}

/** The name of a member, from the root of the archive; throws where it is none that stays below that. */
function safeName(name: string): string {
  const path = name.replace(/^(\.\/)+/, '').replace(/\/$/, '');
  if (name.startsWith('/')) throw bad(`${quoted(name)} is an absolute name`);
  if (path.split('/').some((part) => part === '..')) throw bad(`${quoted(name)} leads out of the archive`);
  if (name.length > 255 || !/^[\w.+~/-]*$/.test(path))
    throw bad(`${quoted(name)} is no name of a module's file`);
  return path;
}

function bad(why: string): StepFailedError {
  return new StepFailedError({
    state: 'refused',
    code: 'BAD_PACKAGE',
    message: `The package is not unpacked: ${why}.`,
    hint: 'Build the package again, and accept the new digest.',
  });
}

function asFault(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('Z_') === true || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return bad('it is no whole .tar.gz');
  // What the reader of archives throws has no code.
  if (
    error instanceof Error &&
    code === undefined &&
    /tar header|Unexpected end|Invalid header|Header exceeds/i.test(message)
  ) {
    return bad('it is no archive');
  }
  return error;
}

function quoted(name: string): string {
  return JSON.stringify(name.length <= 80 ? name : `${name.slice(0, 79)}…`);
}
