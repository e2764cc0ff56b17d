import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommitSha, Repository } from '../../../../../reconciler/ports.ts';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openMerges } from '../../../../../reconciler/world/git/merge/merges.ts';
import { openRepository } from '../../../../../reconciler/world/git/repository.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { pushTo, sshKeyPair } from '../../../../support/signing-keys.ts';
import { failure } from '../failure.ts';

const folder = await scratchFolder(afterAll);
const ada = await sshKeyPair(folder);
const eve = await sshKeyPair(folder);
const ADA = { sign: { ssh: ada } } as const;
const EVE = { sign: { ssh: eve } } as const;
let server: GitServer;

beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server.stop());

type Place = 'on a server' | 'on this machine';

interface Fixture {
  readonly origin: GitRepository;
  readonly signers: string;
  readonly config: GitConfig;
  open(rest?: Partial<GitConfig>): Repository;
}

async function fixture(place: Place): Promise<Fixture> {
  const name = randomBytes(4).toString('hex');
  const origin =
    place === 'on a server'
      ? await server.createRepository(name)
      : await GitRepository.create(join(folder, `${name}.git`));
  const signers = join(folder, `${name}.signers`);
  await writeFile(signers, `ada@example.com ${ada.publicKey}\n`);
  const config = {
    url: origin.url,
    ref: 'main',
    path: '',
    cacheDir: join(folder, `${name}.cache`),
    verify: { allowedSignersFile: signers },
  };
  return { origin, signers, config, open: (rest = {}) => openRepository({ ...config, ...rest }) };
}

describe.each<Place>(['on a server', 'on this machine'])(
  'a repository %s whose commits are verified',
  (place) => {
    it('gives the commit that an allowed key signed, whoever made those before', async () => {
      const { origin, open } = await fixture(place);
      await pushTo(origin, { 'a.yaml': 'a: 1\n' });
      await pushTo(origin, { 'a.yaml': 'a: 2\n' }, EVE);
      const commit = await pushTo(origin, { 'a.yaml': 'a: 3\n' }, ADA);
      const { files, ...read } = await open().read();
      expect(read.commit).toBe(commit);
      expect(files.map(({ content }) => Buffer.from(content).toString())).toEqual(['a: 3\n']);
    });

    it('gives nothing of a commit that none signed, or another key', async () => {
      const { origin, open } = await fixture(place);
      const first = await pushTo(origin, { 'a.yaml': 'a: 1\n' }, ADA);
      const repository = open();
      await repository.read();
      const unsigned = await pushTo(origin, { 'a.yaml': 'a: 2\n' });
      expect(await failure(repository.read(first as CommitSha))).toMatch(
        new RegExp(`^COMMIT_UNSIGNED: Commit ${unsigned} by Ada Author is not signed\\.`),
      );
      expect(await failure(open().read())).toMatch(/^COMMIT_UNSIGNED: /);
      const foreign = await pushTo(origin, { 'a.yaml': 'a: 3\n' }, EVE);
      expect(await failure(repository.read(first as CommitSha))).toMatch(
        new RegExp(
          `^COMMIT_SIGNER_UNKNOWN: Commit ${foreign} by Ada Author .*${eve.fingerprint.replaceAll('+', '\\+')}`,
        ),
      );
      const good = await pushTo(origin, { 'a.yaml': 'a: 4\n' }, ADA);
      expect((await repository.read(first as CommitSha)).commit).toBe(good);
    });

    it('goes by the keys as their file holds them when a commit is read', async () => {
      const { origin, signers, open } = await fixture(place);
      await pushTo(origin, { 'a.yaml': 'a: 1\n' }, EVE);
      const repository = open();
      expect(await failure(repository.read())).toMatch(/^COMMIT_SIGNER_UNKNOWN/);
      await writeFile(signers, `eve@example.com ${eve.publicKey}\n`);
      expect((await repository.read()).files).toHaveLength(1);
      await pushTo(origin, { 'a.yaml': 'a: 2\n' }, ADA);
      expect(await failure(repository.read())).toMatch(/^COMMIT_SIGNER_UNKNOWN/);
      await rm(signers);
      expect(await failure(repository.read())).toMatch(
        /^VERIFY_KEYS: .*\.signers, which should hold the keys that may sign commits, cannot be read\./,
      );
      await writeFile(signers, `ada@example.com ${ada.publicKey}\n`);
      expect((await repository.read()).files).toHaveLength(1);
    });

    it('gives a commit that it has read no longer once its key may not sign any more', async () => {
      const { origin, signers, open } = await fixture(place);
      const commit = await pushTo(origin, { 'a.yaml': 'a: 1\n' }, ADA);
      const repository = open();
      const tip = await repository.tip();
      const snapshot = await repository.read(undefined, tip);
      await snapshot.verify?.();
      expect(await repository.read(undefined, tip)).toBe(snapshot);

      await writeFile(signers, `eve@example.com ${eve.publicKey}\n`);
      const refusal = new RegExp(`^COMMIT_SIGNER_UNKNOWN: Commit ${commit} by Ada Author is signed`);
      expect(await failure(repository.read(undefined, tip))).toMatch(refusal);
      expect(await failure(repository.read(tip))).toMatch(refusal);
      expect(await failure(Promise.resolve(snapshot.verify?.()))).toMatch(refusal);
      await rm(signers);
      expect(await failure(repository.read(tip))).toMatch(/^VERIFY_KEYS: /);
      expect(await failure(Promise.resolve(snapshot.verify?.()))).toMatch(/^VERIFY_KEYS: /);

      await writeFile(signers, `ada@example.com ${ada.publicKey}\n`);
      await snapshot.verify?.();
      expect(await repository.read(tip)).toBe(snapshot);
    });

    it('verifies the commit that a tag stands for, and one by its name', async () => {
      const { origin, open } = await fixture(place);
      const bad = await pushTo(origin, { 'a.yaml': 'a: 1\n' });
      await origin.tag('v1', { message: 'Release' });
      const good = await pushTo(origin, { 'a.yaml': 'a: 2\n' }, ADA);
      await origin.tag('v2', { message: 'Release' });
      for (const ref of ['v1', bad]) {
        expect([ref, await failure(open({ ref }).read())]).toEqual([
          ref,
          expect.stringMatching(/^COMMIT_UNSIGNED/),
        ]);
      }
      for (const ref of ['v2', good]) expect([ref, (await open({ ref }).read()).commit]).toEqual([ref, good]);
    });

    it('says of a pull request that it has merged before what the keys say by now', async () => {
      const { origin, signers, config } = await fixture(place);
      const base = await pushTo(origin, { 'a.yaml': 'a: 1\n' }, ADA);
      const commit = (await pushTo(origin, { 'b.yaml': 'b: 1\n' }, ADA)) as CommitSha;
      await origin.git(['update-ref', 'refs/pull/1/head', commit]);
      await origin.git(['update-ref', 'refs/heads/main', base]);
      const merges = openMerges(config);
      await merges.base();
      const preview = () => merges.preview({ commit, ref: 'refs/pull/1/head', isTrusted: true });
      const first = await preview();
      expect(first).not.toHaveProperty('unaccepted');
      expect(await preview()).toBe(first);
      await writeFile(signers, `eve@example.com ${eve.publicKey}\n`);
      const second = await preview();
      expect(second).toMatchObject({ ...first, unaccepted: { code: 'COMMIT_SIGNER_UNKNOWN' } });
      expect(await preview()).toBe(second);
      await writeFile(signers, `ada@example.com ${ada.publicKey}\n`);
      expect(await preview()).toEqual(first);
    });

    it('is planned for pull requests whoever signed what they bring, and says that it would not be applied', async () => {
      const { origin, config } = await fixture(place);
      // What the base is has no say: a pull request may be what mends it.
      await pushTo(origin, { 'a.yaml': 'a: 1\n' });
      const base = await pushTo(origin, { 'a.yaml': 'a: 2\n' }, EVE);
      const preview = async (commit: string, number: number) => {
        const ref = `refs/pull/${number}/head`;
        await origin.git(['update-ref', ref, commit]);
        await origin.git(['update-ref', 'refs/heads/main', base]);
        const merges = openMerges(config);
        await merges.base();
        return merges.preview({ commit: commit as CommitSha, ref, isTrusted: true });
      };
      const unsigned = await pushTo(origin, { 'b.yaml': 'b: 1\n' });
      expect(await preview(unsigned, 1)).toMatchObject({
        result: 'merged',
        unaccepted: { code: 'COMMIT_UNSIGNED', message: `Commit ${unsigned} by Ada Author is not signed.` },
      });
      const signed = await preview(await pushTo(origin, { 'c.yaml': 'c: 1\n' }, ADA), 2);
      expect(signed).toMatchObject({ result: 'merged' });
      expect(signed).not.toHaveProperty('unaccepted');
    });
  },
);

