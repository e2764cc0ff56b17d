import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { withOwnership } from '../../../../reconciler/core/desired/ownership.ts';
import { compare } from '../../../../reconciler/core/plan/compare.ts';
import { immutable, isReplaceable } from '../../../../reconciler/core/plan/immutable.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aJob,
  anObject,
  aPod,
  applied,
  APPLY_SET,
  aSecret,
  aService,
  edited,
} from '../../../support/objects.ts';

/** What comes of changing one object into the other: `replace: why`, or `in place`. */
function verdict(before: KubeObject, after: KubeObject, extra = {}): string {
  const live = applied(before, extra);
  const desired = withOwnership(after, APPLY_SET);
  const found = immutable(desired, live, compare(desired, live));
  return found === undefined ? 'in place' : `${found.verdict}: ${found.reason}`;
}

const cannot = (path: string, loses?: string) =>
  loses === undefined
    ? `replace: ${path} cannot be changed in place`
    : `refuse: ${path} cannot be changed in place, and if it were deleted and made again, ${loses}`;

const withSpec = (type: string, spec: object) => anObject(type, 'x', { spec });
const clusterWith = (type: string, rest: object) => aClusterObject(type, 'x', { ...rest });

const csi = { driver: 'csi.weka.io', volumeHandle: 'a' };
const secretRef = { name: 'a', namespace: 'b' };
const roleRef = (name: string) => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
});
const template = (name: string) => [{ metadata: { name }, spec: {} }];

