import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { SshFormatError, SshReader, sshString } from './ssh-wire.ts';

/** A public key of a kind that may sign. */
export interface SshPublicKey {
  readonly type: string;
  /** As SSH writes it, which is what keys are told apart by. */
  readonly blob: Buffer;
  /** `SHA256:…`, as ssh-keygen shows it. */
  readonly fingerprint: string;
  /** Whether this key made `signature` of `data`. Throws an SshFormatError where it is no signature of such a key. */
  verify(data: Buffer, signature: Buffer): boolean;
}

/** Of an RSA key, in bits. */
const FEWEST_BITS = 2048;
const MOST_BITS = 16_384;
const ED25519_BYTES = { key: 32, signature: 64 };

/** A curve of NIST by its name in SSH. */
const CURVES: Readonly<
  Record<string, { readonly crv: string; readonly bytes: number; readonly hash: string }>
> = {
  nistp256: { crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, hash: 'sha512' },
};

/** SHA-1, which `ssh-rsa` stands for in a signature, is none of them. */
const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

type Verify = (data: Buffer, signature: SshReader, algorithm: string) => boolean;

interface Kind {
  /** What a signature of such a key may be called; its own name where unset. */
  readonly algorithms?: readonly string[];
  /** Reads what follows the name of the type. */
  readonly read: (key: SshReader) => Verify;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'ssh-ed25519': { read: ed25519 },
  'ssh-rsa': { algorithms: Object.keys(RSA_HASHES), read: rsa },
  'ecdsa-sha2-nistp256': { read: ecdsa('nistp256') },
  'ecdsa-sha2-nistp384': { read: ecdsa('nistp384') },
  'ecdsa-sha2-nistp521': { read: ecdsa('nistp521') },
  'sk-ssh-ed25519@openssh.com': { read: withToken(ed25519) },
  'sk-ecdsa-sha2-nistp256@openssh.com': { read: withToken(ecdsa('nistp256')) },
};

/** Types of keys that may sign. */
export const KEY_TYPES: readonly string[] = Object.keys(KINDS);

/** `SHA256:…` of any key. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Reads a public key. Throws an SshFormatError where it is none, or one that is not accepted. */
export function parseSshPublicKey(blob: Buffer): SshPublicKey {
  const reader = new SshReader(blob);
  const type = reader.name();
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) throw new SshFormatError(`keys of type ${type} are not supported`);
  const check = kind.read(reader);
  reader.end();
  const algorithms = kind.algorithms ?? [type];
  return {
    type,
    blob,
    fingerprint: fingerprintOf(blob),
    verify(data, signature) {
      const parts = new SshReader(signature);
      const algorithm = parts.name();
      if (!algorithms.includes(algorithm)) {
        throw new SshFormatError(
          `it is made by ${algorithm}, which is not accepted of a key of type ${type}`,
        );
      }
      const fits = check(data, parts, algorithm);
      parts.end();
      return fits;
    },
  };
}

function ed25519(reader: SshReader): Verify {
  const x = reader.string();
  if (x.length !== ED25519_BYTES.key) throw new SshFormatError('an Ed25519 key has another length');
  const key = imported({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
  return (data, parts) => {
    const signature = parts.string();
    if (signature.length !== ED25519_BYTES.signature) throw new SshFormatError('it has another length');
    return verify(null, data, key, signature);
  };
}

function rsa(reader: SshReader): Verify {
  const e = reader.positive(8);
  const n = reader.positive(MOST_BITS / 8);
  const key = imported({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < FEWEST_BITS) {
    throw new SshFormatError(`an RSA key of ${bits} bits is too short; it needs ${FEWEST_BITS}`);
  }
  return (data, parts, algorithm) => {
    const signature = parts.string();
    if (signature.length > n.length) throw new SshFormatError('it is longer than its key');
    // Zeros at its beginning may have been left out.
    const padded = Buffer.concat([Buffer.alloc(n.length - signature.length), signature]);
    return verify(RSA_HASHES[algorithm], data, key, padded);
  };
}

function ecdsa(name: string): (reader: SshReader) => Verify {
  return (reader) => {
    const { crv, bytes, hash } = CURVES[name]!;
    if (reader.name() !== name) throw new SshFormatError('its curve is not that of its type');
    const point = reader.string();
    if (point[0] !== 4 || point.length !== 1 + 2 * bytes) throw new SshFormatError('its point is none');
    const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
    const key = imported({ kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') });
    return (data, parts) => {
      const numbers = new SshReader(parts.string());
      const [r, s] = [numbers.positive(bytes), numbers.positive(bytes)];
      numbers.end();
      const padded = [r, s].flatMap((number) => [Buffer.alloc(bytes - number.length), number]);
      return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(padded));
    };
  };
}

/** A key in a security token, which signs what it was asked to beside what it has to say itself. */
function withToken(read: (reader: SshReader) => Verify): (reader: SshReader) => Verify {
  return (reader) => {
    const check = read(reader);
    const application = sha256(reader.string());
    return (data, parts, algorithm) => {
      const signature = parts.string();
      // Flags, and how often the token has signed.
      const said = parts.bytes(5);
      const signed = Buffer.concat([application, said, sha256(data)]);
      return check(signed, new SshReader(sshString(signature)), algorithm);
    };
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function imported(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (cause) {
    throw new SshFormatError('it is no key', { cause });
  }
}
