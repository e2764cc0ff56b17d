import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SshFormatError, SshReader } from '../../signatures/ssh-wire.ts';

const ARMOR =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END OPENSSH PRIVATE KEY-----\n*$/;
const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
/** Of a number of an RSA key. */
const MOST_BYTES = 2048;
const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number }>> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
};

/** The key has a passphrase. */
export class EncryptedKeyError extends Error {}

/** Whether a text is in the format that ssh-keygen writes by itself. */
export function isOpenSshKey(text: string): boolean {
  return text.includes('-----BEGIN OPENSSH PRIVATE KEY-----');
}

/**
 * The private key in OpenSSH's own format (PROTOCOL.key). Throws an SshFormatError where it is damaged, and an
 * EncryptedKeyError where it has a passphrase. No message quotes any of it.
 */
export function parseOpenSshKey(text: string): KeyObject {
  const [, base64] = ARMOR.exec(text.replaceAll('\r', '').trimStart()) ?? [];
  if (base64 === undefined) throw new SshFormatError('its armor is damaged');
  const reader = new SshReader(Buffer.from(base64, 'base64'));
  if (!reader.bytes(MAGIC.length).equals(MAGIC)) throw new SshFormatError('it is of another version');
  const cipher = reader.name();
  if (cipher !== 'none') throw new EncryptedKeyError();
  const kdf = reader.name();
  const options = reader.string();
  if (kdf !== 'none' || options.length > 0) throw new SshFormatError('it is damaged');
  if (reader.uint32() !== 1) throw new SshFormatError('it holds another number of keys than one');
  reader.string();
  const secret = new SshReader(reader.string());
  reader.end();
  if (secret.uint32() !== secret.uint32()) throw new SshFormatError('it is damaged');
  const jwk = readJwk(secret);
  // A comment and a filling follow, which say nothing of the key.
  secret.string();
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new SshFormatError('it is damaged');
  }
}

function readJwk(reader: SshReader): JsonWebKey {
  const type = reader.name();
  switch (type) {
    case 'ssh-ed25519': {
      const x = reader.string();
      const seed = reader.string().subarray(0, 32);
      return { kty: 'OKP', crv: 'Ed25519', x: base64url(x), d: base64url(seed) };
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521': {
      const { crv, bytes } = CURVES[reader.name()] ?? {};
      if (crv === undefined || bytes === undefined) throw new SshFormatError('its curve is not supported');
      const point = reader.string();
      const d = reader.positive(bytes);
      return {
        kty: 'EC',
        crv,
        x: base64url(point.subarray(1, 1 + bytes)),
        y: base64url(point.subarray(1 + bytes)),
        d: base64url(Buffer.concat([Buffer.alloc(bytes - d.length), d])),
      };
    }
    case 'ssh-rsa': {
      const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.positive(MOST_BYTES));
      if (!n || !e || !d || !qi || !p || !q) throw new SshFormatError('it is damaged');
      const [dp, dq] = [p, q].map((prime) => remainder(d, prime));
      const numbers = { n, e, d, p, q, dp, dq, qi };
      const named = Object.entries(numbers).map(([name, value]) => [
        name,
        base64url(value ?? Buffer.alloc(0)),
      ]);
      return { kty: 'RSA', ...(Object.fromEntries(named) as Record<string, string>) };
    }
    default:
      throw new SshFormatError(
        type.startsWith('sk-') ? 'it needs its security token' : `keys of type ${type} are not supported`,
      );
  }
}

/** `d mod (prime - 1)`, which the format leaves out. */
function remainder(d: Buffer, prime: Buffer): Buffer {
  const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
  const hex = (number(d) % (number(prime) - 1n)).toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
