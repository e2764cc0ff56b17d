import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { parseSshPublicKey } from '../../signatures/ssh-public-key.ts';
import { armorSshSignature, signedData } from '../../signatures/ssh-signature.ts';
import { NAMESPACE } from '../../signatures/ssh-verdict.ts';
import { SshFormatError, sshNumber, sshString } from '../../signatures/ssh-wire.ts';
import type { SignCommit } from './commit-signer.ts';
import { EncryptedKeyError, isOpenSshKey, parseOpenSshKey } from './openssh-key.ts';
import { SigningKeyError } from './signing-key-error.ts';

const HASH = 'sha512';
const ENCRYPTED_PEM = /^-----BEGIN ENCRYPTED PRIVATE KEY-----$|^Proc-Type: 4,ENCRYPTED$/m;

/** How OpenSSH calls a curve of NIST, and the hash that goes with it. */
const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  prime256v1: { name: 'nistp256', hash: 'sha256' },
  secp384r1: { name: 'nistp384', hash: 'sha384' },
  secp521r1: { name: 'nistp521', hash: 'sha512' },
};

/** A private key's public half as SSH writes it, and how it signs. */
interface Pair {
  readonly publicKey: Buffer;
  readonly sign: (data: Buffer) => Buffer;
}

/** Signs with a private key in OpenSSH's own format or in PEM, as ssh-keygen writes both. */
export async function sshSigner(
  text: string,
  passphrase: string | undefined,
  path: string,
): Promise<SignCommit> {
  const pair = openPair(text, passphrase, path);
  return async (payload) => {
    const data = signedData(Buffer.from(payload), NAMESPACE, HASH);
    const { publicKey } = pair;
    return armorSshSignature({ publicKey, namespace: NAMESPACE, hash: HASH, signature: pair.sign(data) });
  };
}

function openPair(text: string, passphrase: string | undefined, path: string): Pair {
  try {
    const pair = pairOf(isOpenSshKey(text) ? parseOpenSshKey(text) : fromPem(text, passphrase));
    // A key that is not accepted of others is none to sign with; and one whose halves do not fit signs for nobody.
    const probe = Buffer.from('weka-gitops');
    if (parseSshPublicKey(pair.publicKey).verify(probe, pair.sign(probe))) return pair;
    throw new SshFormatError('its halves do not fit');
  } catch (error) {
    if (error instanceof EncryptedKeyError) throw encrypted(path);
    if (!(error instanceof SshFormatError)) throw error;
    throw new SigningKeyError(`${path} holds no SSH private key that can be used: ${error.message}.`, {
      hint: 'Make one with `ssh-keygen -t ed25519 -N "" -f FILE`, and name FILE in status.signing.sshKeyFile.',
    });
  }
}

/** OpenSSH derives the key of such a file by bcrypt, which nothing that we build on does. */
function encrypted(path: string): SigningKeyError {
  return new SigningKeyError(
    `The SSH key in ${path} has a passphrase, which is not supported in OpenSSH’s format.`,
    {
      hint: 'Take the passphrase off a copy with `ssh-keygen -p -N "" -f COPY`, and keep that in a Secret.',
    },
  );
}

function fromPem(text: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined && ENCRYPTED_PEM.test(text)) {
    throw new SshFormatError('it has a passphrase, and status.signing.passphraseFile names none');
  }
  try {
    return createPrivateKey({
      key: text,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch {
    // What the library says may quote what it was given.
    throw new SshFormatError('it is in no known format, or its passphrase is another one');
  }
}

function pairOf(key: KeyObject): Pair {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const bytes = (value: string | undefined) => Buffer.from(value ?? '', 'base64url');
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return named('ssh-ed25519', [sshString(bytes(jwk.x))], (data) => sign(null, data, key));
    case 'rsa': {
      const numbers = [bytes(jwk.e), bytes(jwk.n)].map(sshNumber);
      return named('ssh-rsa', numbers, (data) => sign('sha512', data, key), 'rsa-sha2-512');
    }
    case 'ec': {
      const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (curve === undefined) throw new SshFormatError('its curve is not supported');
      const { name, hash } = curve;
      const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
      return named(`ecdsa-sha2-${name}`, [sshString(name), sshString(point)], (data) => {
        const both = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
        const half = both.length / 2;
        return Buffer.concat([both.subarray(0, half), both.subarray(half)].map(sshNumber));
      });
    }
    default:
      throw new SshFormatError('keys of its type are not supported');
  }
}

function named(
  type: string,
  parts: readonly Buffer[],
  make: (data: Buffer) => Buffer,
  algorithm = type,
): Pair {
  return {
    publicKey: Buffer.concat([sshString(type), ...parts]),
    sign: (data) => Buffer.concat([sshString(algorithm), sshString(make(data))]),
  };
}
