import { describe, expect, it } from 'vitest';
import type { GroupKind } from '../../../../reconciler/core/kube/object.ts';
import { configMap, found, readFiles, told, wekaContainer } from './read.ts';

function object(apiVersion: string, kind: string, metadata: string, rest = ''): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { ${metadata} }\n${rest}`;
}

const HERE = 'name: a, namespace: weka';

describe('kinds', () => {
  it.each([
    [
      'a: 1',
      '1:1 warning not-a-manifest: The document has neither apiVersion nor kind, so it describes no object.',
    ],
    ['apiVersion: v1', '1:1 error not-a-manifest: The document has no kind, so it describes no object.'],
    ['- a', '1:1 warning not-a-manifest: The document is no map of fields, so it describes no object.'],
    ['{apiVersion: v1, kind: 5}', '1:24 error not-a-manifest: kind must be text.'],
    [
      object('v1', 'ConfgMap', HERE),
      '2:7 error unknown-kind: "ConfgMap" of "v1" is not a kind that a repository may hold.',
    ],
    [
      object('apps/v1beta1', 'Deployment', HERE),
      '1:13 error unknown-kind: Deployment is not known in "apps/v1beta1".',
    ],
    [
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'name: a.b'),
      '2:7 error unknown-kind: "CustomResourceDefinition" of "apiextensions.k8s.io/v1" is not a kind that a repository may hold.',
    ],
    [
      object('weka.weka.io/v1', 'WekaCluster', HERE),
      '1:13 error unknown-kind: WekaCluster is not known in "weka.weka.io/v1".',
    ],
    [
      object('rbac.authorization.k8s.io/v1', 'Role', HERE),
      "2:7 error kind-not-allowed: Role is held only where the process's configuration allows it.",
    ],
    ['apiVersion: v1\nkind: List', '1:1 error schema: A List needs items, which are a list of manifests.'],
  ])('are told: %j', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    ['apps/v1beta1', 'Deployment', 'Write apiVersion: apps/v1'],
    ['extensions/v1beta1', 'Ingress', 'Write apiVersion: networking.k8s.io/v1'],
    ['v1', 'Confgmap', 'Did you mean ConfigMap (v1)?'],
    ['weka.weka.io/v1', 'WekaContainer', 'Write apiVersion: weka.weka.io/v1alpha1'],
    [
      'kustomize.config.k8s.io/v1beta1',
      'Kustomization',
      'Kustomizations are not rendered: commit what they render to.',
    ],
  ])('come with a way out: %s %s', (apiVersion, kind, hint) => {
    const { findings } = readFiles({ 'a.yaml': object(apiVersion, kind, HERE) });
    expect(findings.map((each) => each.hint)).toEqual([hint]);
  });

  it('that give rights are held where the ceilings allow them, and Settings do not narrow them further', () => {
    const role = object('rbac.authorization.k8s.io/v1', 'Role', HERE);
    const kinds = ['Role.rbac.authorization.k8s.io', 'Pod'] as GroupKind[];
    expect(found(role, { kinds })).toEqual([]);
    const narrow = object('weka-gitops.dev/v1', 'Settings', 'name: s', 'spec: { kinds: { allow: [Pod] } }');
    expect(found(`${role}\n---\n${narrow}`, { kinds })).toEqual([
      '2:7 error kind-not-allowed: Role is not among the kinds that Settings allow.',
    ]);
  });
});

describe('names', () => {
  it.each([
    ['v1', 'ConfigMap', 'namespace: weka', '3:11 error missing-field: metadata.name is missing.'],
    [
      'v1',
      'ConfigMap',
      'generateName: a-, namespace: weka',
      '3:13 error generate-name: metadata.generateName gives an object a new name each time.',
    ],
    [
      'v1',
      'ConfigMap',
      'name: A_b, namespace: weka',
      '3:19 error invalid-name: "A_b" is no name for a ConfigMap: it takes lower-case letters, digits, - and . (the last two not at the ends of a part).',
    ],
    [
      'v1',
      'Service',
      'name: a.b, namespace: weka',
      '3:19 error invalid-name: "a.b" is no name for a Service: it takes lower-case letters, digits and - (not at its ends).',
    ],
    [
      'batch/v1',
      'CronJob',
      `name: ${'a'.repeat(53)}, namespace: weka`,
      `3:19 error invalid-name: "${'a'.repeat(53)}" is no name for a CronJob: it has 53 characters, and 52 are the most.`,
    ],
    [
      'v1',
      'ConfigMap',
      'name: a, namespace: We_ka',
      '3:33 error invalid-name: "We_ka" is no name for a namespace: it takes lower-case letters, digits and - (not at its ends), at most 63.',
    ],
    [
      'v1',
      'ConfigMap',
      'name: 5, namespace: weka',
      '3:19 error schema: metadata.name must be text, not the number 5.',
    ],
  ])('of %s %s with %s', (apiVersion, kind, metadata, expected) => {
    expect(found(object(apiVersion, kind, metadata))).toEqual([expected]);
  });

  it.each([
    ['v1', 'ConfigMap', 'name: a.b-c.9, namespace: weka'],
    ['v1', 'Namespace', 'name: weka-1'],
    ['v1', 'Service', 'name: a-9, namespace: weka'],
    ['storage.k8s.io/v1', 'StorageClass', 'name: weka.fast'],
  ])('that %s %s takes', (apiVersion, kind, metadata) => {
    expect(found(object(apiVersion, kind, metadata))).toEqual([]);
  });

  it('of roles may be what paths may be', () => {
    const kinds = ['ClusterRole.rbac.authorization.k8s.io' as GroupKind];
    expect(
      found(object('rbac.authorization.k8s.io/v1', 'ClusterRole', "name: 'weka:Reader'"), { kinds }),
    ).toEqual([]);
    expect(found(object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'name: a/b'), { kinds })).toHaveLength(
      1,
    );
  });
});

describe('labels and annotations', () => {
  it.each([
    [
      'labels: { a b: x }',
      '3:49 error invalid-label: "a b" is no key for a label: it is NAME or PREFIX/NAME, the name at most 63 letters, digits, -, _ or ., the prefix a domain.',
    ],
    [
      'labels: { a: x y }',
      '3:52 error invalid-label: "x y" is no value for a label: it takes at most 63 letters, digits, -, _ or ., and begins and ends with a letter or digit.',
    ],
    ['labels: { a: true }', '3:52 error schema: metadata.labels.a must be text, not true.'],
    ['annotations: { a: 5 }', '3:57 error schema: metadata.annotations.a must be text, not the number 5.'],
    [
      'labels: { applyset.kubernetes.io/part-of: x }',
      '3:49 error reserved: "applyset.kubernetes.io/part-of" is set by weka-gitops itself, and no manifest may set it.',
    ],
    [
      'annotations: { weka-gitops.dev/applied-fields: x }',
      '3:54 error reserved: "weka-gitops.dev/applied-fields" is set by weka-gitops itself, and no manifest may set it.',
    ],
  ])('%s', (metadata, expected) => {
    expect(found(object('v1', 'ConfigMap', `${HERE}, ${metadata}`))).toEqual([expected]);
  });

  it.each([
    'labels: { a: "", app.kubernetes.io/b: x_Y.z }',
    'annotations: { a: "any text, at all" }',
    "labels: { a: 'true' }",
  ])('takes %s', (metadata) => {
    expect(found(object('v1', 'ConfigMap', `${HERE}, ${metadata}`))).toEqual([]);
  });

  it('of the pods that an object makes', () => {
    const text = object(
      'apps/v1',
      'DaemonSet',
      HERE,
      'spec: { template: { metadata: { labels: { a: x y } } } }',
    );
    expect(found(text)).toHaveLength(1);
  });
});

describe('namespaces', () => {
  it.each([
    [
      'name: a',
      '3:11 error missing-namespace: metadata.namespace is missing: a ConfigMap stands in a namespace.',
    ],
    [
      'name: a, namespace: kube-system',
      '3:33 error namespace-not-allowed: Namespace "kube-system" belongs to Kubernetes, and no spec may name it.',
    ],
    [
      'name: a, namespace: weka-gitops-system',
      '3:33 error namespace-not-allowed: Namespace "weka-gitops-system" holds the objects of weka-gitops itself, and no spec may name it.',
    ],
    [
      'name: a, namespace: weka-gitops-nodes',
      '3:33 error namespace-not-allowed: Namespace "weka-gitops-nodes" holds the agents of nodes and what they report, and no spec may name it.',
    ],
    [
      'name: a, namespace: other',
      '3:33 error namespace-not-allowed: Namespace "other" is not among those that the process\'s configuration allows.',
    ],
  ])('%s', (metadata, expected) => {
    const ceilings = { namespaces: ['weka', 'default'], agentNamespace: 'weka-gitops-nodes' };
    expect(found(object('v1', 'ConfigMap', metadata), ceilings)).toEqual([expected]);
  });

  it('may be the default one', () => {
    expect(found(object('v1', 'ConfigMap', 'name: a, namespace: default'))).toEqual([]);
  });

  it('are none for objects of the whole cluster', () => {
    expect(found(object('v1', 'Namespace', 'name: weka, namespace: weka'))).toEqual([
      '3:25 error unexpected-namespace: A Namespace belongs to the whole cluster and has no namespace.',
    ]);
  });

  it('are bounded when they are objects themselves', () => {
    expect(found(object('v1', 'Namespace', 'name: kube-public'))).toHaveLength(1);
    expect(found(object('v1', 'Namespace', 'name: other'), { namespaces: ['weka'] })).toHaveLength(1);
  });
});

describe('fields of plain objects', () => {
  const deployment = (spec: string): string => object('apps/v1', 'Deployment', HERE, `spec:\n  ${spec}`);

  it.each([
    ['replcias: 3', '5:3 error unknown-field: "replcias" is no field of spec in a Deployment.'],
    ['replicas: "3"', '5:13 error schema: spec.replicas must be a whole number, not the text "3".'],
    ['replicas: 1.5', '5:13 error schema: spec.replicas must be a whole number, not the number 1.5.'],
    ['paused: 1', '5:11 error schema: spec.paused must be true or false, not the number 1.'],
    ['template: []', '5:13 error schema: spec.template must be a map, not a list.'],
    [
      'template: { spec: { containers: { name: a } } }',
      '5:35 error schema: spec.template.spec.containers must be a list, not a map.',
    ],
    [
      'template: { spec: { containers: [{ name: a, resources: { limits: { cpu: lots } } }] } }',
      '5:75 error schema: spec.template.spec.containers[0].resources.limits.cpu must be a quantity such as 500m or 2Gi, not the text "lots".',
    ],
    [
      'template: { spec: { containers: [{ name: a, env: [{ name: b, value: 5 }] }] } }',
      '5:71 error schema: spec.template.spec.containers[0].env[0].value must be text, not the number 5.',
    ],
  ])('%s', (spec, expected) => {
    expect(found(deployment(spec))).toEqual([expected]);
  });

  it.each([
    'replicas: 3',
    'strategy: { rollingUpdate: { maxSurge: 25%, maxUnavailable: 1 } }',
    'template: { spec: { containers: [{ name: a, resources: { limits: { cpu: 2, memory: 1Gi } } }] } }',
    'template: { metadata: { creationTimestamp: null } }',
  ])('takes %s', (spec) => {
    expect(found(deployment(spec))).toEqual([]);
  });

  it('of a ConfigMap are text and base64', () => {
    expect(found(configMap('data: { a: 5 }\nbinaryData: { b: "!" }'))).toEqual([
      '5:12 error schema: data.a must be text, not the number 5.',
      '6:18 error schema: binaryData.b is not base64.',
    ]);
  });

  it('that only the cluster writes are told and left out', () => {
    const text = object('v1', 'ConfigMap', `${HERE}, uid: x, resourceVersion: "5"`, 'status: {}');
    const parsed = readFiles({ 'a.yaml': text });
    expect(told(parsed)).toEqual([
      "3:39 ignored ignored-field: metadata.uid is written by the cluster, so the manifest's is left out.",
      "3:47 ignored ignored-field: metadata.resourceVersion is written by the cluster, so the manifest's is left out.",
      "4:1 ignored ignored-field: status is written by the cluster, so the manifest's is left out.",
    ]);
    expect(parsed.specs[0]?.manifest).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'weka' },
    });
  });
});

describe('objects that are described twice', () => {
  it('are told at both places and stay as they are', () => {
    const parsed = readFiles({
      'a.yaml': configMap(),
      'b/c.yaml': `# again\n${configMap('data: { x: z }')}`,
    });
    expect(told(parsed)).toEqual([
      'a.yaml:4:11 error duplicate-object: v1/ConfigMap/weka/a is also described in b/c.yaml:2.',
      'b/c.yaml:5:11 error duplicate-object: v1/ConfigMap/weka/a is also described in a.yaml:1.',
    ]);
    expect(parsed.specs).toEqual([]);
    expect(parsed.broken).toEqual([{ id: 'v1/ConfigMap/weka/a', source: 'a.yaml:1' }]);
  });

  it('are two where kind or namespace differs', () => {
    const other = configMap().replace('namespace: weka', 'namespace: other');
    const secret = object('v1', 'Secret', HERE);
    expect(told(readFiles({ 'a.yaml': configMap(), 'b.yaml': other, 'c.yaml': secret }))).toEqual([]);
  });
});

