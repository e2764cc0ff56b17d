import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { explain, ReconcilerError } from '../../reconciler/errors.ts';
import type { Log } from '../log.ts';
import { Backoff } from '../run/backoff.ts';
import { STEADY_TIME, type Time } from '../time.ts';
import { UploadError } from './errors.ts';
import { type Destination, putOnce, type Reply, type Source } from './put-once.ts';

export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly log?: Log | undefined;
  readonly time?: Time;
  /** Of [0, 1). */
  readonly random?: () => number;
}

/** What was built is worth some patience. */
const PATIENCE_MS = 15 * 60_000;
/** A kubelet brings a renewed certificate within two minutes. */
const CERTIFICATE_PATIENCE_MS = 4 * 60_000;
/** In between, a service that was started anew is found again soon. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Brings a package into a distribution service, which takes it whole or not at all. `tls`: folder of the certificate, read for each
 * attempt, since it may be renewed meanwhile. What time may mend is tried again for a quarter of an hour. Throws an UploadError, or
 * what the source throws.
 */
export async function upload(
  destination: Destination & { readonly tls: string },
  source: Source,
  { signal, log, time = STEADY_TIME, random = Math.random }: UploadOptions,
): Promise<void> {
  const { file, url } = destination;
  const began = time.now();
  const backoff = new Backoff(random);
  for (let attempt = 1; ; attempt += 1) {
    const error = await attemptOf(destination, source, signal);
    if (error === undefined) {
      log?.info({ file, service: url, attempt }, 'Uploaded a package');
      return;
    }
    signal.throwIfAborted();
    const waited = time.now() - began;
    if (error.retry === 'after-change' || waited >= patienceFor(error)) throw error;
    const waitMs = Math.min(backoff.next(error.retryAfterMs), LONGEST_WAIT_MS);
    log?.warn(
      { file, service: url, attempt, waitMs: Math.round(waitMs), reason: explain(error) },
      'Could not upload a package',
    );
    await time.sleep(waitMs, signal);
    signal.throwIfAborted();
  }
}

/** What went wrong; undefined where the service has the package now. */
async function attemptOf(
  destination: Destination & { readonly tls: string },
  source: Source,
  signal: AbortSignal,
): Promise<ReconcilerError | undefined> {
  try {
    if (!destination.url.startsWith('https://')) {
      throw new UploadError('UPLOAD_REJECTED', `Uploads need https://, and not ${destination.url}.`, {
        hint: 'Let the address of the service begin with https://.',
      });
    }
    const tls = await readTls(destination.tls);
    return faultOf(destination, await putOnce(destination, tls, source, signal));
  } catch (error) {
    if (error instanceof ReconcilerError) return error;
    signal.throwIfAborted();
    return unreached(destination, error as NodeJS.ErrnoException);
  }
}

async function readTls(folder: string): Promise<SecureContextOptions> {
  const read = async (name: string) => await readFile(join(folder, name), 'utf8');
  try {
    const [cert, key, ca] = await Promise.all([read('tls.crt'), read('tls.key'), read('ca.crt')]);
    return { cert, key, ca, minVersion: 'TLSv1.2' };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UploadError('UPLOAD_FILE', `The certificate in ${folder} cannot be read: ${code}.`, { cause });
  }
}

function faultOf({ file, url }: Destination, { status, text, retryAfterMs }: Reply): UploadError | undefined {
  const said = text === '' ? `HTTP status ${status}` : (text.split('\n', 1)[0] ?? '');
  const message = `The distribution service ${url} did not take ${file}: ${said}`;
  const sentence = message.endsWith('.') ? message : `${message}.`;
  if (status === 200 || status === 201) return undefined;
  if (status === 403) return new UploadError('UPLOAD_REFUSED', sentence);
  if (status === 409) return new UploadError('UPLOAD_CONFLICT', sentence);
  if (status === 422) return new UploadError('UPLOAD_DIGEST', sentence);
  if (status === 507) return new UploadError('UPLOAD_NO_ROOM', sentence);
  if (status === 429 || status >= 500)
    return new UploadError('UPLOAD_UNREACHABLE', sentence, { retryAfterMs });
  return new UploadError('UPLOAD_REJECTED', sentence);
}

/** How the codes of OpenSSL and Node begin that are about certificates. */
const TLS_CODE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|HOSTNAME_MISMATCH)/;

function unreached({ file, url }: Destination, cause: NodeJS.ErrnoException): UploadError {
  const { code = '', message } = cause;
  if (TLS_CODE.test(code)) {
    return new UploadError('UPLOAD_TLS', `TLS with the distribution service ${url} fails: ${code}.`, {
      cause,
    });
  }
  const reason = code === '' || code === 'ECONNRESET' ? message.replace(/\.$/, '') : code;
  return new UploadError('UPLOAD_UNREACHABLE', `${file} cannot be sent to ${url}: ${reason}.`, { cause });
}

function patienceFor({ code }: ReconcilerError): number {
  return code === 'UPLOAD_REFUSED' || code === 'UPLOAD_TLS' ? CERTIFICATE_PATIENCE_MS : PATIENCE_MS;
}
