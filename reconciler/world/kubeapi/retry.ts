import { parseRetryAfter } from '../../core/schedule/backoff.ts';
import type { ApiError } from './errors.ts';

/** Tries of one request, the first included. */
export const MAX_TRIES = 4;

/** What a request may suffer to be repeated. */
export type Repeatable =
  /** It changes nothing: a read, or a dry run. */
  | 'always'
  /** A second time changes nothing more, but an answer that was lost would be told wrongly. */
  | 'if-not-done'
  | 'never';

/** Whether sending the request again can help and cannot hurt. */
export function mayRepeat(repeatable: Repeatable, { code, status }: ApiError): boolean {
  if (repeatable === 'never') return false;
  // Busy: the API server did not begin with it.
  if (code === 'API_UNREACHABLE' || status === 429 || status === 503) return true;
  return repeatable === 'always' && code === 'API_UNAVAILABLE';
}

/** How long to wait before the next try: what the server asks for, or twice as long each time, with jitter. */
export function waitBefore(nextTry: number, retryAfter: string | undefined): number {
  const asked = askedToWait(retryAfter);
  if (asked !== undefined) return asked;
  const most = Math.min(2000, 100 * 2 ** (nextTry - 1));
  return most / 2 + Math.random() * (most / 2);
}

/** What a Retry-After header asks for, in milliseconds. */
export function askedToWait(retryAfter: string | undefined): number | undefined {
  return parseRetryAfter(retryAfter, new Date());
}
