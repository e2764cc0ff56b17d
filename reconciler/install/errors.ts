import { ReconcilerError } from '../errors.ts';

/** The configuration would not work in the cluster. */
export class InstallConfigError extends ReconcilerError {
  readonly code = 'INSTALL_CONFIG';
  readonly retry = 'after-change';
}
