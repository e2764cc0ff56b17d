import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MergePreview, Merges } from '../../../../reconciler/forge-port.ts';
import type { CommitSha, Snapshot } from '../../../../reconciler/ports.ts';
import { openMerges } from '../../../../reconciler/world/git/merge/merges.ts';
import type { KeySource } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { withMergeSources } from '../../../../reconciler/world/sources/merge-sources.ts';
import { script, scratchFolder } from '../../../cluster/scratch.ts';
import { type Entry, GitRepository } from '../../../support/git-repository.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import { kubectl, parsed, told } from '../kustomize/building.ts';
import { type AgeKey, ageKey, seal, textOf } from '../secrets/sealing.ts';

type Merged = Extract<MergePreview, { result: 'merged' }>;
type Files = Readonly<Record<string, Entry>>;

const program = await kubectl();
const folder = await scratchFolder(afterAll);

let age: AgeKey;
let repository: GitRepository;
let count = 0;

beforeAll(async () => {
  await sopsProgram();
  age = await ageKey();
}, 900_000);
beforeEach(async () => {
  repository = await GitRepository.create(join(folder, `sources-${count++}.git`));
});

function secret(name: string, password: string): Promise<string> {
  const text = `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, namespace: weka }\nstringData:\n  password: ${password}\n`;
  return seal(text, { age: [age], args: ['--encrypted-regex', '^stringData$'] }).then(textOf);
}

