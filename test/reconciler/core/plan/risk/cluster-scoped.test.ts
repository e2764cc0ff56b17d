import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../../reconciler/core/kube/object.ts';
import { aClusterObject, aConfigMap, aNamespace } from '../../../../support/objects.ts';
import { plannedRisks } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const storageClass = (annotations: Readonly<Record<string, string>> = {}) =>
  aClusterObject('storage.k8s.io/v1/StorageClass', 'fast', { metadata: { annotations } });
const priority = (rest: Json = {}) =>
  aClusterObject('scheduling.k8s.io/v1/PriorityClass', 'high', { value: 1, ...rest });
const admission = (kind: string, rest: Json) =>
  aClusterObject(`admissionregistration.k8s.io/v1/${kind}`, 'a', rest);
const rule = { operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] };

describe('an object of no namespace', () => {
  it.each<[KubeObject, string]>([
    [aNamespace('weka'), 'Namespace weka: all that is in it, and who may make namespaces'],
    [storageClass(), 'StorageClass fast: claims that name it'],
    [
      storageClass({ 'storageclass.kubernetes.io/is-default-class': 'true' }),
      'StorageClass fast: claims that name it, and those that name no class',
    ],
    [priority(), 'PriorityClass high: pods that name it, and those that give way to them'],
    [
      priority({ globalDefault: true }),
      'PriorityClass high: pods that name it, and those that name no class',
    ],
    [
      aClusterObject('storage.k8s.io/v1/CSIDriver', 'csi.weka.io'),
      'CSIDriver csi.weka.io: volumes of this driver on every node',
    ],
    [
      aClusterObject('v1/PersistentVolume', 'pv', {
        spec: { claimRef: { namespace: 'weka', name: 'data' } },
      }),
      'PersistentVolume pv: claim weka/data',
    ],
    [
      aClusterObject('rbac.authorization.k8s.io/v1/ClusterRole', 'r', { rules: [] }),
      'ClusterRole r: everybody who is bound to it',
    ],
    [
      admission('ValidatingAdmissionPolicy', { spec: { matchConstraints: { resourceRules: [rule] } } }),
      'ValidatingAdmissionPolicy a: CREATE, UPDATE of pods, refused while it cannot be asked',
    ],
    [
      admission('ValidatingAdmissionPolicyBinding', { spec: { policyName: 'p', matchResources: {} } }),
      'ValidatingAdmissionPolicyBinding a: what policy p matches, where the binding says so',
    ],
    [
      admission('MutatingWebhookConfiguration', {
        webhooks: [
          { name: 'w', rules: [{ ...rule, operations: ['*'], resources: ['*/*'] }], failurePolicy: 'Ignore' },
        ],
      }),
      'MutatingWebhookConfiguration a: every write of all kinds',
    ],
    [
      admission('ValidatingWebhookConfiguration', {
        webhooks: [
          { name: 'v', failurePolicy: 'Ignore' },
          { name: 'w', rules: [rule] },
        ],
      }),
      'ValidatingWebhookConfiguration a: CREATE, UPDATE of pods, refused while it cannot be asked',
    ],
  ])('%# says how far it reaches', (object, reach) => {
    expect(plannedRisks([object]).at(-1)).toBe(`cluster-scoped: ${reach}`);
  });

  it('is told from one that is in a namespace', () => {
    expect(plannedRisks([aConfigMap('a')])).toEqual([]);
  });
});
