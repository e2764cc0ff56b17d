import { describe, expect, it } from 'vitest';
import { isRecord, record, records } from '../../../../reconciler/core/kube/json.ts';
import { kindNamed, kindOf, KINDS, STAGES } from '../../../../reconciler/core/kube/kinds.ts';
import { groupKind, groupOf, objectId, parseObjectId } from '../../../../reconciler/core/kube/object.ts';
import { aClusterObject, aConfigMap, aDeployment, aNamespace } from '../../../support/objects.ts';

describe('the name of an object', () => {
  it.each([
    [aConfigMap('a'), 'v1/ConfigMap/weka/a'],
    [aNamespace('weka'), 'v1/Namespace/weka'],
    [aDeployment('web'), 'apps/v1/Deployment/weka/web'],
    [aClusterObject('storage.k8s.io/v1/StorageClass', 'sc'), 'storage.k8s.io/v1/StorageClass/sc'],
  ])('says all that tells it apart', (object, id) => {
    expect(objectId(object)).toBe(id);
    const { apiVersion, kind, metadata } = object;
    expect(parseObjectId(objectId(object))).toEqual({
      apiVersion,
      kind,
      namespace: metadata.namespace,
      name: metadata.name,
    });
  });
});

describe('kinds', () => {
  it('are named without their version', () => {
    expect(KINDS.map(groupKind)).toContain('DaemonSet.apps');
    expect(KINDS.map(groupKind)).toContain('ConfigMap');
    expect(groupOf('apps/v1')).toBe('apps');
    expect(groupOf('v1')).toBe('');
  });

  it('are found by name, and by version for an object', () => {
    for (const kind of KINDS) {
      expect(kindNamed(groupKind(kind))).toBe(kind);
      expect(kindOf(kind)).toBe(kind);
      expect(STAGES).toContain(kind.stage);
    }
    expect(kindOf({ apiVersion: 'apps/v1beta1', kind: 'Deployment' })).toBeUndefined();
    expect(kindOf({ apiVersion: 'v1', kind: 'Deployment' })).toBeUndefined();
    expect(kindOf({ apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaCluster' })).toBeUndefined();
  });

  it('that hold data are protected', () => {
    const kept = KINDS.filter((kind) => kind.protected !== undefined).map(({ kind }) => kind);
    expect(kept).toEqual(['Namespace', 'PersistentVolume', 'PersistentVolumeClaim']);
  });

  it('that give rights or power over others need the ceilings to allow them', () => {
    const always = KINDS.filter(({ allowed }) => allowed === 'always').map(({ apiVersion }) => apiVersion);
    expect(always.filter((version) => /rbac|admission/.test(version))).toEqual([]);
    expect(kindOf({ apiVersion: 'v1', kind: 'Pod' })?.allowed).toBe('by-ceiling');
  });
});

describe('reading JSON of unknown shape', () => {
  it.each([[null], [undefined], [[]], ['x'], [3]])('takes %j for no map', (value) => {
    expect(isRecord(value)).toBe(false);
    expect(record(value)).toEqual({});
  });

  it('takes the maps out of a list', () => {
    expect(records([{ a: 1 }, null, 'x', [], {}])).toEqual([{ a: 1 }, {}]);
    expect(records({ 0: {} })).toEqual([]);
  });
});
