import type { ReconcilerError } from '../../errors.ts';
import { ApiError, isClusterWide } from '../kubeapi/errors.ts';

/** Failures in a row, none of them an object's own, after which the cluster is left alone. */
const ENOUGH = 3;

/** Notices when it is the API server that fails and not an object, so that a thousand objects do not hammer it. */
export class Circuit {
  #inARow = 0;
  #last: ReconcilerError | undefined;

  note(error: ReconcilerError | undefined): void {
    const isServers =
      error !== undefined && (isClusterWide(error) || isTimeout(error) || isOnceEnough(error));
    this.#inARow = isServers ? this.#inARow + (isOnceEnough(error) ? ENOUGH : 1) : 0;
    if (isServers) this.#last = error;
  }

  /** Why nothing more is written in this pass; undefined while all is well. */
  reason(): string | undefined {
    if (this.#inARow < ENOUGH || this.#last === undefined) return undefined;
    const after = isOnceEnough(this.#last) ? '' : ` after ${ENOUGH} failures in a row`;
    return `Nothing more was tried${after}: ${this.#last.message} (${this.#last.code})`;
  }
}

function isTimeout(error: ReconcilerError): boolean {
  return error instanceof ApiError && error.code === 'API_TIMEOUT';
}

function isOnceEnough(error: ReconcilerError): boolean {
  return isOurEnd(error) || isAskedToWait(error);
}

/** The API server asks to be left alone, for longer than a request waits by itself. */
function isAskedToWait(error: ReconcilerError): boolean {
  return error instanceof ApiError && (error.retryAfterMs ?? 0) > 0;
}

/** Another process may be at work now. One such answer is enough. */
function isOurEnd(error: ReconcilerError): boolean {
  return error.code === 'LEASE_LOST';
}
