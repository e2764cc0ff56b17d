import type { Key, SignaturePacket } from 'openpgp';
import { prose } from '../../../core/report/plain.ts';
import { unusableKeys } from './errors.ts';
import type { SignedCommit } from './signed-commit.ts';
import { accepted, bad, unknownSigner, type Verdict } from './verdict.ts';

export const PGP_BEGIN = '-----BEGIN PGP SIGNATURE-----';
const PGP_END = '-----END PGP SIGNATURE-----';
/** More than any algorithm needs. */
const MOST_CHARACTERS = 65_536;
const PUBLIC_KEYS = /-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----/gs;
/** Git signs as it commits. Between both, somebody may type a passphrase. */
const APART_MS = 24 * 3600 * 1000;
/** How far the clocks of who signs and who looks may be apart. */
const AHEAD_MS = 3600 * 1000;
const MOST_WORDS = 200;

/** Reads armored public keys, any number of blocks of them. Throws where a file holds none, or something private. */
export async function parsePgpKeys(text: string, path: string): Promise<readonly Key[]> {
  if (/-----BEGIN PGP PRIVATE KEY/.test(text)) {
    throw unusableKeys(`${path} holds a private key; commits are verified by public ones.`, {
      hint: 'Export them with `gpg --export --armor KEY…`.',
    });
  }
  const { readKeys } = await import('openpgp');
  const blocks = text.match(PUBLIC_KEYS) ?? [];
  try {
    const keys = await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys })));
    if (keys.flat().length > 0) return keys.flat();
  } catch (cause) {
    throw unusableKeys(`${path} holds PGP keys that cannot be read.`, {
      hint: 'No commit is accepted until it holds what `gpg --export --armor KEY…` prints.',
      cause,
    });
  }
  throw unusableKeys(`${path} holds no PGP public key.`, {
    hint: 'Fill it with what `gpg --export --armor KEY…` prints.',
  });
}

/** Whether one of `keys` signed the commit, and may: it is neither expired nor revoked now, and was not then. */
export async function judgePgp(
  { payload, signature: armored = '', committedAt }: SignedCommit,
  keys: readonly Key[],
  now: Date,
): Promise<Verdict> {
  const packet = await readPacket(armored);
  if (typeof packet === 'string') return bad(`carries a PGP signature that cannot be read: ${packet}`);
  const issuer = issuerOf(packet);
  const key = keys.find((each) => hasKey(each, packet));
  if (key === undefined) {
    const found = `is signed, as it says, by the PGP key ${issuer}, which is none of those in pgpKeysFile`;
    return unknownSigner(
      found,
      `Add that key to repository.verify.pgpKeysFile if it may sign, or sign the commit with one that may.`,
    );
  }
  const signer = { name: prose(key.getUserIDs()[0] ?? '', MOST_WORDS), fingerprint: issuer };
  const made = packet.created?.getTime() ?? 0;
  try {
    await key.getSigningKey(packet.issuerKeyID, now);
  } catch (error) {
    const found = `is signed by the PGP key ${issuer} of ${signer.name}, which cannot sign now: ${wordsOf(error)}`;
    return unknownSigner(
      found,
      'Put the renewed key into repository.verify.pgpKeysFile, or sign the commit with another one.',
    );
  }
  const committed = committedAt * 1000;
  if (made > now.getTime() + AHEAD_MS) {
    return bad(`says that it was signed ${timeOf(made)}, which is still to come, with the PGP key ${issuer}`);
  }
  if (Math.abs(made - committed) > APART_MS) {
    return bad(
      `says that it was committed ${timeOf(committed)}, and signed ${timeOf(made)}, with the PGP key ${issuer}`,
    );
  }
  try {
    await verifyPacket(payload, armored, key, new Date(Math.max(now.getTime(), made)));
    return accepted(signer);
  } catch (error) {
    return bad(`carries a signature of the PGP key ${issuer} that does not hold: ${wordsOf(error)}`);
  }
}

/** The one packet of the signature, or why it is none. */
async function readPacket(armored: string): Promise<SignaturePacket | string> {
  if (armored.length > MOST_CHARACTERS) return 'it is too long';
  const text = armored.trimEnd();
  if (!text.endsWith(`\n${PGP_END}`) || text.lastIndexOf('-----BEGIN') !== 0) return 'its armor is damaged';
  const { enums, readSignature } = await import('openpgp');
  try {
    const { packets } = await readSignature({ armoredSignature: armored });
    const [packet] = packets;
    if (packet === undefined || packets.length !== 1) return `it holds ${packets.length} signatures`;
    if (packet.signatureType !== enums.signature.binary) return 'it is of a kind that git does not make';
    return packet;
  } catch (error) {
    return wordsOf(error);
  }
}

async function verifyPacket(payload: Buffer, armored: string, key: Key, date: Date): Promise<void> {
  const { createMessage, readSignature, verify } = await import('openpgp');
  const { signatures } = await verify({
    message: await createMessage({ binary: new Uint8Array(payload) }),
    signature: await readSignature({ armoredSignature: armored }),
    verificationKeys: key.toPublic(),
    format: 'binary',
    date,
    // Of a key that was renewed later, gpg keeps only what it says of itself since then. That it may sign now is known.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  });
  if (signatures.length !== 1) throw new Error('It holds another number of signatures.');
  await signatures[0]?.verified;
}

/** The fingerprint that the signature names, or where it has none, the shorter id of the key. */
function issuerOf({ issuerFingerprint, issuerKeyID }: SignaturePacket): string {
  return (
    issuerFingerprint === null ? issuerKeyID.toHex() : Buffer.from(issuerFingerprint).toString('hex')
  ).toUpperCase();
}

function hasKey(key: Key, packet: SignaturePacket): boolean {
  const issuer = issuerOf(packet).toLowerCase();
  return key
    .getKeys(packet.issuerKeyID)
    .some((each) => packet.issuerFingerprint === null || each.getFingerprint() === issuer);
}

/** What the library says, which names neither content nor secrets. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return prose(message, MOST_WORDS).replace(/\.$/, '') || 'no reason is given';
}

function timeOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : 'at no time';
}
