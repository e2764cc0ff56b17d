import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../reconciler/core/kube/hash.ts';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { keyedMark } from '../../../../reconciler/core/plan/mark.ts';
import { aConfigMap, aDeployment, applied, aSecret } from '../../../support/objects.ts';
import { planned } from './risk/risks-of.ts';

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
  desired: aConfigMap(live.metadata.name, { x: '2' }),
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

const podOf = (tag: string) => ({ container: { image: `weka:${tag}` }, securityContext: { runAsGroup: 7 } });

/** `object` with `value` at `path`, or with nothing there where it is undefined. */
function withValue(object: KubeObject, path: string, value: unknown): KubeObject {
  const set = (at: unknown, [field = '', ...rest]: readonly string[]): unknown => {
    const own = { ...(at as object | undefined) } as Record<string, unknown>;
    const next = rest.length === 0 ? value : set(own[field], rest);
    return next === undefined ? own : { ...own, [field]: next };
  };
  return set(object, path.split('.')) as KubeObject;
}

const live = applied(aConfigMap('b', { x: '1' }));
const changes = [create(aConfigMap('a', { x: '1' })), update(live, '2'), prune(applied(aConfigMap('c')))];

describe('planDigest', () => {
  it('holds what is lost, and not how many pods happen to run', () => {
    const withRisk = (name: 'restart' | 'data-loss', evidence: string) =>
      planDigest([{ ...update(live, '2'), risks: [{ name, reason: 'Why', evidence }] }]);
    expect(withRisk('restart', '2 of 3 pods')).toBe(withRisk('restart', '3 of 3 pods'));
    expect(withRisk('restart', '2 of 3 pods')).not.toBe(planDigest([update(live, '2')]));
    expect(withRisk('data-loss', '2 of 3 claims')).not.toBe(withRisk('data-loss', '3 of 3 claims'));
  });

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

  it('does not care for the order in which fields stand in the manifest', () => {
    const fields = [
      { path: 'data.a', to: '1' },
      { path: 'data.b', to: '2' },
    ];
    expect(planDigest([{ ...update(live, '2'), fields: fields.toReversed() }])).toBe(
      planDigest([{ ...update(live, '2'), fields }]),
    );
  });

  it('is over all that is asked for, also where it changes nothing that there is', () => {
    const asked = { ...update(live, '2'), desired: aConfigMap('b', { x: '2' }) } as Change;
    const more = { ...asked, desired: { ...aConfigMap('b', { x: '2' }), immutable: false } } as Change;
    expect(planDigest([more])).not.toBe(planDigest([asked]));
  });

  it('is over more than fits in one text', () => {
    const big = 'x'.repeat(20_000_000);
    const many = Array.from({ length: 14 }, (_, n): Change => {
      const object = aConfigMap(`c-${n}`);
      return { ...update(object, big), fields: [{ path: 'data.x', from: big, to: big }] };
    });
    expect(planDigest(many)).toMatch(/^sha256:[0-9a-f]{64}$/);
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

  it('is another one, and so are the fields, with any value that a manifest says more or otherwise', () => {
    const zero = fc.constantFrom<unknown>(0, false, '', {}, []);
    const value = fc.oneof(zero, fc.string({ minLength: 1 }), fc.integer(), fc.boolean());
    const place = fc.constantFrom(
      'metadata.labels',
      'spec',
      'spec.template.spec',
      'spec.template.spec.securityContext',
    );
    fc.assert(
      fc.property(
        place,
        value,
        fc.option(value, { nil: undefined }),
        fc.boolean(),
        (where, to, from, alone) => {
          fc.pre(canonicalJson(to) !== canonicalJson(from));
          const at = `${where}.added`;
          const of = (added: unknown, image: string) =>
            withValue(aDeployment('web', podOf(image)), at, added);
          const before = applied(of(from, '1'));
          const image = alone ? '1' : '2';
          const [without, made] = [of(from, image), of(to, image)].map((desired) =>
            planned([desired], [before]),
          );
          expect(made?.[0]?.fields.map(({ path }) => path)).toContainEqual(expect.stringContaining('added'));
          expect(planDigest(made ?? [])).not.toBe(planDigest(without ?? []));
        },
      ),
    );
  });

  it('holds nothing of what is in a Secret', () => {
    expect(planDigest([create(aSecret('a', { x: '1' }))])).toBe(
      planDigest([create(aSecret('a', { x: '2' }))]),
    );
  });
});
