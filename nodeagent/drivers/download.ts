import { DRIVERS_PATH, type DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriverSource } from '../../schemas/node/drivers.ts';
import { DownloadError } from '../download/download-error.ts';
import type { DownloadTimes } from '../download/patience.ts';
import { downloadToFile } from '../download/to-file.ts';
import type { Route } from '../download/transport.ts';
import { StepFailedError } from '../plan/fault.ts';
import { mostTelling, sourceFault } from './source-faults.ts';

export const DOWNLOAD_TIMES: DownloadTimes = { answerMs: 10_000, silentMs: 30_000, leastBytesPerMs: 100 };

export interface Download {
  readonly package: DriverPackage;
  readonly from: readonly DriverSource[];
  /** The file that the package becomes, once it is verified and on the disk. */
  readonly to: string;
  readonly signal: AbortSignal;
  /** Bytes came. */
  readonly progress?: (() => void) | undefined;
  readonly times?: DownloadTimes;
}

/**
 * Downloads a package from the first source that has it. What came of it stays when it is cut off, and the rest is asked for when it
 * is called again, of whichever source. Throws a StepFailedError.
 */
export async function download({
  package: wanted,
  from,
  to,
  signal,
  progress,
  times = DOWNLOAD_TIMES,
}: Download): Promise<void> {
  const failures: StepFailedError[] = [];
  for (const source of from) {
    try {
      await downloadToFile({ route: routeTo(source, wanted.file), wanted, to, times, signal, progress });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadError)) throw error;
      const { trouble, hasProgressed, retryAfterMs } = error;
      failures.push(
        new StepFailedError(sourceFault(source, wanted, trouble), {
          hasProgressed,
          retryAfterMs,
          cause: error,
        }),
      );
    }
  }
  throw mostTelling(failures);
}

/** No redirect is followed, and no proxy asked: whom to ask is for the intent to say. */
function routeTo({ url: base, ca, serverName }: DriverSource, file: string): Route {
  const { origin, pathname } = new URL(base);
  const url = new URL(`${origin}${pathname.replace(/\/+$/, '')}${DRIVERS_PATH}/${encodeURIComponent(file)}`);
  return { url, ca, serverName };
}
