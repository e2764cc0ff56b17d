import { createHash } from 'node:crypto';
import { DownloadError } from './download-error.ts';
import type { DownloadTimes } from './patience.ts';
import { isEnough, receive, type WantedFile } from './receive.ts';
import type { Route } from './transport.ts';

export interface StreamDownload {
  readonly route: Route;
  readonly wanted: WantedFile;
  readonly times: DownloadTimes;
  readonly signal: AbortSignal;
  /** Called where it broke off after so many bytes; resolves when the rest is to be asked for, or throws. */
  readonly failed: (error: DownloadError, bytes: number) => Promise<void>;
}

/**
 * The bytes of a file from one source, from the first on. The last of them come only if all are those of the digest. Throws a
 * DownloadError, or what `failed` throws.
 */
export async function* downloadAsStream(download: StreamDownload): AsyncGenerator<Uint8Array> {
  const { route, wanted, times, signal, failed } = download;
  const hash = createHash('sha256');
  let bytes = 0;
  /** What there was when it failed last. */
  let before = 0;
  let etag: string | undefined;
  let held: Uint8Array | undefined;
  // Nobody says that what came after a break is of the same version.
  let isDoubtful = false;
  for (;;) {
    try {
      const rest = bytes > 0 && etag !== undefined ? { offset: bytes, etag } : undefined;
      let known = 0;
      for await (const piece of receive({ route, wanted, rest, times, signal })) {
        if (!(piece instanceof Uint8Array)) {
          known = bytes - piece.offset;
          if (known > 0 && (etag === undefined || piece.etag !== etag)) {
            if (etag !== undefined && piece.etag !== undefined) throw new DownloadError({ is: 'changed' });
            isDoubtful = true;
          }
          ({ etag } = piece);
          continue;
        }
        const more = piece.subarray(known);
        known -= piece.length - more.length;
        if (more.length === 0) continue;
        bytes += more.length;
        hash.update(more);
        if (held !== undefined) yield held;
        held = more;
      }
      break;
    } catch (error) {
      if (!(error instanceof DownloadError) || error.trouble.is === 'changed') throw error;
      if (error.spoils) etag = undefined;
      // What comes once more, since the rest cannot be had, is no progress.
      await failed(isEnough(bytes - before, wanted) ? error : withoutProgress(error), bytes);
      before = bytes;
    }
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== wanted.sha256)
    throw new DownloadError(isDoubtful ? { is: 'changed' } : { is: 'digest', sha256 });
  if (held !== undefined) yield held;
}

function withoutProgress(error: DownloadError): DownloadError {
  if (!error.hasProgressed) return error;
  const { trouble, spoils, retryAfterMs, cause } = error;
  return new DownloadError(trouble, { spoils, retryAfterMs, cause });
}
