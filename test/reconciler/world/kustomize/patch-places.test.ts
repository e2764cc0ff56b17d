import { describe, expect, it } from 'vitest';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { built, type Files, kubectl, parsed, texts, told } from './building.ts';

const program = await kubectl();

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app, namespace: weka }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers: [{ name: side, image: a }, { name: app, image: a }]
`;

/** Errors and warnings of all rules over what was built. */
async function found(files: Files, path?: string) {
  const sources = await built(files, { program, ...(path === undefined ? {} : { path }) });
  expect(told(sources)).toEqual([]);
  return lint(parsed(sources)).findings.filter(({ level }) => level !== 'ignored');
}

async function lines(files: Files, path?: string): Promise<readonly string[]> {
  return (await found(files, path)).map(
    ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
  );
}

function patch(...rest: readonly string[]): string {
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: app, namespace: weka }',
    ...rest,
    '',
  ].join('\n');
}

describe('a fault that a patch made', () => {
  it('stands in the file of the patch, at its name or value', async () => {
    const findings = await found({
      'kustomization.yaml': 'namePrefix: prod-\nresources: [a.yaml]\npatches: [{ path: p.yaml }]\n',
      'a.yaml': DEPLOYMENT,
      'p.yaml': patch('spec:', '  replicas: many', '  template: { spec: { hostNetwrok: true } }'),
    });
    expect(findings.map(({ file, line, column, excerpt }) => [`${file}:${line}:${column}`, excerpt])).toEqual(
      [
        ['p.yaml:5:13', '  replicas: many\n            ^'],
        ['p.yaml:6:23', '  template: { spec: { hostNetwrok: true } }\n                      ^'],
      ],
    );
    for (const { object, message } of findings) {
      expect(object).toBe('apps/v1/Deployment/weka/prod-app');
      expect(message).not.toContain('renders');
    }
  });

  it('is found in elements of lists, wherever the patch has them', async () => {
    expect(
      await lines({
        'kustomization.yaml': 'resources: [a.yaml]\npatches: [{ path: p.yaml }]\n',
        'a.yaml': DEPLOYMENT,
        'p.yaml': patch(
          'spec:',
          '  template:',
          '    spec:',
          '      containers:',
          '        - { name: app, imagee: b }',
        ),
      }),
    ).toEqual([expect.stringMatching(/^p\.yaml:8:24 .*imagee/)]);
  });

  it('is found in the operations of a JSON patch, whose target may have been renamed before', async () => {
    const findings = await lines(
      {
        'base/kustomization.yaml': 'namePrefix: b-\nresources: [a.yaml]\n',
        'base/a.yaml': DEPLOYMENT,
        'prod/kustomization.yaml':
          'resources: [../base]\npatches: [{ path: p.json, target: { kind: Deployment, name: b-app } }]\n',
        'prod/p.json': JSON.stringify(
          [
            { op: 'replace', path: '/spec/replicas', value: 'many' },
            {
              op: 'add',
              path: '/spec/template/spec/containers/-',
              value: { name: 'b', image: 'b', tyy: true },
            },
            { op: 'add', path: '/spec/pausd', value: true },
          ],
          undefined,
          1,
        ),
      },
      'prod',
    );
    expect(findings).toEqual([
      expect.stringMatching(/^prod\/p\.json:5:\d+ .*replicas/),
      expect.stringMatching(/^prod\/p\.json:13:\d+ .*tyy/),
      expect.stringMatching(/^prod\/p\.json:18:\d+ .*pausd/),
    ]);
  });

  it('is found in what takes a value away', async () => {
    const container = `apiVersion: weka.weka.io/v1alpha1
