import { ReconcilerError } from '../../errors.ts';

/** What the authority for driver services is kept in cannot be used. */
export class AuthorityError extends ReconcilerError {
  readonly code = 'DRIVERS_AUTHORITY';
  readonly retry = 'after-change';

  constructor(namespace: string, name: string, cause: unknown) {
    super(`Secret ${namespace}/${name}, which vouches for the services of drivers, cannot be read.`, {
      hint: `Restore it, or delete it (kubectl delete secret -n ${namespace} ${name}): certificates are issued anew then.`,
      cause,
    });
  }
}