const cases: readonly [string, KubeObject, KubeObject, string][] = [
  [
    'the image of a Deployment',
    aDeployment('x', { container: { image: 'a' } }),
    aDeployment('x', { container: { image: 'b' } }),
    'in place',
  ],
  [
    'the selector of a Deployment',
    withSpec('apps/v1/Deployment', { selector: { matchLabels: { a: '1' } } }),
    withSpec('apps/v1/Deployment', { selector: { matchLabels: { a: '2' } } }),
    cannot('spec.selector', 'its pods would stop'),
  ],
  [
    'the selector of a DaemonSet',
    withSpec('apps/v1/DaemonSet', { selector: { matchLabels: { a: '1' } } }),
    withSpec('apps/v1/DaemonSet', { selector: { matchLabels: { a: '2' } } }),
    cannot('spec.selector', 'its pods would stop'),
  ],
  [
    'the replicas of a StatefulSet',
    withSpec('apps/v1/StatefulSet', { replicas: 1 }),
    withSpec('apps/v1/StatefulSet', { replicas: 2 }),
    'in place',
  ],
  [
    'the claims of a StatefulSet',
    withSpec('apps/v1/StatefulSet', { volumeClaimTemplates: template('a') }),
    withSpec('apps/v1/StatefulSet', { volumeClaimTemplates: template('b') }),
    cannot('spec.volumeClaimTemplates', 'its pods would stop'),
  ],
  [
    'the service of a StatefulSet',
    withSpec('apps/v1/StatefulSet', { serviceName: 'a' }),
    withSpec('apps/v1/StatefulSet', { serviceName: 'b' }),
    cannot('spec.serviceName', 'its pods would stop'),
  ],
  [
    'the size of a claim',
    withSpec('v1/PersistentVolumeClaim', { resources: { requests: { storage: '1Gi' } } }),
    withSpec('v1/PersistentVolumeClaim', { resources: { requests: { storage: '2Gi' } } }),
    'in place',
  ],
  [
    'the class of a claim',
    withSpec('v1/PersistentVolumeClaim', { storageClassName: 'a' }),
    withSpec('v1/PersistentVolumeClaim', { storageClassName: 'b' }),
    cannot('spec.storageClassName', 'its data could be lost'),
  ],
  [
    'the volume of a claim that has one',
    withSpec('v1/PersistentVolumeClaim', { volumeName: 'a' }),
    withSpec('v1/PersistentVolumeClaim', { volumeName: 'b' }),
    cannot('spec.volumeName', 'its data could be lost'),
  ],
  [
    'the volume of a claim that has none',
    withSpec('v1/PersistentVolumeClaim', {}),
    withSpec('v1/PersistentVolumeClaim', { volumeName: 'b' }),
    'in place',
  ],
  [
    'the handle of a volume',
    clusterWith('v1/PersistentVolume', { spec: { csi } }),
    clusterWith('v1/PersistentVolume', { spec: { csi: { ...csi, volumeHandle: 'b' } } }),
    cannot('spec.csi.volumeHandle', 'its data could be lost'),
  ],
  [
    'a first secret for growing a volume',
    clusterWith('v1/PersistentVolume', { spec: { csi } }),
    clusterWith('v1/PersistentVolume', { spec: { csi: { ...csi, controllerExpandSecretRef: secretRef } } }),
    'in place',
  ],
  [
    'the reclaim policy of a volume',
    clusterWith('v1/PersistentVolume', { spec: { persistentVolumeReclaimPolicy: 'Delete' } }),
    clusterWith('v1/PersistentVolume', { spec: { persistentVolumeReclaimPolicy: 'Retain' } }),
    'in place',
  ],
  [
    'the address of a Service',
    aService('x', { clusterIP: '10.0.0.1' }),
    aService('x', { clusterIP: 'None' }),
    cannot('spec.clusterIP', 'its address would change'),
  ],
  [
    'the ports of a Service',
    aService('x', { ports: [{ port: 1 }] }),
    aService('x', { ports: [{ port: 2 }] }),
    'in place',
  ],
  [
    'whether a CSI driver attaches',
    clusterWith('storage.k8s.io/v1/CSIDriver', { spec: { attachRequired: true } }),
    clusterWith('storage.k8s.io/v1/CSIDriver', { spec: { attachRequired: false } }),
    cannot('spec.attachRequired', 'mounts would fail meanwhile'),
  ],
  [
    'what volumes a CSI driver takes',
    clusterWith('storage.k8s.io/v1/CSIDriver', { spec: { volumeLifecycleModes: ['Persistent'] } }),
    clusterWith('storage.k8s.io/v1/CSIDriver', {
      spec: { volumeLifecycleModes: ['Persistent', 'Ephemeral'] },
    }),
    cannot('spec.volumeLifecycleModes["Ephemeral"]', 'mounts would fail meanwhile'),
  ],
  [
    'the group policy of a CSI driver',
    clusterWith('storage.k8s.io/v1/CSIDriver', { spec: { fsGroupPolicy: 'File' } }),
    clusterWith('storage.k8s.io/v1/CSIDriver', { spec: { fsGroupPolicy: 'None' } }),
    'in place',
  ],
  [
    'a parameter of a class',
    clusterWith('storage.k8s.io/v1/StorageClass', { parameters: { a: '1' } }),
    clusterWith('storage.k8s.io/v1/StorageClass', { parameters: {} }),
    cannot('parameters.a'),
  ],
  [
    'whether volumes of a class grow',
    clusterWith('storage.k8s.io/v1/StorageClass', { allowVolumeExpansion: false }),
    clusterWith('storage.k8s.io/v1/StorageClass', { allowVolumeExpansion: true }),
    'in place',
  ],
  [
    'the value of a PriorityClass',
    clusterWith('scheduling.k8s.io/v1/PriorityClass', { value: 1 }),
    clusterWith('scheduling.k8s.io/v1/PriorityClass', { value: 2 }),
    cannot('value'),
  ],
  [
    'the role of a binding',
    anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'x', roleRef('a')),
    anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'x', roleRef('b')),
    cannot('roleRef'),
  ],
  [
    'the type of a Secret',
    aSecret('x', { a: '1' }),
    { ...aSecret('x', { a: '1' }), type: 'example.com/x' },
    cannot('type'),
  ],
  ['the content of a Secret', aSecret('x', { a: '1' }), aSecret('x', { a: '2' }), 'in place'],
  [
    'the image of a Pod',
    aPod('x', { container: { image: 'a' } }),
    aPod('x', { container: { image: 'b' } }),
    'in place',
  ],
  [
    'the arguments of a Pod',
    aPod('x', { container: { args: ['a'] } }),
    aPod('x', { container: { args: ['b'] } }),
    cannot('spec.containers[name=main].args', 'what runs in it would stop'),
  ],
  [
    'the labels of a ConfigMap marked immutable',
    { ...aConfigMap('x'), immutable: true },
    anObject('v1/ConfigMap', 'x', { metadata: { labels: { a: '1' } }, data: {}, immutable: true }),
    'in place',
  ],
  [
    'the content of a ConfigMap marked immutable',
    { ...aConfigMap('x', { a: '1' }), immutable: true },
    { ...aConfigMap('x', { a: '2' }), immutable: true },
    'replace: It is marked immutable, and data.a changes',
  ],
  [
    'the content of a Secret marked immutable',
    { ...aSecret('x', { a: '1' }), immutable: true },
    { ...aSecret('x', { a: '2' }), immutable: true },
    'replace: It is marked immutable, and data.a changes',
  ],
  [
    'the mark of an immutable ConfigMap',
    { ...aConfigMap('x'), immutable: true },
    aConfigMap('x'),
    'replace: It is marked immutable, and immutable changes',
  ],
  ['a ConfigMap to be immutable', aConfigMap('x'), { ...aConfigMap('x'), immutable: true }, 'in place'],
];

