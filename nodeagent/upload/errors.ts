import { type ErrorDetails, ReconcilerError } from '../../reconciler/errors.ts';

/** Why a package did not get into a distribution service. */
export type UploadCode =
  /** The service could not be reached, or could not take it now. */
  | 'UPLOAD_UNREACHABLE'
  /** One of the two does not believe the certificate of the other. */
  | 'UPLOAD_TLS'
  | 'UPLOAD_REFUSED'
  /** Other bytes have the name. */
  | 'UPLOAD_CONFLICT'
  /** What came there does not have the digest. */
  | 'UPLOAD_DIGEST'
  | 'UPLOAD_NO_ROOM'
  /** It is not taken as it is. */
  | 'UPLOAD_REJECTED'
  /** The file or the certificate that is to be sent cannot be used. */
  | 'UPLOAD_FILE';

export class UploadError extends ReconcilerError {
  readonly code: UploadCode;
  readonly retry: 'next-pass' | 'after-change';

  constructor(code: UploadCode, message: string, details: ErrorDetails = {}) {
    super(message, { hint: HINTS[code], ...details });
    this.code = code;
    this.retry = LATER.has(code) ? 'next-pass' : 'after-change';
  }
}

/** What time may mend: a certificate that was renewed is not everywhere at once. */
const LATER: ReadonlySet<UploadCode> = new Set([
  'UPLOAD_UNREACHABLE',
  'UPLOAD_TLS',
  'UPLOAD_REFUSED',
  'UPLOAD_NO_ROOM',
]);

const HINTS: Readonly<Record<UploadCode, string>> = {
  UPLOAD_UNREACHABLE:
    'Look whether the pod of the distribution service runs, and whether a NetworkPolicy lets this pod reach its port 60002.',
  UPLOAD_TLS:
    'Compare ca.crt of the two Secrets beside the service; deleting both lets the reconciler issue them anew.',
  UPLOAD_REFUSED:
    'Delete the Secret of the upload certificate, so that the reconciler issues it anew, and look at the log of the service.',
  UPLOAD_CONFLICT:
    'Delete the package from the volume of the distribution service if it is not the pinned one; in place of that, another one comes by the Approval accept-driver-package alone.',
  UPLOAD_DIGEST: 'Look for what changes bytes on their way: a proxy, or memory that is broken.',
  UPLOAD_NO_ROOM: 'Give the distribution service a larger volume, or raise DIST_BUDGET_BYTES.',
  UPLOAD_REJECTED: 'Use the same version of the image for the distribution service and for this pod.',
  UPLOAD_FILE: 'Look at the events of the pod: its Secret and its volumes have to be there.',
};
