import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindNamed } from '../../../../reconciler/core/kube/kinds.ts';
import type { GroupKind, KubeObject } from '../../../../reconciler/core/kube/object.ts';
import type { WatchedObject, WatchEvent } from '../../../../reconciler/world/kubeapi/watch-events.ts';
import { WatchedObjects } from '../../../../reconciler/world/live/watched-objects.ts';

/** Of one namespace. */
const CONFIG_MAPS = {
  kind: kindNamed('ConfigMap' as GroupKind)!,
  namespace: 'one',
};

function at(version: number | string, name = 'a', rest: Partial<KubeObject> = {}): WatchedObject {
  const metadata = { name, uid: `uid-${name}`, resourceVersion: String(version) };
  return { apiVersion: 'v1', kind: 'ConfigMap', data: { version: String(version) }, ...rest, metadata };
}

const added = (object: WatchedObject): WatchEvent => ({ type: 'ADDED', object });
const modified = (object: WatchedObject): WatchEvent => ({ type: 'MODIFIED', object });
const deleted = (object: WatchedObject): WatchEvent => ({ type: 'DELETED', object });
const bookmark = (version: number): WatchEvent => ({ type: 'BOOKMARK', resourceVersion: String(version) });

const held = (objects: WatchedObjects): Record<string, string | undefined> =>
  Object.fromEntries([...objects.all].map(([name, { metadata }]) => [name, metadata.resourceVersion]));

/** Objects as a list at `version` shows them. */
function listed(version: number, ...objects: readonly KubeObject[]): WatchedObjects {
  const all = new WatchedObjects(CONFIG_MAPS);
  all.replace(objects, String(version));
  return all;
}

