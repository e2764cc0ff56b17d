import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Write } from '../../../../reconciler/core/plan/change.ts';
import { needs, ordered, stages } from '../../../../reconciler/core/plan/order.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aNamespace,
  anObject,
  aSecret,
  aService,
} from '../../../support/objects.ts';

const create = (desired: KubeObject): Write => ({
  op: 'create',
  id: objectId(desired),
  desired,
  fields: [],
  flags: [],
});
const prune = (live: KubeObject): Write => ({ op: 'prune', id: objectId(live), live, fields: [], flags: [] });
const inStages = (...writes: Write[]) =>
  stages(writes).map((stage) => stage.map(({ op, id }) => `${op} ${id}`));

const volumes = [{ name: 'a', secret: { secretName: 'token' } }];
const rbac = 'rbac.authorization.k8s.io/v1';
const all = [
  anObject('networking.k8s.io/v1/Ingress', 'web'),
  aClusterObject('admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding', 'p', {
    spec: { policyName: 'p' },
  }),
  aClusterObject('admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy', 'p'),
  aDeployment('web', { volumes }),
  aDeployment('api'),
  anObject(`${rbac}/RoleBinding`, 'b', {
    roleRef: { kind: 'Role', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 'weka' }],
  }),
  anObject(`${rbac}/Role`, 'r'),
  anObject('v1/ServiceAccount', 's'),
  aService('web'),
  anObject('v1/PersistentVolumeClaim', 'c', { spec: { volumeName: 'v', storageClassName: 'sc' } }),
  aClusterObject('v1/PersistentVolume', 'v', { spec: { storageClassName: 'sc' } }),
  aClusterObject('storage.k8s.io/v1/StorageClass', 'sc', { provisioner: 'csi.weka.io' }),
  aClusterObject('storage.k8s.io/v1/CSIDriver', 'csi.weka.io'),
  aSecret('token'),
  aNamespace('weka'),
];

describe('stages', () => {
  it('make first what others stand on', () => {
    expect(inStages(...all.map(create))).toEqual([
      ['create storage.k8s.io/v1/CSIDriver/csi.weka.io', 'create v1/Namespace/weka'],
      ['create storage.k8s.io/v1/StorageClass/sc'],
      [`create ${rbac}/Role/weka/r`, 'create v1/ServiceAccount/weka/s'],
      [`create ${rbac}/RoleBinding/weka/b`],
      ['create v1/PersistentVolume/v', 'create v1/Secret/weka/token'],
      ['create v1/PersistentVolumeClaim/weka/c'],
      ['create v1/Service/weka/web'],
      ['create apps/v1/Deployment/weka/api', 'create apps/v1/Deployment/weka/web'],
      ['create networking.k8s.io/v1/Ingress/weka/web'],
      ['create admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy/p'],
      ['create admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding/p'],
    ]);
  });

  it('prune in reverse, after everything else', () => {
    const made = stages(all.map(create)).flat();
    const gone = stages(all.map(prune)).flat();
    const rankOf = (writes: readonly Write[], kind: string) =>
      writes.findIndex(({ id }) => id.includes(`/${kind}/`));
    for (const [one, other] of [
      ['Namespace', 'Secret'],
      ['Secret', 'Deployment'],
      ['Service', 'Ingress'],
      ['Role', 'RoleBinding'],
      ['CSIDriver', 'StorageClass'],
    ] as const) {
      expect(rankOf(made, one)).toBeLessThan(rankOf(made, other));
      expect(rankOf(gone, one)).toBeGreaterThan(rankOf(gone, other));
    }
    expect(inStages(prune(aConfigMap('a')), create(anObject('networking.k8s.io/v1/Ingress', 'web')))).toEqual(
      [['create networking.k8s.io/v1/Ingress/weka/web'], ['prune v1/ConfigMap/weka/a']],
    );
  });

  it('hold every write once, and none beside what it needs', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (some) => {
        const found = stages(some.map(create));
        expect(
          found
            .flat()
            .map(({ id }) => id)
            .toSorted(),
        ).toEqual(some.map(objectId).toSorted());
        for (const stage of found) {
          const ids = new Set(stage.map(({ id }) => id));
          for (const write of stage) expect(needs(write).filter((id) => ids.has(id))).toEqual([]);
        }
      }),
    );
  });

  it('do not care for the order in which they are given', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (some) => {
        expect(inStages(...some.map(create))).toEqual(inStages(...all.map(create)));
      }),
    );
  });

  it('come to an end where references go in a circle', () => {
    const volume = (name: string) => aClusterObject('v1/PersistentVolume', name);
    const claim = (name: string, volumeName: string) =>
      anObject('v1/PersistentVolumeClaim', name, { spec: { volumeName } });
    expect(inStages(create(claim('a', 'v')), create(volume('v')))).toHaveLength(2);
  });
});

describe('needs', () => {
  it('are what a new object refers to; a deletion needs nothing', () => {
    const web = aDeployment('web', { volumes });
    expect(needs(create(web)).toSorted()).toEqual(['v1/Namespace/weka', 'v1/Secret/weka/token']);
    expect(needs(prune(web))).toEqual([]);
  });
});

describe('ordered', () => {
  it('shows changes as they are carried out, with those that stay among them', () => {
    const keep = { op: 'keep', id: objectId(aNamespace('weka')), fields: [], flags: [] } as const;
    const changes = ordered([
      prune(aSecret('old')),
      create(aDeployment('web')),
      keep,
      create(aSecret('token')),
    ]);
    expect(changes.map(({ op, id }) => `${op} ${id}`)).toEqual([
      'keep v1/Namespace/weka',
      'create v1/Secret/weka/token',
      'create apps/v1/Deployment/weka/web',
      'prune v1/Secret/weka/old',
    ]);
  });
});
