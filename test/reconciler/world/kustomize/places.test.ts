import { describe, expect, it } from 'vitest';
import { built, type Files, kubectl, parsed, told } from './building.ts';

const program = await kubectl();

/** Findings of the parser over what was built. */
async function found(files: Files, path?: string) {
  const sources = await built(files, { program, ...(path === undefined ? {} : { path }) });
  expect(told(sources)).toEqual([]);
  return parsed(sources).findings;
}

function lines(findings: Awaited<ReturnType<typeof found>>): readonly string[] {
  return findings.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

const BASE = `# Two documents, in another order than they are built in.
apiVersion: v1
kind: Service
metadata: { name: app, namespace: weka }
spec:
  ports:
    - { port: 80, portt: 81 }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: app
  namespace: weka
dataa: {}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: app-more
  namespace: weka
data: { k: [] }
`;

describe('a fault of what was built', () => {
  it('stands at the line that the author wrote', async () => {
    const findings = await found(
      {
        'base/all.yaml': BASE,
        'base/kustomization.yaml': 'resources: [all.yaml]\n',
        'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\ncommonLabels: { a: b }\n',
      },
      'prod',
    );
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      'base/all.yaml:7:19',
      'base/all.yaml:14:1',
      'base/all.yaml:21:12',
    ]);
    expect(findings.some(({ message }) => message.includes('renders'))).toBe(false);
    expect(findings.map(({ object }) => object)).toEqual([
      'v1/Service/weka/prod-app',
      'v1/ConfigMap/weka/prod-app',
      'v1/ConfigMap/weka/prod-app-more',
    ]);
    expect(findings[1]?.excerpt).toBe('dataa: {}\n^');
  });

  it('that kustomize made stands at the nearest place, and says so', async () => {
    const findings = await found({
      'kustomization.yaml': [
        'namespace: kube-system',
        'resources: [a.yaml, b.yaml]',
        'replacements:',
        '- source: { kind: ConfigMap, name: b, fieldPath: data.replicas }',
        '  targets: [{ select: { kind: Deployment }, fieldPaths: [spec.template.spec.extra], options: { create: true } }]',
      ].join('\n'),
      'a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app, namespace: weka }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers: [{ name: app, image: a }]
`,
      'b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b }\ndata: { replicas: many }\n',
    });
    expect(lines(findings)).toEqual([
      expect.stringMatching(/^a\.yaml:3:35 .*"kube-system".* \(as kustomize renders it\)\.$/),
      expect.stringMatching(/^a\.yaml:10:7 .*extra.* \(as kustomize renders it\)\.$/),
      expect.stringMatching(/^b\.yaml:3:11 .*"kube-system".* \(as kustomize renders it\)\.$/),
    ]);
  });

  it('in what a generator made stands at the generator', async () => {
    const findings = await found({
      'kustomization.yaml': [
        'configMapGenerator:',
        '- name: one',
        '  literals: [a=b]',
        '- name: one-two',
        '  literals: [a=b]',
        'namePrefix: p-',
      ].join('\n'),
    });
    expect(lines(findings).map((line) => line.split(' ')[0])).toEqual([
      'kustomization.yaml:2:3',
      'kustomization.yaml:4:3',
    ]);
    expect(findings.map(({ excerpt }) => excerpt)).toEqual(['- name: one\n  ^', '- name: one-two\n  ^']);
  });

  it('never shows a Secret, neither a written nor a generated one', async () => {
    const sources = await built(
      {
        'kustomization.yaml':
          'resources: [s.yaml]\nsecretGenerator: [{ name: g, literals: [password=hunter2] }]\nnamespace: kube-system\n',
        's.yaml':
          'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { password: hunter3, n: [hunter4] }\n',
      },
      { program },
    );
    const { findings } = parsed(sources);
    expect(findings.length).toBeGreaterThan(1);
    expect(JSON.stringify([findings, sources.findings])).not.toMatch(/hunter/);
  });

  it('in a base that two overlays share is told for the objects of both', async () => {
    const findings = await found({
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\ndataa: {}\n',
      'x/kustomization.yaml': 'resources: [../base]\nnameSuffix: -x\n',
      'y/kustomization.yaml': 'resources: [../base]\nnameSuffix: -y\n',
    });
    expect(findings.map(({ object }) => object)).toEqual(['v1/ConfigMap/weka/a-x', 'v1/ConfigMap/weka/a-y']);
  });
});

describe('what kustomize complains of', () => {
  async function complaint(kustomization: string, files: Files = {}): Promise<readonly string[]> {
    const sources = await built({ 'kustomization.yaml': kustomization, ...files }, { program });
    expect(sources.files).toEqual([]);
    expect(JSON.stringify(sources.findings)).not.toMatch(/hunter|\/tmp\/|weka-gitops-kustomize-/);
    return told(sources);
  }
  const config = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: weka }\n`;

  it('is told in plain words where its kind is known', async () => {
    const files = { 'a.yaml': config('a') };
    expect(await complaint('resources: [a.yaml]\nnamePrefixx: b\n', files)).toEqual([
      'kustomization.yaml:2:14 kustomize-build: kustomize knows no field "namePrefixx" here.',
    ]);
    const patch =
      'resources: [a.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: nope }\n';
    expect(await complaint(patch, files)).toEqual([
      'kustomization.yaml:3:3 kustomize-build: A patch is for ConfigMap nope, and there is none.',
    ]);
    expect(await complaint('resources: [a.yaml, b.yaml]\n', { ...files, 'b.yaml': config('a') })).toEqual([
      'kustomization.yaml:1:21 kustomize-build: ConfigMap a is in here a second time.',
    ]);
    expect(await complaint('resources: [a.yaml, b.yaml]\n', { ...files, 'b.yaml': 'a: b\n' })).toEqual([
      'kustomization.yaml:1:21 kustomize-build: "b.yaml" holds something that is no manifest.',
    ]);
    expect(
      await complaint('resources: [a.yaml]\npatches: [{ path: p.yaml, target: { kind: ConfigMap } }]\n', {
        ...files,
        'p.yaml': 'x\n',
      }),
    ).toEqual(['kustomization.yaml:2:19 kustomize-build: "p.yaml" is no patch that kustomize can read.']);
  });

  it('of YAML stands where the YAML is wrong', async () => {
    const found = await complaint('resources: [a.yaml]\n', {
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: a: b\n',
    });
    expect(found).toEqual([expect.stringMatching(/^a\.yaml:3:\d+ yaml-syntax: /)]);
  });

  it('is repeated where no Secret can be in it, and left out where one could', async () => {
    const bad =
      'resources: [a.yaml]\npatches:\n- target: { kind: ConfigMap }\n  patch: "- { op: replace, path: /nope/x, value: hunted }"\n';
    expect(await complaint(bad, { 'a.yaml': config('a') })).toEqual([
      expect.stringMatching(
        /^kustomization\.yaml:1:1 kustomize-build: kustomize cannot build this folder: .*doc is missing path/,
      ),
    ]);
    expect(await complaint('secretGenerator: [{ name: a, literals: [hunter2] }]\n')).toEqual([
      'kustomization.yaml:1:1 kustomize-build: kustomize cannot build this folder: Its message is left out, since it could hold a Secret’s value.',
    ]);
  });

  it('of a circle is told', async () => {
    const sources = await built(
      { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' },
      { program },
    );
    expect(told(sources)).toEqual([
      'b/kustomization.yaml:1:13 kustomize-build: "../a" includes this folder, which includes it.',
    ]);
  });
});