describe('containers of WEKA', () => {
  it('are typed, and keep what was written', () => {
    const parsed = readFiles({ 'a.yaml': wekaContainer('  port: 60002\n  nodeSelector: { a: b }') });
    const [spec] = parsed.specs;
    expect(told(parsed)).toEqual([]);
    expect(spec).toMatchObject({
      kind: 'WekaContainer',
      id: 'weka.weka.io/v1alpha1/WekaContainer/weka/dist',
      source: 'a.yaml:1',
      container: { spec: { mode: 'drivers-dist', port: 60_002, nodeSelector: { a: 'b' } } },
    });
  });

  it.each([
    ['  prot: 1', '7:3 error unknown-field: "prot" is no field of spec in a WekaContainer.'],
    ['  port: "1"', '7:9 error schema: spec.port must be a number, not the text "1".'],
    ['  port: 70000', '7:9 error schema: spec.port must be at most 65535.'],
    ['  pvc: {}', '7:8 error missing-field: spec.pvc.name is missing.'],
    ['  pvc: { name: "" }', '7:16 error schema: spec.pvc.name is empty.'],
    [
      '  cpuPolicy: dedicate',
      '7:14 error schema: spec.cpuPolicy must be one of auto, shared, dedicated, dedicated_ht, manual, not "dedicate".',
    ],
    [
      '  resources: { limits: { cpu: lots } }',
      '7:31 error schema: spec.resources.limits.cpu must be a quantity such as 500m or 2Gi.',
    ],
    [
      '  autoRemoveTimeout: 7d',
      '7:22 error schema: spec.autoRemoveTimeout must be a duration such as 90s, 5m or 24h.',
    ],
    ['  tolerations: [all]', '7:17 error schema: spec.tolerations[0] must be a map, not the text "all".'],
    [
      '  numCores: 1',
      '7:3 ignored ignored-field: spec.numCores is accepted, and not acted on by this version.',
    ],
    [
      '  overrides: { preRunScript: x, forceDrain: true }',
      '7:33 ignored ignored-field: spec.overrides.forceDrain is accepted, and not acted on by this version.',
    ],
  ])('%s', (spec, expected) => {
    expect(
      found(wekaContainer(spec)).filter((line) => !/ignored-field: spec\.(cpuPolicy|auto)/.test(line)),
    ).toEqual([expected]);
  });

  it('are made in three modes; the others are told, and a slip is told apart from them', () => {
    const inMode = (mode: string): readonly string[] => found(wekaContainer().replace('drivers-dist', mode));
    expect(['dist', 'drivers-dist', 'drivers-builder'].flatMap(inMode)).toEqual([]);
    expect(inMode('drive')).toEqual([
      '5:9 error mode-not-supported: Containers of mode "drive" are not made by this version.',
    ]);
    expect(inMode('driver-dist')[0]).toContain(
      'error schema: spec.mode must be one of drive, compute, client,',
    );
  });

  it('have an anchor whose name is kept for them', () => {
    expect(found(configMap('', 'weka-wekacontainer-dist'))).toEqual([
      '4:11 error reserved: ConfigMaps named "weka-wekacontainer-dist" and the like stand for WEKA\'s manifests, and no manifest may name one.',
    ]);
  });
});

