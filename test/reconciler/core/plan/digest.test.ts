import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { keyedMark } from '../../../../reconciler/core/plan/mark.ts';
import { aConfigMap, applied, aSecret } from '../../../support/objects.ts';

const create = (desired: KubeObject, source = 'a.yaml:1'): Change => ({
  op: 'create',
  id: objectId(desired),
  desired,
  source,
  fields: [],
  flags: [],
});
const update = (live: KubeObject, to: unknown): Change => ({
  op: 'update',
  id: objectId(live),
  live,
  desired: live,
  force: false,
  fields: [{ path: 'data.x', from: '1', to }],
  flags: [],
});
const prune = (live: KubeObject): Change => ({
  op: 'prune',
  id: objectId(live),
  live,
  fields: [],
  flags: [],
});
const keep: Change = { op: 'keep', id: objectId(aConfigMap('k')), fields: [], flags: [] };
const withMeta = (object: KubeObject, metadata: object): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

const live = applied(aConfigMap('b', { x: '1' }));
const changes = [create(aConfigMap('a', { x: '1' })), update(live, '2'), prune(applied(aConfigMap('c')))];

describe('planDigest', () => {
  it('is a SHA-256, of no work too', () => {
    expect(planDigest(changes)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(planDigest([])).toBe(planDigest([keep]));
  });

  it('does not care for order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(changes, { minLength: 3 }), (shuffled) => {
        expect(planDigest(shuffled)).toBe(planDigest(changes));
      }),
    );
  });

  it.each<[string, readonly Change[]]>([
    ['where the manifest stands', [create(aConfigMap('a', { x: '1' }), 'b.yaml:9'), ...changes.slice(1)]],
    [
      'the version of what is there',
      [changes[0]!, update(withMeta(live, { resourceVersion: '99' }), '2'), changes[2]!],
    ],
    ['what is kept', [...changes, keep]],
    ['whether it was proven', changes.map((change) => ({ ...change, flags: ['unproven'] as const }))],
  ])('does not change with %s', (_what, same) => {
    expect(planDigest(same)).toBe(planDigest(changes));
  });

  it.each<[string, readonly Change[]]>([
    ['the content of what is made', [create(aConfigMap('a', { x: '2' })), ...changes.slice(1)]],
    ['a value', [changes[0]!, update(live, '3'), changes[2]!]],
    [
      'the identity of what is changed',
      [changes[0]!, update(withMeta(live, { uid: 'other' }), '2'), changes[2]!],
    ],
    [
      'the identity of what is deleted',
      [...changes.slice(0, 2), prune(withMeta(applied(aConfigMap('c')), { uid: 'other' }))],
    ],
    ['what is done', [...changes.slice(0, 2), prune(applied(aConfigMap('d')))]],
    ['a flag', [{ ...changes[0]!, flags: ['force'] }, ...changes.slice(1)]],
    ['one change more', [...changes, create(aConfigMap('z'))]],
  ])('changes with %s', (_what, other) => {
    expect(planDigest(other)).not.toBe(planDigest(changes));
  });

  it('is the same however values are marked, and whoever set them', () => {
    const marked = (key: string, rest: object = {}) => {
      const mark = keyedMark(Buffer.from(key));
      const [change] = [update(live, 'x')];
      return planDigest([
        { ...change, fields: [{ path: 'data.x', from: mark('a'), to: `b ${mark('c')}`, ...rest }] },
      ]);
    };
    expect(marked('one')).toBe(marked('another'));
    expect(marked('one', { by: 'by hand: kubectl edit', at: '2026-11-25T18:00:00Z' })).toBe(marked('one'));
    expect(marked('one', { manager: 'kubectl-edit' })).not.toBe(marked('one'));
  });

  it('tells values that are hidden for their looks apart by what is asked for', () => {
    const changed = (password: string) => {
      const desired = applied(aConfigMap('b', { password }));
      const to = keyedMark(Buffer.from('key'))(password);
      return planDigest([{ ...update(live, to), desired } as Change]);
    };
    expect(changed('one')).not.toBe(changed('two'));
  });

  it('holds nothing of what is in a Secret', () => {
    expect(planDigest([create(aSecret('a', { x: '1' }))])).toBe(
      planDigest([create(aSecret('a', { x: '2' }))]),
    );
  });
});
