import { programCommand } from '../../../../schemas/drivers/programs.ts';
import { describe, expect, it } from 'vitest';
import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { record, records } from '../../../../reconciler/core/kube/json.ts';
import type { GroupKind } from '../../../../reconciler/core/kube/object.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { wekaContainer } from '../../../support/manifests.ts';

const CEILINGS = { kinds: ['Pod' as GroupKind], systemNamespace: 'weka-gitops-system' };

/** What these manifests are built into. */
function built(...manifests: readonly string[]) {
  const settings = JSON.stringify({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    metadata: { name: 'test' },
    spec: { kinds: { allow: ['Pod'] } },
  });
  const files = [...manifests, settings].map((text, index) => ({
    path: `${index}.yaml`,
    content: new TextEncoder().encode(text),
  }));
  const parsed = parseSpecs(files, CEILINGS);
  return {
    parsed,
    ...buildDesired(parsed, { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' }),
  };
}

/** The pod of a container with this spec. */
function pod(spec: object) {
  const { objects } = built(wekaContainer('weka', 'dist', spec));
  const object = objects.find(({ id }) => id === 'v1/Pod/weka/dist')?.object;
  return { labels: object?.metadata.labels ?? {}, spec: record(object?.['spec']) };
}

function environment(spec: object): Record<string, unknown> {
  const [container] = records(pod(spec).spec['containers']);
  return Object.fromEntries(records(container?.['env']).map(({ name, value }) => [String(name), value]));
}

describe('a WekaContainer', () => {
  it('is built into its anchor, its certificates and its pod, which is only created', () => {
    const { objects } = built(wekaContainer('weka', 'dist'));
    expect(objects.map(({ id, source, createOnly }) => [id, source, createOnly !== undefined])).toEqual([
      ['v1/ConfigMap/weka/weka-wekacontainer-dist', '0.yaml:1', false],
      ['v1/Secret/weka/dist-tls', '0.yaml:1', false],
      ['v1/Secret/weka/dist-upload', '0.yaml:1', false],
      ['v1/ConfigMap/weka/dist-in-use', '0.yaml:1', false],
      ['v1/Pod/weka/dist', '0.yaml:1', true],
    ]);
  });

  it('has an anchor whose generation follows its spec, and nothing else', () => {
    const generation = (text: string) => record(built(text).objects[0]?.object['data'])['generation'];
    const first = generation(wekaContainer('weka', 'dist'));
    const labelled = wekaContainer('weka', 'dist').replace('"labels":{"app":"dist"}', '"labels":{"app":"x"}');
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(generation(labelled)).toBe(first);
    expect(generation(wekaContainer('weka', 'dist', { port: 60003 }))).not.toBe(first);
  });

  it('runs our program in the vendor’s image, without privileges and without the API server', () => {
    const { spec, labels } = pod({});
    const [init] = records(spec['initContainers']);
    const [container] = records(spec['containers']);
    expect(init?.['image']).toBe('example.com/weka-gitops:1');
    expect(container).toMatchObject({
      name: 'weka-container',
      image: 'quay.io/weka.io/weka-in-container:4.4.5',
      imagePullPolicy: 'IfNotPresent',
      command: programCommand('dist'),
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      resources: { requests: { cpu: '500m', memory: '3000M' }, limits: { cpu: '2000m', memory: '3000M' } },
    });
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 300,
      restartPolicy: 'Always',
      priorityClassName: 'weka-initial-no-evict',
    });
    expect(spec['hostNetwork']).toBeUndefined();
    expect(labels).toMatchObject({ app: 'dist', 'weka.io/mode': 'drivers-dist' });
  });

  it('tells its program name, mode, ports and image', () => {
    expect(environment({ overrides: { preRunScript: 'echo hi' } })).toMatchObject({
      NAME: 'dist',
      MODE: 'drivers-dist',
      PORT: '60002',
      AGENT_PORT: '60001',
      IMAGE_NAME: 'quay.io/weka.io/weka-in-container:4.4.5',
      PRE_RUN_SCRIPT: Buffer.from('echo hi').toString('base64'),
    });
  });

  it('that builds sees the node’s headers and ends when it is done', () => {
    const { spec } = pod({
      mode: 'drivers-builder',
      uploadResultsTo: 'dist',
      builder: { weka_version: '4.4.5' },
    });
    expect(spec).toMatchObject({ terminationGracePeriodSeconds: 120, restartPolicy: 'OnFailure' });
    const mounts = records(records(spec['containers'])[0]?.['volumeMounts']);
    for (const path of ['/lib/modules', '/usr/src']) {
      expect(mounts).toContainEqual(expect.objectContaining({ mountPath: path, readOnly: true }));
    }
    const values = environment({
      mode: 'drivers-builder',
      uploadResultsTo: 'dist',
      builder: { weka_version: '4.4.5' },
    });
    expect(values).toMatchObject({ UPLOAD_RESULTS_TO: 'dist', WEKA_VERSION: '4.4.5' });
  });

  it('keeps its packages on a claim where it names one', () => {
    const { spec } = pod({ pvc: { name: 'packages', path: '/dist/' } });
    expect(records(spec['volumes'])).toContainEqual({
      name: 'packages',
      persistentVolumeClaim: { claimName: 'packages' },
    });
    const mounts = records(records(spec['containers'])[0]?.['volumeMounts']);
    expect(mounts).toContainEqual({ name: 'packages', mountPath: '/opt/weka/dist', subPath: 'dist' });
  });

  it('that is pinned to a node belongs to the class of such pods', () => {
    const { spec } = pod({ nodeAffinity: 'node-3', nodeSelector: { rack: 'a' } });
    expect(spec['priorityClassName']).toBe('weka-targeted-no-evict');
    expect(JSON.stringify(spec['affinity'])).toContain(
      '"key":"kubernetes.io/hostname","operator":"In","values":["node-3"]',
    );
    expect(JSON.stringify(spec['affinity'])).toContain('"key":"rack","operator":"In","values":["a"]');
  });

  it('with a pod that another manifest asks for too is a finding, and neither is made', () => {
    const plain = `apiVersion: v1
kind: Pod
metadata: { name: dist, namespace: weka }
spec: { containers: [{ name: a, image: a }] }
`;
    const { objects, findings, broken } = built(plain, wekaContainer('weka', 'dist'));
    expect(findings.map(({ rule, file, message }) => `${file} ${rule}: ${message}`)).toEqual([
      '1.yaml duplicate-object: This manifest asks for v1/Pod/weka/dist, which 0.yaml:1 asks for too.',
    ]);
    expect([...broken.keys()]).toContain('v1/Pod/weka/dist');
    expect(objects.map(({ id }) => id)).not.toContain('v1/Pod/weka/dist');
  });

  it('with an error leaves what it was built into before as it is', () => {
    const { broken } = built(wekaContainer('weka', 'dist', { imag: 'x' }));
    expect([...broken.keys()]).toEqual([
      'v1/ConfigMap/weka/weka-wekacontainer-dist',
      'v1/Secret/weka/dist-tls',
      'v1/Secret/weka/dist-upload',
      'v1/ConfigMap/weka/dist-in-use',
      'v1/Pod/weka/dist',
    ]);
  });
});

describe('a plain object', () => {
  it('becomes a member of our ApplySet, with the record of its fields', () => {
    const { objects } = built(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\ndata: { k: v }\n',
    );
    expect(objects.map(({ object }) => object.metadata)).toEqual([
      {
        name: 'a',
        namespace: 'weka',
        labels: { 'applyset.kubernetes.io/part-of': 'applyset-x-v1' },
        annotations: { 'weka-gitops.dev/applied-fields': expect.stringMatching(/^[\w-]+$/) },
      },
    ]);
  });
});
