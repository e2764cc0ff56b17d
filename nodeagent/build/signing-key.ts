import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignError } from './errors.ts';

/** Where a builder has its key, where its manifest names one. */
export const SIGNING_FOLDER = '/var/run/secrets/weka-operator/module-signing';

/** A key that modules are signed with, and its certificate. */
export interface SigningKey {
  /** Paths of the two. */
  readonly key: string;
  readonly certificate: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Whether it signs the same twice with the same bytes: RSA does. */
  readonly isRepeatable: boolean;
  /** Text of the key: nothing that is printed may hold any of it. */
  readonly secret: string;
}

const HINT = 'Correct the Secret of additionalSecrets module-signing: signing_key.pem and signing_cert.pem.';

/** The key of the pod; undefined where it has none. No message holds anything of it. */
export async function readSigningKey(folder = SIGNING_FOLDER): Promise<SigningKey | undefined> {
  const [key, certificate] = [join(folder, 'signing_key.pem'), join(folder, 'signing_cert.pem')];
  const [secret, public_] = await Promise.all([textOf(key), bytesOf(certificate)]);
  if (secret === undefined && public_ === undefined) return undefined;
  if (secret === undefined || public_ === undefined) {
    const missing = secret === undefined ? 'signing_key.pem' : 'signing_cert.pem';
    throw new SignError(`The modules cannot be signed: the Secret has no ${missing}.`, { hint: HINT });
  }
  return { key, certificate, ...examined(secret, public_), secret };
}

function examined(secret: string, public_: Buffer): Pick<SigningKey, 'fingerprint' | 'isRepeatable'> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(public_);
  } catch {
    throw new SignError('The modules cannot be signed: signing_cert.pem is no certificate.', { hint: HINT });
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(secret);
  } catch {
    throw new SignError(
      'The modules cannot be signed: signing_key.pem is no private key, or wants a passphrase.',
      { hint: HINT },
    );
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new SignError('The modules cannot be signed: signing_cert.pem is not of signing_key.pem.', {
      hint: HINT,
    });
  }
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    isRepeatable: privateKey.asymmetricKeyType === 'rsa',
  };
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return (await bytesOf(path))?.toString('utf8');
}
