import { describe, expect, it } from 'vitest';
import { RISK_MEANINGS, RISK_NAMES } from '../../../../../schemas/risk.ts';
import { unmade, type Write } from '../../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../../reconciler/core/plan/digest.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aNamespace,
  anObject,
  applied,
  createdBy,
  podSpec,
} from '../../../../support/objects.ts';
import { planned, plannedRisks } from './risks-of.ts';

describe('risks', () => {
  it('have a meaning each, the gravest first', () => {
    expect(RISK_NAMES[0]).toBe('data-loss');
    for (const name of RISK_NAMES) expect(RISK_MEANINGS[name]).toMatch(/^[A-Z].*\.$/);
  });

  it('come in that order with a change that has several', () => {
    const desired = { ...aDeployment('web', { hostNetwork: true }) };
    const live = createdBy('kubectl', aDeployment('web'), { status: { observedGeneration: 1, replicas: 1 } });
    const names = planned([desired], [live]).flatMap(({ risks = [] }) => risks.map(({ name }) => name));
    expect(names).toEqual(['privilege', 'restart', 'takeover']);
  });

  it('are none of what is kept, waits or is refused', () => {
    const live = [applied(aNamespace('weka')), createdBy('argocd', aConfigMap('a', { x: '1' }))];
    expect(plannedRisks([aNamespace('weka'), aConfigMap('a', { x: '2' })], live)).toEqual([]);
  });

  it('stay with a write that is not made in this pass', () => {
    const [change] = planned([aNamespace('weka')]);
    expect(unmade(change as Write, 'wait', 'Not now').risks).toEqual(change?.risks);
    expect(change?.risks).toHaveLength(1);
  });

  it('change the digest, since they come of what nobody asked to change as well', () => {
    const changes = planned([aNamespace('weka')]);
    const without = changes.map(({ risks: _risks, ...change }) => change);
    expect(planDigest(without)).not.toBe(planDigest(changes));
  });

  it('make another plan of the same manifest where somebody has set that claims go with their pods', () => {
    const set = (replicas: number) =>
      anObject('apps/v1/StatefulSet', 's', {
        spec: {
          replicas,
          serviceName: 's',
          selector: { matchLabels: { app: 's' } },
          template: { metadata: { labels: { app: 's' } }, spec: podSpec() },
          volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
        },
      });
    const digest = (whenScaled: string) => {
      const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled } };
      return planDigest(planned([set(3)], [applied(set(5), { spec: policy })]));
    };
    expect(digest('Delete')).not.toBe(digest('Retain'));
  });

  it('are bound by all that shows them, and not by the names of pods', () => {
    const change = planned([aNamespace('weka')])[0]!;
    const digest = (evidence: string, bound?: string) => {
      const risk = { name: 'data-loss', reason: 'Its claims go with its pods', evidence } as const;
      return planDigest([{ ...change, risks: [{ ...risk, ...(bound === undefined ? {} : { bound }) }] }]);
    };
    expect(digest('0 pods')).not.toBe(digest('50 pods'));
    expect(digest('1 pod: web-a', '1 pod')).toBe(digest('1 pod'));
    expect(digest('a and 1 more', 'a, b')).not.toBe(digest('a and 1 more', 'a, c'));
  });
});

describe('a prune over the budget', () => {
  const gone = (n: number) =>
    Array.from({ length: n }, (_, i) => applied(aClusterObject('storage.k8s.io/v1/StorageClass', `s-${i}`)));

  it('is a risk of every object that would go, with what else that would do', () => {
    const changes = planned([aConfigMap('a')], [applied(aConfigMap('a')), ...gone(7)]);
    const waiting = changes.filter(({ op }) => op === 'wait');
    expect(waiting).toHaveLength(7);
    for (const { risks = [] } of waiting) {
      expect(risks.map(({ name }) => name)).toEqual(['prune-budget', 'cluster-scoped']);
      expect(risks[0]?.evidence).toMatch(/^7 objects would go for this commit, and the budget is 1 /);
    }
  });

  it('is none within the budget, nor where nothing may be pruned at all', () => {
    const live = [applied(aConfigMap('a')), ...gone(1)];
    expect(plannedRisks([aConfigMap('a')], live)).toEqual([
      'cluster-scoped: StorageClass s-0: claims that name it',
    ]);
    const off = { prune: { enabled: false, budget: { objects: 5, percent: 10 } } };
    expect(plannedRisks([aConfigMap('a')], [...live, ...gone(7)], off)).toEqual([]);
  });
});
