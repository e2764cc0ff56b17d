import { type ErrorDetails, ReconcilerError } from '../../errors.ts';

export type ForgeErrorCode =
  | 'FORGE_UNREACHABLE'
  | 'FORGE_UNAUTHORIZED'
  | 'FORGE_FORBIDDEN'
  | 'FORGE_RATE_LIMIT'
  | 'FORGE_NOT_FOUND'
  | 'FORGE_REJECTED'
  | 'FORGE_ANSWER';

/** Those that time may mend; the others wait for a person. */
const PASSING: ReadonlySet<ForgeErrorCode> = new Set([
  'FORGE_UNREACHABLE',
  'FORGE_RATE_LIMIT',
  'FORGE_ANSWER',
]);

interface ForgeErrorDetails extends ErrorDetails {
  /** Of the answer, where there was one. */
  readonly status?: number | undefined;
  /** Whether the answer has more than may be read. */
  readonly isTooLarge?: boolean;
}

/** The forge could not be asked, or says no. Neither message nor cause ever holds a credential. */
export class ForgeError extends ReconcilerError {
  readonly code: ForgeErrorCode;
  readonly retry: 'next-pass' | 'after-change';
  /** Of the answer; undefined where none came. */
  readonly status: number | undefined;
  readonly isTooLarge: boolean;

  constructor(
    code: ForgeErrorCode,
    message: string,
    { status, isTooLarge = false, ...details }: ForgeErrorDetails = {},
  ) {
    super(message, details);
    this.code = code;
    this.retry = PASSING.has(code) ? 'next-pass' : 'after-change';
    this.status = status;
    this.isTooLarge = isTooLarge;
  }
}
