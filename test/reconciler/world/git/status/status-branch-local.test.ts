import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { explain, ReconcilerError } from '../../../../../reconciler/errors.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { recording, STATUS_REF, statusBranchAt } from '../../../../support/git-status-fixture.ts';

const folder = await scratchFolder(afterAll);

let made = 0;
async function repository(): Promise<GitRepository> {
  const created = await GitRepository.create(join(folder, `local-${made++}.git`));
  await created.commit({ 'weka.yaml': 'kind: Settings\n' });
  return created;
}

async function told(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReconcilerError)) throw new Error('It did not fail as it should.', { cause: error });
  return explain(error);
}

describe('the status branch of a repository in a folder', () => {
  it('begins with a commit that has no parent, and goes on from there', async () => {
    const origin = await repository();
    await statusBranchAt(origin.path).publish(recording('a'));
    const commit = await statusBranchAt(origin.path).publish(recording('b'));

    expect(await origin.resolve(STATUS_REF)).toBe(commit);
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
    expect(await origin.git(['ls-tree', '-r', '--name-only', STATUS_REF])).toBe(
      'history/a.json\nhistory/b.json\nstatus.json',
    );
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
    expect(await origin.git(['log', '--format=%s', 'main'])).toBe('Change');
  });

  it('is found where git has packed refs and objects', async () => {
    const origin = await repository();
    await statusBranchAt(origin.path).publish(recording('a'));
    await origin.git(['pack-refs', '--all']);
    await origin.git(['gc', '--quiet']);
    expect((await statusBranchAt(origin.path).read())?.files).toHaveLength(2);

    await statusBranchAt(origin.path).publish(recording('b'));
    await origin.git(['pack-refs', '--all', '--prune']);
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
  });

  it('is in the repository of a working tree, of a further one, and behind a link', async () => {
    const main = join(folder, 'with-a-tree');
    await mkdir(main);
    await runGit(main, ['init', '--quiet', '--initial-branch=main']);
    await runGit(main, ['commit', '--quiet', '--allow-empty', '--message', 'Specs']);
    await runGit(main, ['worktree', 'add', '--quiet', '../further']);
    await symlink(main, join(folder, 'link'));

    await statusBranchAt(main).publish(recording('a'));
    await statusBranchAt(join(folder, 'further')).publish(recording('b'));
    await statusBranchAt(join(folder, 'link')).publish(recording('c'));
    expect(await runGit(main, ['log', '--format=%s', STATUS_REF])).toBe('Record c\nRecord b\nRecord a');
    expect(await runGit(main, ['status', '--porcelain'])).toBe('');
  });

  it('begins anew in time, and leaves no part of a file behind', async () => {
    const origin = await repository();
    for (const entry of ['a', 'b', 'c', 'd']) {
      await statusBranchAt(origin.path).publish(recording(entry, { keepCommits: 3 }));
    }
    expect(await origin.git(['rev-list', '--count', STATUS_REF])).toBe('1');
    const names = await readdir(origin.path, { recursive: true });
    expect(names.filter((name) => /tmp_|\.lock$/.test(name))).toEqual([]);
  });

  it('takes the place of folders that a deleted branch left', async () => {
    const origin = await repository();
    await mkdir(join(origin.path, STATUS_REF, 'old/empty'), { recursive: true });
    await statusBranchAt(origin.path).publish(recording('a'));
    expect(await origin.resolve(STATUS_REF)).toBeDefined();
  });

  it('waits for a lock that is given up', async () => {
    const origin = await repository();
    const branch = statusBranchAt(origin.path);
    await branch.publish(recording('a'));
    const lock = join(origin.path, `${STATUS_REF}.lock`);
    await writeFile(lock, '');
    let tries = 0;
    await branch.publish((tip) => {
      // The first try has met the lock when the second asks again.
      if (++tries === 2) rmSync(lock);
      return recording('b')(tip);
    });
    expect(tries).toBe(2);
    expect(await origin.git(['log', '--format=%s', STATUS_REF])).toBe('Record b\nRecord a');
  });

  it('names the lock that is never given up', async () => {
    const origin = await repository();
    const first = await statusBranchAt(origin.path).publish(recording('a'));
    const lock = join(origin.path, `${STATUS_REF}.lock`);
    await writeFile(lock, '');
    const since = (await stat(lock)).mtime.toISOString();
    expect(await told(statusBranchAt(origin.path).publish(recording('b')))).toBe(
      `STATUS_LOCKED: ${STATUS_REF} has been locked since ${since}.\n` +
        `  hint: If no git command is running on it, one was stopped midway: delete ${lock}.`,
    );
    expect(await origin.resolve(STATUS_REF)).toBe(first);
    expect((await stat(lock)).size).toBe(0);
  });

  it('tells which branch is in its way, be it packed', async () => {
    const above = await repository();
    await above.branch('weka-gitops/status');
    expect(await told(statusBranchAt(above.path).publish(recording('a')))).toMatch(
      /^STATUS_REFUSED: .* since there is the branch weka-gitops\/status\./,
    );
    await above.git(['pack-refs', '--all']);
    expect(await told(statusBranchAt(above.path).publish(recording('a')))).toMatch(/weka-gitops\/status\.\n/);

    const below = await repository();
    await below.branch('weka-gitops/status/demo/very/old');
    expect(await told(statusBranchAt(below.path).publish(recording('a')))).toMatch(
      /since there is the branch weka-gitops\/status\/demo\/very\/old\./,
    );
  });

  it('is not written through another name of a branch, nor under whoever has it checked out', async () => {
    const origin = await repository();
    const before = await origin.resolve('main');
    await origin.git(['symbolic-ref', STATUS_REF, 'refs/heads/main']);
    expect(await told(statusBranchAt(origin.path).publish(recording('a')))).toMatch(
      /is only another name of refs\/heads\/main/,
    );
    expect(await origin.resolve('main')).toBe(before);

    const other = await repository();
    const branch = statusBranchAt(other.path);
    await branch.publish(recording('a'));
    await other.git(['symbolic-ref', 'HEAD', STATUS_REF]);
    expect(await told(branch.publish(recording('b')))).toMatch(/is checked out/);
  });

  it('is refused where git names objects or keeps refs in ways we do not know', async () => {
    const path = join(folder, 'sha256');
    await mkdir(path);
    await runGit(path, ['init', '--quiet', '--bare', '--object-format=sha256']);
    expect(await told(statusBranchAt(path).publish(recording('a')))).toMatch(
      /^REPOSITORY_URL: .* uses objectformat = sha256/,
    );
  });

  it('is refused where there is no repository', async () => {
    expect(await told(statusBranchAt(join(folder, 'nothing')).publish(recording('a')))).toBe(
      `REPOSITORY_NOT_FOUND: There is no git repository at ${join(folder, 'nothing')}.\n` +
        '  hint: Give the folder of a repository, or the address of one on a server.',
    );
  });

  it('tells of a ref that a crash has emptied', async () => {
    const origin = await repository();
    await statusBranchAt(origin.path).publish(recording('a'));
    await writeFile(join(origin.path, STATUS_REF), '');
    expect(await told(statusBranchAt(origin.path).publish(recording('b')))).toMatch(
      /^REPOSITORY_CORRUPT: .*does not hold the name of a commit/,
    );
  });

  it('tells of an object that the disk has damaged', async () => {
    const origin = await repository();
    await statusBranchAt(origin.path).publish(recording('a'));
    const oid = await origin.git(['rev-parse', `${STATUS_REF}:status.json`]);
    const path = join(origin.path, 'objects', oid.slice(0, 2), oid.slice(2));
    await chmod(path, 0o644);
    await writeFile(path, 'damaged');
    expect(await told(statusBranchAt(origin.path).publish(recording('b')))).toMatch(
      /^REPOSITORY_CORRUPT: .* cannot be read: Object [0-9a-f]{40} cannot be unpacked\.\n {2}hint: `git fsck`/,
    );
  });

  it('ends where folders within folders are more than anybody wrote', async () => {
    const origin = await repository();
    let tree = await origin.git(['mktree']);
    for (let depth = 0; depth < 15; depth++) {
      const rows = Array.from({ length: 30 }, (_, index) => `040000 tree ${tree}\t${index}\n`);
      tree = await origin.git(['mktree'], { input: rows.join('') });
    }
    await origin.git(['update-ref', STATUS_REF, await origin.git(['commit-tree', tree, '-m', 'Many'])]);
    expect(await told(statusBranchAt(origin.path).read())).toMatch(
      /^REPOSITORY_CORRUPT: .* cannot be read: It holds more than 20,000 files and folders\./,
    );
  });

  it('tells that the user may not write', async () => {
    const origin = await repository();
    await chmod(folder, 0o755);
    for (const name of ['.', 'objects', 'refs', 'refs/heads']) await chmod(join(origin.path, name), 0o555);
    const program = `
      import { recording, statusBranchAt } from './test/support/git-status-fixture.ts';
      import { explain } from './reconciler/errors.ts';
      const failing = statusBranchAt(${JSON.stringify(origin.path)}).publish(recording('a'));
      console.log(await failing.then(() => 'published', explain));
    `;
    // To root nothing is forbidden, so another user has to try.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      user,
    );
    expect(stdout).toMatch(/^REPOSITORY_AUTH: The status cannot be written to the repository at /);
  });
});