describe('a number or a word where text belongs', () => {
  const selecting = (value: string, kind = 'Deployment'): string =>
    object(
      kind === 'Deployment' ? 'apps/v1' : 'weka.weka.io/v1alpha1',
      kind,
      HERE,
      kind === 'Deployment'
        ? `spec: { template: { spec: { nodeSelector: { v: ${value} } } } }`
        : `spec: { nodeSelector: { v: ${value} }, mode: drivers-dist, image: 'quay.io/w/w:4.4.10' }`,
    );

  it.each(['1.10', '0x1F', '0o17', '12e03', '08', 'True', '007'])(
    'is told as it stands in the file, not as it is read: %s',
    (value) => {
      for (const kind of ['Deployment', 'WekaContainer']) {
        const { findings } = readFiles({ 'a.yaml': selecting(value, kind) });
        const told = findings.filter(({ rule }) => rule === 'schema' || rule === 'ambiguous-scalar');
        expect(told).toHaveLength(1);
        if (told[0]?.rule === 'ambiguous-scalar') continue;
        expect(told[0]?.hint).toBe(`Put it in quotes: "${value}"`);
        expect(told[0]?.message).toMatch(new RegExp(`, not (the number )?${value.replace('.', '\\.')}\\.$`));
      }
    },
  );

  it('is told as it stands where an alias repeats it', () => {
    const text = `${object('v1', 'ConfigMap', HERE)}data: { a: "x" }\nimmutable: false\n`.replace(
      'data: { a: "x" }',
      'data: { a: &a 1.10, b: *a }',
    );
    const { findings } = readFiles({ 'a.yaml': text });
    expect(findings[0]?.hint).toBe('Put it in quotes: "1.10"');
  });
});

