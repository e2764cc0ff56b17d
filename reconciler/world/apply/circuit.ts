import type { ReconcilerError } from '../../errors.ts';
import { ApiError, isClusterWide } from '../kubeapi/errors.ts';

/** Failures in a row, none of them an object's own, after which the cluster is left alone. */
const ENOUGH = 3;

/** Notices when it is the API server that fails and not an object, so that a thousand objects do not hammer it. */
export class Circuit {
  #inARow = 0;
  #error: ReconcilerError | undefined;

  note(error: ReconcilerError | undefined): void {
    const isServers =
      error !== undefined && (isClusterWide(error) || isTimeout(error) || isOnceEnough(error));
    this.#inARow = isServers ? this.#inARow + 1 : 0;
    if (isServers && (isOnceEnough(error) || this.#inARow >= ENOUGH)) this.#error ??= error;
  }

  /** What nothing more is written for in this pass; undefined while all is well. */
  get error(): ReconcilerError | undefined {
    return this.#error;
  }

  /** The same in words. They name no object, so that they are the same each time. */
  reason(): string | undefined {
    const error = this.#error;
    if (error === undefined) return undefined;
    const after = isOnceEnough(error) ? '' : ` after ${ENOUGH} failures in a row`;
    return `Nothing more was tried${after}: ${wordsOf(error)} (${error.code})`;
  }
}

function wordsOf(error: ReconcilerError): string {
  if (isTimeout(error)) return 'the API server did not answer in time';
  if (isAskedToWait(error))
    return `the API server answered ${error.status ?? ''}, and asks its clients to wait`;
  return error.message;
}

function isTimeout(error: ReconcilerError): boolean {
  return error instanceof ApiError && error.code === 'API_TIMEOUT';
}

function isOnceEnough(error: ReconcilerError): boolean {
  return isOurEnd(error) || isAskedToWait(error);
}

/** The API server asks to be left alone, for longer than a request waits by itself. */
function isAskedToWait(error: ReconcilerError): error is ApiError {
  return error instanceof ApiError && (error.retryAfterMs ?? 0) > 0;
}

/** Another process may be at work now. One such answer is enough. */
function isOurEnd(error: ReconcilerError): boolean {
  return error.code === 'LEASE_LOST';
}
