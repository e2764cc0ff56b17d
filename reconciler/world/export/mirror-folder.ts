import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DRIVERS_PATH, type DriverPackage } from '../../../schemas/drivers/package.ts';
import { PackageFault } from './package-fault.ts';

/** How long a source may take. */
interface ExportTimes {
  /** One that sends nothing for so long is left. */
  readonly silentMs: number;
  /** One that is slower than this over the whole package is left after that time and the grace. */
  readonly leastBytesPerMs: number;
  readonly graceMs: number;
}

const TIMES: ExportTimes = { silentMs: 30_000, leastBytesPerMs: 20, graceMs: 60_000 };
/** What is no whole package yet, and has not grown for so long, nobody writes any more. */
const ABANDONED_MS = 10 * 60_000;
const PART = /^\..+\.[0-9a-f]{8}\.part$/;

/** The packages below a folder that any web server can serve as a registry of drivers. */
export class MirrorFolder {
  readonly #packages: string;
  readonly #times: ExportTimes;

  private constructor(packages: string, times: ExportTimes) {
    this.#packages = packages;
    this.#times = times;
  }

  /**
   * Makes the folder where it is not there yet, and removes what was left of packages that never came whole; throws a PackageFault
   * where it cannot be.
   */
  static async open(folder: string, times: ExportTimes = TIMES): Promise<MirrorFolder> {
    const packages = join(folder, DRIVERS_PATH);
    await onDisk(folder, async () => {
      await mkdir(packages, { recursive: true });
      for (const name of (await readdir(packages)).filter((each) => PART.test(each))) {
        await removeAbandoned(join(packages, name));
      }
    });
    return new MirrorFolder(packages, times);
  }

  /** Whether the package is there already, with its digest beside it. Throws a PackageFault where other bytes have its name. */
  async has({ file, sha256 }: DriverPackage): Promise<boolean> {
    const path = join(this.#packages, file);
    const found = await onDisk(this.#packages, async () => await digestOf(path));
    if (found === undefined) return false;
    if (found !== sha256) {
      throw new PackageFault({
        why: `${path} is there and is another package: its SHA-256 is ${found}, and the pinned one ${sha256}.`,
        hint: 'Delete it if it is pinned for no other service, or give another folder.',
      });
    }
    await this.#writeDigest({ file, sha256 });
    return true;
  }

  /**
   * Writes a package while it comes. It gets its name only if all its bytes are those of the digest and on the disk; else nothing of it
   * stays, and it throws a PackageFault. `open` begins to read a source, whose name is `from`.
   */
  async write(
    about: DriverPackage,
    from: string,
    open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>,
  ): Promise<void> {
    const { file } = about;
    const part = join(this.#packages, `.${file}.${randomBytes(4).toString('hex')}.part`);
    try {
      await this.#receive(about, from, part, open);
      await this.#name(part, about);
    } finally {
      await rm(part, { force: true });
    }
    await this.#writeDigest(about);
  }

  /** Gives a whole file its name, unless another has got it meanwhile. */
  async #name(part: string, about: DriverPackage): Promise<void> {
    const path = join(this.#packages, about.file);
    try {
      await link(part, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') {
        await this.has(about);
        return;
      }
      // A file system without links to files.
      await onDisk(this.#packages, async () => await rename(part, path));
    }
  }

  async #receive(
    { file, sha256, bytes }: DriverPackage,
    from: string,
    part: string,
    begin: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>,
  ): Promise<void> {
    const { silentMs, leastBytesPerMs, graceMs } = this.#times;
    const over = new AbortController();
    let why = `${from} sent nothing of ${file} for ${silentMs / 1000} s.`;
    const silence = setTimeout(() => over.abort(), silentMs);
    const withinMs = graceMs + bytes / leastBytesPerMs;
    const end = setTimeout(() => {
      why = `${from} has not sent all of ${file} within ${Math.ceil(withinMs / 1000)} s.`;
      over.abort();
    }, withinMs);
    const handle = await onDisk(this.#packages, async () => await open(part, 'wx', 0o644));
    try {
      const hash = createHash('sha256');
      let length = 0;
      for await (const piece of await begin(over.signal)) {
        silence.refresh();
        length += piece.length;
        if (length > bytes) {
          throw spoilt(
            'SIZE',
            `What ${from} has as ${file} is longer than the ${bytes} bytes that are pinned.`,
          );
        }
        hash.update(piece);
        await onDisk(this.#packages, async () => await writeAll(handle, piece));
      }
      if (length < bytes)
        throw spoilt('SIZE', `What ${from} sent of ${file} ends after ${length} of ${bytes} bytes.`);
      const found = hash.digest('hex');
      if (found !== sha256) {
        throw spoilt(
          'DIGEST',
          `What ${from} has as ${file} has SHA-256 ${found}, and not the pinned ${sha256}.`,
        );
      }
      await onDisk(this.#packages, async () => await handle.sync());
    } catch (error) {
      if (!over.signal.aborted) throw error;
      throw new PackageFault({
        code: 'UNREACHABLE',
        why,
        hint: 'Look at the network in between, and at how busy that server is.',
        cause: error,
      });
    } finally {
      clearTimeout(silence);
      clearTimeout(end);
      await handle.close();
    }
  }

  /** As sha256sum prints it. A registry is asked for it first, so it comes after the package itself. */
  async #writeDigest({ file, sha256 }: Pick<DriverPackage, 'file' | 'sha256'>): Promise<void> {
    const path = join(this.#packages, `${file}.sha256`);
    const text = `${sha256}  ${file}\n`;
    await onDisk(this.#packages, async () => {
      if ((await textOf(path)) !== text) await writeFile(path, text, { flush: true });
    });
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
}

function spoilt(code: 'SIZE' | 'DIGEST', why: string): PackageFault {
  return new PackageFault({
    code,
    why,
    hint: 'Read weka-gitops explain drivers, which says what nodes make of it; a whole one can be had where it was built or published.',
  });
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) {
    at += (await handle.write(piece, at, piece.length - at)).bytesWritten;
  }
}

/** The SHA-256 of a file; undefined where there is none. */
async function digestOf(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return 'that of no file';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What the disk does; a failure of it is one of the package. */
async function onDisk<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    if (!isFull && !/^E[A-Z]+$/.test(code)) throw error;
    throw new PackageFault({
      ...(isFull && { code: 'NO_SPACE' as const }),
      why: isFull ? `${folder} has no room for it.` : `${folder} cannot be written (${code}).`,
      hint: isFull
        ? 'Make room there, or give another folder, and run it again.'
        : 'Look at the rights and the disk of that folder.',
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
