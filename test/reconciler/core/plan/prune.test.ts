import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import {
  orphansOf,
  planPrune,
  pruneMismatch,
  type PruneContext,
} from '../../../../reconciler/core/plan/prune.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aNamespace,
  anObject,
  aPod,
  applied,
  createdBy,
  edited,
  inWords,
} from '../../../support/objects.ts';

const some = (count: number) =>
  Array.from({ length: count }, (_, index) => applied(aConfigMap(`m-${index}`)));

interface Case {
  readonly members?: number;
  readonly objects?: number;
  readonly percent?: number;
  readonly enabled?: boolean;
  readonly alreadyPruned?: number;
  readonly blocked?: string;
}

function context({
  objects = 5,
  percent = 10,
  enabled = true,
  alreadyPruned = 0,
  blocked,
}: Case = {}): PruneContext {
  return {
    settings: { enabled, budget: { objects, percent } },
    alreadyPruned,
    ...(blocked === undefined ? {} : { blocked }),
  };
}

/** How many of `count` orphans are pruned. */
function pruned(count: number, { members = 100, ...rest }: Case = {}): number {
  return planPrune(some(count), members, context(rest)).changes.filter(({ op }) => op === 'prune').length;
}

describe('the prune budget', () => {
  it.each<[string, number, Case, number]>([
    ['lets the smaller of both counts go: objects', 5, { members: 1000 }, 5],
    ['and nothing when one more would', 6, { members: 1000 }, 0],
    ['lets the smaller of both counts go: percent', 3, { members: 30 }, 3],
    ['and nothing when one more would, again', 4, { members: 30 }, 0],
    ['rounds down', 2, { members: 29 }, 2],
    ['rounds down, too', 3, { members: 29 }, 0],
    ['lets one go where a tenth is less', 1, { members: 2 }, 1],
    ['but not two', 2, { members: 3 }, 0],
    ['lets none go at 0 %', 1, { percent: 0 }, 0],
    ['lets none go at 0 objects', 1, { objects: 0 }, 0],
    ['lets all go where both are raised', 7, { members: 7, objects: 100, percent: 100 }, 7],
    ['counts what the commit has pruned already', 2, { members: 1000, alreadyPruned: 3 }, 2],
    ['counts it against the next pass, too', 3, { members: 1000, alreadyPruned: 3 }, 0],
    ['takes its share of what was there before', 1, { members: 19, alreadyPruned: 1 }, 1],
    ['lets none go where pruning is off', 1, { enabled: false }, 0],
    ['lets none go where the pass must not prune', 1, { blocked: 'a manifest has an error' }, 0],
  ])('%s', (_what, count, budget, expected) => {
    expect(pruned(count, budget)).toBe(expected);
  });

  it('is all or nothing, and never more than either count', () => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.nat(30),
        fc.nat(20),
        fc.nat(100),
        fc.nat(10),
        (count, more, objects, percent, alreadyPruned) => {
          const members = count + more;
          const gone = pruned(count, { members, objects, percent, alreadyPruned });
          expect([0, count]).toContain(gone);
          if (gone === 0) return;
          expect(gone + alreadyPruned).toBeLessThanOrEqual(objects);
          expect(gone + alreadyPruned).toBeLessThanOrEqual(
            Math.max(1, ((members + alreadyPruned) * percent) / 100),
          );
        },
      ),
    );
  });
});

describe('planPrune', () => {
  const words = (orphans: readonly KubeObject[], rest: Partial<PruneContext> = {}) =>
    planPrune(orphans, 100, { ...context(), ...rest }).changes.map(inWords);

  it('says why nothing goes, on each object and once for all', () => {
    const { changes, blocked } = planPrune(some(2), 3, context());
    const why =
      '2 objects would go for this commit, and the budget is 1 (the smaller of 5 and 10 % of 3, at least 1; Settings spec.prune.budget)';
    expect(blocked).toBe(why);
    expect(changes.map(inWords)).toEqual([
      `wait v1/ConfigMap/weka/m-0: Not pruned: ${why}`,
      `wait v1/ConfigMap/weka/m-1: Not pruned: ${why}`,
    ]);
  });

  it('says nothing where there is nothing to prune', () => {
    expect(planPrune([], 3, context({ blocked: 'a manifest has an error' }))).toEqual({ changes: [] });
  });

  it('leaves alone what only bears our label, what a controller owns, and what is going already', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true };
    expect(
      words([
        createdBy('kubectl-create', aConfigMap('copy')),
        applied(aConfigMap('owned'), { metadata: { ownerReferences: [owner] } }),
        applied(aConfigMap('going'), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
        applied(aConfigMap('related'), { metadata: { ownerReferences: [{ ...owner, controller: false }] } }),
      ]),
    ).toEqual(['prune v1/ConfigMap/weka/related']);
  });

  it('never deletes what holds data, or a pod; the budget does not count them', () => {
    const orphans = [
      aNamespace('weka'),
      aClusterObject('v1/PersistentVolume', 'v'),
      anObject('v1/PersistentVolumeClaim', 'c'),
      aPod('p'),
      aDeployment('web'),
    ].map((object) => applied(object));
    const way = 'so it is never pruned: delete it by hand, or restore its manifest';
    expect(planPrune(orphans, 5, context()).changes.map(inWords)).toEqual([
      `refuse v1/Namespace/weka [cluster-scoped]: Deleting it deletes all that is in it, ${way}`,
      `refuse v1/PersistentVolume/v [cluster-scoped]: It may hold data, ${way}`,
      `refuse v1/PersistentVolumeClaim/weka/c: It may hold data, ${way}`,
      'wait v1/Pod/weka/p: A pod of WEKA is not pruned by this version: delete it by hand when it has no work',
      'prune apps/v1/Deployment/weka/web',
    ]);
  });
});

describe('pruneMismatch', () => {
  const planned = applied(aConfigMap('a'));

  it('finds nothing in an object as it was, whatever else changed in it', () => {
    expect(pruneMismatch(planned, planned)).toBeUndefined();
    expect(pruneMismatch(planned, edited('other', planned, { data: { x: '1' } }))).toBeUndefined();
  });

  it.each<[string, KubeObject]>([
    [
      'it is another object of the same name by now',
      { ...planned, metadata: { ...planned.metadata, uid: 'other' } },
    ],
    [
      'it is not in our ApplySet any more',
      edited('other', planned, { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'x' } } }),
    ],
    [
      'it has no field that we applied, so its label is a copy',
      { ...planned, metadata: { ...planned.metadata, managedFields: [] } },
    ],
    [
      'a controller owns it by now',
      applied(aConfigMap('a'), {
        metadata: {
          ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true }],
        },
      }),
    ],
  ])('says that %s', (why, now) => {
    expect(pruneMismatch(planned, now)).toBe(why);
  });

  it('says that objects of a protected kind are never pruned', () => {
    const claim = applied(anObject('v1/PersistentVolumeClaim', 'c'));
    expect(pruneMismatch(claim, claim)).toBe('objects of its kind are never pruned. It may hold data');
  });
});

describe('orphansOf', () => {
  it('are those that nobody wants', () => {
    const [a, b] = some(2);
    expect(orphansOf([a!, b!], new Set(['v1/ConfigMap/weka/m-0' as never]))).toEqual([b]);
  });
});
