import { describe, expect, it } from 'vitest';
import { aClusterObject, aConfigMap, anObject, applied } from '../../../../support/objects.ts';
import { plannedRisks } from './risks-of.ts';

describe('what cannot be taken back', () => {
  it('is a volume that has grown', () => {
    const claim = (storage: string) =>
      anObject('v1/PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage } } } });
    expect(plannedRisks([claim('20Gi')], [applied(claim('10Gi'))])).toEqual([
      'irreversible: PersistentVolumeClaim weka/data, from 10Gi to 20Gi',
    ]);
    expect(plannedRisks([claim('5Gi')], [applied(claim('10Gi'))])).toEqual([]);
    const labelled = { ...claim('10Gi'), metadata: { ...claim('10Gi').metadata, labels: { a: 'b' } } };
    expect(plannedRisks([labelled], [applied(claim('10Gi'))])).toEqual([]);
  });

  it('is not a StorageClass or an immutable ConfigMap that is made anew: the old manifest brings the old one back', () => {
    const of = (reclaimPolicy: string) =>
      aClusterObject('storage.k8s.io/v1/StorageClass', 'fast', { provisioner: 'csi.weka.io', reclaimPolicy });
    expect(plannedRisks([of('Retain')], [applied(of('Delete'))])).toEqual([
      'cluster-scoped: StorageClass fast: claims that name it',
    ]);
    const plain = aConfigMap('a', { x: '1' });
    expect(plannedRisks([{ ...plain, immutable: true }], [applied(plain)])).toEqual([]);
  });
});
