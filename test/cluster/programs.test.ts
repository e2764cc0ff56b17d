import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtFolder } from './build.ts';
import { type Release, releaseFolder } from './download.ts';
import { findPrograms, programSources } from './programs.ts';
import { scratchFolder, script } from './scratch.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const release: Release = {
  url: 'https://releases.example/kubernetes-{arch}.tar.gz',
  digest: { amd64: digest, arm64: digest },
  programs: { kubectl: 'bin/kubectl' },
};

describe('where programs are found', () => {
  it('takes the folder that the user names before everything else', async () => {
    const home = await machine();
    await Promise.all([home.named('kubectl'), home.envtest('kubectl'), home.built('kubectl')]);
    expect(await home.find('kubectl')).toEqual({ kubectl: join(home.folder, 'named/kubectl') });
  });

  it('takes an installed envtest before what the cache holds', async () => {
    const home = await machine();
    await Promise.all([home.envtest('kubectl'), home.built('kubectl')]);
    expect(await home.find('kubectl')).toEqual({ kubectl: join(home.folder, 'envtest/kubectl') });
  });

  it('passes over an envtest of another Kubernetes version, and says so', async () => {
    const home = await machine();
    await Promise.all([home.envtest('kubectl', 'v1.31.0'), home.built('kubectl')]);
    expect((await home.find('kubectl')).kubectl).toMatch(/cache\/kubernetes-[0-9a-f]{16}\/kubectl$/);
    expect(home.reported).toEqual(['KUBEBUILDER_ASSETS holds Kubernetes v1.31.0, not v1.36.x: not used.']);
  });

  it('takes what was built before, then what was downloaded before', async () => {
    const home = await machine();
    await home.downloaded('kubectl');
    expect((await home.find('kubectl')).kubectl).toMatch(/cache\/release-0{16}\/kubectl$/);
    await home.built('kubectl');
    expect((await home.find('kubectl')).kubectl).toMatch(/cache\/kubernetes-[0-9a-f]{16}\/kubectl$/);
  });

  it('fills what one source lacks from the next', async () => {
    const home = await machine();
    await Promise.all([home.envtest('etcd'), home.built('kube-scheduler')]);
    expect(await home.find('etcd', 'kube-scheduler')).toEqual({
      etcd: join(home.folder, 'envtest/etcd'),
      'kube-scheduler': expect.stringMatching(/cache\/kubernetes-[0-9a-f]{16}\/kube-scheduler$/),
    });
  });

  it('builds what is nowhere else, once the release cannot be had', async () => {
    const home = await machine();
    const { kubectl, kwok } = await home.find('kubectl', 'kwok');
    expect(kubectl).toMatch(/cache\/kubernetes-[0-9a-f]{16}\/kubectl$/);
    expect(kwok).toMatch(/cache\/kwok-[0-9a-f]{16}\/kwok$/);
    expect(home.reported).toEqual([
      expect.stringMatching(
        /^Not used: http:\/\/127\.0\.0\.1:12\/releases\.example\/kubernetes-a..64\.tar\.gz: .*ECONNREFUSED/,
      ),
      'Building kubernetes from its Go modules; this is done once and takes minutes.',
      expect.stringMatching(/^Built kubernetes in/),
      'Building kwok from its Go modules; this is done once and takes minutes.',
      expect.stringMatching(/^Built kwok in/),
    ]);
  });

  it('builds etcd alone where only etcd is missing', async () => {
    const home = await machine();
    await home.downloaded('kubectl');
    const { etcd } = await home.find('kubectl', 'etcd');
    expect(etcd).toMatch(/cache\/etcd-[0-9a-f]{16}\/etcd$/);
  });

  it('says so when the named folder is not there', async () => {
    const home = await machine({ WEKA_GITOPS_PROGRAMS: '/nowhere' });
    await expect(home.find('kubectl')).rejects.toThrow(
      'WEKA_GITOPS_PROGRAMS names /nowhere, which cannot be read.',
    );
  });

  it('says which programs nobody has', async () => {
    await expect(findPrograms(['etcd', 'kwok'], [])).rejects.toThrow('No source has etcd, kwok.');
  });
});

/** A machine of its own, with a Go that compiles nothing: every program it makes is an empty script. */
async function machine(more: NodeJS.ProcessEnv = {}) {
  const folder = await scratchFolder();
  const cache = join(folder, 'cache');
  const module = join(folder, 'module');
  const reported: string[] = [];
  await Promise.all([
    ...['etcd', 'kubernetes', 'kwok'].map((name) => script(join(module, name, 'main.go'))),
    script(join(module, 'go.mod')),
    script(join(module, 'go.sum')),
    script(
      join(folder, 'tools/go'),
      'if [ "$1" = env ]; then echo go1.26.8; exit; fi',
      'while [ "$1" != -o ]; do shift; done',
      'printf "#!/bin/sh\\n" >"$2"; chmod +x "$2"',
    ),
    mkdir(join(folder, 'named')),
  ]);
  const env = {
    HOME: folder,
    PATH: `${join(folder, 'tools')}:${process.env['PATH']}`,
    WEKA_GITOPS_CACHE: cache,
    WEKA_GITOPS_PROGRAMS: join(folder, 'named'),
    KUBEBUILDER_ASSETS: join(folder, 'envtest'),
    // Nobody listens on port 12.
    WEKA_GITOPS_RELEASES: 'http://127.0.0.1:12',
    ...more,
  };
  const report = (line: string) => void reported.push(line);
  return {
    folder,
    reported,
    named: (name: string) => script(join(folder, 'named', name)),
    envtest: async (name: string, version = 'v1.36.3') => {
      await script(join(folder, 'envtest/kube-apiserver'), `echo Kubernetes ${version}`);
      await script(join(folder, 'envtest', name));
    },
    built: async (name: string) => script(join(await builtFolder(cache, 'kubernetes', module), name)),
    downloaded: async (name: string) => script(join(releaseFolder(cache, release)!, name)),
    find: <Name extends Parameters<typeof findPrograms>[0][number]>(...names: Name[]) =>
      findPrograms<Name>(names, programSources({ env, report, releases: [release], module })),
  };
}
