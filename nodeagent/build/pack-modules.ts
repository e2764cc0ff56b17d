import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** One file of a package. */
export interface Member {
  readonly name: string;
  readonly path: string;
}

/** What is known of a file by its bytes. */
export interface Measured {
  readonly sha256: string;
  readonly bytes: number;
}

/** Makes a .tar.gz at `to`: the same members give the same bytes, whenever, wherever and by whom it is made. */
export async function packModules(
  members: readonly Member[],
  to: string,
  signal?: AbortSignal,
): Promise<Measured> {
  const archive = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(part: Buffer, _encoding, done) {
      hash.update(part);
      bytes += part.length;
      done(null, part);
    },
  });
  // Neither name nor time are in its header.
  const written = pipeline(archive, createGzip({ level: 9 }), measure, createWriteStream(to), { signal });
  const filled = (async () => {
    for (const { name, path } of members.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const content = await readFile(path, { signal });
      archive.entry({ name, size: content.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }, content);
    }
    archive.finalize();
  })().catch((error: unknown) => archive.destroy(error as Error));
  await Promise.all([written, filled]);
  return { sha256: hash.digest('hex'), bytes };
}

/** The digest of a file, read in pieces. */
export async function measureFile(path: string, signal?: AbortSignal): Promise<Measured> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let bytes = 0; ;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
}
