import { ReconcilerError } from '../../reconciler/errors.ts';

export interface WorkErrorDetails {
  readonly hint?: string | undefined;
  readonly lastLines?: readonly string[];
  readonly cause?: unknown;
}

/** A pod that builds or loads drivers cannot do so; `lastLines`: what the program that failed printed at the end. */
export abstract class WorkError extends ReconcilerError {
  readonly lastLines: readonly string[];

  constructor(message: string, { hint, lastLines = [], cause }: WorkErrorDetails = {}) {
    super(message, { hint, cause });
    this.lastLines = lastLines;
  }
}
