import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UploadError } from './errors.ts';
import type { Destination } from './put-once.ts';
import { upload, type UploadOptions } from './upload.ts';

export interface Publishing extends Destination {
  /** The file on this disk. */
  readonly path: string;
  /** Folder of tls.crt, tls.key and ca.crt. */
  readonly tls: string;
}

const CHUNK = 1 << 18;

/** Brings a package of this disk into a distribution service, as `upload` does. */
export async function publish({ path, ...destination }: Publishing, options: UploadOptions): Promise<void> {
  const { size } = await stat(path).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UploadError('UPLOAD_FILE', `The package ${path} cannot be read: ${code}.`, { cause });
  });
  if (size !== destination.bytes) {
    throw new UploadError('UPLOAD_FILE', `${path} has ${size} bytes, and not ${destination.bytes}.`, {
      hint: 'Look for what else writes to the file.',
    });
  }
  await upload(destination, (signal) => createReadStream(path, { signal, highWaterMark: CHUNK }), options);
}
