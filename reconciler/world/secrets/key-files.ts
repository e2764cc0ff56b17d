import { stat } from 'node:fs/promises';
import { ReconcilerError } from '../../errors.ts';
import { type DecryptionKeys, unlock } from './data-key.ts';
import type { KeySource } from './open-sealed.ts';

/** Where the private keys are, as the process is configured. */
export interface DecryptionSources {
  readonly ageKeyFile?: string | undefined;
  /** age identities themselves. */
  readonly ageKey?: string | undefined;
  readonly pgpKeyFile?: string | undefined;
  readonly pgpPassphraseFile?: string | undefined;
}

/** A private key that the process is configured with cannot be used. */
export class DecryptionKeyError extends ReconcilerError {
  readonly code = 'DECRYPTION_KEY';
  readonly retry = 'next-pass';
}

/** The keys of a process. Files are read when a key is needed, and again once one of them has changed. */
export function keyFiles(sources: DecryptionSources, readFile: (path: string) => Promise<string>): KeySource {
  const paths = [sources.ageKeyFile, sources.pgpKeyFile, sources.pgpPassphraseFile].filter(
    (path) => path !== undefined,
  );
  let known: { readonly stamp: string; readonly keys: DecryptionKeys } | undefined;
  return async () => {
    const stamp = (await Promise.all(paths.map(stampOf))).join(' ');
    if (known?.stamp !== stamp) known = { stamp, keys: await readKeys(sources, readFile) };
    return known.keys;
  };
}

/** Changes whenever a file is written or replaced, as Kubernetes replaces those of a mounted Secret. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(':');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readKeys(
  { ageKeyFile, ageKey, pgpKeyFile, pgpPassphraseFile }: DecryptionSources,
  readFile: (path: string) => Promise<string>,
): Promise<DecryptionKeys> {
  const read = (path: string) =>
    readFile(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
  const age = [
    ...(ageKeyFile === undefined ? [] : identities(await read(ageKeyFile), ageKeyFile)),
    ...(ageKey === undefined ? [] : identities(ageKey, 'SOPS_AGE_KEY')),
  ];
  if (pgpKeyFile === undefined) return { age };
  const pgp = await read(pgpKeyFile);
  const passphrase =
    pgpPassphraseFile === undefined ? undefined : (await read(pgpPassphraseFile)).replace(/\r?\n$/, '');
  await checkPgp(pgp, passphrase, pgpKeyFile);
  return { age, pgp, ...(passphrase === undefined ? {} : { pgpPassphrase: passphrase }) };
}

function identities(text: string, where: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const other = lines.find((line) => !/^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/.test(line));
  if (lines.length > 0 && other === undefined) return lines;
  const what = other === undefined ? 'no age identity' : 'a line that is no age identity';
  throw new DecryptionKeyError(`${where} holds ${what}.`, {
    hint: 'Give it what `age-keygen` prints; plugins, SSH keys and encrypted identities are not supported.',
  });
}

async function checkPgp(armored: string, passphrase: string | undefined, path: string): Promise<void> {
  const keys = await unlock(armored, passphrase).catch((cause: unknown) => {
    throw new DecryptionKeyError(`${path} holds no PGP private key that can be opened.`, {
      hint: 'Export it with `gpg --export-secret-keys --armor`, and name the file with its passphrase in decryption.pgpPassphraseFile.',
      cause,
    });
  });
  if (keys.length > 0 && keys.every((key) => key.isDecrypted())) return;
  throw new DecryptionKeyError(`The PGP key in ${path} has a passphrase.`, {
    hint: 'Name the file that holds it in decryption.pgpPassphraseFile.',
  });
}

function unreadable(path: string, cause: unknown): DecryptionKeyError {
  return new DecryptionKeyError(`${path}, which should hold a key to decrypt with, cannot be read.`, {
    cause,
  });
}
