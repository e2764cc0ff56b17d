import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findKustomize } from '../../../../reconciler/world/kustomize/find-kustomize.ts';
import { kustomizeProgram } from '../../../tools/kustomize/kustomize.ts';
import { built, type Files, kubectl, parsed, texts, told } from './building.ts';

const inKubectl = await kubectl();
let alone = '';

beforeAll(async () => {
  alone = await kustomizeProgram();
}, 600_000);

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\ndata: { k: v }\n';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app, namespace: weka }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers: [{ name: app, image: registry.example.com/app }]
`;

/** Folders that are built, and some that cannot be. */
const FOLDERS: Readonly<Record<string, Files>> = {
  'an overlay with a component, images and a patch': {
    'kustomization.yaml':
      'namePrefix: prod-\nresources: [base]\ncomponents: [big]\nimages: [{ name: registry.example.com/app, newTag: "2" }]\n',
    'base/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
    'base/a.yaml': DEPLOYMENT,
    'base/b.yaml': CONFIG,
    'big/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{ path: p.yaml, target: { kind: Deployment } }]\n',
    'big/p.yaml': '- op: replace\n  path: /spec/replicas\n  value: 3\n',
  },
  'generators, whose hashes are referred to': {
    'kustomization.yaml':
      'namespace: weka\nresources: [a.yaml]\nconfigMapGenerator: [{ name: settings, files: [c.ini] }]\nsecretGenerator: [{ name: login, literals: [user=ada] }]\n',
    'a.yaml': DEPLOYMENT.replace(' }]\n', ', envFrom: [{ configMapRef: { name: settings } }] }]\n'),
    'c.ini': '[x]\n',
  },
  'replacements, labels and a Secret': {
    'kustomization.yaml':
      'resources: [a.yaml, b.yaml]\nlabels: [{ pairs: { team: storage }, includeTemplates: true }]\nreplacements:\n- source: { kind: ConfigMap, name: a, fieldPath: data.k }\n  targets: [{ select: { kind: Deployment }, fieldPaths: [metadata.annotations.from], options: { create: true } }]\n',
    'a.yaml': DEPLOYMENT,
    'b.yaml': CONFIG,
  },
  'a fault in a patch': {
    'kustomization.yaml': 'resources: [a.yaml]\npatches: [{ path: p.yaml }]\n',
    'a.yaml': DEPLOYMENT,
    'p.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: app, namespace: weka }\nspec: { replicass: 2 }\n',
  },
  'an unknown field': { 'kustomization.yaml': 'resources: [b.yaml]\nnamePrefixx: b\n', 'b.yaml': CONFIG },
  'a patch for nothing': {
    'kustomization.yaml':
      'resources: [b.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: nope }\n',
    'b.yaml': CONFIG,
  },
  'an object twice': {
    'kustomization.yaml': 'resources: [b.yaml, c.yaml]\n',
    'b.yaml': CONFIG,
    'c.yaml': CONFIG,
  },
  'what is no manifest': {
    'kustomization.yaml': 'resources: [b.yaml, c.yaml]\n',
    'b.yaml': CONFIG,
    'c.yaml': 'a: b\n',
  },
  'a generator with a fault, whose values are not repeated': {
    'kustomization.yaml': 'secretGenerator: [{ name: a, literals: [hunter2] }]\n',
  },
};

describe('kustomize alone and that in kubectl', () => {
  it('are two programs, of which the one alone is found first and called in its own way', async () => {
    const searchPath = [dirname(inKubectl), dirname(alone)].join(':');
    expect(await findKustomize({ searchPath })).toEqual({ file: alone, args: ['build'] });
    expect(await findKustomize({ searchPath: dirname(inKubectl) })).toEqual({
      file: inKubectl,
      args: ['kustomize'],
    });
  });

  it.each(Object.entries(FOLDERS))('make the same of %s', async (_, files) => {
    const [one, other] = await Promise.all(
      [alone, inKubectl].map(async (program) => {
        const sources = await built(files, { program });
        const { specs, findings } = parsed(sources);
        return { texts: texts(sources), built: told(sources), specs: specs.map(({ id }) => id), findings };
      }),
    );
    expect(one).toEqual(other);
    expect([...one!.texts, ...one!.built]).not.toEqual([]);
    expect(JSON.stringify([one!.built, one!.findings])).not.toContain('hunter2');
  });
});
