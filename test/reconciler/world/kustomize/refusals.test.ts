import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FolderTree } from '../../../../reconciler/world/git/folder-tree.ts';
import { collect } from '../../../../reconciler/world/kustomize/collect.ts';
import { KUSTOMIZE_LIMITS } from '../../../../reconciler/world/kustomize/kustomize.ts';
import { built, type Files, kubectl, told, written } from './building.ts';

const program = await kubectl();

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: app, namespace: weka }\n';

/** What is said of a kustomization in `app/`, without the place's file. */
async function refused(kustomization: string, files: Files = {}): Promise<readonly string[]> {
  const all = { 'app/kustomization.yaml': kustomization, 'app/config.yaml': CONFIG, ...files };
  const sources = await built(all, { program });
  expect(sources.files.filter(({ path }) => path.startsWith('app/'))).toEqual([]);
  return told(sources).map((line) => line.replace(/^app\/kustomization\.yaml:/, ''));
}

describe('before kustomize runs', () => {
  it('refuses what is fetched from elsewhere, whatever field names it', async () => {
    const remote = 'kustomize-remote: This is read from another place than this repository.';
    const away = [
      'https://example.com/base.yaml',
      'http://example.com/base',
      'github.com/org/repo/base?ref=v1',
      'git@example.com:org/repo',
      'ssh://git@example.com/org/repo//base',
      'git::https://example.com/org/repo',
      'file:///etc',
      'example.com/org/repo?ref=main',
      'example.com:org/repo',
      'gh:org/repo',
      'HTTPS:/example.com/x',
    ];
    const list = away.map((each) => `- ${JSON.stringify(each)}`).join('\n');
    expect(await refused(`resources:\n${list}\n`)).toEqual(
      away.map((_, index) => `${index + 2}:3 ${remote}`),
    );

    const url = 'https://example.com/x.yaml';
    for (const [text, column] of [
      [`bases: [${url}]`, 9],
      [`components: [${url}]`, 14],
      [`crds: [${url}]`, 8],
      [`configurations: [${url}]`, 18],
      [`openapi: { path: ${url} }`, 18],
      [`generators: [${url}]`, 14],
      [`transformers: [${url}]`, 16],
      [`validators: [${url}]`, 14],
      [`patches: [{ path: ${url} }]`, 19],
      [`patches: [${url}]`, 11],
      [`patchesStrategicMerge: [${url}]`, 25],
      [`patchesStrategicMerge: ["${url}?{"]`, 25],
      [`transformers: ["${url}?a: b"]`, 16],
      [`patchesJson6902: [{ path: ${url} }]`, 27],
      [`replacements: [{ path: ${url} }]`, 24],
      [`configMapGenerator: [{ name: a, files: [${url}] }]`, 41],
      [`configMapGenerator: [{ name: a, files: [key=${url}] }]`, 41],
      [`configMapGenerator: [{ name: a, envs: [${url}] }]`, 40],
      [`secretGenerator: [{ name: a, env: ${url} }]`, 35],
      // Go takes names of fields in any capitals.
      [`Resources: [${url}]`, 13],
      [`re\u017fources: [${url}]`, 13],
      [`patches: [{ Path: ${url} }]`, 19],
    ] as const) {
      expect([text, ...(await refused(text))]).toEqual([text, `1:${column} ${remote}`]);
    }
  });

  it('refuses what leads out of the repository, and names that are nowhere in it', async () => {
    expect(
      await refused(
        'resources: [../../other, /etc/passwd, missing.yaml, gone/]\ncomponents: [config.yaml, sub]\npatches: [{ path: ../p.yaml }]\n',
        { 'app/sub/x.txt': '', 'p.yaml': 'a: b\n' },
      ),
    ).toEqual([
      '1:13 kustomize-remote: "../../other" leads out of the repository.',
      '1:26 kustomize-remote: "/etc/passwd" leads out of the repository.',
      '1:39 kustomize-reference: The repository has no "missing.yaml" here.',
      '1:53 kustomize-reference: The repository has no file or folder "gone/" here.',
      '2:14 kustomize-reference: "config.yaml" is a file where a folder is asked for.',
      '2:27 kustomize-reference: The folder "sub" has no kustomization file.',
      '3:19 kustomize-reference: "../p.yaml" is outside the folder of its kustomization, from where kustomize reads no files.',
    ]);
  });

  it('refuses links, also those on the way to a file', async () => {
    expect(
      await refused('configMapGenerator: [{ name: a, files: [.link, .folder/x] }]\nnamespace: weka\n', {
        'app/.link': { link: '/etc/passwd' },
        'app/.folder': { link: '/etc' },
      }),
    ).toEqual([
      '1:41 kustomize-reference: ".link" is a symbolic link, and links are not followed.',
      '1:48 kustomize-reference: ".folder/x" is a symbolic link, and links are not followed.',
    ]);
  });

  it('refuses Helm and every plugin that kustomize does not have built in', async () => {
    const plugin = (text: string) => ({ 'app/plugin.yaml': text });
    expect(await refused('helmCharts: [{ name: a, repo: https://example.com }]\n')).toEqual([
      '1:13 kustomize-plugin: helmCharts runs Helm, which fetches charts from elsewhere.',
    ]);
    expect(await refused('helmChartInflationGenerator: [{ chartName: a }]\n')).toEqual([
      '1:30 kustomize-plugin: helmChartInflationGenerator runs Helm, which fetches charts from elsewhere.',
    ]);
    const exec =
      'apiVersion: example.com/v1\nkind: Mine\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: { path: ./run.sh }\n';
    for (const field of ['generators', 'transformers', 'validators']) {
      expect(await refused(`${field}: [plugin.yaml]\n`, plugin(exec))).toEqual([
        `1:${field.length + 4} kustomize-plugin: This plugin runs a program or a container.`,
      ]);
    }
    expect(
      await refused(
        'generators: [plugin.yaml]\n',
        plugin('apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: { name: x }\n'),
      ),
    ).toEqual([
      '1:14 kustomize-plugin: This plugin is "builtin HelmChartInflationGenerator", which kustomize does not have built in.',
    ]);
    expect(
      await refused(
        'transformers:\n- |-\n  apiVersion: someteam.example.com/v1\n  kind: Print\n  metadata: { name: x }\n',
      ),
    ).toEqual([
      '2:3 kustomize-plugin: This plugin is "someteam.example.com/v1 Print", which kustomize does not have built in.',
    ]);
    expect(
      await refused(
        'generators: [plugin.yaml]\n',
        plugin(
          'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: x }\nfiles: [a=https://example.com/x]\n',
        ),
      ),
    ).toEqual(['1:14 kustomize-remote: This is read from another place than this repository.']);
  });

  it('refuses it in what is included, at the place there', async () => {
    expect(
      await refused('resources: [../base]\n', {
        'base/kustomization.yaml': 'resources:\n- https://example.com/x.yaml\n',
      }),
    ).toEqual([
      'base/kustomization.yaml:2:3 kustomize-remote: This is read from another place than this repository.',
    ]);
  });

  it('refuses a kustomization that cannot be read, or says nothing', async () => {
    expect(await refused('resources: [config.yaml\n')).toEqual([
      expect.stringMatching(/^\d+:\d+ yaml-syntax: /),
    ]);
    expect(await refused('resources: [config.yaml]\nresources: [config.yaml]\n')).toEqual([
      expect.stringMatching(/^2:1 duplicate-key: /),
    ]);
    for (const end of ['\u2028', '\u2029', '\u0085', '\r']) {
      expect(await refused(`resources: [config.yaml]\n#${end}components: [https://example.com/x]\n`)).toEqual(
        [
          '2:2 kustomize-build: For kustomize a line ends at this character, and for other readers of YAML it does not.',
        ],
      );
    }
    expect(await refused('# nothing\n')).toEqual([
      '1:1 kustomize-build: The kustomization file says nothing.',
    ]);
    expect(await refused('resources: [config.yaml]\n---\nresources: []\n')).toEqual([
      '3:1 kustomize-build: A kustomization file holds one document, and this is a second one.',
    ]);
    expect(
      await refused('resources: [config.yaml]\n', { 'app/kustomization.yml': 'resources: []\n' }),
    ).toEqual(
      [
        'app/kustomization.yaml:1:1 kustomize-reference: The folder has two kustomization files, kustomization.yaml and kustomization.yml.',
      ].map((line) => line.replace(/^app\/kustomization\.yaml:/, '')),
    );
  });

  it('makes nothing but findings of whatever a kustomization file holds', async () => {
    const valid = `resources: [config.yaml, sub]
components: []
patches: [{ path: p.yaml, target: { kind: ConfigMap } }]
configMapGenerator: [{ name: a, files: [x=config.yaml], envs: [e] }]
transformers: [config.yaml, "apiVersion: builtin"]
openapi: { path: config.yaml }
`;
    const pieces = fc.constantFrom(
      '..',
      '/',
      '[',
      '{',
      '\n',
      ': ',
      '\0',
      'https://',
      '*a',
      '&a ',
      '- ',
      '"',
      'é',
      '\u{1F600}',
    );
    const changes = fc.array(fc.tuple(fc.nat(valid.length), fc.nat(30), fc.oneof(pieces, fc.string())), {
      maxLength: 4,
    });
    const folder = await written({
      'config.yaml': CONFIG,
      'sub/Kustomization': 'resources: [..]\n',
      e: '',
      'p.yaml': '',
    });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const text = all.reduce(
          (now, [at, length, by]) => now.slice(0, at) + by + now.slice(at + length),
          valid,
        );
        await writeFile(join(folder, 'kustomization.yaml'), text);
        const collected = await collect(
          { tree: new FolderTree(folder), path: '', name: '' },
          KUSTOMIZE_LIMITS,
        );
        for (const { file, line, column } of collected.findings)
          expect(file !== '' && line > 0 && column > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('shows the line, but never one that may hold a Secret’s value', async () => {
    const open = await built({ 'kustomization.yaml': 'resources: [https://example.com/x]\n' }, { program });
    expect(open.findings[0]?.excerpt).toBe('resources: [https://example.com/x]\n            ^');
    const flow =
      '{ resources: [https://example.com/x], secretGenerator: [{ name: a, literals: [p=hunter2] }] }\n';
    const closed = await built({ 'kustomization.yaml': flow }, { program });
    expect(closed.findings).toHaveLength(1);
    expect(JSON.stringify(closed.findings)).not.toContain('hunter2');
    // What should be a literal stands where files are named.
    const list = 'secretGenerator: [{ name: a, files: [password=hunter2, /hunter2], envs: [x=hunter2] }]\n';
    const mistaken = await built({ 'kustomization.yaml': list }, { program });
    expect(mistaken.findings).toHaveLength(3);
    expect(JSON.stringify(mistaken.findings)).not.toContain('hunter2');
  });
});
