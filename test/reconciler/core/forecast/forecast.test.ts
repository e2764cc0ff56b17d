import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { PodPlacement } from '../../../../reconciler/core/desired/pod-placement.ts';
import { forecast, type ForecastPass } from '../../../../reconciler/core/forecast/forecast.ts';
import { ModelCluster } from '../../../../reconciler/core/forecast/model.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import { type Change, isWrite } from '../../../../reconciler/core/plan/change.ts';
import { decide, type DecideInput } from '../../../../reconciler/core/plan/decide.ts';
import { withHolds } from '../../../../reconciler/core/plan/hold.ts';
import { byId } from '../../../../reconciler/core/plan/plan.ts';
import {
  aConfigMap,
  aDeployment,
  aJob,
  aNamespace,
  anObject,
  aPod,
  APPLY_SET,
  applied,
  aService,
  wanted,
} from '../../../support/objects.ts';

const now = new Date('2026-11-26T12:00:00Z');

function input(
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
  rest: Partial<DecideInput> = {},
): DecideInput {
  const rules = approvalRules(DEFAULT_SETTINGS.spec.approvals);
  return {
    desired: desired.map((object) => wanted(object)),
    live: byId(live),
    unread: [],
    broken: new Map(),
    settings: DEFAULT_SETTINGS.spec,
    applySet: APPLY_SET,
    prune: { settings: DEFAULT_SETTINGS.spec.prune, alreadyPruned: 0 },
    book: new ApprovalBook([], { rules, uses: [], now, cluster: 'production' }),
    set: targetOf(aConfigMap('weka-gitops')),
    author: 'Ada',
    brake: undefined,
    ...rest,
  };
}

const ahead = (given: DecideInput) => forecast(given, decide(given).changes);
const inWords = (passes: readonly ForecastPass[]) =>
  passes.map(({ stages }) =>
    stages.map((stage) => stage.map(({ op, id }) => `${op} ${id.split('/').at(-1)}`)),
  );
const deleting = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-11-26T00:00:00Z' },
});

