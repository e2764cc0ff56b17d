import type { PrivateKey } from 'openpgp';
import { unlock } from '../../../secrets/data-key.ts';
import type { SignCommit } from './commit-signer.ts';
import { SigningKeyError } from './signing-key-error.ts';

/** Signs with the private key in an ASCII armor. */
export async function pgpSigner(
  armored: string,
  passphrase: string | undefined,
  path: string,
): Promise<SignCommit> {
  const key = await openKey(armored, passphrase, path);
  return async (payload, at) => {
    const { createMessage, sign } = await import('openpgp');
    try {
      const signature: unknown = await sign({
        message: await createMessage({ binary: new Uint8Array(payload) }),
        signingKeys: key,
        detached: true,
        format: 'armored',
        date: at,
      });
      if (typeof signature === 'string') return signature;
      throw new Error('The library gave no text');
    } catch (cause) {
      throw new SigningKeyError(`The PGP key in ${path} cannot sign: ${reasonOf(cause)}.`, {
        hint: 'It needs a key for signing that has neither expired nor been revoked.',
        cause,
      });
    }
  };
}

async function openKey(armored: string, passphrase: string | undefined, path: string): Promise<PrivateKey> {
  let keys: readonly PrivateKey[];
  try {
    keys = await unlock(armored, passphrase);
  } catch (cause) {
    throw new SigningKeyError(`${path} holds no PGP private key that can be opened.`, {
      hint: 'Export it with `gpg --export-secret-keys --armor KEY`, and name the file with its passphrase in status.signing.passphraseFile.',
      cause,
    });
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw new SigningKeyError(`${path} holds ${keys.length} PGP private keys; it needs one.`, {
      hint: 'Export one with `gpg --export-secret-keys --armor KEY`.',
    });
  }
  if (!key.isDecrypted()) {
    throw new SigningKeyError(`The PGP key in ${path} has a passphrase.`, {
      hint: 'Name the file that holds it in status.signing.passphraseFile.',
    });
  }
  return key;
}

/** What the library says of a key: its id and its state, never its content. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : 'no reason is given';
}
