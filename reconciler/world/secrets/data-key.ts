import type { PrivateKey } from 'openpgp';
import type { KeyGroup, SealedMetadata, WrappedKey } from './metadata.ts';
import { combineShares } from './shamir.ts';

/** The private keys of this process. */
export interface DecryptionKeys {
  /** `AGE-SECRET-KEY-1…` */
  readonly age: readonly string[];
  /** Private keys in ASCII armor. */
  readonly pgp?: string;
  readonly pgpPassphrase?: string;
}

/** Why there is no data key: nobody gave us one that fits, or what the file holds for ours is damaged. */
export interface NoDataKey {
  readonly because: 'no-key' | 'other-keys' | 'service' | 'threshold' | 'damaged';
  readonly message: string;
}

const KEY_BYTES = 32;

/** Bytes that a PGP message may unfold to: it holds a key or a part of one. */
const MAX_MESSAGE = 4096;

/** Stands in a PGP message for a recipient that it does not name. */
const ANYBODY = '0'.repeat(16);

/** The key that a file's values are encrypted with. */
export async function dataKey(
  { groups, threshold }: SealedMetadata,
  keys: DecryptionKeys,
): Promise<Uint8Array | NoDataKey> {
  if (keys.age.length === 0 && keys.pgp === undefined) {
    return { because: 'no-key', message: 'The file is encrypted, and no key is configured to decrypt it.' };
  }
  const parts: Uint8Array[] = [];
  let damaged: string | undefined;
  for (const group of groups) {
    const part = await openGroup(group, keys);
    if (typeof part === 'string') damaged ??= part;
    else if (part !== undefined) parts.push(part);
  }
  const needed = groups.length === 1 ? 1 : Math.max(2, threshold);
  if (parts.length < needed) return lacking(groups, needed, parts.length, damaged);
  const key = groups.length === 1 ? parts[0] : combineShares(parts);
  if (key?.length === KEY_BYTES) return key;
  return { because: 'damaged', message: 'The data key in the file’s sops block is damaged.' };
}

function lacking(
  groups: readonly KeyGroup[],
  needed: number,
  opened: number,
  damaged: string | undefined,
): NoDataKey {
  if (damaged !== undefined) {
    return {
      because: 'damaged',
      message: `The data key for ${damaged} in the file’s sops block is damaged.`,
    };
  }
  if (groups.length > 1) {
    const message = `The file takes keys of ${needed} of its ${groups.length} key groups, and the configured ones open ${opened}.`;
    return { because: 'threshold', message };
  }
  const names = groups.flatMap(({ age, pgp }) => [...age, ...pgp].map(({ recipient }) => recipient));
  const services = groups.flatMap((group) => group.services);
  if (names.length === 0) {
    return {
      because: 'service',
      message: `The file is encrypted for ${services.join(' and ')} only, which is not supported.`,
    };
  }
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return {
    because: 'other-keys',
    message: `The file is encrypted for ${[...shown, ...services].join(', ')}, and none of the configured keys is among them.`,
  };
}

/** The part of one group; the recipient whose copy is damaged; undefined where no key fits. */
async function openGroup(group: KeyGroup, keys: DecryptionKeys): Promise<Uint8Array | string | undefined> {
  let damaged: string | undefined;
  for (const [wrapped, open] of [
    ...group.age.map((each) => [each, openAge] as const),
    ...group.pgp.map((each) => [each, openPgp] as const),
  ]) {
    const part = await open(wrapped, keys);
    if (typeof part === 'object') return part;
    if (part === 'damaged') damaged ??= wrapped.recipient;
  }
  return damaged;
}

async function openAge(
  { sealed }: WrappedKey,
  { age }: DecryptionKeys,
): Promise<Uint8Array | 'damaged' | 'not-ours'> {
  if (age.length === 0) return 'not-ours';
  const { armor, Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of age) decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(armor.decode(sealed));
  } catch (error) {
    return error instanceof Error && error.message.startsWith('no identity matched') ? 'not-ours' : 'damaged';
  }
}

async function openPgp(
  { sealed }: WrappedKey,
  keys: DecryptionKeys,
): Promise<Uint8Array | 'damaged' | 'not-ours'> {
  if (keys.pgp === undefined) return 'not-ours';
  const decryptionKeys = await unlocked(keys.pgp, keys);
  const { decrypt, readMessage } = await import('openpgp');
  let failed: 'damaged' | 'not-ours' = 'damaged';
  try {
    const message = await readMessage({ armoredMessage: sealed });
    const own = decryptionKeys.flatMap((key) => key.getKeyIDs());
    // A message may hide for whom it is; then only trying shows.
    const ids = message.getEncryptionKeyIDs();
    if (!ids.some((id) => own.some((each) => each.equals(id)))) failed = 'not-ours';
    if (failed === 'not-ours' && !ids.some((id) => id.toHex() === ANYBODY)) return failed;
    const decrypted: { readonly data: unknown } = await decrypt({
      message,
      decryptionKeys: [...decryptionKeys],
      format: 'binary',
      config: { maxDecompressedMessageSize: MAX_MESSAGE },
    });
    return decrypted.data instanceof Uint8Array ? decrypted.data : failed;
  } catch {
    return failed;
  }
}

const pgpKeys = new WeakMap<DecryptionKeys, Promise<readonly PrivateKey[]>>();

/** Unlocking takes long on purpose, so it is done once. */
function unlocked(armored: string, keys: DecryptionKeys): Promise<readonly PrivateKey[]> {
  const known = pgpKeys.get(keys) ?? unlock(armored, keys.pgpPassphrase);
  pgpKeys.set(keys, known);
  return known;
}

/** The keys of an armored text, without their passphrase. Throws where it is none, or another one. */
export async function unlock(
  armored: string,
  passphrase: string | undefined,
): Promise<readonly PrivateKey[]> {
  const { decryptKey, readPrivateKeys } = await import('openpgp');
  const keys = await readPrivateKeys({ armoredKeys: armored });
  return Promise.all(
    keys.map(async (privateKey) =>
      privateKey.isDecrypted() || passphrase === undefined
        ? privateKey
        : await decryptKey({ privateKey, passphrase }),
    ),
  );
}
