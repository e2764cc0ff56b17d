import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../../../reconciler/core/kube/object.ts';
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
  alsoAppliedBy,
  applied,
  aSecret,
  createdBy,
  edited,
  inWords,
  podSpec,
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

  it('leaves alone what only bears our label, and what a controller owns', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true };
    expect(
      words([
        createdBy('kubectl-create', aConfigMap('copy')),
        applied(aConfigMap('owned'), { metadata: { ownerReferences: [owner] } }),
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
      `refuse v1/Namespace/weka: Deleting it deletes all that is in it, ${way}`,
      `refuse v1/PersistentVolume/v: It may hold data, ${way}`,
      `refuse v1/PersistentVolumeClaim/weka/c: It may hold data, ${way}`,
      'wait v1/Pod/weka/p: A pod of WEKA is not pruned by this version: delete it by hand when it has no work',
      'prune apps/v1/Deployment/weka/web',
    ]);
  });

  it('tells of what is being deleted already, and who holds it; the budget does not count it', () => {
    const going = (name: string, finalizers: readonly string[] = []) =>
      applied(aConfigMap(name), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers } });
    const claim = applied(anObject('v1/PersistentVolumeClaim', 'c'), {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['kubernetes.io/pvc-protection'] },
    });
    const orphans = [going('free'), going('held', ['example.com/a', 'example.com/b']), claim, ...some(1)];
    expect(planPrune(orphans, 10, context()).changes.map(inWords)).toEqual([
      'wait v1/ConfigMap/weka/free: It is being deleted',
      'wait v1/ConfigMap/weka/held: It is being deleted; held by finalizers example.com/a, example.com/b',
      'wait v1/PersistentVolumeClaim/weka/c: It is being deleted; held by finalizers kubernetes.io/pvc-protection',
      'prune v1/ConfigMap/weka/m-0',
    ]);
  });

  it.each(['weka-operator-6b0c', 'weka-cluster-demo', 'weka-client-demo', 'weka-csi-demo'])(
    'never deletes the Secret %s, which WEKA logs in with',
    (name) => {
      expect(
        words([applied(aSecret(name)), applied(aConfigMap(name)), applied(aSecret(`my-${name}`))]),
      ).toEqual([
        `refuse v1/Secret/weka/${name}: It holds the credentials of WEKA, so it is never pruned: delete it by hand, or restore its manifest`,
        `prune v1/ConfigMap/weka/${name}`,
        `prune v1/Secret/weka/my-${name}`,
      ]);
    },
  );

  describe('keeps what is still in use by an orphan that stays', () => {
    const labels = { 'weka.io/mode': 'drivers-dist' };
    const wekaPod = (extra: Parameters<typeof applied>[1] = {}) =>
      applied(anObject('v1/Pod', 'dist', { metadata: { labels }, spec: podSpec({ volumes }) }), extra);
    const volumes = [{ name: 'token', secret: { secretName: 'token' } }];
    const anchor = applied(aConfigMap('weka-wekacontainer-dist'));
    const user = 'Not pruned: v1/Pod/weka/dist refers to it, and is still there';

    it('such as the anchor and the Secrets of a pod of WEKA', () => {
      expect(words([anchor, applied(aSecret('token')), wekaPod()])).toEqual([
        `wait v1/ConfigMap/weka/weka-wekacontainer-dist: ${user}`,
        `wait v1/Secret/weka/token: ${user}`,
        expect.stringMatching(/^wait v1\/Pod\/weka\/dist: A pod of WEKA is not pruned/),
      ]);
    });

    it('while that is being deleted, too, or is not ours any more', () => {
      const going = wekaPod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
      expect(words([anchor, going])).toEqual([
        `wait v1/ConfigMap/weka/weka-wekacontainer-dist: ${user}`,
        'wait v1/Pod/weka/dist: It is being deleted',
      ]);
      const pod = wekaPod();
      const nobodys = { ...pod, metadata: { ...pod.metadata, managedFields: [] } };
      expect(words([anchor, nobodys])).toEqual([`wait v1/ConfigMap/weka/weka-wekacontainer-dist: ${user}`]);
    });

    it('and no longer than that', () => {
      expect(words([anchor])).toEqual(['prune v1/ConfigMap/weka/weka-wekacontainer-dist']);
    });

    it('and so on from there', () => {
      const web = applied(aDeployment('web', { serviceAccountName: 'web' }), {
        metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      });
      const account = applied(
        anObject('v1/ServiceAccount', 'web', { imagePullSecrets: [{ name: 'token' }] }),
      );
      expect(words([applied(aSecret('token')), account, web])).toEqual([
        'wait v1/Secret/weka/token: Not pruned: v1/ServiceAccount/weka/web refers to it, and is still there',
        'wait v1/ServiceAccount/weka/web: Not pruned: apps/v1/Deployment/weka/web refers to it, and is still there',
        'wait apps/v1/Deployment/weka/web: It is being deleted',
      ]);
    });
  });

  describe('refuses to delete what others have written into it', () => {
    it.each([aConfigMap('a', { x: '1' }), aSecret('a', { x: '1' })])('as data, in a $kind', (object) => {
      const live = edited('kubectl-patch', applied(object), { data: { theirs: 'eA==' } });
      expect(words([live])).toEqual([
        `refuse v1/${object.kind}/weka/a: kubectl-patch set data of it too: move that elsewhere, or delete it by hand`,
      ]);
      expect(words([edited('argocd', live, { binaryData: { more: 'eA==' } })])).toEqual([
        `refuse v1/${object.kind}/weka/a: argocd, kubectl-patch set data of it too: move that elsewhere, or delete it by hand`,
      ]);
    });

    it('by applying it as we do', () => {
      const web = aDeployment('web');
      expect(words([alsoAppliedBy('argocd', applied(web), { spec: { replicas: 1 } })])).toEqual([
        'refuse apps/v1/Deployment/weka/web: argocd applies it too: stop it there, or delete it by hand',
      ]);
    });

    it('and does not mind status, labels, and what controllers and hands set beside us', () => {
      const web = applied(aDeployment('web'));
      const scaled = edited('kube-controller-manager', web, {
        spec: { replicas: 7 },
        status: { replicas: 7 },
      });
      const labelled = alsoAppliedBy('team', scaled, {
        metadata: { labels: { team: 'a' } },
        status: { x: 1 },
      });
      const scale = {
        manager: 'scaler',
        operation: 'Apply',
        subresource: 'scale',
        fieldsV1: { 'f:spec': {} },
      };
      const managedFields = [...(labelled.metadata.managedFields ?? []), scale as ManagedFieldsEntry];
      const map = edited('kubectl-label', applied(aConfigMap('a', { x: '1' })), {
        metadata: { labels: { team: 'a' } },
      });
      expect(words([{ ...labelled, metadata: { ...labelled.metadata, managedFields } }, map])).toEqual([
        'prune apps/v1/Deployment/weka/web',
        'prune v1/ConfigMap/weka/a',
      ]);
    });
  });
});

describe('pruneMismatch', () => {
  const planned = applied(aConfigMap('a'));

  it('finds nothing in an object as it was, whatever else changed in it', () => {
    expect(pruneMismatch(planned, planned)).toBeUndefined();
    expect(
      pruneMismatch(planned, edited('other', planned, { metadata: { labels: { x: '1' } } })),
    ).toBeUndefined();
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
    ['kubectl-edit set data of it too', edited('kubectl-edit', planned, { data: { x: '1' } })],
  ])('says that %s', (why, now) => {
    expect(pruneMismatch(planned, now)).toBe(why);
  });

  it.each([
    ['It may hold data', anObject('v1/PersistentVolumeClaim', 'c')],
    ['It holds the credentials of WEKA', aSecret('weka-cluster-demo')],
  ])('says that what is protected is never pruned: %s', (why, object) => {
    const live = applied(object);
    expect(pruneMismatch(live, live)).toBe(`it is never pruned. ${why}`);
  });
});

describe('orphansOf', () => {
  it('are those that nobody wants', () => {
    const [a, b] = some(2);
    expect(orphansOf([a!, b!], new Set(['v1/ConfigMap/weka/m-0' as never]))).toEqual([b]);
  });
});
