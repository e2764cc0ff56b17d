import { ReconcilerError } from '../../../errors.ts';

export type StatusErrorCode =
  /** The server or its hooks do not take the commit. */
  | 'STATUS_REFUSED'
  /** Other writers were faster each time. */
  | 'STATUS_RACE'
  /** The branch holds something that is not a record of ours. */
  | 'STATUS_FOREIGN'
  /** A lock in a local repository is not given up. */
  | 'STATUS_LOCKED';

/** The status branch cannot be written. Nothing of it was changed. */
export class StatusError extends ReconcilerError {
  readonly code: StatusErrorCode;
  readonly retry: 'next-pass' | 'after-change';

  constructor(code: StatusErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.retry = code === 'STATUS_RACE' ? 'next-pass' : 'after-change';
  }
}
