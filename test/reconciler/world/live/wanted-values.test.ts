import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { sharing, WantedValues } from '../../../../reconciler/world/live/wanted-values.ts';

function configMap(data: Readonly<Record<string, string>>, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n', ...more }, data };
}

describe('an object that is as it is wanted', () => {
  it('holds the very values of the wanted one', () => {
    const wanted = configMap({ text: 'the same' });
    const live = configMap({ text: 'the same' }, { uid: '1' });
    const shared = new WantedValues([wanted]).shared(live);
    expect(shared).toEqual(live);
    expect(shared['data']).toBe(wanted['data']);
    expect(shared.metadata).not.toBe(wanted.metadata);
  });

  it('holds its own where they differ, and where nobody wants it', () => {
    const live = configMap({ text: 'another', more: 'x' });
    const values = new WantedValues([configMap({ text: 'the same' })]);
    expect(values.shared(live)).toEqual(live);
    values.see([]);
    expect(values.shared(live)).toBe(live);
  });
});

describe('values that share', () => {
  it('keep the order of their members', () => {
    const have = { b: { x: 1 }, a: [1] };
    const want = { a: [1], b: { x: 1 } };
    const shared = sharing(have, want);
    expect(JSON.stringify(shared)).toBe(JSON.stringify(have));
    expect(shared.b).toBe(want.b);
  });

  it.each([
    [
      [1, { a: 1 }, 3],
      [1, { a: 1 }],
    ],
    [{ a: { b: [1, 2] }, c: null }, { a: { b: [2] } }],
    [{ a: undefined }, { b: undefined }],
    ['text', ['text']],
    [[], {}],
    [JSON.parse('{"__proto__": {"a": 1}, "b": 2}'), { b: 2 }],
  ])('are what they were: %j beside %j', (have: unknown, want) => {
    const before = structuredClone(have);
    expect(sharing(have, want)).toEqual(before);
    expect(have).toEqual(before);
  });
});
