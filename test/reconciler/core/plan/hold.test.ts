import { describe, expect, it } from 'vitest';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change, Outcome, Write } from '../../../../reconciler/core/plan/change.ts';
import { Holds, withHolds } from '../../../../reconciler/core/plan/hold.ts';
import {
  aConfigMap,
  aDeployment,
  aNamespace,
  anObject,
  applied,
  aSecret,
  inWords,
} from '../../../support/objects.ts';

const create = (desired: KubeObject): Write => ({
  op: 'create',
  id: objectId(desired),
  desired,
  fields: [],
  flags: [],
});
const update = (desired: KubeObject, live = applied(desired)): Write => ({
  op: 'update',
  id: objectId(desired),
  desired,
  live,
  force: false,
  fields: [],
  flags: [],
});
const prune = (live: KubeObject): Write => ({ op: 'prune', id: objectId(live), live, fields: [], flags: [] });
const failed = (change: Write): Outcome => ({ change, result: 'failed', code: 'API_INVALID', why: 'no' });
const stays = (op: 'refuse' | 'wait', object: KubeObject, absent?: true): Change => ({
  op,
  id: objectId(object),
  reason: 'no',
  fields: [],
  flags: [],
  ...(absent && { absent }),
});

const web = aDeployment('web', { volumes: [{ name: 'a', secret: { secretName: 'token' } }] });
const ingress = anObject('networking.k8s.io/v1/Ingress', 'web', {
  spec: { defaultBackend: { service: { name: 'web' } } },
});
const service = anObject('v1/Service', 'web', { spec: {} });

describe('what holds a write back', () => {
  it('is a needed object that failed, or that is held itself', () => {
    const holds = new Holds([]);
    expect(holds.reason(create(web))).toBeUndefined();
    holds.note(failed(create(aSecret('token'))));
    expect(holds.reason(create(web))).toBe('It needs v1/Secret/weka/token, which failed');
    expect(holds.reason(update(web))).toBe('It needs v1/Secret/weka/token, which failed');
    holds.note({ change: create(service), result: 'held', why: 'x' });
    expect(holds.reason(create(ingress))).toBe('It needs v1/Service/weka/web, which is held back');
  });

  it('is not one that was written, or found as desired', () => {
    const holds = new Holds([]);
    holds.note({ change: create(aSecret('token')), result: 'done' });
    holds.note({ change: update(aNamespace('weka')), result: 'unchanged' });
    expect(holds.reason(create(web))).toBeUndefined();
  });

  it('is one that is refused or waits, if it is not there', () => {
    expect(new Holds([stays('refuse', aSecret('token'), true)]).reason(create(web))).toBe(
      'It needs v1/Secret/weka/token, which is refused',
    );
    expect(new Holds([stays('wait', aNamespace('weka'), true)]).reason(create(aConfigMap('a')))).toBe(
      'It needs v1/Namespace/weka, which waits',
    );
    expect(
      new Holds([stays('refuse', aSecret('token')), stays('wait', aNamespace('weka'))]).reason(create(web)),
    ).toBeUndefined();
  });

  it('is, for a deletion, who still uses the object', () => {
    const holds = new Holds([]);
    holds.note(failed(update(aDeployment('web'), applied(web))));
    expect(holds.reason(prune(applied(aSecret('token'))))).toBe(
      'apps/v1/Deployment/weka/web still refers to it, and could not be changed',
    );
    expect(holds.reason(prune(applied(aSecret('other'))))).toBeUndefined();
  });

  it('is, for a deletion, what was to be deleted before it and is still there', () => {
    const holds = new Holds([]);
    holds.note(failed(prune(applied(web))));
    expect(holds.reason(prune(applied(aSecret('token'))))).toBe(
      'apps/v1/Deployment/weka/web still refers to it, and could not be deleted',
    );
  });

  it('is never a failed deletion, for what is made or changed', () => {
    const holds = new Holds([]);
    holds.note(failed(prune(applied(aSecret('token')))));
    expect(holds.reason(create(web))).toBeUndefined();
  });
});

describe('withHolds', () => {
  it('turns what cannot be done into waits, however far it is', () => {
    const changes = [
      stays('wait', aNamespace('weka'), true),
      create(service),
      update(ingress),
      create(aNamespace('other')),
    ];
    expect(withHolds(changes).map(inWords)).toEqual([
      'wait v1/Namespace/weka: no',
      'wait v1/Service/weka/web: It needs v1/Namespace/weka, which waits',
      'wait networking.k8s.io/v1/Ingress/weka/web: It needs v1/Namespace/weka, which waits',
      'create v1/Namespace/other',
    ]);
  });

  it('leaves a plan alone that nothing stands against', () => {
    const changes = [create(service), update(ingress)];
    expect(withHolds(changes)).toBe(changes);
  });
});
