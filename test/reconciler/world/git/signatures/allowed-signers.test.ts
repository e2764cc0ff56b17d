import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../../../../reconciler/errors.ts';
import { parseAllowedSigners } from '../../../../../reconciler/world/git/signatures/allowed-signers.ts';
import { SignatureError } from '../../../../../reconciler/world/git/signatures/errors.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { sshKeyPair } from '../../../../support/signing-keys.ts';
import { judging } from './judging.ts';

const folder = await scratchFolder(afterAll);
const ada = await sshKeyPair(folder);
const eve = await sshKeyPair(folder);
const short = await sshKeyPair(folder, { type: 'rsa', bits: 1024 });
const tree = await judging(folder);
const KEY = ada.publicKey;
const MARCH = await tree.commit({ sign: { ssh: ada }, at: new Date('2026-03-15T12:00:00Z') });

/** What is thought of the commit, by us and by git. */
async function judged(...signers: readonly string[]): Promise<string> {
  const told = await tree.judge(MARCH, { signers });
  expect([signers, await tree.gitAccepts(MARCH, signers)]).toEqual([signers, told.startsWith('accepted')]);
  return told;
}

describe('a file of allowed signers means what it means to git', () => {
  it.each([
    `ada@example.com ${KEY}`,
    `ada@example.com ${KEY} a comment of many words`,
    `  ada@example.com\t${KEY}`,
    `*@example.com ${KEY}`,
    `*@example.com,!eve@example.com ${KEY}`,
    `eve@example.com,ada@example.com ${KEY}`,
    `"ada" ${KEY}`,
    `ada namespaces="git" ${KEY}`,
    `ada namespaces="file,git" ${KEY}`,
    `ada namespaces="g*" ${KEY}`,
    `ada NameSpaces="?it" ${KEY}`,
    `ada valid-after="20260301" ${KEY}`,
    `ada valid-before="20260401" ${KEY}`,
    `ada valid-after="202603151159Z",valid-before="20260401" ${KEY}`,
    `ada valid-before="20260315120000Z",namespaces="git" ${KEY}`,
  ])('allows %s', async (line) => {
    expect(await judged(line)).toMatch(/^accepted/);
  });

  it.each([
    [`eve ${eve.publicKey}`, 'none of the allowed signers'],
    [`# ada ${KEY}`, 'none of the allowed signers'],
    ['', 'none of the allowed signers'],
    [`!ada ${KEY}`, 'whose line allows nobody'],
    [`ada,!ada ${KEY}`, 'whose line allows nobody'],
    [`ada namespaces="file" ${KEY}`, 'which may not sign for git'],
    [`ada namespaces="*,!git" ${KEY}`, 'which may not sign for git'],
    [`ada namespaces="git?" ${KEY}`, 'which may not sign for git'],
    [`ada valid-after="20260317" ${KEY}`, 'which may sign only from 2026-03-1'],
    [`ada valid-before="20260313" ${KEY}`, 'which may sign only until 2026-03-1'],
    [`ada valid-before="20260315115959Z" ${KEY}`, 'which may sign only until 2026-03-15T11:59:59.000Z'],
  ])('does not allow %s', async (line, why) => {
    const told = await judged(line);
    expect(told).toMatch(/^COMMIT_SIGNER_UNKNOWN: /);
    expect(told).toContain(why);
  });

  it('allows a key of several lines where one of them does', async () => {
    expect(
      await tree.judge(MARCH, { signers: [`old valid-before="20200101Z" ${KEY}`, `ada ${KEY}`] }),
    ).toMatch(/^accepted ada /);
  });

  it('takes a time that ends with Z for UTC, to the second', () => {
    const of = (line: string) => parseAllowedSigners(line, 'signers')[0];
    expect(of(`ada valid-after="20260315Z",valid-before="20260315120001UTC" ${KEY}`)).toMatchObject({
      validAfter: Date.UTC(2026, 2, 15) / 1000,
      validBefore: Date.UTC(2026, 2, 15, 12, 0, 1) / 1000,
    });
  });
});

describe('a file of allowed signers with a line that cannot be used accepts no commit, and says which one', () => {
  it.each([
    [`* cert-authority ${KEY}`, 'cert-authority: certificates are not supported; name the keys themselves'],
    [
      `ada ${KEY.replace('ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com')}`,
      'certificates are not supported; name the key itself',
    ],
    [`ada colour="red" ${KEY}`, 'there is no option colour'],
    [`ada namespaces=git ${KEY}`, 'the options namespaces=git cannot be read'],
    [`ada namespaces ${KEY}`, 'the option namespaces needs a value in quotes'],
    [`ada namespaces="git",namespaces="git" ${KEY}`, 'it has the option namespaces twice'],
    [`ada valid-after="2026" ${KEY}`, 'there is no time 2026; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada namespaces="git", ${KEY}`, 'its options end with a comma'],
    [`ada,, ${KEY}`, 'its principals have an empty pattern'],
    [`, ${KEY}`, 'its principals have an empty pattern'],
    [`"ada,!" ${KEY}`, 'its principals have an empty pattern'],
    [`ada namespaces="" ${KEY}`, 'its namespaces have an empty pattern'],
    [`ada namespaces="git," ${KEY}`, 'its namespaces have an empty pattern'],
    [`ada valid-after="00000101" ${KEY}`, 'there is no time 00000101; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada valid-after="00260301Z" ${KEY}`, 'there is no time 00260301Z; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada valid-after="19690301Z" ${KEY}`, 'there is no time 19690301Z; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada valid-before="19690301" ${KEY}`, 'there is no time 19690301; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada valid-after="20260231" ${KEY}`, 'there is no time 20260231; it takes YYYYMMDD[HHMM[SS]][Z]'],
    [`ada valid-after="20260301",valid-before="20260301" ${KEY}`, 'valid-before is not after valid-after'],
    [`ada ${KEY.slice(0, -8)}`, 'it ends too early'],
    [`ada ${KEY.slice(0, -7)}`, 'its key is damaged'],
    [`ada ${KEY.replace('ssh-ed25519', 'ssh-rsa')}`, 'it says ssh-rsa, but its key is of type ssh-ed25519'],
    ['ada ssh-dss AAAAB3NzaC1kc3M=', 'keys of type ssh-dss are not supported'],
    ['ada', 'it has no key'],
    [KEY, 'it names no principals before its key'],
    [`"ada ${KEY}`, 'the principals at its beginning cannot be read'],
    [`ada ${short.publicKey}`, 'an RSA key of 1024 bits is too short; it needs 2048'],
  ])('%s', (line, why) => {
    const parse = () => parseAllowedSigners(`# who may\nada ${KEY}\n${line}\n`, '/etc/signers');
    expect(parse).toThrow(SignatureError);
    try {
      parse();
    } catch (error) {
      expect(explain(error as SignatureError)).toBe(
        `VERIFY_KEYS: /etc/signers:3: ${why}.\n` +
          '  hint: No commit is accepted until the line is mended or removed: PRINCIPALS [OPTIONS] TYPE KEY.',
      );
    }
  });
});
