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

/** Another instance holds the lease, and is alive. */
export class LeaseHeldError extends ReconcilerError {
  readonly code = 'LEASE_HELD';
  readonly retry = 'next-pass';

  constructor(lease: string, holder: string) {
    super(`${holder} is at work on this installation: it holds the lease ${lease}. Nothing was written.`, {
      hint: 'Leave the work to it, or stop it first. weka-gitops plan shows what would be changed, and needs no lease.',
    });
  }
}

/** The lease cannot even be asked for. */
export class LeaseForbiddenError extends ReconcilerError {
  readonly code = 'LEASE_FORBIDDEN';
  readonly retry = 'after-change';
}
