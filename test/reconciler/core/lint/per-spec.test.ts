import { expect, it } from 'vitest';
import { perSpec } from '../../../../reconciler/core/lint/per-spec.ts';
import { readFiles } from '../spec/read.ts';

it('is worked out once for a spec, and anew for another one of the same object', () => {
  const read = (value: string) =>
    readFiles({
      'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: weka }\ndata: { a: ${value} }\n`,
    }).specs[0]!;
  let made = 0;
  const data = perSpec(({ manifest }) => ({ made: ++made, data: manifest['data'] }));
  const [before, after] = [read('one'), read('two')];
  expect(data(before)).toEqual({ made: 1, data: { a: 'one' } });
  expect(data(after)).toEqual({ made: 2, data: { a: 'two' } });
  expect(data(before)).toBe(data(before));
  expect(made).toBe(2);
});
