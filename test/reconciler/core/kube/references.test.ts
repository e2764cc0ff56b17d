import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { references } from '../../../../reconciler/core/kube/references.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aJob,
  anObject,
  aPod,
  podSpec,
} from '../../../support/objects.ts';

/** What it refers to beside its namespace. */
const of = (object: KubeObject): readonly string[] =>
  [...references(object)].filter((id) => id !== 'v1/Namespace/weka').toSorted();

const full = {
  serviceAccountName: 'account',
  priorityClassName: 'high',
  imagePullSecrets: [{ name: 'registry' }],
  initContainers: [
    {
      name: 'init',
      image: 'a',
      envFrom: [{ configMapRef: { name: 'init-env' } }, { secretRef: { name: 'init-secret' } }],
    },
  ],
  container: {
    env: [
      { name: 'A', value: 'x' },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'env', key: 'b' } } },
      { name: 'C', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'c' } } },
      { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
  },
  volumes: [
    { name: 'a', configMap: { name: 'volume' } },
    { name: 'b', secret: { secretName: 'volume-secret' } },
    { name: 'c', persistentVolumeClaim: { claimName: 'claim' } },
    {
      name: 'd',
      projected: {
        sources: [{ secret: { name: 'projected-secret' } }, { configMap: { name: 'projected' } }],
      },
    },
    { name: 'e', csi: { driver: 'csi.weka.io', nodePublishSecretRef: { name: 'csi-secret' } } },
    { name: 'f', emptyDir: {} },
  ],
};
const fromFull = [
  'scheduling.k8s.io/v1/PriorityClass/high',
  'v1/ConfigMap/weka/env',
  'v1/ConfigMap/weka/init-env',
  'v1/ConfigMap/weka/projected',
  'v1/ConfigMap/weka/volume',
  'v1/PersistentVolumeClaim/weka/claim',
  'v1/Secret/weka/csi-secret',
  'v1/Secret/weka/env-secret',
  'v1/Secret/weka/init-secret',
  'v1/Secret/weka/projected-secret',
  'v1/Secret/weka/registry',
  'v1/Secret/weka/volume-secret',
  'v1/ServiceAccount/weka/account',
];