describe('files that are none of a cluster', () => {
  it.each([
    ['renovate.json', '{ "extends": ["config:base"], "commitMessageTopic": "{{depName}}" }'],
    ['package.json', '{ "name": "site", "private": true }'],
    ['mkdocs.yml', 'site_name: docs\nmarkdown_extensions:\n  - x: !!python/name:y\nplugins: [{ a: yes }]\n'],
    ['dashboard.json', '{ "panels": [{ "legendFormat": "{{instance}}" }], "title": "WEKA" }'],
    ['list.yaml', '- a: 1\n- b: 2\n'],
  ])('%s is a warning', (name, text) => {
    const { findings } = readFiles({ [name]: text });
    expect([...new Set(findings.map(({ level, rule }) => `${level} ${rule}`))]).toContain(
      'warning not-a-manifest',
    );
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['metadata: { name: a, namespace: weka }\nspec: {}\n'],
    ['kind: ConfigMap\n'],
    ['apiVersion: v1\n'],
    ['- apiVersion: v1\n  kind: ConfigMap\n'],
    ['some text\n'],
  ])('what could be meant as an object is an error: %j', (text) => {
    expect(readFiles({ 'a.yaml': text }).findings[0]).toMatchObject({
      level: 'error',
      rule: 'not-a-manifest',
    });
  });
});

