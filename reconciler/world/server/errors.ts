import { ReconcilerError } from '../../errors.ts';

/** The address for health and metrics cannot be had. */
export class ListenError extends ReconcilerError {
  readonly code = 'LISTEN';
  readonly retry = 'after-change';
}
