import { afterAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { sshKeyPair, type SshKeyOptions } from '../../../../support/signing-keys.ts';
import { judging, tampered } from './judging.ts';

const folder = await scratchFolder(afterAll);
const ada = await sshKeyPair(folder);
const eve = await sshKeyPair(folder);
const ADA = `ada@example.com ${ada.publicKey}`;
const tree = await judging(folder);
const signed = await tree.commit({ sign: { ssh: ada } });

describe('a commit that `git commit -S` signed', () => {
  const kinds: readonly SshKeyOptions[] = [
    { type: 'ed25519' },
    { type: 'ecdsa', bits: 256 },
    { type: 'ecdsa', bits: 384 },
    { type: 'ecdsa', bits: 521 },
    { type: 'rsa', bits: 2048 },
    { type: 'rsa', bits: 3072 },
  ];
  it.each(kinds)('with a key of $type $bits is accepted', async (kind) => {
    const key = await sshKeyPair(folder, kind);
    // Numbers in signatures vary in length.
    for (let n = 0; n < 5; n++) {
      const commit = await tree.commit({ sign: { ssh: key }, message: `Change ${n}\n\nWith a body.` });
      expect(await tree.judge(commit, { signers: [ADA, `grace@example.com ${key.publicKey}`] })).toBe(
        `accepted grace@example.com ${key.fingerprint}`,
      );
    }
  });

  it('is accepted as a merge, with words of any script, and signed anew', async () => {
    const here = await judging(folder);
    await here.commit({ sign: { ssh: ada }, message: 'Ünïcode ☃', author: 'Åda 愛 <ada@example.com>' });
    const first = await here.commit({ sign: { ssh: ada } });
    expect(await here.judge(first, { signers: [ADA] })).toMatch(/^accepted/);
    const git = (...args: string[]) =>
      runGit(here.folder, ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${ada.file}`, ...args]);
    await git('switch', '--quiet', '-c', 'topic', 'HEAD~1');
    await here.commit({});
    await git('tag', '-s', 'v1', '-m', 'Release');
    await git('switch', '--quiet', 'main');
    // The merge of a signed tag carries that tag with its own signature.
    await git('merge', '--quiet', '--no-edit', '-S', '-X', 'ours', 'v1');
    const merge = await git('rev-parse', 'HEAD');
    expect((await here.content(merge)).toString()).toMatch(/^mergetag /m);
    expect(await here.judge(merge, { signers: [ADA] })).toMatch(/^accepted/);
    await git('commit', '--quiet', '--amend', '--no-edit', '--no-gpg-sign');
    const unsigned = await git('rev-parse', 'HEAD');
    expect(await here.judge(unsigned, { signers: [ADA] })).toMatch(/^COMMIT_UNSIGNED: /);
  });

  it('of a key that is not allowed is refused, and says which one it was', async () => {
    const commit = await tree.commit({ sign: { ssh: eve }, author: 'Eve <eve@example.com>' });
    expect(await tree.judge(commit, { signers: [ADA] })).toBe(
      `COMMIT_SIGNER_UNKNOWN: Commit COMMIT by Eve is signed, as it says, by the SSH key ${eve.fingerprint}, which is none of the allowed signers.\n` +
        '  hint: Add that key to repository.verify.allowedSignersFile if it may sign, or sign the commit with one that may.',
    );
  });

  it('is refused where only PGP keys are configured', async () => {
    expect(await tree.judge(signed, { pgp: '' })).toMatch(
      /^COMMIT_SIGNER_UNKNOWN: .* is signed with an SSH key, and none is configured\.\n {2}hint: .*allowedSignersFile/,
    );
  });
});

it('a commit without a signature is refused, with its author and what to do', async () => {
  const commit = await tree.commit({ author: 'Grace Hopper <grace@example.com>' });
  expect(await tree.judge(commit, { signers: [ADA] })).toMatch(
    /^COMMIT_UNSIGNED: Commit COMMIT by Grace Hopper is not signed\.\n {2}hint: Sign it with an allowed key: git commit --amend --no-edit -S\./,
  );
});

describe('a signature that was made of something else is refused', () => {
  const BAD =
    /^COMMIT_SIGNATURE_BAD: .* carries a signature of the SSH key SHA256:\S+ that was not made of this commit\./;
  it.each([
    ['tree', (text: string) => text.replace(/^tree .{8}/, 'tree 00000000')],
    ['message', (text: string) => text.replace('Change', 'Changd')],
    ['end of its message', (text: string) => `${text}\n`],
    ['author', (text: string) => text.replace('author Ada', 'author Eda')],
    ['committer', (text: string) => text.replace('committer Ada', 'committer Eda')],
    [
      'time',
      (text: string) =>
        text.replace(/^(committer .*> \d+)(\d) /m, (_, a, b) => `${a}${(Number(b) + 1) % 10} `),
    ],
    ['parent', (text: string) => text.replace(/^author/m, `parent ${'0'.repeat(40)}\nauthor`)],
    ['encoding', (text: string) => text.replace(/^gpgsig/m, 'encoding latin1\ngpgsig')],
  ])('with another %s', async (_what, change) => {
    expect(await tree.judge(await tampered(tree, signed, change), { signers: [ADA] })).toMatch(BAD);
  });

  it('with the signature of another commit', async () => {
    const other = (await tree.content(await tree.commit({ sign: { ssh: ada } }))).toString();
    const signature = /^gpgsig (?:.*\n )*.*\n/m;
    const moved = await tampered(tree, signed, (text) =>
      text.replace(signature, signature.exec(other)?.[0] ?? ''),
    );
    expect(await tree.judge(moved, { signers: [ADA] })).toMatch(BAD);
  });

  it('with the name of an allowed key in place of the one that signed', async () => {
    const text = (await tree.content(await tree.commit({ sign: { ssh: eve } }))).toString();
    const [, armored = ''] = /BEGIN SSH SIGNATURE-----\n((?: .*\n)*) -----END/.exec(text) ?? [];
    const bytes = Buffer.from(armored.replaceAll(/\s/g, ''), 'base64');
    const keyOf = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64');
    const at = bytes.indexOf(keyOf(eve.publicKey));
    keyOf(ada.publicKey).copy(bytes, at);
    const lines = (bytes.toString('base64').match(/.{1,70}/g) ?? []).map((line) => ` ${line}\n`).join('');
    const forged = await tree.store(Buffer.from(text.replace(armored, lines)));
    expect(await tree.judge(forged, { signers: [ADA] })).toMatch(BAD);
  });
});

describe('a commit that programs could read in two ways is refused', () => {
  const gpgsig = /^gpgsig (?:.*\n )*.*\n/m;
  it.each([
    ['with a second signature', (text: string) => text.replace(gpgsig, '$&$&'), 'more than one signature'],
    [
      'with a signature for names by SHA-256 besides',
      (text: string) =>
        text.replace(gpgsig, (found) => `${found}${found.replace('gpgsig', 'gpgsig-sha256')}`),
      'more than one signature',
    ],
    [
      'with a signature for names by SHA-256 alone',
      (text: string) => text.replace('gpgsig', 'gpgsig-sha256'),
      'its signature is in a header gpgsig-sha256',
    ],
    [
      'with a header that git would take for a part of the signature',
      (text: string) => text.replace(gpgsig, '$&gpgsigned yes\n'),
      'more than one signature',
    ],
    [
      'with a second tree',
      (text: string) => text.replace(gpgsig, `$&tree ${'0'.repeat(40)}\n`),
      'second header tree',
    ],
    [
      'with a parent further down',
      (text: string) => text.replace(gpgsig, `$&parent ${'0'.repeat(40)}\n`),
      'second header parent',
    ],
    [
      'with its signature before its author',
      (text: string) => text.replace(gpgsig, '').replace('author', `${gpgsig.exec(text)?.[0]}author`),
      'not in git’s order',
    ],
    [
      'with its signature first',
      (text: string) => `${gpgsig.exec(text)?.[0]}${text.replace(gpgsig, '')}`,
      'git’s order',
    ],
    ['with a zero byte', (text: string) => text.replace('author Ada', 'author \0Ada'), 'zero byte'],
    ['that ends within its headers', (text: string) => text.slice(0, 100), 'ends within its headers'],
    [
      'without a time',
      (text: string) => text.replace(/^(committer .*>).*$/m, '$1'),
      'its committer cannot be read',
    ],
  ])('%s', async (_what, change, why) => {
    const told = await tree.judge(await tampered(tree, signed, change), { signers: [ADA] });
    expect(told).toMatch(/^COMMIT_SIGNATURE_BAD: Commit COMMIT cannot be verified: /);
    expect(told).toContain(why);
  });
});
