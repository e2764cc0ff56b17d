import { expect, it } from 'vitest';
import { openRepository } from '../../../../reconciler/world/git/repository.ts';
import { openStatusBranch } from '../../../../reconciler/world/git/status-branch.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { GitRepository } from '../../../support/git-repository.ts';
import { thrown } from './failure.ts';

const STATUS = 'weka-gitops/status/production';

it('a branch asks for nothing once somebody has brought it to a commit that tells a status', async () => {
  const origin = await GitRepository.create(await scratchFolder());
  const config = { url: origin.url, ref: 'main', path: '', cacheDir: await scratchFolder() };
  const asked = await origin.commit({ 'a.yaml': 'a: 1\n' });
  const branch = openStatusBranch(config, 'production', { now: () => new Date(0) });
  await branch.publish(() => ({
    message: 'main@1a2b3c4: 1 created\n',
    files: [{ path: 'status.json', text: '{}' }],
    keepCommits: 9,
  }));
  await origin.branch('main', STATUS);
  const repository = openRepository(config);
  expect(await thrown(repository.read(undefined))).toMatchObject({
    code: 'REF_IS_STATUS',
    retry: 'after-change',
    message: expect.stringContaining('is a commit that tells a status') as string,
  });

  // What only says so of itself, and what is built on it, are the work of people.
  await origin.branch('main', asked);
  const quoted = await origin.commit({ 'a.yaml': 'a: 2\n' }, { message: 'Copy\n\nStatus-Commits: 1' });
  expect((await repository.read(undefined)).commit).toBe(quoted);
  await origin.branch('main', STATUS);
  const after = await origin.commit({ 'status.json': null, 'a.yaml': 'a: 3\n' });
  expect((await repository.read(undefined)).commit).toBe(after);
});