describe('references', () => {
  it('are the namespace of what is in one', () => {
    expect([...references(aConfigMap('a'))]).toEqual(['v1/Namespace/weka']);
    expect([...references(aClusterObject('v1/PersistentVolume', 'v'))]).toEqual([]);
  });

  it.each([
    ['Pod', aPod('a', full)],
    ['Deployment', aDeployment('a', full)],
    ['Job', aJob('a', full)],
    ['DaemonSet', anObject('apps/v1/DaemonSet', 'a', { spec: { template: { spec: podSpec(full) } } })],
    [
      'CronJob',
      anObject('batch/v1/CronJob', 'a', {
        spec: { jobTemplate: { spec: { template: { spec: podSpec(full) } } } },
      }),
    ],
  ])('are all that the pods of a %s mount, read and run as', (_kind, object) => {
    expect(of(object)).toEqual(fromFull);
  });

  it('are an account by the older field, where the newer one is not set', () => {
    const account = (name: string) => [`v1/ServiceAccount/weka/${name}`];
    expect(of(aPod('a', { serviceAccount: 'old' }))).toEqual(account('old'));
    expect(of(aPod('a', { serviceAccountName: '', serviceAccount: 'old' }))).toEqual(account('old'));
    expect(of(aPod('a', { serviceAccountName: 'new', serviceAccount: 'old' }))).toEqual(account('new'));
  });

  it('are not what a pod can do without, nor what the system brings', () => {
    const volumes = [
      { name: 'a', secret: { secretName: 'x', optional: true } },
      { name: 'b', projected: { sources: [{ configMap: { name: 'y', optional: true } }] } },
    ];
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'z', key: 'a', optional: true } } }];
    expect(of(aPod('a', { volumes, priorityClassName: 'system-node-critical', container: { env } }))).toEqual(
      [],
    );
  });

  it('are what a StatefulSet needs besides', () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { storageClassName: 'sc' } }];
    const spec = { serviceName: 'headless', volumeClaimTemplates, template: { spec: podSpec() } };
    expect(of(anObject('apps/v1/StatefulSet', 'a', { spec }))).toEqual([
      'storage.k8s.io/v1/StorageClass/sc',
      'v1/Service/weka/headless',
    ]);
  });

  const secretRef = (name: string) => ({ name, namespace: 'csi' });
  it.each<[string, KubeObject, readonly string[]]>([
    [
      'a claim',
      anObject('v1/PersistentVolumeClaim', 'c', { spec: { storageClassName: 'sc', volumeName: 'v' } }),
      ['storage.k8s.io/v1/StorageClass/sc', 'v1/PersistentVolume/v'],
    ],
    [
      'a claim without a class',
      anObject('v1/PersistentVolumeClaim', 'c', { spec: { storageClassName: '' } }),
      [],
    ],
    [
      'a volume',
      aClusterObject('v1/PersistentVolume', 'v', {
        spec: {
          storageClassName: 'sc',
          csi: { driver: 'd', nodePublishSecretRef: secretRef('a'), nodeStageSecretRef: secretRef('b') },
        },
      }),
      ['storage.k8s.io/v1/StorageClass/sc', 'v1/Secret/csi/a', 'v1/Secret/csi/b'],
    ],
    [
      'a class',
      aClusterObject('storage.k8s.io/v1/StorageClass', 'sc', { provisioner: 'csi.weka.io' }),
      ['storage.k8s.io/v1/CSIDriver/csi.weka.io'],
    ],
    [
      'a class with secrets',
      aClusterObject('storage.k8s.io/v1/StorageClass', 'sc', {
        provisioner: 'd',
        parameters: {
          'csi.storage.k8s.io/provisioner-secret-name': 'a',
          'csi.storage.k8s.io/provisioner-secret-namespace': 'csi',
          'csi.storage.k8s.io/node-publish-secret-name': '${pvc.name}',
          'csi.storage.k8s.io/node-publish-secret-namespace': 'csi',
          'csi.storage.k8s.io/node-stage-secret-name': 'alone',
          'secret-name': 'x',
        },
      }),
      ['storage.k8s.io/v1/CSIDriver/d', 'v1/Secret/csi/a'],
    ],
    [
      'an account',
      anObject('v1/ServiceAccount', 's', { imagePullSecrets: [{ name: 'registry' }] }),
      ['v1/Secret/weka/registry'],
    ],
    [
      'an Ingress',
      anObject('networking.k8s.io/v1/Ingress', 'i', {
        spec: {
          defaultBackend: { service: { name: 'a' } },
          rules: [
            {
              http: {
                paths: [{ backend: { service: { name: 'b' } } }, { backend: { resource: { name: 'x' } } }],
              },
            },
            { host: 'x' },
          ],
          tls: [{ secretName: 't' }, {}],
        },
      }),
      ['v1/Secret/weka/t', 'v1/Service/weka/a', 'v1/Service/weka/b'],
    ],
    [
      'a RoleBinding',
      anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'b', {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'ServiceAccount', name: 's' },
          { kind: 'ServiceAccount', name: 't', namespace: 'other' },
          { kind: 'User', name: 'jane' },
        ],
      }),
      ['rbac.authorization.k8s.io/v1/Role/weka/r', 'v1/ServiceAccount/other/t', 'v1/ServiceAccount/weka/s'],
    ],
    [
      'a ClusterRoleBinding',
      aClusterObject('rbac.authorization.k8s.io/v1/ClusterRoleBinding', 'b', {
        roleRef: { kind: 'ClusterRole', name: 'r' },
        subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 'weka' }],
      }),
      ['rbac.authorization.k8s.io/v1/ClusterRole/r', 'v1/ServiceAccount/weka/s'],
    ],
    [
      'a policy binding',
      aClusterObject('admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding', 'b', {
        spec: { policyName: 'p' },
      }),
      ['admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy/p'],
    ],
    [
      'a webhook',
      aClusterObject('admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration', 'w', {
        webhooks: [
          { clientConfig: { service: { name: 'hook', namespace: 'weka' } } },
          { clientConfig: { url: 'https://x' } },
        ],
      }),
      ['v1/Service/weka/hook'],
    ],
  ])('of %s', (_what, object, expected) => {
    expect(of(object)).toEqual(expected);
  });

  it('of a pod of WEKA are the anchor of its manifest, too', () => {
    const pod = (labels: Readonly<Record<string, string>>) => ({
      ...aPod('dist'),
      metadata: { name: 'dist', namespace: 'weka', labels },
    });
    expect(of(pod({ 'weka.io/mode': 'drivers-dist' }))).toEqual([
      'v1/ConfigMap/weka/weka-wekacontainer-dist',
    ]);
    expect(of(pod({ app: 'weka' }))).toEqual([]);
    const { metadata } = pod({ 'weka.io/mode': 'drivers-dist' });
    expect(of({ ...aDeployment('dist'), metadata })).toEqual([]);
  });

  it('does not stumble over what is of the wrong shape', () => {
    const spec = {
      template: {
        spec: {
          containers: 'x',
          volumes: [3, { secret: null }, { configMap: { name: 4 } }],
          imagePullSecrets: {},
        },
      },
    };
    expect(of(anObject('apps/v1/Deployment', 'a', { spec }))).toEqual([]);
    expect(of(anObject('v1/PersistentVolumeClaim', 'a', { spec: [] as never }))).toEqual([]);
  });
});
