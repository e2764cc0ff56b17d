import { ReconcilerError } from '../../reconciler/errors.ts';

/** The folder of packages cannot be used. */
export class DistFolderError extends ReconcilerError {
  readonly code = 'DIST_FOLDER';
  readonly retry = 'after-change';

  constructor(folder: string, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'for a reason that is not known';
    super(`Packages cannot be kept in ${folder}: ${reason}.`, {
      hint: 'Give the pod a volume there that it may write to.',
      cause,
    });
  }
}

export class DistAddressError extends ReconcilerError {
  readonly code = 'LISTEN';
  readonly retry = 'after-change';

  constructor(address: string, cause: unknown) {
    const { code = 'for a reason that is not known' } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process listens there' : code;
    super(`Packages cannot be served at ${address}: ${why}.`, {
      hint: 'Set PORT, or --listen, to an address that is free.',
      cause,
    });
  }
}