describe('WatchedObjects', () => {
  it('follows a list by the events that come after it', () => {
    const objects = listed(10, at(3));
    expect(objects.take(modified(at(11)))).toMatchObject({ version: '11', statusOnly: false });
    expect(objects.take(added(at(12, 'b')))).toMatchObject({ version: '12' });
    expect(objects.take(deleted(at(13)))).toMatchObject({ before: at(11), version: '13' });
    expect(objects.take(bookmark(20))).toBeUndefined();
    expect(held(objects)).toEqual({ b: '12' });
    expect(objects.version).toBe('20');
  });

  it('tells of a list what changed, what is new and what is gone', () => {
    const objects = listed(10, at(3), at(4, 'b'), at(5, 'c'));
    const changes = objects.replace([at(3), at(11, 'b'), at(12, 'd')], '12');
    expect(changes.map(({ before, after }) => [before?.metadata.name, after?.metadata.name])).toEqual([
      ['c', undefined],
      ['b', 'b'],
      [undefined, 'd'],
    ]);
  });

  it('passes over events that come twice or late', () => {
    const objects = listed(10, at(3));
    objects.take(modified(at(15)));
    expect(objects.take(modified(at(15)))).toBeUndefined();
    expect(objects.take(modified(at(12)))).toBeUndefined();
    objects.take(deleted(at(16)));
    expect(objects.take(deleted(at(16)))).toBeUndefined();
    expect(objects.take(modified(at(14)))).toBeUndefined();
    expect(held(objects)).toEqual({});
  });

  it('compares versions by value, however many digits they have', () => {
    const objects = listed(9, at(9));
    expect(objects.take(modified(at('10')))).toBeDefined();
    expect(objects.take(modified(at('18446744073709551616')))).toBeDefined();
    expect(objects.take(modified(at('9')))).toBeUndefined();
  });

  it('does not go back behind our own write, by an event or by a list that lags', () => {
    const objects = listed(10, at(3));
    objects.put(at(20));
    expect(objects.take(modified(at(12)))).toBeUndefined();
    expect(objects.replace([at(12)], '15')).toEqual([]);
    expect(objects.replace([], '16')).toEqual([]);
    expect(held(objects)).toEqual({ a: '20' });
    expect(objects.unconfirmed).toBe(1);

    expect(objects.take(modified(at(20)))).toBeUndefined();
    expect(objects.unconfirmed).toBe(0);
    expect(objects.take(modified(at(21)))).toBeDefined();
  });

  it('lets go of our own write for what came after it', () => {
    const byEvent = listed(10, at(3));
    byEvent.put(at(20));
    expect(byEvent.take(deleted(at(21)))).toMatchObject({ before: at(20) });
    const byList = listed(10, at(3));
    byList.put(at(20));
    expect(byList.replace([], '25')).toMatchObject([{ before: at(20) }]);
    expect([byEvent.unconfirmed, byList.unconfirmed]).toEqual([0, 0]);
  });

  it('takes no answer to a write that the watch has overtaken', () => {
    const objects = listed(10, at(3));
    objects.take(modified(at(20)));
    objects.take(deleted(at(21)));
    objects.put(at(20));
    expect(held(objects)).toEqual({});
  });

  it('goes by order where versions are no numbers', () => {
    const objects = new WatchedObjects(CONFIG_MAPS);
    objects.replace([at('x')], 'x');
    objects.put(at('mine'));
    expect(objects.take(modified(at('before')))).toBeUndefined();
    expect(objects.take(modified(at('mine')))).toBeUndefined();
    expect(objects.take(modified(at('after')))).toBeDefined();
    expect(held(objects)).toEqual({ a: 'after' });
  });

  it('does not show again an object that is known to be gone, but shows its successor', () => {
    const objects = listed(10, at(3));
    objects.drop({ name: 'a' }, 'uid-a');
    expect(objects.take(modified(at(12)))).toBeUndefined();
    expect(objects.replace([at(12)], '12')).toEqual([]);
    expect(held(objects)).toEqual({});
    expect(objects.take(deleted(at(13)))).toBeUndefined();
    const successor = { ...at(14), metadata: { ...at(14).metadata, uid: 'another' } };
    expect(objects.take(added(successor))).toMatchObject({ after: successor });
  });

  it('tells by itself what moved only the status, and tells not at all of times', () => {
    const entry = (time: string, fields: object, subresource?: string) => ({
      manager: 'x',
      operation: 'Update' as const,
      time,
      fieldsV1: fields as never,
      ...(subresource === undefined ? {} : { subresource }),
    });
    const state = (version: number, ready: number, managedFields: readonly object[]) => {
      const object = at(version, 'a', { data: {}, status: { ready } });
      return { ...object, metadata: { ...object.metadata, managedFields } } as WatchedObject;
    };
    const objects = listed(10, state(3, 1, [entry('t1', { 'f:data': {} })]));
    const seen = (object: WatchedObject) => objects.take(modified(object))?.statusOnly;
    expect(seen(state(11, 1, [entry('t2', { 'f:data': {} })]))).toBeUndefined();
    expect(seen(state(12, 2, [entry('t2', { 'f:data': {} }), entry('t3', {}, 'status')]))).toBe(true);
    // Who owns a field decides what we correct.
    expect(seen(state(13, 2, [entry('t2', {}), entry('t3', {}, 'status')]))).toBe(false);
  });

  it('ends where the API server is, whatever came twice, late, or beside a list', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      deleted: fc.boolean(),
      own: fc.boolean(),
      again: fc.integer({ min: 0, max: 3 }),
      relist: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const truth = new Map<string, WatchedObject>();
        const states = [new Map(truth)];
        const events: WatchEvent[] = [];
        const objects = listed(0);
        for (const [index, { name, deleted: isDeleted, own, again, relist }] of steps.entries()) {
          const object = at(index + 1, name);
          const isThere = truth.has(name);
          if (isDeleted) truth.delete(name);
          else truth.set(name, object);
          states.push(new Map(truth));
          events.push(isDeleted ? (isThere ? deleted(object) : bookmark(index + 1)) : modified(object));
          if (own && !isDeleted) objects.put(object);
          for (const event of events.slice(-1 - again)) objects.take(event);
          // A list may show an earlier state; the watch then goes on from there.
          if (relist !== undefined) {
            const version = Math.max(0, index + 1 - relist);
            objects.replace([...states[version]!.values()], String(version));
            for (const event of events.slice(version)) objects.take(event);
          }
          const expected = [...truth].map(([key, { metadata }]) => [key, metadata.resourceVersion]);
          expect(held(objects)).toEqual(Object.fromEntries(expected));
        }
      }),
    );
  });
});
