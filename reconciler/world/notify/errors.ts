import { type ErrorDetails, ReconcilerError } from '../../errors.ts';

const RETRY = {
  NOTIFY_CONFIG: 'after-change',
  NOTIFY_REJECTED: 'after-change',
  NOTIFY_UNREACHABLE: 'next-pass',
} as const satisfies Record<string, ReconcilerError['retry']>;

interface NotifyErrorDetails extends ErrorDetails {
  /** Whether it is the message that is not taken, however often it is sent. */
  readonly isMessage?: boolean;
}

/** A notification could not be delivered. Its address is a secret, so no message and no cause has it. */
export class NotifyError extends ReconcilerError {
  readonly code: keyof typeof RETRY;
  readonly retry: ReconcilerError['retry'];
  readonly isMessage: boolean;

  constructor(
    code: keyof typeof RETRY,
    message: string,
    { isMessage = false, ...details }: NotifyErrorDetails = {},
  ) {
    super(message, details);
    this.code = code;
    this.retry = RETRY[code];
    this.isMessage = isMessage;
  }
}
