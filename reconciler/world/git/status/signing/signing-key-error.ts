import { type ErrorDetails, ReconcilerError } from '../../../../errors.ts';

/** The private key that status commits are signed with cannot be used. Neither message nor cause holds any of it. */
export class SigningKeyError extends ReconcilerError {
  readonly code = 'SIGNING_KEY';
  readonly retry = 'next-pass';

  constructor(message: string, options: ErrorDetails = {}) {
    super(message, options);
  }
}
