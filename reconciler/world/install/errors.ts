import { ReconcilerError } from '../../errors.ts';

/** The API server is older than what keeps node agents apart. */
export class KubernetesTooOldError extends ReconcilerError {
  readonly code = 'KUBERNETES_TOO_OLD';
  readonly retry = 'after-change';
}

/** Something that is to be installed would not be taken. Nothing was written. */
export class InstallRefusedError extends ReconcilerError {
  readonly code = 'INSTALL_REFUSED';
  readonly retry = 'after-change';
}
