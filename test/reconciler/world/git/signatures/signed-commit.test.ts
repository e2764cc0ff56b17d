import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { parseAllowedSigners } from '../../../../../reconciler/world/git/signatures/allowed-signers.ts';
import {
  CommitFormatError,
  parseSignedCommit,
} from '../../../../../reconciler/world/git/signatures/signed-commit.ts';
import { judgeSsh } from '../../../../../reconciler/world/git/signatures/ssh-verdict.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { sshKeyPair } from '../../../../support/signing-keys.ts';
import { judging } from './judging.ts';

const folder = await scratchFolder(afterAll);
const ada = await sshKeyPair(folder);
const tree = await judging(folder);
const signers = parseAllowedSigners(`ada ${ada.publicKey}`, 'signers');

function isAccepted(content: Buffer): boolean {
  try {
    return judgeSsh(parseSignedCommit(content), signers).accepted;
  } catch (error) {
    expect(error).toBeInstanceOf(CommitFormatError);
    return false;
  }
}

function signedParts(content: Buffer): readonly string[] {
  const { payload, signature = '' } = parseSignedCommit(content);
  return [payload.toString('latin1'), signature.replaceAll('\n', '')];
}

it('what was signed is the commit as it would be without its signature', async () => {
  const message = 'Change\n\ngpgsig of something\n tree of something';
  const signed = await tree.commit({ sign: { ssh: ada }, message });
  const { payload, author, committedAt } = parseSignedCommit(await tree.content(signed));
  expect(payload.toString()).toBe(
    (await tree.content(signed)).toString().replace(/^gpgsig -(?:.*\n )*.*\n/m, ''),
  );
  expect(author).toBe('Ada Author');
  expect(String(committedAt)).toBe(await runGit(tree.folder, ['log', '-1', '--format=%ct', signed]));
});

it('a commit that nobody signed has no signature, whatever its message says', async () => {
  const message = 'Change\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----';
  const commit = parseSignedCommit(await tree.content(await tree.commit({ message })));
  expect(commit).not.toHaveProperty('signature');
});

it('a signed commit with any of its bytes changed is not accepted, and nothing unexpected is thrown', async () => {
  const good = await tree.content(
    await tree.commit({ sign: { ssh: ada }, message: 'Change\n\nWith a body' }),
  );
  expect(isAccepted(good)).toBe(true);
  for (let at = 0; at < good.length; at++) {
    const changed = Buffer.from(good);
    changed[at]! ^= 0x01;
    expect([at, isAccepted(changed)]).toEqual([at, false]);
    expect([at, isAccepted(good.subarray(0, at))]).toEqual([at, false]);
  }
  const put = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .constantFrom('\n', '\n ', ' ', '\0', 'gpgsig ', 'gpgsig-sha256 x\n', 'tree ', 'parent ')
      .map(Buffer.from),
  );
  const edit = fc.tuple(fc.nat(good.length), fc.nat(6), put);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let bytes = good;
      for (const [at, cut, bytesPut] of edits) {
        bytes = Buffer.concat([bytes.subarray(0, at), bytesPut, bytes.subarray(at + cut)]);
      }
      fc.pre(!bytes.equals(good));
      // The same signature may be broken into other lines, which nobody signs.
      if (isAccepted(bytes)) expect(signedParts(bytes)).toEqual(signedParts(good));
    }),
    { numRuns: 3000 },
  );
});

it('any bytes are a commit or a CommitFormatError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(isAccepted(Buffer.from(bytes))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
