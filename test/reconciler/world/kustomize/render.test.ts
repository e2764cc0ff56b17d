import { describe, expect, it } from 'vitest';
import { built, kubectl, parsed, texts, told } from './building.ts';

const program = await kubectl();

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: weka\ndata:\n  k: v\n';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  namespace: weka
spec:
  replicas: 1
  selector:
    matchLabels: { app: app }
  template:
    metadata:
      labels: { app: app }
    spec:
      containers:
        - name: app
          image: registry.example.com/app:1
`;

describe('a folder with a kustomization', () => {
  it('becomes what kustomize makes of it, bases outside the path included', async () => {
    const sources = await built(
      {
        'base/kustomization.yaml': 'resources: [deployment.yaml, config.yaml]\n',
        'base/deployment.yaml': DEPLOYMENT,
        'base/config.yaml': CONFIG,
        'overlays/prod/kustomization.yaml': [
          'namePrefix: prod-',
          'resources: [../../base]',
          'components: [../../components/big]',
          'images: [{ name: registry.example.com/app, newTag: "2" }]',
        ].join('\n'),
        'components/big/kustomization.yaml': [
          'apiVersion: kustomize.config.k8s.io/v1alpha1',
          'kind: Component',
          'patches: [{ path: big.yaml, target: { kind: Deployment } }]',
        ].join('\n'),
        'components/big/big.yaml': '- op: replace\n  path: /spec/replicas\n  value: 3\n',
      },
      { program, path: 'overlays' },
    );
    expect(sources.findings).toEqual([]);
    expect(texts(sources)).toEqual([
      [
        'base/config.yaml',
        CONFIG.replace('data:\n  k: v\n', '')
          .replace('apiVersion: v1\n', 'apiVersion: v1\ndata:\n  k: v\n')
          .replace('name: app', 'name: prod-app'),
      ],
      ['base/deployment.yaml', expect.stringContaining('replicas: 3')],
    ]);
    const { specs, findings } = parsed(sources);
    expect(findings).toEqual([]);
    expect(specs.map(({ id, source }) => `${id} ${source}`)).toEqual([
      'v1/ConfigMap/weka/prod-app base/config.yaml:1',
      'apps/v1/Deployment/weka/prod-app base/deployment.yaml:1',
    ]);
    expect(texts(sources)[1]?.[1]).toContain('image: registry.example.com/app:2');
  });

  it('gives what generators make the hash of its content, also where it is referred to', async () => {
    const sources = await built(
      {
        'kustomization.yaml': [
          'namespace: weka',
          'resources: [deployment.yaml]',
          'configMapGenerator: [{ name: settings, files: [conf.ini, other=conf/b.txt], literals: [a=b] }]',
          'secretGenerator: [{ name: login, envs: [.login] }]',
        ].join('\n'),
        'deployment.yaml': `${DEPLOYMENT}          envFrom: [{ configMapRef: { name: settings } }]\n`,
        'conf.ini': '[x]\n',
        'conf/b.txt': 'b\n',
        '.login': 'user=ada\n',
      },
      { program },
    );
    expect(told(sources)).toEqual([]);
    const { specs, findings } = parsed(sources);
    expect(findings).toEqual([]);
    expect(specs.map(({ id, source }) => `${id} ${source}`)).toEqual([
      expect.stringMatching(/^apps\/v1\/Deployment\/weka\/app deployment\.yaml:1$/),
      expect.stringMatching(/^v1\/ConfigMap\/weka\/settings-[a-z0-9]{10} kustomization\.yaml:3$/),
      expect.stringMatching(/^v1\/Secret\/weka\/login-[a-z0-9]{10} kustomization\.yaml:4$/),
    ]);
    const name = specs[1]?.manifest.metadata.name ?? '';
    expect(texts(sources)[0]?.[1]).toContain(`name: ${name}`);
  });

  it('keeps the annotations of origins only where the author asked for them', async () => {
    const files = { 'config.yaml': CONFIG };
    const without = await built(
      { ...files, 'kustomization.yaml': 'resources: [config.yaml]\n' },
      { program },
    );
    expect(texts(without)[0]?.[1]).not.toContain('annotations');
    const other = await built(
      {
        ...files,
        'kustomization.yaml':
          'resources: [config.yaml]\nbuildMetadata: [managedByLabel]\ncommonAnnotations: { a: b }',
      },
      { program },
    );
    expect(texts(other)[0]?.[1]).toMatch(
      / {2}annotations:\n {4}a: b\n {2}labels:\n {4}app\.kubernetes\.io\/managed-by: kustomize/,
    );
    const asked = await built(
      { ...files, 'kustomization.yaml': 'resources: [config.yaml]\nbuildMetadata: [originAnnotations]\n' },
      { program },
    );
    expect(texts(asked)[0]?.[1]).toContain('config.kubernetes.io/origin: |\n      path: config.yaml');
  });

  it('takes every name of the file and every style of YAML that kustomize takes', async () => {
    for (const [name, text] of [
      ['kustomization.yml', '{ resources: [config.yaml] }\n'],
      ['Kustomization', '---\nresources:\n- config.yaml\n...\n'],
      ['kustomization.yaml', '"resources": ["config.yaml"]\r\n'],
      [
        'kustomization.yaml',
        '# nothing but a comment before\n\nkind: Kustomization\nresources: [config.yaml]',
      ],
    ] as const) {
      const sources = await built({ [name]: text, 'config.yaml': CONFIG }, { program });
      expect(told(sources)).toEqual([]);
      expect(parsed(sources).specs.map(({ id }) => id)).toEqual(['v1/ConfigMap/weka/app']);
    }
  });

  it('gives the same bytes in the same order each time', async () => {
    const files = {
      'a/kustomization.yaml':
        'resources: [b.yaml, a.yaml]\nnameSuffix: -x\nconfigMapGenerator: [{ name: g, literals: [b=1, a=2], options: { labels: { l: m } } }]\nnamespace: weka\n',
      'a/a.yaml': CONFIG,
      'a/b.yaml': DEPLOYMENT,
      'plain.yaml': CONFIG.replace('name: app', 'name: plain'),
      'z/kustomization.yaml': 'resources: [c.yaml]\n',
      'z/c.yaml': CONFIG.replace('name: app', 'name: z'),
    };
    const [first, second] = [await built(files, { program }), await built(files, { program })];
    expect(texts(second)).toEqual(texts(first));
    expect(second.files.map(({ oid }) => oid)).toEqual(first.files.map(({ oid }) => oid));
    expect(first.files.map(({ path }) => path)).toEqual([
      'a/a.yaml',
      'a/b.yaml',
      'a/kustomization.yaml',
      'plain.yaml',
      'z/c.yaml',
    ]);
  });

  it('hands nothing of our environment to the build', async () => {
    process.env['WEKA_GITOPS_TEST_VALUE'] = 'from-outside';
    try {
      const sources = await built(
        {
          'kustomization.yaml': 'namespace: weka\nconfigMapGenerator: [{ name: g, envs: [names.env] }]\n',
          // A name without a value is taken from the environment.
          'names.env': 'WEKA_GITOPS_TEST_VALUE\n',
        },
        { program },
      );
      expect(JSON.stringify(texts(sources))).not.toContain('from-outside');
    } finally {
      delete process.env['WEKA_GITOPS_TEST_VALUE'];
    }
  });
});
