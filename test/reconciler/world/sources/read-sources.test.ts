import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepository } from '../../../../reconciler/world/git/repository.ts';
import { topmostKustomizations } from '../../../../reconciler/world/sources/read-sources.ts';
import { withSources } from '../../../../reconciler/world/sources/sources-repository.ts';
import {
  readFileSources,
  readWorktreeSources,
} from '../../../../reconciler/world/sources/worktree-sources.ts';
import { script, scratchFolder } from '../../../cluster/scratch.ts';
import { type Entry, GitRepository } from '../../../support/git-repository.ts';
import { built, kubectl, parsed, texts, told, written } from '../kustomize/building.ts';

const program = await kubectl();
const config = { kustomize: { program, searchPath: '' }, keys: async () => ({ age: [] }) };

const configMap = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: weka }\n`;
const including = (...names: readonly string[]) => `resources: [${names.join(', ')}]\n`;

/** A repository with these files, read through its sources. */
async function opened(files: Readonly<Record<string, Entry>>, path = '') {
  const folder = await scratchFolder();
  const git = await GitRepository.create(join(folder, 'repository.git'));
  await git.commit(files);
  const calls = join(folder, 'calls');
  const counting = await script(join(folder, 'kubectl'), `echo >> ${calls}`, `exec ${program} "$@"`);
  const inner = openRepository({
    url: git.path,
    ref: 'main',
    path,
    cacheDir: join(folder, 'cache'),
    proxyEnv: {},
  });
  return {
    git,
    repository: withSources(inner, { ...config, kustomize: { program: counting, searchPath: '' } }),
    /** How often kustomize was called. */
    calls: async () => (await readFile(calls, 'utf8').catch(() => '')).length,
  };
}

describe('topmostKustomizations', () => {
  it('are those that lie in no other', () => {
    expect(
      topmostKustomizations([
        'a/kustomization.yaml',
        'a/b/kustomization.yml',
        'a.yaml',
        'c/d/Kustomization',
        'c/x.yaml',
      ]),
    ).toEqual(['a', 'c/d']);
    expect(topmostKustomizations(['kustomization.yaml', 'a/kustomization.yaml'])).toEqual(['']);
    expect(
      topmostKustomizations(['../x/kustomization.yaml', '/y/z/kustomization.yaml', '/y/kustomization.yaml']),
    ).toEqual(['../x', '/y']);
    expect(topmostKustomizations(['my-kustomization.yaml', 'kustomization.json'])).toEqual([]);
  });
});

describe('what the parser gets', () => {
  it('is plain files as they are, and folders with a kustomization as kustomize makes them', async () => {
    const sources = await built(
      {
        'plain.yaml': configMap('plain'),
        'app/kustomization.yaml': including('a.yaml'),
        'app/a.yaml': configMap('a'),
        'app/not-listed.yaml': configMap('not-listed'),
        'app/deeper/kustomization.yaml': including('../a.yaml'),
      },
      { program },
    );
    expect(told(sources)).toEqual([]);
    expect(parsed(sources).specs.map(({ id }) => id)).toEqual([
      'v1/ConfigMap/weka/a',
      'v1/ConfigMap/weka/plain',
    ]);
    expect(texts(sources)[1]).toEqual(['plain.yaml', configMap('plain')]);
  });

  it('has a base only as the overlays make it, and one that nothing includes as it is', async () => {
    const sources = await built(
      {
        'base/kustomization.yaml': including('a.yaml'),
        'base/a.yaml': configMap('a'),
        'lone/kustomization.yaml': including('b.yaml'),
        'lone/b.yaml': configMap('b'),
        'x/kustomization.yaml': `${including('../base')}nameSuffix: -x\n`,
        'y/kustomization.yaml': `${including('../x')}nameSuffix: -y\n`,
      },
      { program },
    );
    expect(parsed(sources).specs.map(({ id }) => id)).toEqual([
      'v1/ConfigMap/weka/a-x-y',
      'v1/ConfigMap/weka/b',
    ]);
  });

  it('tells of what two overlays make of one base which of them made it', async () => {
    const sources = await built(
      {
        'base/kustomization.yaml': including('a.yaml'),
        'base/a.yaml': configMap('a'),
        'x/kustomization.yaml': including('../base'),
        'y/kustomization.yaml': including('../base'),
      },
      { program },
    );
    expect(parsed(sources).findings.map(({ message }) => message)).toEqual([
      'v1/ConfigMap/weka/a is also described in base/a.yaml:1 as built in x.',
      'v1/ConfigMap/weka/a is also described in base/a.yaml:1 as built in y.',
    ]);
  });

  it('tells a fault of a shared base once', async () => {
    const sources = await built(
      {
        'base/kustomization.yaml': including('https://example.com/x'),
        'x/kustomization.yaml': including('../base'),
        'y/kustomization.yaml': including('../base'),
      },
      { program },
    );
    expect(told(sources)).toEqual([
      'base/kustomization.yaml:1:13 kustomize-remote: This is read from another place than this repository.',
    ]);
  });

  it('has nothing of a component that nobody includes, and a warning of it', async () => {
    const sources = await built(
      { 'c/kustomization.yaml': `kind: Component\n${including('a.yaml')}`, 'c/a.yaml': configMap('a') },
      { program },
    );
    expect(sources.files).toEqual([]);
    expect(sources.findings).toMatchObject([{ level: 'warning', file: 'c/kustomization.yaml' }]);
  });

  it('is all the rest where one folder cannot be built', async () => {
    const sources = await built(
      {
        'bad/kustomization.yaml': including('missing.yaml'),
        'good/kustomization.yaml': including('a.yaml'),
        'good/a.yaml': configMap('a'),
        'plain.yaml': configMap('p'),
      },
      { program },
    );
    expect(sources.files.map(({ path }) => path)).toEqual(['good/a.yaml', 'plain.yaml']);
    expect(told(sources)).toEqual([
      'bad/kustomization.yaml:1:13 kustomize-reference: The repository has no "missing.yaml" here.',
    ]);
  });

  it('is the same from a commit and from its working tree', async () => {
    const files = {
      'clusters/prod/kustomization.yaml': `${including('../../base')}namePrefix: prod-\nconfigMapGenerator: [{ name: g, files: [.hidden/x.bin] }]\nnamespace: weka\n`,
      'clusters/prod/.hidden/x.bin': 'x',
      'base/kustomization.yaml': including('a.yaml'),
      'base/a.yaml': configMap('a'),
    };
    const { repository } = await opened(files, 'clusters/prod');
    const snapshot = await repository.read();
    expect(snapshot.findings).toEqual([]);
    const folder = await written(files);
    const worktree = await readWorktreeSources(folder, 'clusters/prod', config);
    expect(texts(worktree)).toEqual(texts(snapshot));
    expect(snapshot.files.map(({ path }) => path)).toEqual([
      'base/a.yaml',
      'clusters/prod/kustomization.yaml',
    ]);
  });

  it('of a named folder may come from anywhere in its working tree', async () => {
    const folder = await written({
      '.git/HEAD': 'ref: refs/heads/main\n',
      'base/kustomization.yaml': including('a.yaml'),
      'base/a.yaml': configMap('a'),
      'prod/kustomization.yaml': including('../base'),
      'out/kustomization.yaml': including('../../elsewhere'),
    });
    const sources = await readFileSources([join(folder, 'prod'), join(folder, 'out')], config);
    expect(sources.files.map(({ path }) => path)).toEqual([join(folder, 'base/a.yaml')]);
    expect(told(sources)).toEqual([
      `${folder}/out/kustomization.yaml:1:13 kustomize-remote: "../../elsewhere" leads out of the repository.`,
    ]);
  });
});

describe('a named folder that is in no working tree', () => {
  it('bounds what it may include, and says so rather than speak of a repository', async () => {
    const folder = await written({
      'base/kustomization.yaml': including('a.yaml'),
      'base/a.yaml': configMap('a'),
      'overlays/prod/kustomization.yaml': including('../../base'),
    });
    const alone = await readFileSources([join(folder, 'overlays/prod')], config);
    expect(told(alone)).toEqual([
      `${folder}/overlays/prod/kustomization.yaml:1:13 kustomize-remote: "../../base" leads out of the folder that was named.`,
    ]);
    expect(alone.findings[0]?.hint).toBe('Name the folder that holds both.');
    const both = await readFileSources([folder], config);
    expect(told(both)).toEqual([]);
  });
});

describe('a repository with sources', () => {
  it('builds a folder again only when one of the files that it is made of has changed', async () => {
    const { git, repository, calls } = await opened({
      'a/kustomization.yaml': including('../base'),
      'base/kustomization.yaml': including('a.yaml'),
      'base/a.yaml': configMap('a'),
      'b/kustomization.yaml': including('b.yaml'),
      'b/b.yaml': configMap('b'),
    });
    const first = await repository.read();
    expect(await calls()).toBe(2);
    expect(await repository.read()).toBe(first);
    expect(await calls()).toBe(2);

    await git.commit({ 'plain.yaml': configMap('plain'), 'base/unused.txt': 'x' });
    const second = await repository.read();
    expect(await calls()).toBe(2);
    expect(second.files.map(({ path }) => path)).toEqual(['b/b.yaml', 'base/a.yaml', 'plain.yaml']);
    // What has not changed is the same value, so that nothing is made of it again either.
    expect(second.files[0]).toBe(first.files[0]);

    await git.commit({ 'base/a.yaml': configMap('other') });
    const third = await repository.read();
    expect(await calls()).toBe(3);
    expect(Buffer.from(third.files[1]?.content ?? '').toString()).toContain('name: other');
  });

  it('refuses a link and a submodule that a kustomization names', async () => {
    const { repository } = await opened(
      {
        'app/kustomization.yaml': including('../linked', '../module'),
        linked: { symlink: '/etc' },
        module: { submodule: 'a'.repeat(40) },
      },
      'app',
    );
    expect(told(await repository.read())).toEqual([
      'app/kustomization.yaml:1:13 kustomize-reference: "../linked" is a symbolic link, and links are not followed.',
      'app/kustomization.yaml:1:24 kustomize-reference: "../module" is in another repository, or no plain file.',
    ]);
  });
});
