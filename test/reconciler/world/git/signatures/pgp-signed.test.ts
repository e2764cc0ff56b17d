import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { generateKey } from 'openpgp';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../../../../reconciler/errors.ts';
import type { SignatureError } from '../../../../../reconciler/world/git/signatures/errors.ts';
import { judgePgp, parsePgpKeys } from '../../../../../reconciler/world/git/signatures/pgp-signature.ts';
import { parseSignedCommit } from '../../../../../reconciler/world/git/signatures/signed-commit.ts';
import { scratchFolder, script } from '../../../../cluster/scratch.ts';
import { pgpHome } from '../../../../support/signing-keys.ts';
import { judging, tampered } from './judging.ts';

const folder = await scratchFolder(afterAll);
const home = await pgpHome();
afterAll(() => home[Symbol.asyncDispose]());
const tree = await judging(folder);
const ada = await home.makeKey('Ada', 'ed25519');
const eve = await home.makeKey('Eve', 'rsa2048');
const exported = (fingerprint: string) => home.gpg('--export', '--armor', fingerprint);
const ADA = await exported(ada);
const signed = await tree.commit({ sign: { pgp: home, key: ada } });

/** A gpg that is called with more arguments than git gives it. */
function gpgWith(name: string, ...args: readonly string[]): Promise<string> {
  return script(join(folder, name), `exec gpg ${args.join(' ')} "$@"`);
}

const SECONDS = (at: Date) => `${Math.floor(at.getTime() / 1000)}`;

describe('a commit that `git commit -S` signed with gpg', () => {
  it.each(['rsa2048', 'rsa3072', 'ed25519', 'nistp256', 'nistp384', 'nistp521'])(
    'and a key of %s is accepted',
    async (kind) => {
      const key = await home.makeKey(`Of-${kind}`, kind);
      const commit = await tree.commit({ sign: { pgp: home, key }, message: 'Ünïcode ☃\n\nBody' });
      expect(await tree.judge(commit, { pgp: `${ADA}${await exported(key)}` })).toBe(
        `accepted Of-${kind} <of-${kind}@example.com> ${key}`,
      );
    },
  );

  it('and a further key of its owner is accepted', async () => {
    const owner = await home.makeKey('Grace', 'rsa2048');
    await home.gpg('--quick-add-key', owner, 'ed25519', 'sign', 'never');
    const commit = await tree.commit({ sign: { pgp: home, key: owner } });
    const told = await tree.judge(commit, { pgp: await exported(owner) });
    expect(told).toMatch(/^accepted Grace <grace@example\.com> [0-9A-F]{40}$/);
    expect(told).not.toContain(owner);
  });

  it('and a key that is not configured is refused, and says which one it was', async () => {
    const commit = await tree.commit({ sign: { pgp: home, key: eve }, author: 'Eve <eve@example.com>' });
    expect(await tree.judge(commit, { pgp: ADA })).toBe(
      `COMMIT_SIGNER_UNKNOWN: Commit COMMIT by Eve is signed, as it says, by the PGP key ${eve}, which is none of those in pgpKeysFile.\n` +
        '  hint: Add that key to repository.verify.pgpKeysFile if it may sign, or sign the commit with one that may.',
    );
  });

  it('is refused where only SSH keys are configured', async () => {
    expect(await tree.judge(signed, { signers: [] })).toMatch(
      /^COMMIT_SIGNER_UNKNOWN: .* is signed with a PGP key, and none is configured\.\n {2}hint: .*pgpKeysFile/,
    );
  });

  it('and SHA-1 is refused', async () => {
    const program = await gpgWith('gpg-sha1', '--digest-algo', 'SHA1');
    const commit = await tree.commit({ sign: { pgp: home, key: eve, program } });
    expect(await tree.judge(commit, { pgp: await exported(eve) })).toMatch(
      /^COMMIT_SIGNATURE_BAD: .* that does not hold: .*Insecure message hash algorithm: SHA1\./,
    );
  });

  it('and two keys at once is refused', async () => {
    const program = await gpgWith('gpg-twice', '--local-user', eve);
    const commit = await tree.commit({ sign: { pgp: home, key: ada, program } });
    expect(await tree.judge(commit, { pgp: ADA })).toMatch(
      /^COMMIT_SIGNATURE_BAD: .* it holds 2 signatures\./,
    );
  });
});

describe('a signature that was made of something else is refused', () => {
  it.each([
    ['tree', (text: string) => text.replace(/^tree .{8}/, 'tree 00000000')],
    ['message', (text: string) => text.replace('Change', 'Changd')],
    ['author', (text: string) => text.replace('author Ada', 'author Eda')],
    ['header', (text: string) => text.replace(/^gpgsig/m, 'encoding latin1\ngpgsig')],
  ])('with another %s', async (_what, change) => {
    expect(await tree.judge(await tampered(tree, signed, change), { pgp: ADA })).toMatch(
      new RegExp(`^COMMIT_SIGNATURE_BAD: .* carries a signature of the PGP key ${ada} that does not hold: `),
    );
  });

  it('with another kind of armor', async () => {
    const message = await tampered(tree, signed, (text) => text.replaceAll('PGP SIGNATURE', 'PGP MESSAGE'));
    expect(await tree.judge(message, { pgp: ADA })).toMatch(
      /carries a signature of a kind that is not known/,
    );
    const x509 = await tampered(tree, signed, (text) => text.replaceAll('PGP SIGNATURE', 'SIGNED MESSAGE'));
    expect(await tree.judge(x509, { pgp: ADA })).toMatch(/^COMMIT_SIGNER_UNKNOWN: .* X\.509/);
  });
});