describe('a template that nobody rendered', () => {
  it.each(['name: {{ .Release.Name }}', 'name: {{ include "x" . }}', '{{ .Values.x }}: a'])(
    'is told once, as a template: %s',
    (line) => {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  namespace: weka\n  ${line}\n`;
      const { findings } = readFiles({ 'a.yaml': text });
      expect(findings.map(({ hint }) => hint)).toEqual([
        'It looks like a template, and templates are not rendered: commit what they render to.',
      ]);
    },
  );
});

describe('a fault that several values share', () => {
  it('is told once, though merges and aliases repeat it', () => {
    const text = [
      object('apps/v1', 'Deployment', HERE, 'spec:'),
      '  template:',
      '    spec:',
      '      containers:',
      '        - &one { name: a, image: x, tty: 5 }',
      '        - { <<: *one, name: b }',
      '        - { <<: *one, name: c }',
    ].join('\n');
    expect(found(text)).toEqual([
      '8:42 error schema: spec.template.spec.containers[0].tty must be true or false, not the number 5.',
    ]);
  });

  it('is told once, though manifests of a List share it, and each of them is broken', () => {
    const text = [
      'apiVersion: v1',
      'kind: List',
      'items:',
      '  - { apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: weka }, data: &d { k: 5 } }',
      '  - { apiVersion: v1, kind: ConfigMap, metadata: { name: b, namespace: weka }, data: *d }',
    ].join('\n');
    const parsed = readFiles({ 'a.yaml': text });
    expect(told(parsed)).toEqual(['4:94 error schema: data.k must be text, not the number 5.']);
    expect(parsed.broken).toHaveLength(2);
  });
});
