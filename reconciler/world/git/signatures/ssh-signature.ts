import { createHash } from 'node:crypto';
import type { SshPublicKey } from './ssh-public-key.ts';
import { SshFormatError, SshReader, sshString } from './ssh-wire.ts';

/** What `ssh-keygen -Y sign` makes: a signature that says which key made it, and for what it is meant. */
export interface SshSignature {
  /** The public key as SSH writes it; nothing is proven of it yet. */
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly hash: SshHash;
  /** Its kind, and what a key of that kind has to say. */
  readonly signature: Buffer;
}

export type SshHash = 'sha256' | 'sha512';

export const SSH_BEGIN = '-----BEGIN SSH SIGNATURE-----';
const SSH_END = '-----END SSH SIGNATURE-----';
const MAGIC = Buffer.from('SSHSIG');
const VERSION = 1;
const LINE = 70;
/** More than twice what the largest key needs. */
const MOST_CHARACTERS = 16_384;

/** Reads an armored signature. Throws an SshFormatError where it is none. */
export function parseSshSignature(armored: string): SshSignature {
  if (armored.length > MOST_CHARACTERS) throw new SshFormatError('it is too long');
  const reader = new SshReader(withoutArmor(armored));
  if (!reader.bytes(MAGIC.length).equals(MAGIC)) throw new SshFormatError('it is no signature of SSH');
  const version = reader.uint32();
  if (version !== VERSION) throw new SshFormatError(`it is of version ${version}, which is not supported`);
  const publicKey = reader.string();
  const namespace = reader.string().toString('latin1');
  if (reader.string().length > 0) throw new SshFormatError('it holds something that is reserved');
  const hash = reader.name();
  if (hash !== 'sha256' && hash !== 'sha512') throw new SshFormatError(`it is made with the hash ${hash}`);
  const signature = reader.string();
  reader.end();
  return { publicKey, namespace, hash, signature };
}

/** Whether `key` made this signature of `data`. Throws an SshFormatError where it is none that it could have made. */
export function isSignatureOf(
  { namespace, hash, signature }: SshSignature,
  data: Buffer,
  key: SshPublicKey,
): boolean {
  return key.verify(signedData(data, namespace, hash), signature);
}

/** What a key signs in place of the data itself. */
export function signedData(data: Buffer, namespace: string, hash: SshHash): Buffer {
  return Buffer.concat([
    MAGIC,
    sshString(namespace),
    sshString(''),
    sshString(hash),
    sshString(createHash(hash).update(data).digest()),
  ]);
}

/** A signature in its armor, as ssh-keygen writes it. */
export function armorSshSignature({ publicKey, namespace, hash, signature }: SshSignature): string {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(VERSION);
  const parts = [publicKey, namespace, '', hash, signature].map(sshString);
  const base64 = Buffer.concat([MAGIC, version, ...parts]).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [SSH_BEGIN, ...lines, SSH_END, ''].join('\n');
}

function withoutArmor(armored: string): Buffer {
  const lines = armored.replace(/\n$/, '').split('\n');
  if (lines.shift() !== SSH_BEGIN || lines.pop() !== SSH_END)
    throw new SshFormatError('its armor is damaged');
  const base64 = lines.join('');
  const bytes = Buffer.from(base64, 'base64');
  // Node reads past what is no base64.
  if (bytes.toString('base64') !== base64) throw new SshFormatError('its base64 is damaged');
  return bytes;
}
