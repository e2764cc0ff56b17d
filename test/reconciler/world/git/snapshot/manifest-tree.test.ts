import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openRepository } from '../../../../../reconciler/world/git/repository.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import type { Entry, GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { failure } from '../failure.ts';

let server: GitServer;
const folder = await scratchFolder(afterAll);
let count = 0;

beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server.stop());

async function repositoryWith(files: Readonly<Record<string, Entry>>): Promise<GitRepository> {
  const origin = await server.createRepository(`files-${++count}`);
  await origin.commit(files);
  return origin;
}

/** On a server and on this machine alike. */
async function read(origin: GitRepository, rest: Partial<GitConfig> = {}) {
  const config = { ref: 'main', path: '', cacheDir: folder, ...rest };
  const remote = await openRepository({ ...config, url: origin.url }).read();
  const local = await openRepository({ ...config, url: origin.path }).read();
  // Where further files and older commits are looked up differs, and is a function.
  const lookUps = { tree: undefined, history: undefined };
  expect({ ...local, ...lookUps }).toEqual({ ...remote, ...lookUps });
  return remote;
}

const SHA = '0123456789012345678901234567890123456789';
const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;

describe('files that are read', () => {
  it('are told with the name that git has for their content', async () => {
    const origin = await repositoryWith({ 'a.yaml': 'a: 1\n', 'b/same.yaml': 'a: 1\n', 'c.yaml': 'c: 1\n' });
    const { files } = await read(origin);

    const names = await origin.git(['ls-tree', '-r', '--format=%(objectname) %(path)', 'main']);
    expect(files.map(({ oid, path }) => `${oid} ${path}`).join('\n')).toBe(names);
    expect(files[0]?.oid).toBe(files[1]?.oid);
  });
});