const config = (name: string, value = 1) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: weka }\ndata: { k: "${value}" }\n`;

function open(options: { readonly program?: string; readonly keys?: KeySource } = {}): Merges {
  const merges = openMerges({
    url: repository.path,
    ref: 'main',
    path: '',
    cacheDir: join(folder, 'cache'),
  });
  const keys = options.keys ?? (async () => ({ age: [age.identity] }));
  return withMergeSources(merges, {
    kustomize: { program: options.program ?? program, searchPath: '' },
    keys,
  });
}

/** What merging changes of a branch, or of a fork, makes of the base. */
async function merged(
  files: Files,
  { isTrusted = false, merges = open() }: { readonly isTrusted?: boolean; readonly merges?: Merges } = {},
): Promise<Merged> {
  const branch = `branch-${count++}`;
  await repository.branch(branch);
  const commit = (await repository.commit(files, { branch })) as CommitSha;
  const preview = await merges.preview({ commit, ref: `refs/heads/${branch}`, isTrusted });
  if (preview.result !== 'merged') throw new Error(`Conflict in ${preview.files.join()}`);
  return preview;
}

/** Each object that can be read, with its data. */
function objects(snapshot: Snapshot): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    parsed(snapshot).specs.map(({ id, manifest }) => [id, manifest['stringData'] ?? manifest['data']]),
  );
}

describe('a pull request from the repository itself', () => {
  it('is built and decrypted as the base is', async () => {
    await repository.commit({
      'login.yaml': await secret('login', 'hunter2'),
      'app/kustomization.yaml': 'resources: [config.yaml]\nnamePrefix: p-\n',
      'app/config.yaml': config('app'),
    });
    const preview = await merged(
      { 'login.yaml': await secret('login', 'hunter3'), 'app/config.yaml': config('app', 2) },
      { isTrusted: true },
    );
    expect(objects(preview.base)).toEqual({
      'v1/ConfigMap/weka/p-app': { k: '1' },
      'v1/Secret/weka/login': { password: 'hunter2' },
    });
    expect(objects(preview.merged)).toEqual({
      'v1/ConfigMap/weka/p-app': { k: '2' },
      'v1/Secret/weka/login': { password: 'hunter3' },
    });
    expect(preview.merged.findings).toEqual([]);
  });

  it('is made once while nothing of it changes', async () => {
    await repository.commit({ 'a.yaml': config('a') });
    await repository.branch('feature');
    const commit = (await repository.commit({ 'b.yaml': config('b') }, { branch: 'feature' })) as CommitSha;
    const merges = open();
    const head = { commit, ref: 'refs/heads/feature', isTrusted: true };
    const [one, other] = [await merges.preview(head), await merges.preview(head)] as [Merged, Merged];
    expect(other.base).toBe(one.base);
    expect(other.merged).toBe(one.merged);
  });
});

describe('a fork', () => {
  it('has nothing of its own opened, and what is encrypted is unknown and not removed', async () => {
    await repository.commit({
      'login.yaml': await secret('login', 'hunter2'),
      'app/kustomization.yaml': 'resources: [secret.yaml]\nnamePrefix: p-\n',
      'app/secret.yaml': await secret('token', 'hunter4'),
    });
    const preview = await merged({
      'new.yaml': config('new'),
      'login.yaml': await secret('login', 'hunter3'),
    });
    expect(objects(preview.base)).toEqual({
      'v1/Secret/weka/login': { password: 'hunter2' },
      'v1/Secret/weka/p-token': { password: 'hunter4' },
    });
    expect(objects(preview.merged)).toEqual({ 'v1/ConfigMap/weka/new': { k: '1' } });
    expect(parsed(preview.merged).broken.map(({ id }) => id)).toEqual([
      'v1/Secret/weka/p-token',
      'v1/Secret/weka/login',
    ]);
    expect(told(preview.merged)).toEqual([
      'app/secret.yaml:1:1 not-decrypted: Encrypted files of a fork are not opened.',
      'login.yaml:1:1 not-decrypted: Encrypted files of a fork are not opened.',
    ]);
    expect(preview.merged.findings.map(({ level }) => level)).toEqual(['warning', 'warning']);
    const all = preview.merged.files.map(({ content }) => Buffer.from(content).toString('utf8')).join();
    expect(all + JSON.stringify(preview.merged.findings)).not.toContain('hunter');
  });

  it('never has the keys asked for', async () => {
    await repository.commit({ 'a.yaml': config('a') });
    const keys: KeySource = () => Promise.reject(new Error('Somebody asked for the keys.'));
    const files = { 'login.yaml': await secret('login', 'hunter2') };
    expect((await merged(files, { merges: open({ keys }) })).merged.findings).toHaveLength(1);
    await expect(merged(files, { merges: open({ keys }), isTrusted: true })).rejects.toThrow(
      'asked for the keys',
    );
  });

  it('changes nothing where it changes no manifest, also not what is encrypted', async () => {
    await repository.commit({ 'login.yaml': await secret('login', 'hunter2'), 'a.yaml': config('a') });
    const preview = await merged({ 'README.md': 'Hello\n' });
    expect(preview.files).toEqual(['README.md']);
    expect(preview.merged.findings).toEqual([]);
    expect(preview.merged.files).toBe(preview.base.files);
  });
});

describe('kustomizations of a fork', () => {
  const exec = (path: string) =>
    [
      'apiVersion: example.com/v1',
      'kind: Mine',
      'metadata:',
      '  name: x',
      '  annotations:',
      `    config.kubernetes.io/function: "exec: { path: ${path} }"`,
      '',
    ].join('\n');

  it('fetch nothing, run nothing and read nothing beside the repository', async () => {
    await repository.commit({
      'app/kustomization.yaml': 'resources: [config.yaml]\n',
      'app/config.yaml': config('app'),
    });
    const ran = join(await scratchFolder(), 'ran');
    const plugin = await script(join(await scratchFolder(), 'plugin'), `touch ${ran}`);
    const asked: string[] = [];
    const away = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(config('away'));
    });
    await once(away.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(away.address() as AddressInfo).port}`;
    const secretFile = join(await scratchFolder(), 'key.txt');
    const hostile: readonly (readonly [rule: string, text: string, files?: Files])[] = [
      ['kustomize-remote', `resources: [${url}/base.yaml]`],
      ['kustomize-remote', `resources: ["${url}/repository.git//base?ref=main"]`],
      ['kustomize-remote', `resources: ["git::${repository.path}//app"]`],
      ['kustomize-remote', `bases: ["file://${repository.path}"]`],
      ['kustomize-remote', `components: [${url}/c]`],
      ['kustomize-remote', `openapi: { path: ${url}/schema.json }`],
      ['kustomize-remote', `configMapGenerator: [{ name: a, files: [${url}/x] }]`],
      ['kustomize-remote', `configMapGenerator: [{ name: a, files: [${secretFile}] }]`],
      ['kustomize-remote', 'configMapGenerator: [{ name: a, envs: [../../../../../proc/self/environ] }]'],
      [
        'kustomize-reference',
        'configMapGenerator: [{ name: a, files: [.link] }]',
        { 'app/.link': { symlink: secretFile } },
      ],
      ['kustomize-reference', 'resources: [.link/app]', { 'app/.link': { symlink: '/' } }],
      ['kustomize-reference', 'resources: [sub]', { 'app/sub': { submodule: '1'.repeat(40) } }],
      ['kustomize-plugin', `helmCharts: [{ name: a, repo: ${url} }]`],
      ['kustomize-plugin', `helmGlobals: { chartHome: /tmp }\nhelmCharts: [{ name: a }]`],
      ['kustomize-plugin', 'generators: [plugin.yaml]', { 'app/plugin.yaml': exec(plugin) }],
      ['kustomize-plugin', 'transformers: [plugin.yaml]', { 'app/plugin.yaml': exec('./plugin.sh') }],
      ['kustomize-plugin', 'validators: [plugin.yaml]', { 'app/plugin.yaml': exec(plugin) }],
      ['kustomize-plugin', `transformers:\n- |-\n${exec(plugin).replace(/^/gm, '  ').trimEnd()}`],
    ];
    const merges = open();
    for (const [rule, text, files = {}] of hostile) {
      const preview = await merged({ ...files, 'app/kustomization.yaml': `${text}\n` }, { merges });
      const rules = new Set(
        preview.merged.findings
          .filter(({ file }) => file === 'app/kustomization.yaml')
          .map((each) => each.rule),
      );
      expect([text, ...rules]).toEqual([text, rule]);
      expect(preview.merged.files).toEqual([]);
      expect(objects(preview.base)).toEqual({ 'v1/ConfigMap/weka/app': { k: '1' } });
    }
    away.close();
    expect(asked).toEqual([]);
    await expect(access(ran)).rejects.toThrow('ENOENT');
  });

  it('reach nothing by what a merge makes of two harmless ones', async () => {
    const lines = ['resources:', '- config.yaml', '# one', '# two', '# three', 'namePrefix: a-'];
    const text = (all: readonly string[]) => `${all.join('\n')}\n`;
    await repository.commit({ 'app/kustomization.yaml': text(lines), 'app/config.yaml': config('app') });
    await repository.branch('fork');
    const files = { 'app/kustomization.yaml': text(lines.toSpliced(2, 0, '- ../../etc')) };
    const commit = (await repository.commit(files, { branch: 'fork' })) as CommitSha;
    await repository.commit({ 'app/kustomization.yaml': text(lines.with(5, 'namePrefix: b-')) });
    const preview = await open().preview({ commit, ref: 'refs/heads/fork', isTrusted: false });
    if (preview.result !== 'merged') throw new Error('It is merged.');
    expect(told(preview.merged)).toEqual([
      'app/kustomization.yaml:3:3 kustomize-remote: "../../etc" leads out of the repository.',
    ]);
  });
});
