import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriverSource } from '../../schemas/node/drivers.ts';
import { type Fault, StepFailedError } from '../plan/fault.ts';
import { onDisk } from './disk-fault.ts';
import { DownloadPatience } from './download-patience.ts';
import { syncFolder } from './durable.ts';
import { openSource } from './open-source.ts';
import { forgetPartial, PartialFile } from './partial-file.ts';
import { pieces } from './pieces.ts';
import {
  brokenOffFault,
  connectionFault,
  digestFault,
  mostTelling,
  slowFault,
  sizeFault,
  statusFault,
} from './source-faults.ts';

export interface DownloadTimes {
  /** A source that has not begun to answer by then is left. */
  readonly answerMs: number;
  /** One that sends nothing for so long is left. */
  readonly silentMs: number;
  /** One that is slower than this over the whole package is left after that time; what came is kept. */
  readonly leastBytesPerMs: number;
  /** It may take so much longer. */
  readonly graceMs?: number;
}

const GRACE_MS = 60_000;

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
 * is called again; only what has the digest of the package gets its name. Throws a StepFailedError.
 */
export async function download(given: Download): Promise<void> {
  const failures: StepFailedError[] = [];
  for (const source of given.from) {
    try {
      await downloadFrom(source, given);
      return;
    } catch (error) {
      given.signal.throwIfAborted();
      if (!(error instanceof StepFailedError) || error.code === 'NO_SPACE' || error.code === 'STATE_FOLDER')
        throw error;
      failures.push(error);
    }
  }
  throw mostTelling(failures);
}

async function downloadFrom(source: DriverSource, given: Download): Promise<void> {
  const { to } = given;
  const { sha256, bytes, file } = given.package;
  const partial = `${to}.part`;
  const folder = dirname(to);
  for (;;) {
    const part = await onDisk(folder, async () => await PartialFile.open(partial, bytes));
    const resumed = part.bytes;
    try {
      if (part.bytes < bytes) await receive(source, part, given);
      if (part.digest() === sha256) {
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
    if (resumed === 0) throw new StepFailedError(digestFault(source, file));
  }
}

async function receive(source: DriverSource, part: PartialFile, given: Download): Promise<void> {
  const { package: wanted, signal, progress, times = DOWNLOAD_TIMES } = given;
  const before = part.bytes;
  let isBegun = false;
  const patience = new DownloadPatience(
    signal,
    (times.graceMs ?? GRACE_MS) + wanted.bytes / times.leastBytesPerMs,
  );
  const failed = (fault: Fault, retryAfterMs?: number): StepFailedError =>
    new StepFailedError(fault, {
      // What it cannot go on from is no progress, and a few bytes are none either: it would be asked for each of them.
      hasProgressed: part.etag !== undefined && part.bytes - before >= Math.min(1 << 20, wanted.bytes / 100),
      retryAfterMs,
    });
  try {
    patience.within(times.answerMs, 'answer');
    const answer = await openSource(source, wanted.file, part.rest, patience.signal);
    isBegun = true;
    const coming = pieces(answer);
    try {
      await begin(answer, source, part, wanted, failed, given.to);
      patience.within(times.silentMs, 'silence');
      for await (const chunk of coming) {
        if (part.bytes + chunk.length > wanted.bytes) {
          await onDisk(dirname(given.to), async () => await part.restart());
          throw failed(
            sizeFault(source, wanted.file, `is longer than the ${wanted.bytes} bytes of the package`),
          );
        }
        await onDisk(dirname(given.to), async () => await part.add(chunk));
        progress?.();
        patience.within(times.silentMs, 'silence');
      }
    } finally {
      answer.destroy();
    }
    if (part.bytes < wanted.bytes) {
      const how = `ends after ${part.bytes} of ${wanted.bytes} bytes`;
      await onDisk(dirname(given.to), async () => await part.restart());
      throw failed(sizeFault(source, wanted.file, how));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StepFailedError) throw error;
    const { gaveUp } = patience;
    throw failed(
      gaveUp !== undefined
        ? slowFault(source, gaveUp.why, {
            seconds: Math.round(gaveUp.ms / 1000),
            least: times.leastBytesPerMs,
          })
        : isBegun
          ? brokenOffFault(source, error)
          : connectionFault(source, error),
    );
  } finally {
    patience.end();
  }
}

/** Looks at what kind of answer it is; throws where it is not the package, or the rest of it. */
async function begin(
  answer: IncomingMessage,
  source: DriverSource,
  part: PartialFile,
  wanted: DriverPackage,
  failed: (fault: Fault, retryAfterMs?: number) => StepFailedError,
  to: string,
): Promise<void> {
  const { statusCode = 0, headers } = answer;
  const isRest = statusCode === 206 && part.rest !== undefined;
  if (statusCode === 416 || (isRest && !isFrom(headers['content-range'], part.bytes, wanted.bytes))) {
    await onDisk(dirname(to), async () => await part.restart());
    throw failed(sizeFault(source, wanted.file, 'is not as long as it was said to be'));
  }
  if (statusCode !== 200 && !isRest) {
    throw failed(statusFault(source, wanted.file, statusCode), retryAfter(headers['retry-after']));
  }
  if (!isRest && part.bytes > 0) await onDisk(dirname(to), async () => await part.restart());
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== wanted.bytes - part.bytes) {
    throw failed(
      sizeFault(
        source,
        wanted.file,
        `has ${Number(length) + part.bytes} bytes, and the package ${wanted.bytes}`,
      ),
    );
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw failed(sizeFault(source, wanted.file, 'comes packed once more'));
  }
  if (!isRest) await onDisk(dirname(to), async () => await part.note(headers.etag));
}

function isFrom(range: string | undefined, offset: number, bytes: number): boolean {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
  return Number(from) === offset && (total === '*' || Number(total) === bytes);
}

const LONGEST_ASKED_MS = 60 * 60_000;

function retryAfter(header: string | undefined): number {
  return /^\d{1,6}$/.test(header ?? '') ? Math.min(LONGEST_ASKED_MS, Number(header) * 1000) : 0;
}