describe('files that are not read', () => {
  it('are each a finding with its rule', async () => {
    const origin = await repositoryWith({
      'good.yaml': 'a: 1\n',
      'passwd.yaml': { symlink: '../../../../etc/passwd' },
      folder: { symlink: '/etc' },
      vendored: { submodule: SHA },
      'large.yaml': LFS,
      'deep/passwd.yaml': { symlink: '../good.yaml' },
    });
    const { files, findings } = await read(origin);

    expect(files.map(({ path }) => path)).toEqual(['good.yaml']);
    expect(findings.map(({ rule, file, level, line, column }) => [rule, file, level, line, column])).toEqual([
      ['symlink', 'deep/passwd.yaml', 'error', 1, 1],
      ['symlink', 'folder', 'error', 1, 1],
      ['lfs-pointer', 'large.yaml', 'error', 1, 1],
      ['symlink', 'passwd.yaml', 'error', 1, 1],
      ['submodule', 'vendored', 'error', 1, 1],
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      'This is a symbolic link, and links are not followed.',
      'This is a symbolic link, and links are not followed.',
      'The manifest itself is in Git LFS; this is only a pointer to it.',
      'This is a symbolic link, and links are not followed.',
      'This is a submodule, and other repositories are not read.',
    ]);
  });

  it('have names that cannot be printed', async () => {
    const origin = await server.createRepository(`files-${++count}`);
    const [blob] = [await origin.git(['hash-object', '-w', '--stdin'], { input: 'a: 1\n' })];
    const names = ['caf\\351.yaml', 'a\\nb.yaml', 'a\\033[31m.yml'];
    const tree = await origin.git(['mktree'], {
      input: [...names.map((name) => `"${name}"`), 'café.yaml', 'bad\\351.txt'.replace(/^(.*)$/, '"$1"')]
        .map((name) => `100644 blob ${blob}\t${name}\n`)
        .join(''),
    });
    const commit = await origin.git(['commit-tree', tree, '-m', 'Names']);
    await origin.git(['update-ref', 'refs/heads/main', commit]);
    const { files, findings } = await read(origin);

    expect(files.map(({ path }) => path)).toEqual(['café.yaml']);
    expect(findings.map(({ rule, file }) => [rule, file])).toEqual([
      ['file-name', 'a?[31m.yml'],
      ['file-name', 'a?b.yaml'],
      ['file-name', 'caf?.yaml'],
    ]);
  });

  it('are larger than a manifest may be', async () => {
    const exact = Buffer.alloc(1024 * 1024, 'a');
    const origin = await repositoryWith({
      'exact.yaml': exact,
      'over.yaml': Buffer.concat([exact, Buffer.from('a')]),
      'picture.png': Buffer.concat([exact, exact]),
    });
    const { files, findings } = await read(origin);

    expect(files.map(({ path }) => path)).toEqual(['exact.yaml']);
    expect(findings).toEqual([
      {
        level: 'error',
        rule: 'file-too-large',
        file: 'over.yaml',
        line: 1,
        column: 1,
        message: 'The file has 1.1 MiB, and at most 1 MiB are read.',
        hint: 'Split it into several files, or keep what is not a manifest elsewhere.',
      },
    ]);
  });

  it('do not disturb by their size, which is told', async () => {
    const line = 'key: value that is repeated over and over again\n';
    const origin = await repositoryWith({
      'a.yaml': 'a: 1\n',
      'huge.yaml': Buffer.alloc(50 * 1024 * 1024, line),
    });
    const { files, findings } = await read(origin);

    expect(files.map(({ path }) => path)).toEqual(['a.yaml']);
    expect(findings.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'huge.yaml: The file has 50 MiB, and at most 1 MiB are read.',
    ]);
  });

  it('stay unread though a smaller version of them came before', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index} of many: ${Math.sin(index)}\n`);
    const origin = await repositoryWith({ 'a.yaml': lines.slice(0, 20_000).join('') });
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };
    const repository = openRepository(config);
    const { commit, files } = await repository.read();
    expect(files).toHaveLength(1);
    await origin.commit({ 'a.yaml': lines.join('') });

    const { findings } = await repository.read(commit);
    expect(findings.map(({ rule }) => rule)).toEqual(['file-too-large']);
  });
});

describe('limits', () => {
  const three = {
    'a/1.yaml': '1234\n',
    'a/2.yaml': '1234\n',
    'a/3.yaml': '1234\n',
    'a/x.txt': '',
    'b.yaml': '',
  };

  it('count manifests below the path', async () => {
    const origin = await repositoryWith(three);
    const config = { url: origin.url, ref: 'main', path: 'a', cacheDir: folder };

    expect((await openRepository({ ...config, limits: { files: 3 } }).read()).files).toHaveLength(3);
    expect(await failure(openRepository({ ...config, limits: { files: 2 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: Folder a of \S+ has 3 manifests; at most 2 manifests are read\.\n {2}hint: Set repository\.path to a narrower folder/,
    );
  });

  it('count all files and folders below the path', async () => {
    const origin = await repositoryWith(three);
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };

    expect((await openRepository({ ...config, limits: { entries: 6 } }).read()).files).toHaveLength(4);
    expect(await failure(openRepository({ ...config, limits: { entries: 5 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: \S+ has 6 files and folders; at most 5 files and folders are read\./,
    );
  });

  it('add up the manifests', async () => {
    const origin = await repositoryWith(three);
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };

    expect(await failure(openRepository({ ...config, limits: { totalBytes: 14 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: \S+ has manifests of more than 14 bytes in all; at most 14 bytes are read\./,
    );
  });

  it('end what comes over the wire', async () => {
    const origin = await repositoryWith({
      'a.yaml': Buffer.from(Array.from({ length: 60_000 }, () => Math.random() * 256)),
    });
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };

    expect(await failure(openRepository({ ...config, limits: { packBytes: 30_000 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: The answer of \S+ is too large; at most 29\.3 KiB are read\./,
    );
    expect(await failure(openRepository({ ...config, limits: { packObjects: 2 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: The repository has 3 objects; at most 2 objects are read\./,
    );
  });

  it('end what a small pack would unpack to', async () => {
    const origin = await repositoryWith({ 'bomb.yaml': Buffer.alloc(20 * 1024 * 1024) });
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };

    expect(
      await failure(
        openRepository({ ...config, limits: { objectBytes: 100_000, blobBytes: 1024 * 1024 } }).read(),
      ),
    ).toMatch(/^REPOSITORY_TOO_LARGE: The repository has a file of 20 MiB; at most 1 MiB are read\./);
    expect(
      await failure(openRepository({ ...config, limits: { unpackedBytes: 1024 * 1024 } }).read()),
    ).toMatch(
      /^REPOSITORY_TOO_LARGE: The repository has more than 1 MiB when unpacked; at most 1 MiB are read\./,
    );
    // A file too large to hold is passed over while it arrives.
    const snapshot = await openRepository({ ...config, limits: { objectBytes: 100_000 } }).read();
    expect(snapshot.findings.map(({ rule }) => rule)).toEqual(['file-too-large']);
  });

  it('are not got around by folders within folders', async () => {
    const origin = await server.createRepository(`files-${++count}`);
    const blob = await origin.git(['hash-object', '-w', '--stdin'], { input: '' });
    let tree = await origin.git(['mktree'], { input: `100644 blob ${blob}\ta.yaml\n` });
    // Ten of each in each, twelve deep: 10^12 files in thirteen small trees.
    for (let depth = 0; depth < 12; depth++) {
      const rows = Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${index}\n`);
      tree = await origin.git(['mktree'], { input: rows.join('') });
    }
    const commit = await origin.git(['commit-tree', tree, '-m', 'Bomb']);
    await origin.git(['update-ref', 'refs/heads/main', commit]);
    const config = { url: origin.url, ref: 'main', path: '', cacheDir: folder };

    expect(await failure(openRepository({ ...config, limits: { entries: 1_000 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: \S+ has more than 10,000 files and folders; at most 1,000 files and folders are read\./,
    );
  });
});

describe('a repository of 100,000 files', () => {
  let origin: GitRepository;
  beforeAll(async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 100_000; index++) {
      files[`part-${index % 100}/cm-${index}.yaml`] =
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm-${index}\n  namespace: weka\n`;
    }
    origin = await repositoryWith(files);
  });

  it('is refused as a whole, with their number', async () => {
    const attempt = openRepository({
      url: origin.url,
      ref: 'main',
      path: '',
      cacheDir: folder,
    }).read();

    expect(await failure(attempt)).toMatch(
      /^REPOSITORY_TOO_LARGE: \S+ has 100,000 manifests; at most 20,000 manifests are read\.\n {2}hint: Set repository\.path to a narrower folder/,
    );
  });

  it('serves those that need a folder of it', async () => {
    const config = { url: origin.url, ref: 'main', path: 'part-7', cacheDir: folder };
    const repository = openRepository(config);
    const { commit, files } = await repository.read();
    expect(files).toHaveLength(1_000);

    await origin.commit({ 'part-7/more.yaml': 'a: 1\n' });
    const before = server.requests.length;
    expect((await repository.read(commit)).files).toHaveLength(1_001);
    const downloaded = server.requests.slice(before).reduce((sum, request) => sum + request.downloaded, 0);
    expect(downloaded).toBeLessThan(5_000);
  });
});
