import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runGit } from './git-command.ts';

const run = promisify(execFile);

/** A key pair made by the real ssh-keygen. */
export interface SshKeyPair {
  /** Path of the private key; the public one is beside it, as `.pub`. */
  readonly file: string;
  /** `TYPE BASE64` */
  readonly publicKey: string;
  readonly fingerprint: string;
}

export interface SshKeyOptions {
  readonly type?: 'ed25519' | 'ecdsa' | 'rsa';
  readonly bits?: number;
  readonly passphrase?: string;
  /** `PEM` or `PKCS8` in place of OpenSSH's own format. */
  readonly format?: 'PEM' | 'PKCS8';
}

let made = 0;

/** Makes a key pair in `folder`. */
export async function sshKeyPair(folder: string, options: SshKeyOptions = {}): Promise<SshKeyPair> {
  const { type = 'ed25519', bits, passphrase = '', format } = options;
  const file = join(folder, `key-${made++}`);
  await run('ssh-keygen', [
    '-q',
    '-t',
    type,
    '-N',
    passphrase,
    '-C',
    'a comment',
    '-f',
    file,
    ...(bits === undefined ? [] : ['-b', `${bits}`]),
    ...(format === undefined ? [] : ['-m', format]),
  ]);
  const [kind = '', base64 = ''] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
  const { stdout } = await run('ssh-keygen', ['-l', '-f', `${file}.pub`]);
  return { file, publicKey: `${kind} ${base64}`, fingerprint: stdout.split(' ')[1] ?? '' };
}

/** A home of the real GnuPG, with its keys. */
export interface PgpHome {
  readonly folder: string;
  /** Makes a key as gpg names kinds of keys (`rsa2048`, `ed25519`), and gives its fingerprint. */
  makeKey(
    name: string,
    kind: string,
    options?: { readonly at?: Date; readonly expires?: string },
  ): Promise<string>;
  gpg(...args: readonly string[]): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sockets have short paths only, so it is no folder of the test's own. */
export async function pgpHome(): Promise<PgpHome> {
  const folder = await mkdtemp(join(tmpdir(), 'gpg-'));
  const env = { PATH: process.env['PATH'], GNUPGHOME: folder, LC_ALL: 'C' };
  const gpg = async (...args: readonly string[]) =>
    (
      await run('gpg', ['--batch', '--yes', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
        env,
      })
    ).stdout;
  return {
    folder,
    gpg,
    async makeKey(name, kind, { at, expires = 'never' } = {}) {
      const then = at === undefined ? [] : ['--faked-system-time', `${Math.floor(at.getTime() / 1000)}`];
      await gpg(
        ...then,
        '--quick-generate-key',
        `${name} <${name.toLowerCase()}@example.com>`,
        kind,
        'sign',
        expires,
      );
      const list = await gpg('--list-keys', '--with-colons', `${name.toLowerCase()}@example.com`);
      return /^fpr:+([0-9A-F]+):/m.exec(list)?.[1] ?? '';
    },
    async [Symbol.asyncDispose]() {
      await run('gpgconf', ['--kill', 'all'], { env }).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `git commit` signs with. */
export type SignWith =
  | { readonly ssh: Pick<SshKeyPair, 'file'>; readonly program?: string }
  | { readonly pgp: Pick<PgpHome, 'folder'>; readonly key: string; readonly program?: string };

export interface SignedCommitOptions {
  readonly sign?: SignWith;
  readonly message?: string;
  readonly at?: Date;
  readonly author?: string;
}

/** Commits in the working tree `folder` by the real `git commit`, and gives the commit's name. */
export async function commitIn(
  folder: string,
  files: Readonly<Record<string, string>>,
  { sign, message = 'Change', at = new Date(), author }: SignedCommitOptions = {},
): Promise<string> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  await runGit(folder, ['add', '--all']);
  const date = `${Math.floor(at.getTime() / 1000)} +0000`;
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, ...gnupgOf(sign) };
  const by = author === undefined ? [] : ['--author', author];
  const how = sign === undefined ? ['--no-gpg-sign'] : ['-S'];
  await runGit(
    folder,
    [...settingsOf(sign), 'commit', '--quiet', '--allow-empty', ...how, ...by, '--message', message],
    { env },
  );
  return runGit(folder, ['rev-parse', 'HEAD']);
}

function settingsOf(sign: SignWith | undefined): readonly string[] {
  if (sign === undefined) return [];
  const [format, key] = 'ssh' in sign ? ['ssh', sign.ssh.file] : ['openpgp', sign.key];
  const program = sign.program === undefined ? [] : ['-c', `gpg.${format}.program=${sign.program}`];
  return ['-c', `gpg.format=${format}`, '-c', `user.signingkey=${key}`, ...program];
}

function gnupgOf(sign: SignWith | undefined): Readonly<Record<string, string>> {
  return sign !== undefined && 'pgp' in sign ? { GNUPGHOME: sign.pgp.folder } : {};
}

/** Commits to `main` of a bare repository by the real `git commit` and a push, as people do. */
export async function pushTo(
  repository: { readonly path: string },
  files: Readonly<Record<string, string>>,
  options: SignedCommitOptions = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-pushed-'));
  try {
    await runGit(folder, ['clone', '--quiet', '--template=', repository.path, 'tree']);
    const tree = join(folder, 'tree');
    const commit = await commitIn(tree, files, options);
    await runGit(tree, ['push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
    return commit;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