describe('a key that may not sign now is refused', () => {
  const then = new Date('2025-03-01T12:00:00Z');

  it('since it has expired, though it had not when it signed', async () => {
    const key = await home.makeKey('Old', 'ed25519', { at: then, expires: '2025-04-01' });
    const program = await gpgWith('gpg-then', '--faked-system-time', SECONDS(then));
    const commit = await tree.commit({ sign: { pgp: home, key, program }, at: then });
    const pgp = await exported(key);
    expect(await tree.judge(commit, { pgp, now: new Date('2025-03-02T12:00:00Z') })).toMatch(
      /^accepted Old /,
    );
    expect(await tree.judge(commit, { pgp })).toMatch(
      new RegExp(
        `^COMMIT_SIGNER_UNKNOWN: .* the PGP key ${key} of Old <old@example\\.com>, which cannot sign now: .*expired`,
      ),
    );
  });

  it('unless it was renewed in the meantime', async () => {
    const key = await home.makeKey('Late', 'ed25519', { at: then, expires: '2025-04-01' });
    const program = await gpgWith('gpg-late', '--faked-system-time', SECONDS(then));
    const commit = await tree.commit({ sign: { pgp: home, key, program }, at: then });
    await home.gpg('--quick-set-expire', key, '0');
    expect(await tree.judge(commit, { pgp: await exported(key) })).toMatch(/^accepted Late /);
  });

  it('since it was revoked', async () => {
    const key = await home.makeKey('Lost', 'ed25519');
    const commit = await tree.commit({ sign: { pgp: home, key } });
    expect(await tree.judge(commit, { pgp: await exported(key) })).toMatch(/^accepted Lost /);
    const certificate = await readFile(join(home.folder, 'openpgp-revocs.d', `${key}.rev`), 'utf8');
    const file = join(folder, 'revocation');
    await writeFile(file, certificate.replace(/^:/m, ''));
    await home.gpg('--import', file);
    expect(await tree.judge(commit, { pgp: await exported(key) })).toMatch(
      /^COMMIT_SIGNER_UNKNOWN: .* which cannot sign now: .*revoked/,
    );
  });
});

it('a signature that was made on another day than the commit is refused', async () => {
  const commit = await tree.commit({
    sign: { pgp: home, key: ada },
    at: new Date(Date.now() - 2 * 86_400_000),
  });
  expect(await tree.judge(commit, { pgp: ADA })).toMatch(
    /^COMMIT_SIGNATURE_BAD: .* says that it was committed 20\S+Z, and signed 20\S+Z, with the PGP key /,
  );
});

it('a signature of the future is refused', async () => {
  const key = await home.makeKey('Soon', 'ed25519', { at: new Date('2025-03-01T12:00:00Z') });
  const commit = await tree.commit({ sign: { pgp: home, key } });
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const pgp = await exported(key);
  expect(await tree.judge(commit, { pgp, now: ago(90) })).toMatch(
    /^COMMIT_SIGNATURE_BAD: .* says that it was signed 20\S+Z, which is still to come, with the PGP key /,
  );
  // Clocks differ.
  expect(await tree.judge(commit, { pgp, now: ago(10) })).toMatch(/^accepted Soon /);
});

describe('any bytes', () => {
  it('are refused as a signature, and nothing else is thrown', { timeout: 120_000 }, async () => {
    const keys = await parsePgpKeys(ADA, 'keys');
    const { payload, signature = '', committedAt } = parseSignedCommit(await tree.content(signed));
    const [, header = '', body = ''] = /^(-.*-\n(?:.+\n)*\n)([^-]*)-/.exec(signature) ?? [];
    const good = Buffer.from(body.replace(/^=.*$/m, ''), 'base64');
    const armored = (bytes: Buffer) => `${header}${bytes.toString('base64')}\n-----END PGP SIGNATURE-----\n`;
    const judge = (text: string) =>
      judgePgp({ author: '', payload, committedAt, signature: text }, keys, new Date());
    expect((await judge(armored(good))).accepted).toBe(true);

    const edit = fc.tuple(fc.nat(good.length), fc.nat(8), fc.uint8Array({ maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let bytes = good;
        for (const [at, cut, put] of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        }
        const verdict = await judge(armored(bytes));
        // What is not signed of a packet, as its length's form, may differ in a signature that holds.
        if (verdict.accepted) expect(bytes.subarray(-60)).toEqual(good.subarray(-60));
      }),
      { numRuns: 500 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.uint8Array().map((bytes) => armored(Buffer.from(bytes))),
        ),
        async (text) => {
          expect(await judge(text)).toMatchObject({ accepted: false });
        },
      ),
      { numRuns: 500 },
    );
    for (let length = 0; length < signature.trimEnd().length; length += 7) {
      expect([length, await judge(signature.slice(0, length))]).toMatchObject([length, { accepted: false }]);
    }
  });
});

describe('a file of PGP keys', () => {
  const told = (text: string) =>
    parsePgpKeys(text, '/etc/keys').then(
      () => 'read',
      (error: unknown) => explain(error as SignatureError),
    );

  it('may hold several blocks, and words between them', async () => {
    expect(await parsePgpKeys(`Ada:\n${ADA}\nEve:\n${await exported(eve)}`, '/etc/keys')).toHaveLength(2);
  });

  it('is refused where it holds no key, a damaged one or a private one', async () => {
    const { privateKey } = await generateKey({ userIDs: [{ name: 'Ada' }], format: 'armored' });
    expect(await told('')).toMatch(/^VERIFY_KEYS: \/etc\/keys holds no PGP public key\./);
    expect(await told(ADA.replace(/\n\n.{20}/, '\n\n'))).toMatch(
      /^VERIFY_KEYS: \/etc\/keys holds PGP keys that cannot/,
    );
    expect(await told(privateKey)).toMatch(/^VERIFY_KEYS: \/etc\/keys holds a private key; /);
  });
});
