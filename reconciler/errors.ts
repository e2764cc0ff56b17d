export interface ErrorDetails {
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
}

/** A failure a person can act on. Anything else thrown is a bug. */
export abstract class ReconcilerError extends Error {
  /** Stable: alerts and the README refer to it. */
  abstract readonly code: string;
  /** Whether time may mend it, or a person must. */
  abstract readonly retry: 'next-pass' | 'after-change';
  readonly hint: string | undefined;
  /** How long the server that failed asks to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { hint, cause, retryAfterMs }: ErrorDetails = {}) {
    super(message, { cause });
    this.name = new.target.name;
    this.hint = hint;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a person is told of a failure: code, sentence and hint, never a stack and never the cause's own text. */
export function explain(error: ReconcilerError): string {
  const hint = error.hint === undefined ? '' : `\n  hint: ${error.hint}`;
  return `${error.code}: ${error.message}${hint}`;
}

/** The process was asked to end before it had begun what it was to do. */
export class StoppedError extends ReconcilerError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  constructor(signal: string) {
    super(`Ended by ${signal} before anything was written.`);
  }
}
