import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKey, readKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStatusBranch } from '../../../../../reconciler/world/git/status-branch.ts';
import {
  openCommitSigner,
  type SigningFiles,
} from '../../../../../reconciler/world/git/status/signing/commit-signer.ts';
import { parseOpenSshKey } from '../../../../../reconciler/world/git/status/signing/openssh-key.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { recording, STATUS_REF } from '../../../../support/git-status-fixture.ts';
import {
  pgpHome,
  type SshKeyOptions,
  type SshKeyPair,
  sshKeyPair,
} from '../../../../support/signing-keys.ts';
import { expectNoSecret, failure, thrown } from '../failure.ts';

const folder = await scratchFolder(afterAll);
const home = await pgpHome();
afterAll(() => home[Symbol.asyncDispose]());
const CLOCK = { now: () => new Date() };
let server: GitServer;
let made = 0;

beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server.stop());

async function repository(): Promise<GitRepository> {
  const origin = await GitRepository.create(join(folder, `signed-${made++}.git`));
  await origin.commit({ 'weka.yaml': 'kind: Settings\n' });
  return origin;
}

function publish(origin: GitRepository, entry: string, signing: SigningFiles): Promise<unknown> {
  const config = { url: origin.url, ref: 'main', path: '', cacheDir: '/nonexistent' };
  return openStatusBranch(config, 'demo', CLOCK, signing).publish(recording(entry));
}

/** What `git verify-commit` says of the tip of the status branch, and of any commit before it. */
async function verified(origin: GitRepository, key?: SshKeyPair): Promise<void> {
  const signers = join(folder, `signers-${made++}`);
  if (key !== undefined) await writeFile(signers, `status ${key.publicKey}\n`);
  const commits = (await origin.git(['rev-list', STATUS_REF])).split('\n');
  await origin.git(['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', ...commits], {
    env: { GNUPGHOME: home.folder },
  });
}

