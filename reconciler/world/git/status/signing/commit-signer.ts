import { readFile } from 'node:fs/promises';
import { pgpSigner } from './pgp-signer.ts';
import { SigningKeyError } from './signing-key-error.ts';
import { sshSigner } from './ssh-signer.ts';

/** Where the key is that commits are signed with, and what opens it. */
export interface SigningFiles {
  readonly sshKeyFile?: string | undefined;
  readonly pgpKeyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

/** Gives the armored signature of a commit's bytes. `at` is when the commit says that it was made. */
export type SignCommit = (payload: Uint8Array, at: Date) => Promise<string>;

/** Signs with the key as its file holds it when something is signed. Throws where not exactly one key is configured. */
export function openCommitSigner({ sshKeyFile, pgpKeyFile, passphraseFile }: SigningFiles): SignCommit {
  const path = sshKeyFile ?? pgpKeyFile;
  if (path === undefined || (sshKeyFile !== undefined && pgpKeyFile !== undefined)) {
    const found = path === undefined ? 'no key' : 'two keys';
    throw new SigningKeyError(`status.signing names ${found}; a commit is signed with one.`, {
      hint: 'Set either status.signing.sshKeyFile or status.signing.pgpKeyFile, or leave out status.signing.',
    });
  }
  const open = sshKeyFile === undefined ? pgpSigner : sshSigner;
  let known:
    { readonly key: string; readonly passphrase: string | undefined; readonly sign: SignCommit } | undefined;
  return async (payload, at) => {
    const key = await readKeyFile(path, 'the key that status commits are signed with');
    const passphrase =
      passphraseFile === undefined
        ? undefined
        : (await readKeyFile(passphraseFile, 'the passphrase of that key')).replace(/\r?\n$/, '');
    if (known?.key !== key || known.passphrase !== passphrase) {
      known = { key, passphrase, sign: await open(key, passphrase, path) };
    }
    return await known.sign(payload, at);
  };
}

async function readKeyFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SigningKeyError(`${path}, which should hold ${what}, cannot be read.`, {
      hint: 'No status is written until it can be.',
      cause,
    });
  }
}