kind: WekaContainer
metadata: { name: dist, namespace: weka }
`;
    expect(
      await lines({
        'kustomization.yaml':
          'resources: [a.yaml]\npatches: [{ path: p.yaml }, { path: q.yaml, target: {} }]\n',
        'a.yaml': `${container}spec: { mode: drivers-dist, image: quay.io/weka.io/weka-in-container:4.4.10 }\n`,
        'p.yaml': `${container}spec:\n  image: null\n`,
        'q.yaml': '- op: remove\n  path: /spec/mode\n',
      }),
    ).toEqual([
      expect.stringMatching(/^p\.yaml:5:\d+ spec\.image is missing/),
      expect.stringMatching(/^q\.yaml:2:\d+ spec\.mode is missing/),
    ]);
  });

  it('is found in a patch that the kustomization itself holds', async () => {
    const files = {
      'kustomization.yaml': [
        'resources: [a.yaml]',
        'patches:',
        '- target: { kind: Deployment }',
        '  patch: |-',
        '    - op: replace',
        '      path: /spec/replicas',
        '      value: many',
        '- patch: "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: app, namespace: weka }, spec: { pausd: true } }"',
      ].join('\n'),
      'a.yaml': DEPLOYMENT,
    };
    const findings = await found(files);
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      'kustomization.yaml:7:14',
      'kustomization.yaml:8:10',
    ]);
    expect(findings[0]?.excerpt).toMatch(/^ {6}value: (many|…)\n {13}\^$/);
  });

  it('stands at the object, with the patches named, where several say the same', async () => {
    const twice = patch('spec: { replicas: many }');
    expect(
      await lines({
        'kustomization.yaml': 'resources: [a.yaml]\npatches: [{ path: p.yaml }, { path: q.yaml }]\n',
        'a.yaml': DEPLOYMENT,
        'p.yaml': twice,
        'q.yaml': `# Later\n${twice}`,
      }),
    ).toEqual([
      expect.stringMatching(/^a\.yaml:5:13 .* \(as kustomize renders it, with p\.yaml:4 and q\.yaml:5\)\.$/),
    ]);
  });

  it('is not sought in a patch for another object, or in one that says something else', async () => {
    expect(
      await lines({
        'kustomization.yaml': [
          'resources: [a.yaml, b.yaml]',
          'patches: [{ path: p.yaml }, { path: q.yaml }]',
          'replacements:',
          '- source: { kind: ConfigMap, name: words, fieldPath: data.word }',
          '  targets: [{ select: { kind: Deployment, name: app }, fieldPaths: [spec.pausd] }]',
        ].join('\n'),
        'a.yaml': DEPLOYMENT,
        'b.yaml': `${DEPLOYMENT.replace('name: app, namespace', 'name: other, namespace')}---
apiVersion: v1
kind: ConfigMap
metadata: { name: words, namespace: weka }
data: { word: some }
`,
        'p.yaml': patch('spec: { pausd: other }'),
        'q.yaml': patch('spec: { pausd: some }').replace('name: app', 'name: other'),
      }),
    ).toEqual([
      expect.stringMatching(/^a\.yaml:5:3 .*pausd.* \(as kustomize renders it\)\.$/),
      expect.stringMatching(/^q\.yaml:4:9 .*pausd/),
    ]);
  });

  it('shows nothing of a Secret', async () => {
    const sources = await built(
      {
        'kustomization.yaml': [
          'resources: [s.yaml]',
          'patches:',
          '- path: p.yaml',
          '- path: q.yaml',
          '  target: { kind: Secret }',
          '- patch: |-',
          '    apiVersion: v1',
          '    kind: Secret',
          '    metadata: { name: s, namespace: weka }',
          '    stringData: { third: [hunter4] }',
        ].join('\n'),
        's.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: weka }\n',
        'p.yaml':
          'apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: weka }\nstringData: { first: [hunter2] }\n',
        'q.yaml': '- op: add\n  path: /stringData/second\n  value: [hunter3]\n',
      },
      { program },
    );
    const { findings } = parsed(sources);
    expect(new Set(findings.map(({ file }) => file))).toEqual(
      new Set(['p.yaml', 'q.yaml', 'kustomization.yaml']),
    );
    expect(JSON.stringify(findings)).not.toMatch(/hunter/);
  });

  it('shows nothing of a Secret that a patch does not call one', async () => {
    const sources = await built(
      {
        'kustomization.yaml': [
          'resources: [s.yaml]',
          'patches:',
          '- target: { name: login }',
          '  patch: |-',
          '    - op: add',
          '      path: /stringData',
          '      value: { first: [hunter2] }',
        ].join('\n'),
        's.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: login, namespace: weka }\n',
      },
      { program },
    );
    const { findings } = parsed(sources);
    expect(findings.map(({ file, line }) => `${file}:${line}`)).toContain('kustomization.yaml:7');
    expect(JSON.stringify(findings)).not.toMatch(/hunter/);
  });

  it('is told anew when only the patch has other lines', async () => {
    const files = {
      'kustomization.yaml': 'resources: [a.yaml]\npatches: [{ path: p.yaml }]\n',
      'a.yaml': DEPLOYMENT,
      'p.yaml': patch('spec: { replicas: many }'),
    };
    const before = await built(files, { program });
    const after = await built({ ...files, 'p.yaml': `# A line\n${files['p.yaml']}` }, { program });
    expect(texts(after)).toEqual(texts(before));
    expect(after.files[0]?.oid).not.toBe(before.files[0]?.oid);
  });
});

