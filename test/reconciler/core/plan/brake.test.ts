import { describe, expect, it } from 'vitest';
import type { RiskName } from '../../../../schemas/risk.ts';
import { brakeOf, withBrake } from '../../../../reconciler/core/plan/brake.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';

function configMap(name: string, rest: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'weka' }, ...rest };
}

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace: 'weka' },
  spec: { containers: [{ envFrom: [{ configMapRef: { name: 'new' } }] }] },
};

function base(object: KubeObject) {
  return { id: objectId(object), fields: [], flags: [], source: 'a.yaml:1' } as const;
}

const [fresh, old, gone] = [configMap('new'), configMap('old'), configMap('gone')];
const CHANGES: readonly Change[] = [
  { ...base(fresh), op: 'create', desired: fresh },
  { ...base(old), op: 'replace', desired: old, live: old, reason: 'It is immutable' },
  { ...base(gone), op: 'prune', live: gone },
  { ...base(pod), op: 'create', desired: pod },
];

/** The plan in words. */
function told(changes: readonly Change[]): readonly string[] {
  return changes.map(
    (change) => `${change.op} ${change.id}${change.op === 'wait' ? `: ${change.reason}` : ''}`,
  );
}

describe('a brake', () => {
  it('that suspends lets nothing be written', () => {
    const brake = brakeOf({ suspend: configMap('s', { data: { reason: 'audit' } }), freeze: undefined });
    expect(told(withBrake(CHANGES, brake))).toEqual([
      'wait v1/ConfigMap/weka/new: Suspended: audit',
      'wait v1/ConfigMap/weka/old: Suspended: audit',
      'wait v1/ConfigMap/weka/gone: Suspended: audit',
      'wait v1/Pod/weka/pod: Suspended: audit',
    ]);
  });

  it('that freezes keeps only what would be deleted or replaced', () => {
    const brake = brakeOf({ suspend: undefined, freeze: configMap('f', { data: { reason: 'audit' } }) });
    expect(told(withBrake(CHANGES, brake))).toEqual([
      'create v1/ConfigMap/weka/new',
      'wait v1/ConfigMap/weka/old: Frozen: audit',
      'wait v1/ConfigMap/weka/gone: Frozen: audit',
      'create v1/Pod/weka/pod',
    ]);
  });

  it.each<[RiskName, 'update' | 'wait']>([
    ['data-loss', 'wait'],
    ['irreversible', 'wait'],
    ['restart', 'update'],
    ['privilege', 'update'],
  ])('that freezes keeps an update with the risk %s: %s', (name, op) => {
    const risks = [{ name, reason: 'Something may go wrong' }];
    const update: Change = { ...base(old), op: 'update', desired: old, live: old, force: false, risks };
    const brake = brakeOf({ suspend: undefined, freeze: configMap('f') });
    expect(withBrake([update], brake).map((change) => change.op)).toEqual([op]);
  });

  it('is the stronger one where both are on, and needs no reason', () => {
    const both = { suspend: configMap('s'), freeze: configMap('f', { data: { reason: 'x' } }) };
    expect(brakeOf(both)).toEqual({ state: 'suspended', reason: 'no reason is given' });
  });

  it('may stand in the Settings, which the plan says', () => {
    const brake = brakeOf({ suspend: undefined, freeze: configMap('f'), settings: 'audit' });
    expect(brake).toEqual({ state: 'suspended', reason: 'audit', by: 'settings' });
    expect(new Set(told(withBrake(CHANGES, brake)).map((each) => each.replace(/^.*?: /, '')))).toEqual(
      new Set(['Suspended by Settings spec.suspend: audit']),
    );
  });

  it('in the cluster comes before the one in the Settings', () => {
    const suspend = configMap('s', { data: { reason: 'fire' } });
    expect(brakeOf({ suspend, freeze: undefined, settings: 'audit' })).toEqual({
      state: 'suspended',
      reason: 'fire',
    });
  });

  it('that is off changes nothing', () => {
    expect(brakeOf({ suspend: undefined, freeze: undefined })).toBeUndefined();
    expect(withBrake(CHANGES, undefined)).toBe(CHANGES);
  });
});