it('a configuration that names no keys is refused, since no commit would ever be accepted', async () => {
  const { open } = await fixture('on this machine');
  expect(await failure(Promise.resolve().then(() => open({ verify: {} })))).toMatch(
    /^VERIFY_KEYS: repository\.verify names no keys, so that no commit would be accepted\./,
  );
});

describe.each<Place>(['on a server', 'on this machine'])('a status branch %s', (place) => {
  it('cannot be what is watched, of whichever cluster, by whichever name', async () => {
    const { open } = await fixture(place);
    for (const ref of [
      'weka-gitops/status/other',
      'heads/weka-gitops/status/a',
      'refs/heads/weka-gitops/status/a',
    ]) {
      expect(await failure(Promise.resolve().then(() => open({ ref })))).toMatch(
        /^REF_IS_STATUS: weka-gitops\/status\/\w+ of \S+ is a branch that the status is written to\.\n {2}hint: Set repository\.ref /,
      );
    }
  });

  it('cannot be what is watched as HEAD', async () => {
    const { origin, open } = await fixture(place);
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.commit({ 'status.json': '{}\n' }, { branch: 'weka-gitops/status/a', onto: null });
    const repository = open({ ref: 'HEAD', verify: undefined });
    expect((await repository.read()).files).toHaveLength(1);
    await origin.git(['symbolic-ref', 'HEAD', 'refs/heads/weka-gitops/status/a']);
    expect(await failure(repository.tip())).toMatch(/^REF_IS_STATUS: /);
    expect(await failure(repository.read())).toMatch(/^REF_IS_STATUS: /);
  });
});