describe('a fault of values that do not fit together', () => {
  const cluster = (...template: readonly string[]) =>
    [
      'apiVersion: weka.weka.io/v1alpha1',
      'kind: WekaCluster',
      'metadata: { name: demo, namespace: weka }',
      'spec:',
      '  image: quay.io/weka.io/weka-in-container:4.4.10',
      '  hotSpare: 1',
      ...template,
      '',
    ].join('\n');
  const patched = (template: string) => ({
    'kustomization.yaml': 'resources: [a.yaml]\npatches: [{ path: p.yaml }]\n',
    'p.yaml': [
      'apiVersion: weka.weka.io/v1alpha1',
      'kind: WekaCluster',
      'metadata: { name: demo, namespace: weka }',
      `spec: { dynamicTemplate: ${template} }`,
      '',
    ].join('\n'),
  });

  it('names the patch that made the other one', async () => {
    const files = patched('{ driveCores: 4, numDrives: 4 }');
    expect(
      await lines({
        ...files,
        'a.yaml': cluster('  dynamicTemplate: { computeCores: 2, computeContainers: 6, driveContainers: 6 }'),
      }),
    ).toEqual([
      expect.stringMatching(
        /^a\.yaml:7:36 .*24 drive cores.* \(as kustomize renders it, with p\.yaml:4\)\.$/,
      ),
    ]);
    expect(
      await lines({
        ...files,
        'a.yaml': cluster('  dynamicTemplate: { computeContainers: 6, driveContainers: 6 }'),
      }),
    ).toEqual([expect.stringMatching(/^a\.yaml:7:20 .* \(as kustomize renders it, with p\.yaml:4\)\.$/)]);
  });

  it('stands in the patch that has all of them', async () => {
    const files = patched('{ computeContainers: 6, driveContainers: 6, driveCores: 4, numDrives: 4 }');
    expect(await lines({ ...files, 'a.yaml': cluster() })).toEqual([
      expect.stringMatching(/^p\.yaml:4:26 .*24 drive cores, and each drive core needs one\.$/),
    ]);
  });

  it('says nothing of kustomize where all of them are written', async () => {
    const files = patched('{ s3Containers: 0 }');
    const template =
      '  dynamicTemplate: { computeCores: 2, computeContainers: 6, driveContainers: 6, driveCores: 4, numDrives: 4 }';
    expect(await lines({ ...files, 'a.yaml': cluster(template) })).toEqual([
      expect.stringMatching(/^a\.yaml:7:36 .*24 drive cores, and each drive core needs one\.$/),
    ]);
  });
});
