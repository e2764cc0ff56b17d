import { ReconcilerError } from '../../errors.ts';

/** This instance may not write any more, or not yet: another one may be at work. */
export class LeaseLostError extends ReconcilerError {
  readonly code = 'LEASE_LOST';
  readonly retry = 'next-pass';

  constructor(lease: string, why: string) {
    super(`The lease ${lease} is not held: ${why}. Nothing more is written.`, {
      hint: 'Another instance may be at work by now. This one goes on once it holds the lease again.',
    });
  }
}

/** The lease cannot even be asked for. */
export class LeaseForbiddenError extends ReconcilerError {
  readonly code = 'LEASE_FORBIDDEN';
  readonly retry = 'after-change';
}
