import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { UPLOADERS } from '../../schemas/drivers/uploaders.ts';

/**
 * Why whoever is at the other end may upload nothing at this time, in milliseconds since 1970; undefined for one who has a
 * certificate of our CA that says so.
 */
export function refusedUploader(socket: Socket, now: number): string | undefined {
  if (!(socket instanceof TLSSocket)) return 'Uploads take TLS, with a client certificate.';
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return 'Uploads take a client certificate, and none was shown.';
  if (!socket.authorized) {
    return `The client certificate is not valid for this service: ${String(socket.authorizationError)}.`;
  }
  // The handshake may be long ago.
  if (shown.validToDate.getTime() < now) return 'The client certificate has expired since it was shown.';
  return shown.subject.split('\n').includes(`O=${UPLOADERS}`)
    ? undefined
    : `The client certificate is not of the organization ${UPLOADERS}.`;
}

/**
 * To be called as soon as a handshake is done. Where a signature of a client's certificate is wrong, OpenSSL leaves a note in the
 * thread's queue of errors, and the next that reads takes it for its own: the connection ends, and the client is told nothing. Each
 * of Node's own operations empties the queue.
 */
export function forgetFailedVerification({ authorizationError }: TLSSocket): void {
  // It is null where there is none.
  if ((authorizationError as Error | null) !== null) randomBytes(1);
}
