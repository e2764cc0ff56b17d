import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../reconciler/world/git/limits.ts';
import { readFiles, readWorktree, type WorktreeFiles } from '../../../../reconciler/world/git/worktree.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { failure } from './failure.ts';

let folder: string;
beforeEach(async () => {
  folder = await scratchFolder();
});

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

function names({ files }: WorktreeFiles): string[] {
  return files.map(({ path }) => path);
}

function rules({ findings }: WorktreeFiles): string[] {
  return findings.map(({ rule, file }) => `${rule} ${file}`);
}

describe('readWorktree', () => {
  it('gives the manifests below the path, named from the folder on', async () => {
    const dir = await write({
      'a.yaml': '',
      'c/b.yml': 'b: 1\n',
      'c/d/e.json': '{}',
      'c/README.md': '',
      'c/.x/y.yaml': '',
    });

    expect(names(await readWorktree(dir, ''))).toEqual(['a.yaml', 'c/b.yml', 'c/d/e.json']);
    expect(names(await readWorktree(dir, './c/'))).toEqual(['c/b.yml', 'c/d/e.json']);
    expect(names(await readWorktree(`${dir}/`, '/c/d'))).toEqual(['c/d/e.json']);
  });

  it('follows no link', async () => {
    const dir = await write({ 'in/a.yaml': 'a: 1\n', 'out/secret.yaml': 's: 1\n' });
    await symlink('../out', join(folder, 'in/folder'));
    await symlink('/etc/passwd', join(folder, 'in/passwd.yaml'));
    await symlink('a.yaml', join(folder, 'in/same.yaml'));
    const read = await readWorktree(dir, 'in');

    expect(names(read)).toEqual(['in/a.yaml']);
    expect(rules(read)).toEqual(['symlink in/folder', 'symlink in/passwd.yaml', 'symlink in/same.yaml']);
    expect(await failure(readWorktree(dir, 'in/folder'))).toMatch(
      /^PATH_NOT_FOUND: \S+\/in\/folder is a symbolic link, and links are not followed\./,
    );
  });

  it('refuses large files and pointers to them', async () => {
    const dir = await write({
      'large.yaml': Buffer.alloc(50 * 1024 * 1024),
      'pointer.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    });
    const read = await readWorktree(dir, '');

    expect(names(read)).toEqual([]);
    expect(rules(read)).toEqual(['file-too-large large.yaml', 'lfs-pointer pointer.yaml']);
    expect(read.findings[0]?.message).toBe('The file has 50 MiB, and at most 1 MiB are read.');
  });

  it('refuses too many files', async () => {
    const dir = await write({ 'a.yaml': '', 'b.yaml': '', 'c.txt': '' });

    expect(await failure(readWorktree(dir, '', { ...DEFAULT_LIMITS, files: 1 }))).toMatch(
      /^REPOSITORY_TOO_LARGE: \S+ has 2 manifests; at most 1 manifests are read\./,
    );
    expect(await failure(readWorktree(dir, '', { ...DEFAULT_LIMITS, entries: 2 }))).toContain(
      'has 3 files and folders',
    );
  });

  it('says which folder is not there', async () => {
    const dir = await write({ 'a.yaml': '' });

    expect(await failure(readWorktree(dir, 'clusters'))).toBe(
      `PATH_NOT_FOUND: There is no folder ${join(folder, 'clusters')}.\n` +
        '  hint: Give the path from the folder that this is run in.',
    );
    expect(await failure(readWorktree(dir, '../x'))).toContain(
      'PATH_NOT_FOUND: The path "../x" leads out of',
    );
  });
});

describe('readFiles', () => {
  it('calls files as they were given', async () => {
    const dir = await write({ 'a.yaml': 'a: 1\n', 'b/c.yaml': 'c: 1\n', 'b/d.txt': '', 'e.txt': 'e: 1\n' });
    const read = await readFiles([`${dir}/b/`, `${dir}/a.yaml`, `${dir}/e.txt`]);

    expect(names(read)).toEqual([`${dir}/a.yaml`, `${dir}/b/c.yaml`, `${dir}/e.txt`]);
    expect(Buffer.from(read.files[1]!.content).toString()).toBe('c: 1\n');
  });

  it('takes a file once though it was given twice', async () => {
    const dir = await write({ 'b/c.yaml': 'c: 1\n' });
    expect(names(await readFiles([`${dir}/b`, `${dir}/b/c.yaml`]))).toEqual([`${dir}/b/c.yaml`]);
  });

  it('follows a link that somebody named, and none that it finds', async () => {
    const dir = await write({ 'a.yaml': 'a: 1\n' });
    await symlink('a.yaml', join(folder, 'link.yaml'));

    expect(names(await readFiles([`${dir}/link.yaml`]))).toEqual([`${dir}/link.yaml`]);
    const read = await readFiles([dir]);
    expect(names(read)).toEqual([join(folder, 'a.yaml')]);
    expect(rules(read)).toEqual([`symlink ${join(folder, 'link.yaml')}`]);
  });

  it('says what is not there', async () => {
    expect(await failure(readFiles([join(folder, 'none.yaml')]))).toContain(
      `PATH_NOT_FOUND: There is no file or folder ${join(folder, 'none.yaml')}.`,
    );
  });
});
