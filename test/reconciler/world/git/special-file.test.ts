import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readWorktree } from '../../../../reconciler/world/git/worktree.ts';

it('a pipe that is called like a manifest is refused, and nobody waits for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-pipe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  const { files, findings } = await readWorktree(folder, '');
  expect(files).toEqual([]);
  expect(findings).toMatchObject([{ rule: 'special-file', file: 'pipe.yaml', level: 'error' }]);
});
