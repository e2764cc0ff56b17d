import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignError } from './errors.ts';

/** A key that modules are signed with, and its certificate, both as PEM. */
export interface KeyText {
  readonly secret: string;
  readonly certificate: string;
}

/** Whose key it is that modules are signed with. */
export interface Signer {
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Whether it signs the same twice with the same bytes: RSA does. */
  readonly isRepeatable: boolean;
}

/** A key where programs find it. */
export interface SigningKey extends Signer {
  /** Paths of it and its certificate. */
  readonly key: string;
  readonly certificate: string;
  /** Text of the key: nothing that is printed may hold any of it. */
  readonly secret: string;
}

const HINT = 'Correct the Secret of additionalSecrets module-signing: signing_key.pem and signing_cert.pem.';

/** The key of a Secret in this folder. No message holds anything of it. */
export async function readKey(folder: string): Promise<KeyText> {
  const [secret, certificate] = await Promise.all(
    ['signing_key.pem', 'signing_cert.pem'].map(async (name) => await textOf(join(folder, name))),
  );
  if (secret === undefined || certificate === undefined) {
    const missing = secret === undefined ? 'signing_key.pem' : 'signing_cert.pem';
    throw new SignError(`The modules cannot be signed: the Secret has no ${missing}.`, { hint: HINT });
  }
  examined({ secret, certificate });
  return { secret, certificate };
}

/** Has a key in files while `use` works with it: in memory, where there is such a place. Whatever runs in this container meanwhile finds them. */
export async function withKeyFiles<Result>(
  { secret, certificate }: KeyText,
  use: (key: SigningKey) => Promise<Result>,
): Promise<Result> {
  const facts = examined({ secret, certificate });
  const name = 'weka-gitops-key-';
  const folder = await mkdtemp(join('/dev/shm', name)).catch(async () => await mkdtemp(join(tmpdir(), name)));
  try {
    const paths = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
    await writeFile(paths.key, secret, { mode: 0o600 });
    await writeFile(paths.certificate, certificate, { mode: 0o600 });
    return await use({ ...paths, ...facts, secret });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function examined({ secret, certificate: text }: KeyText): Signer {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
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

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
