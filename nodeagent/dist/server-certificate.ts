import { constants, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { createSecureContext, type TlsOptions } from 'node:tls';
import type { Log } from '../log.ts';

/** A kubelet takes about a minute to bring a changed Secret here. */
const LOOK_EVERY_MS = 5000;

/** What everybody is spoken to with; only uploads ask who one is. */
export const TLS_OPTIONS: TlsOptions = {
  minVersion: 'TLSv1.2',
  requestCert: true,
  rejectUnauthorized: false,
  // A session that is taken up again would bring a certificate that was shown before.
  secureOptions: constants.SSL_OP_NO_TICKET,
  handshakeTimeout: 10_000,
};

/**
 * Gives `server` the certificate of a folder, and each one that takes its place there. What cannot be used is said once, and the
 * one before stays. Resolves when the first look is done; gives what ends it. `isOtherCa` is told when another CA is believed.
 */
export async function followCertificate(
  server: Pick<Server, 'setSecureContext'>,
  folder: string,
  log: Log,
  isOtherCa: () => void,
  everyMs = LOOK_EVERY_MS,
): Promise<() => void> {
  let last = '';
  let ca: string | undefined;
  const look = async () => {
    const files = await readFiles(folder);
    const seen = JSON.stringify(files);
    if (seen === last) return;
    last = seen;
    try {
      if ('reason' in files) throw new Error(files.reason);
      // Throws where key and certificate are of two pairs.
      createSecureContext(files);
      server.setSecureContext({ ...TLS_OPTIONS, ...files });
      if (ca !== undefined && ca !== files.ca) isOtherCa();
      ({ ca } = files);
      log.info({ folder, validTo: new X509Certificate(files.cert).validToDate }, 'Uses a certificate');
    } catch (error) {
      log.warn({ folder, reason: (error as Error).message }, 'Cannot use the certificate');
    }
  };
  await look();
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, everyMs).unref();
  return () => clearInterval(timer);
}

type Files = Readonly<Record<'cert' | 'key' | 'ca', string>> | { readonly reason: string };

async function readFiles(folder: string): Promise<Files> {
  const read = async (name: string) => await readFile(join(folder, name), 'utf8');
  try {
    const [cert, key, ca] = await Promise.all([read('tls.crt'), read('tls.key'), read('ca.crt')]);
    return { cert, key, ca };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      reason: code === 'ENOENT' ? 'tls.crt, tls.key and ca.crt are not all there' : (code ?? message),
    };
  }
}
