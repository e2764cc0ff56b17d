import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onDisk } from '../drivers/disk-fault.ts';
import { syncFolder } from '../drivers/durable.ts';
import { DownloadError } from './download-error.ts';
import { forgetPartial, PartialFile } from './partial-file.ts';
import type { DownloadTimes } from './patience.ts';
import { receive, type WantedFile } from './receive.ts';
import type { Route } from './transport.ts';

export interface FileDownload {
  readonly route: Route;
  readonly wanted: WantedFile;
  /** The file that it becomes, once it is verified and on the disk. */
  readonly to: string;
  readonly times: DownloadTimes;
  readonly signal: AbortSignal;
  /** Bytes came. */
  readonly progress?: (() => void) | undefined;
}

/**
 * Downloads a file from one source. What came of it stays when it is cut off, and the rest is asked for when this is called again;
 * only what has the digest gets its name. Throws a DownloadError, or a StepFailedError about the disk.
 */
export async function downloadToFile(download: FileDownload): Promise<void> {
  const { to, wanted } = download;
  const partial = `${to}.part`;
  const folder = dirname(to);
  for (;;) {
    const part = await onDisk(folder, async () => await PartialFile.open(partial, wanted.bytes));
    const resumed = part.bytes;
    let sha256: string;
    try {
      if (part.bytes < wanted.bytes) await fill(part, download, folder);
      sha256 = part.digest();
      if (sha256 === wanted.sha256) {
        await onDisk(folder, async () => {
          await part.handle.sync();
          await rename(partial, to);
          await rm(`${partial}.json`, { force: true });
          await syncFolder(folder);
        });
        return;
      }
    } finally {
      await onDisk(folder, async () => await part.handle.close());
    }
    await onDisk(folder, async () => await forgetPartial(partial));
    // What was there before may be of something else than what came now.
    if (resumed === 0) throw new DownloadError({ is: 'digest', sha256 });
  }
}

async function fill(
  part: PartialFile,
  { route, wanted, times, signal, progress }: FileDownload,
  folder: string,
): Promise<void> {
  try {
    for await (const piece of receive({ route, wanted, rest: part.rest, times, signal })) {
      if (piece instanceof Uint8Array) {
        await onDisk(folder, async () => await part.add(piece));
        progress?.();
      } else if (piece.offset === 0) {
        await onDisk(folder, async () => await part.begin(piece.etag));
      }
    }
  } catch (error) {
    if (error instanceof DownloadError && error.spoils)
      await onDisk(folder, async () => await part.restart());
    throw error;
  }
}
