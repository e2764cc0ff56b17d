import { askedToWait } from '../../reconciler/world/kubeapi/retry.ts';
import { reasonOf } from './connection-trouble.ts';
import { DownloadError, type DownloadErrorDetails, type Trouble } from './download-error.ts';
import { type DownloadTimes, Patience } from './patience.ts';
import { pieces } from './pieces.ts';
import { type Answer, ask, type Route } from './transport.ts';

/** Which bytes are meant. */
export interface WantedFile {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** From where on a file is asked for, and of which version of it. */
export interface Rest {
  readonly offset: number;
  readonly etag: string;
}

export interface Receiving {
  readonly route: Route;
  readonly wanted: WantedFile;
  /** What is missing; all of it where unset. */
  readonly rest: Rest | undefined;
  readonly times: DownloadTimes;
  readonly signal: AbortSignal;
}

/** The bytes that follow are those from there on, of the version that `etag` tells from others, if any does. */
export interface Beginning {
  readonly offset: number;
  readonly etag: string | undefined;
}

/** What is enough to go on soon: a few bytes are not, since a source would be asked anew for each of them. */
const ENOUGH_BYTES = 1 << 20;

/** Whether so many bytes are enough of a file to go on soon. */
export function isEnough(bytes: number, wanted: Pick<WantedFile, 'bytes'>): boolean {
  return bytes >= Math.min(ENOUGH_BYTES, wanted.bytes / 100);
}

/**
 * What a source answers when it is asked once: first where the bytes begin, then these, no more than there have to be and all of
 * them. Whether they are the right ones is for the digest to say. Throws a DownloadError, or the reason of `signal`.
 */
export async function* receive(receiving: Receiving): AsyncGenerator<Beginning | Uint8Array> {
  const { route, wanted, rest, times, signal } = receiving;
  using patience = new Patience(signal, wanted.bytes - (rest?.offset ?? 0), times);
  let etag = rest?.etag;
  let at = rest?.offset ?? 0;
  const first = at;
  let answer: Answer | undefined;
  try {
    patience.begin(times.answerMs, 'answer');
    answer = await ask(route, rest === undefined ? {} : headersFor(rest), patience.signal);
    patience.end();
    const coming = pieces(answer.body, patience.signal);
    const beginning = beginningOf(answer, rest, wanted.bytes);
    ({ etag, offset: at } = beginning);
    // All of it comes, where the rest was asked for.
    if (at < first) patience.allow(first - at);
    yield beginning;
    for (;;) {
      patience.begin(times.silentMs, 'silence');
      const { done, value } = await coming.next();
      patience.end();
      if (done === true) break;
      at += value.length;
      if (at > wanted.bytes) throw new DownloadError({ is: 'size', has: undefined }, { spoils: true });
      yield value;
    }
    if (at < wanted.bytes) throw new DownloadError({ is: 'short', has: at }, { spoils: true });
  } catch (error) {
    signal.throwIfAborted();
    throw told(error, {
      patience,
      times,
      isBegun: answer !== undefined,
      // What it cannot go on from is no progress.
      hasProgressed: etag !== undefined && isEnough(at - first, wanted),
    });
  } finally {
    answer?.[Symbol.dispose]();
  }
}

function headersFor({ offset, etag }: Rest): Readonly<Record<string, string>> {
  return { range: `bytes=${offset}-`, 'if-range': etag };
}

interface Circumstances {
  readonly patience: Patience;
  readonly times: DownloadTimes;
  readonly isBegun: boolean;
  readonly hasProgressed: boolean;
}

function told(error: unknown, { patience, times, isBegun, hasProgressed }: Circumstances): unknown {
  const { gaveUp } = patience;
  const failed = (trouble: Trouble, details: DownloadErrorDetails = {}): DownloadError =>
    new DownloadError(trouble, { hasProgressed, cause: error, ...details });
  if (gaveUp !== undefined) {
    const seconds = Math.round(gaveUp.ms / 1000);
    return failed({ is: 'slow', why: gaveUp.why, seconds, leastBytesPerMs: times.leastBytesPerMs });
  }
  if (error instanceof DownloadError) {
    const { trouble, spoils, retryAfterMs, cause } = error;
    return failed(trouble, { spoils, retryAfterMs, cause, hasProgressed: hasProgressed && !spoils });
  }
  return isBegun ? failed({ is: 'broken-off', reason: reasonOf(error) }) : error;
}

/** Looks at what kind of answer it is; throws where it is not the file, or the rest of it. */
function beginningOf({ status, headers }: Answer, rest: Rest | undefined, bytes: number): Beginning {
  const etag = strong(headers.etag);
  const isRest = status === 206 && rest !== undefined;
  if (status === 416 || (isRest && !isRestOf(headers['content-range'], etag, rest, bytes))) {
    throw new DownloadError({ is: 'other-part' }, { spoils: true });
  }
  if (status !== 200 && !isRest) {
    throw new DownloadError({ is: 'status', status }, { retryAfterMs: askedToWait(headers['retry-after']) });
  }
  const offset = isRest ? rest.offset : 0;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== bytes - offset) {
    throw new DownloadError({ is: 'size', has: Number(length) + offset });
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new DownloadError({ is: 'packed' });
  return { offset, etag: isRest ? rest.etag : etag };
}

function isRestOf(range: string | undefined, etag: string | undefined, rest: Rest, bytes: number): boolean {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
  const isThere = Number(from) === rest.offset && (total === '*' || Number(total) === bytes);
  return isThere && (etag === undefined || etag === rest.etag);
}

/** A mark by which the rest of a version can be asked for. A weak one does not tell bytes apart. */
function strong(etag: string | undefined): string | undefined {
  return etag !== undefined && /^"[\u0021\u0023-\u007e]{1,250}"$/.test(etag) ? etag : undefined;
}