describe('changing', () => {
  it.each(cases)('%s', (_what, before, after, expected) => {
    expect(verdict(before, after)).toBe(expected);
  });

  const [before, after] = [
    aJob('x', { container: { image: 'a' } }),
    aJob('x', { container: { image: 'b' } }),
  ];
  const path = 'spec.template.spec.containers[name=main].image';

  it.each(['Complete', 'Failed'])('the template of a Job that is %s lets it run again', (type) => {
    expect(verdict(before, after, { status: { conditions: [{ type, status: 'True' }] } })).toBe(
      `replace: ${path} cannot be changed in place; the job runs again`,
    );
  });

  it.each([
    ['with a pod', { active: 1 }],
    ['between two pods', { failed: 1 }],
    ['that is new', undefined],
  ])('the template of a Job %s is refused', (_what, status) => {
    expect(verdict(before, after, { status })).toBe(
      `refuse: ${path} cannot be changed before the job has ended`,
    );
  });

  it('nothing but a value that stands for none is left to the API server, save where it is a text like others', () => {
    const hidden = (hostPID?: boolean) => aJob('a', hostPID === undefined ? {} : { hostPID });
    expect(verdict(hidden(), hidden(false))).toBe('in place');
    const fixed = (data: Readonly<Record<string, string>>) => ({ ...aConfigMap('a', data), immutable: true });
    expect(verdict(fixed({ x: '1' }), fixed({ x: '1', y: '' }))).toBe(
      'replace: It is marked immutable, and data.y changes',
    );
    const storage = (parameters: object) =>
      clusterWith('storage.k8s.io/v1/StorageClass', { provisioner: 'csi.weka.io', parameters });
    expect(verdict(storage({ x: '1' }), storage({ x: '1', y: '' }))).toBe(cannot('parameters.y'));
  });

  it('what a Job does after it ended is done in place', () => {
    const [a, b] = [60, 90].map((ttlSecondsAfterFinished) => ({
      ...before,
      spec: { ...(before['spec'] as object), ttlSecondsAfterFinished },
    }));
    expect(verdict(a!, b!)).toBe('in place');
  });
});

describe('a replacement that was planned', () => {
  const fixed = (x: string) => ({ ...aConfigMap('x', { x }), immutable: true });
  const desired = withOwnership(fixed('2'), APPLY_SET);
  const planned = applied(fixed('1'));
  const again = (now: KubeObject) => isReplaceable(desired, planned, now);

  it('still stands when only something else changed', () => {
    expect(again(edited('kubectl-label', planned, { metadata: { labels: { by: 'hand' } } }))).toBe(true);
  });

  it.each<[string, KubeObject]>([
    ['it is another object', { ...planned, metadata: { ...planned.metadata, uid: 'other' } }],
    ['it is going', applied(fixed('1'), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    ['somebody changed the field', edited('other', planned, { data: { x: '9' } })],
    [
      'there is nothing left to change',
      { ...applied(fixed('2')), metadata: { ...applied(fixed('2')).metadata } },
    ],
  ])('does not when %s', (_what, now) => {
    expect(again(now)).toBe(false);
  });

  it('does not when the job runs by now', () => {
    const [before, after] = [
      aJob('x', { container: { image: 'a' } }),
      aJob('x', { container: { image: 'b' } }),
    ];
    const ended = applied(before, { status: { conditions: [{ type: 'Complete', status: 'True' }] } });
    const wanted = withOwnership(after, APPLY_SET);
    expect(isReplaceable(wanted, ended, ended)).toBe(true);
    expect(isReplaceable(wanted, ended, applied(before, { status: { active: 1 } }))).toBe(false);
  });
});