describe('a forecast', () => {
  it('makes anew what is to be made anew, once', () => {
    const pod = aPod('build');
    const annotations = { 'weka-gitops.dev/driver-work': '{}' };
    const work = { ...pod, metadata: { ...pod.metadata, annotations } };
    const desired = [{ ...wanted(work), again: 'The package was missing.' }];
    const { passes, settled } = ahead({ ...input([], [applied(work)]), desired });
    expect(inWords(passes)).toEqual([[['replace build']]]);
    expect(settled).toBe(true);
  });

  it('of a cluster that is as asked has no pass', () => {
    const map = aConfigMap('a', { x: '1' });
    expect(ahead(input([map], [applied(map)]))).toEqual({
      passes: [],
      left: [],
      pending: [],
      unlocks: [],
      unlocksLeftOut: 0,
      settled: true,
    });
  });

  it('shows the stages of a first apply', () => {
    const objects = [aNamespace('weka'), aConfigMap('a'), aDeployment('d'), aService('s')];
    const { passes, settled } = ahead(input(objects, []));
    expect(inWords(passes)).toEqual([[['create weka'], ['create a'], ['create s'], ['create d']]]);
    expect(settled).toBe(true);
  });

  it('makes what is being deleted again once it is gone', () => {
    const map = aConfigMap('a', { x: '1' });
    const { passes } = ahead(input([map, aConfigMap('b')], [deleting(applied(map))]));
    expect(inWords(passes)).toEqual([[['create b']], [['create a']]]);
    expect(passes[0]?.waits.map(({ reason }) => reason)).toEqual([
      'It is being deleted; it is made again when it is gone',
    ]);
  });

  it('makes it again also where nothing else is to do', () => {
    const map = aConfigMap('a', { x: '1' });
    const { passes, left } = ahead(input([map], [deleting(applied(map))]));
    expect(inWords(passes)).toEqual([[['create a']]]);
    expect(left).toEqual([]);
  });

  it('of what is replaced and held by finalizers deletes in one pass and makes in the next', () => {
    const held = { metadata: { finalizers: ['example.com/slow'] } };
    const fixed = { ...aConfigMap('f', { x: '1' }), immutable: true };
    const other = { ...aConfigMap('f', { x: '2' }), immutable: true };
    expect(inWords(ahead(input([other], [applied(fixed, held)])).passes)).toEqual([
      [['replace f']],
      [['create f']],
    ]);
  });

  it('has a namespace that is being deleted take along what is in it, and makes all of it again', () => {
    const objects = [aNamespace('weka'), aConfigMap('a'), aDeployment('d')];
    const [namespace, ...others] = objects.map((each) => applied(each));
    const { passes, left, settled } = ahead(input(objects, [deleting(namespace!), ...others]));
    expect(inWords(passes)).toEqual([[['create weka'], ['create a'], ['create d']]]);
    expect(left).toEqual([]);
    expect(settled).toBe(true);
  });

  it('leaves what is in other namespaces where it is', () => {
    const other = { ...aConfigMap('a'), metadata: { name: 'a', namespace: 'other' } };
    const model = new ModelCluster(byId([deleting(applied(aNamespace('weka'))), applied(other)]));
    expect(model.settle()).toBe(true);
    expect([...model.objects.keys()]).toEqual(['v1/ConfigMap/other/a']);
    expect(model.settle()).toBe(false);
  });

  it('has no end yet where something waits for what comes by itself, and tells that from what a person ends', () => {
    const claim = anObject('v1/PersistentVolumeClaim', 'packages', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const nowhere = (name: string, placement: PodPlacement) => ({ ...wanted(aPod(name)), placement });
    const desired = [
      wanted(claim),
      nowhere('dist', { how: 'nowhere', why: 'Its claim packages has no volume yet', passing: true }),
      nowhere('lost', { how: 'nowhere', why: 'lost finds no node' }),
    ];
    const { passes, left, pending, settled } = ahead({ ...input([], []), desired });
    expect(inWords(passes)).toEqual([[['create packages']]]);
    expect(pending.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
      'v1/Pod/weka/dist: Its claim packages has no volume yet',
    ]);
    expect(left.map(({ id }) => id)).toEqual(['v1/Pod/weka/lost']);
    expect(settled).toBe(false);
  });

  it('goes on with a job’s new template once the job has ended, as it will', () => {
    const job = (image: string) => aJob('format', { container: { image } });
    const { passes, left, pending } = ahead(
      input([job('b')], [applied(job('a'), { status: { active: 1 } })]),
    );
    expect([passes, left]).toEqual([[], []]);
    expect(pending.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('cannot be changed before the job has ended'),
    ]);
  });

  it('goes on with what needs something that comes by itself, and not where it needs a person as well', () => {
    const write = (name: string, uses: readonly string[]): Change => ({
      op: 'create',
      id: `v1/Pod/weka/${name}` as ObjectId,
      desired: aPod(name, {
        volumes: uses.map((each) => ({ name: each, configMap: { name: each } })),
      }),
      fields: [],
      flags: [],
    });
    const missing = (name: string, passing?: true): Change => ({
      op: 'wait',
      id: `v1/ConfigMap/weka/${name}` as ObjectId,
      reason: 'It is not there',
      absent: true,
      ...(passing && { passing }),
      fields: [],
      flags: [],
    });
    const changes = [
      missing('soon', true),
      missing('never'),
      write('a', ['soon']),
      write('b', ['soon', 'never']),
    ];
    const waits = withHolds(changes).filter(({ id }) => id.startsWith('v1/Pod'));
    expect(waits.map((each) => 'passing' in each && each.passing)).toEqual([true, false]);
  });

  it('is over once what is pruned has gone, however long its finalizers take', () => {
    const old = applied(aConfigMap('old'), { metadata: { finalizers: ['example.com/slow'] } });
    const others = Array.from({ length: 19 }, (_, index) => aConfigMap(`m-${index}`));
    const { passes, left } = ahead(input(others, [old, ...others.map((each) => applied(each))]));
    expect(inWords(passes)).toEqual([[['prune old']]]);
    expect(left).toEqual([]);
  });

  it('tells what each Approval would set free', () => {
    const others = Array.from({ length: 17 }, (_, index) => aConfigMap(`m-${index}`));
    const gone = ['x', 'y', 'z'].map((name) => applied(aConfigMap(name)));
    const { passes, left, unlocks } = ahead(input(others, [...gone, ...others.map((each) => applied(each))]));
    expect(passes).toEqual([]);
    expect(left.map(({ id }) => id)).toEqual([
      'v1/ConfigMap/weka/x',
      'v1/ConfigMap/weka/y',
      'v1/ConfigMap/weka/z',
    ]);
    expect(unlocks.map(({ approval, passes: then }) => [approval.file.path, inWords(then)])).toEqual([
      ['approvals/prune-budget-weka-gitops.yaml', [[['prune x', 'prune y', 'prune z']]]],
    ]);
  });

  it('keeps refused what the API server has refused, and what needs it waiting', () => {
    const map = aConfigMap('a');
    const user = aDeployment('d', { volumes: [{ name: 'v', configMap: { name: 'a' } }] });
    const free = aConfigMap('b');
    const given = input([map, user, free], []);
    const first = decide(given).changes.map((change) =>
      change.id === 'v1/ConfigMap/weka/a' && isWrite(change)
        ? {
            op: 'refuse' as const,
            id: change.id,
            fields: [],
            flags: [],
            reason: 'denied',
            absent: true as const,
          }
        : change,
    );
    const { left } = forecast(given, withHolds(first));
    expect(left.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
      'v1/ConfigMap/weka/a: denied',
      'apps/v1/Deployment/weka/d: It needs v1/ConfigMap/weka/a, which is refused',
    ]);
  });

  it('replaces what cannot be changed in one pass', () => {
    const fixed = { ...aConfigMap('f', { x: '1' }), immutable: true };
    const other = { ...aConfigMap('f', { x: '2' }), immutable: true };
    expect(inWords(ahead(input([other], [applied(fixed)])).passes)).toEqual([[['replace f']]]);
  });
});

describe('the model of a cluster', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const object = fc.oneof(
    fc
      .record({ name: names, data: fc.dictionary(names, fc.string()) })
      .map(({ name, data }) => aConfigMap(name, data)),
    fc
      .record({ name: names, replicas: fc.integer({ min: 1, max: 5 }) })
      .map(({ name, replicas }) => aDeployment(name, { replicas })),
    names.map((name) => aService(name, { ports: [{ port: 80 }, { port: 443, name: 'tls' }] })),
  );
  const objects = fc.uniqueArray(object, { selector: ({ kind, metadata }) => `${kind}/${metadata.name}` });

  it('is as asked once all writes of the plan are made in it, from whatever it was', () => {
    fc.assert(
      fc.property(objects, objects, (desired, live) => {
        const given = input(
          desired,
          live.map((each) => applied(each)),
        );
        const { settled, left } = ahead(given);
        expect(settled).toBe(true);
        const model = new ModelCluster(given.live);
        for (const change of decide(given).changes) if (isWrite(change)) model.apply(change);
        const then = decide({ ...given, live: model.objects });
        const waiting = new Set<ObjectId>(left.map(({ id }) => id));
        expect(then.changes.filter(({ op, id }) => op !== 'keep' && !waiting.has(id))).toEqual([]);
      }),
    );
  });
});
