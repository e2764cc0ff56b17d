import { type ErrorDetails, ReconcilerError } from '../../../errors.ts';

/** Why a commit is not accepted. */
export type RefusalCode =
  /** Nobody signed it. */
  | 'COMMIT_UNSIGNED'
  /** None of the configured keys signed it, or one that may not. */
  | 'COMMIT_SIGNER_UNKNOWN'
  /** What it carries does not prove that a key signed it. */
  | 'COMMIT_SIGNATURE_BAD';

export type SignatureErrorCode =
  | RefusalCode
  /** The keys that commits are verified by cannot be read. */
  | 'VERIFY_KEYS';

/** A commit may not be applied, since the configuration asks for a signature. */
export class SignatureError extends ReconcilerError {
  readonly code: SignatureErrorCode;
  readonly retry: 'next-pass' | 'after-change';

  constructor(code: SignatureErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options);
    this.code = code;
    // Whoever mends a file of keys need not touch the repository.
    this.retry = code === 'VERIFY_KEYS' ? 'next-pass' : 'after-change';
  }
}

/** A file of keys that cannot be used, so that no commit is accepted. */
export function unusableKeys(message: string, options: ErrorDetails = {}): SignatureError {
  return new SignatureError('VERIFY_KEYS', message, options);
}