describe('the real git accepts the commits that are signed with an SSH key', () => {
  const kinds: readonly SshKeyOptions[] = [
    { type: 'ed25519' },
    { type: 'ecdsa', bits: 256 },
    { type: 'ecdsa', bits: 384 },
    { type: 'ecdsa', bits: 521 },
    { type: 'rsa', bits: 2048 },
    { type: 'rsa', bits: 3072, format: 'PEM' },
    { type: 'ecdsa', bits: 256, format: 'PKCS8' },
  ];
  it.each(kinds)('of type $type $bits $format', async (kind) => {
    const key = await sshKeyPair(folder, kind);
    const origin = await repository();
    // Numbers in keys and signatures vary in length.
    for (const entry of ['a', 'b', 'c', 'd']) await publish(origin, entry, { sshKeyFile: key.file });
    await verified(origin, key);
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe(
      'Record d\nRecord c\nRecord b\nRecord a',
    );
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  it('of PKCS #8 with a passphrase', async () => {
    const key = await sshKeyPair(folder, {
      type: 'ecdsa',
      bits: 384,
      format: 'PKCS8',
      passphrase: 'open sesame',
    });
    const passphraseFile = join(folder, 'passphrase');
    await writeFile(passphraseFile, 'open sesame\n');
    const origin = await repository();
    await publish(origin, 'a', { sshKeyFile: key.file, passphraseFile });
    await verified(origin, key);
    await writeFile(passphraseFile, 'another\n');
    expect(await failure(publish(origin, 'b', { sshKeyFile: key.file, passphraseFile }))).toMatch(
      /^SIGNING_KEY: .* holds no SSH private key that can be used: it is in no known format, or its passphrase is another/,
    );
    expect(await failure(publish(origin, 'b', { sshKeyFile: key.file }))).toContain(
      'it has a passphrase, and status.signing.passphraseFile names none',
    );
  });

  it('of a server that is pushed to', async () => {
    const key = await sshKeyPair(folder);
    const origin = await server.createRepository(`signed-${made++}`);
    await origin.commit({ 'weka.yaml': 'kind: Settings\n' });
    await publish(origin, 'a', { sshKeyFile: key.file });
    await publish(origin, 'b', { sshKeyFile: key.file });
    await verified(origin, key);
    // Another key did not sign them.
    await expect(verified(origin, await sshKeyPair(folder))).rejects.toThrow(/verify-commit/);
  });
});

describe('the real git accepts the commits that are signed with a PGP key', () => {
  it.each(['ed25519', 'rsa2048', 'nistp256'])('of gpg, of kind %s', async (kind) => {
    const fingerprint = await home.makeKey(`Status-${kind}`, kind);
    const pgpKeyFile = join(folder, `${kind}.asc`);
    await writeFile(pgpKeyFile, await home.gpg('--export-secret-keys', '--armor', fingerprint));
    const origin = await repository();
    await publish(origin, 'a', { pgpKeyFile });
    await publish(origin, 'b', { pgpKeyFile });
    await verified(origin);
  });

  it('with a passphrase', async () => {
    const passphraseFile = join(folder, 'pgp-passphrase');
    await writeFile(passphraseFile, 'open sesame');
    const { privateKey, publicKey } = await generateKey({
      type: 'rsa',
      rsaBits: 2048,
      userIDs: [{ name: 'Status', email: 'locked@example.com' }],
      passphrase: 'open sesame',
      format: 'armored',
    });
    const [pgpKeyFile, publicFile] = [join(folder, 'locked.asc'), join(folder, 'locked.pub')];
    await writeFile(pgpKeyFile, privateKey);
    await writeFile(publicFile, publicKey);
    await home.gpg('--import', publicFile);
    const origin = await repository();
    await publish(origin, 'a', { pgpKeyFile, passphraseFile });
    await verified(origin);

    expect(await failure(publish(origin, 'b', { pgpKeyFile }))).toMatch(
      /^SIGNING_KEY: The PGP key in .* has a passphrase\.\n {2}hint: .*status\.signing\.passphraseFile/,
    );
    await writeFile(passphraseFile, 'another');
    const error = await thrown(publish(origin, 'b', { pgpKeyFile, passphraseFile }));
    expect(error.message).toMatch(/holds no PGP private key that can be opened/);
    expectNoSecret(error, privateKey.split('\n')[4] ?? '');
  });

  it('of a key whose main part is kept elsewhere', async () => {
    const owner = await home.makeKey('Offline', 'rsa2048');
    await home.gpg('--quick-add-key', owner, 'ed25519', 'sign', 'never');
    const pgpKeyFile = join(folder, 'offline.asc');
    await writeFile(pgpKeyFile, await home.gpg('--export-secret-subkeys', '--armor', owner));
    expect((await readKey({ armoredKey: await readFile(pgpKeyFile, 'utf8') })).isPrivate()).toBe(true);
    const origin = await repository();
    await publish(origin, 'a', { pgpKeyFile });
    await verified(origin);
  });
});

describe('without a key that can sign, nothing is written', () => {
  async function refusal(signing: SigningFiles): Promise<string> {
    const origin = await repository();
    const told = await failure(Promise.resolve().then(() => publish(origin, 'a', signing)));
    expect(await origin.resolve(STATUS_REF)).toBeUndefined();
    return told.replaceAll(folder, 'FOLDER');
  }

  it('where OpenSSH’s format has a passphrase, with what to do', async () => {
    const { file } = await sshKeyPair(folder, { passphrase: 'open sesame' });
    expect((await refusal({ sshKeyFile: file })).replace(/key-\d+/, 'KEY')).toBe(
      'SIGNING_KEY: The SSH key in FOLDER/KEY has a passphrase, which is not supported in OpenSSH’s format.\n' +
        '  hint: Take the passphrase off a copy with `ssh-keygen -p -N "" -f COPY`, and keep that in a Secret.',
    );
  });

  it('where the file is missing, holds something else, or a key that is too short', async () => {
    const short = await sshKeyPair(folder, { type: 'rsa', bits: 1024 });
    const key = await sshKeyPair(folder);
    expect(await refusal({ sshKeyFile: '/nonexistent' })).toMatch(
      /^SIGNING_KEY: \/nonexistent, .* cannot be read\./,
    );
    expect(await refusal({ pgpKeyFile: `${key.file}.pub` })).toMatch(/holds no PGP private key/);
    expect(await refusal({ sshKeyFile: `${key.file}.pub` })).toMatch(
      /holds no SSH private key .* no known format/,
    );
    expect(await refusal({ sshKeyFile: short.file })).toMatch(/an RSA key of 1024 bits is too short/);
  });

  it('where no key or two are configured', async () => {
    expect(await refusal({})).toMatch(
      /^SIGNING_KEY: status\.signing names no key; a commit is signed with one\./,
    );
    expect(await refusal({ sshKeyFile: 'a', pgpKeyFile: 'b' })).toMatch(/names two keys;/);
  });

  it('where an OpenSSH key is damaged anywhere, and no message quotes it', async () => {
    const key = await sshKeyPair(folder);
    const text = await readFile(key.file, 'utf8');
    const bytes = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
    const file = join(folder, 'damaged');
    const secret = bytes.subarray(-100, -60).toString('base64');
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x55;
      const base64 = damaged.toString('base64');
      await writeFile(
        file,
        `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`,
      );
      const attempt = openCommitSigner({ sshKeyFile: file })(Buffer.from('text'), new Date());
      // Only what nothing depends on may differ: the public half outside, the comment and the filling.
      const error = await attempt.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) expect(parseOpenSshKey(await readFile(file, 'utf8')).type).toBe('private');
      else expectNoSecret(await thrown(attempt), secret);
    }
  });
});

it('a key that was replaced in its file signs from the next commit on', async () => {
  const [first, second] = [await sshKeyPair(folder), await sshKeyPair(folder)];
  const file = join(folder, 'replaced');
  await copyFile(first.file, file);
  const origin = await repository();
  const config = { url: origin.path, ref: 'main', path: '', cacheDir: '/nonexistent' };
  const branch = openStatusBranch(config, 'demo', CLOCK, { sshKeyFile: file });
  await branch.publish(recording('a'));
  await copyFile(second.file, file);
  await branch.publish(recording('b'));
  const signers = join(folder, 'both');
  await writeFile(signers, `first ${first.publicKey}\nsecond ${second.publicKey}\n`);
  const by = await origin.git([
    '-c',
    `gpg.ssh.allowedSignersFile=${signers}`,
    'log',
    '--format=%G? %GS',
    STATUS_REF,
  ]);
  expect(by).toBe('G second\nG first');
});
