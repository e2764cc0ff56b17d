import { describe, expect, it } from 'vitest';
import { lintFiles } from '../lint/read.ts';
import { configMap, readFiles } from './read.ts';

function excerpts(text: string): readonly (string | undefined)[] {
  return readFiles({ 'a.yaml': text }).findings.map(({ excerpt }) => excerpt);
}

function secret(rest: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: { name: a, namespace: weka }\n${rest}`;
}

describe('an excerpt', () => {
  it('is the line with a caret below the place', () => {
    expect(excerpts(configMap('data:\n  a: 5'))).toEqual(['  a: 5\n     ^']);
  });

  it('shows the part of a long line that matters', () => {
    const [excerpt = ''] = excerpts(
      configMap(`data: { a: "${'x'.repeat(500)}", b: 5, c: "${'y'.repeat(500)}" }`),
    );
    const [line = '', caret = ''] = excerpt.split('\n');
    expect(line.length).toBeLessThanOrEqual(122);
    expect(line.startsWith('…') && line.endsWith('…')).toBe(true);
    expect(line[caret.indexOf('^')]).toBe('5');
  });

  it('shows nothing that could act on a terminal', () => {
    expect(excerpts(configMap('data: { a: 5 } # \u2066red\u202e'))).toEqual([
      'data: { a: 5 } # ·red·\n           ^',
    ]);
    expect(excerpts(configMap('data: { a: 5 } # \u001b[31mred'))).toEqual([
      'data: { a: 5 } # ·[31mred\n                 ^',
    ]);
  });
});

describe('a Secret', () => {
  const VALUE = 'hunter2';
  it.each([
    secret(`stringData:\n  a: ${VALUE}\n  b: 5`),
    secret(`data:\n  a: "${VALUE}!"`),
    secret(`data: { a: "${VALUE}!" }`),
    secret(`stringData: { a: !${VALUE} x }`),
    secret(`stringData: { a: *${VALUE} }`),
    secret(`stringData: ["${VALUE}"]`),
    secret(`stringData: ${VALUE}`),
    secret(`stringData:\n  a: b: ${VALUE}`),
    secret(`stringData:\n\ta: ${VALUE}`),
    secret(`stringData:\n  a: "${VALUE}`),
    secret(`dta:\n  a: ${VALUE}`),
    secret(`stringData: { a: &a ${VALUE}, a: *a }`),
    secret(`type: Opaque\nstringData:\n  a: ${VALUE}\n  a: again`),
    secret(`metadata: { annotations: { a: ${VALUE}, b: 5 } }`),
    secret(`stringData: { a: "x\n  b: { ${VALUE}", c: 5 }`),
    secret(`stringData:\n  a: ["b: {", "${VALUE}"]\n  c: 5`),
    secret('stringData: { a: yes, b: 0777, c: 1_000 }'),
    `kind: Secret\ndata: { a: "${VALUE}!" }`,
    `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"weka"},"data":{"a":"${VALUE}!"}}`,
    `apiVersion: v1\nkind: Secrt\nmetadata: { name: a, namespace: weka }\nstringData: { a: ${VALUE}, b: yes }`,
    `apiVersion: v1\nkind: SecretList\nitems:\n  - metadata: { name: a, namespace: weka }\n    data: { a: "${VALUE}!" }`,
    `apiVersion: v1\nkind: List\nx: &x { a: "${VALUE}!" }\nitems:\n  - kind: Secret\n    apiVersion: v1\n    metadata: { name: a, namespace: weka }\n    data: *x`,
  ])('never shows a value: %j', (text) => {
    const { findings } = readFiles({ 'a.yaml': text });
    expect(findings).not.toEqual([]);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|0777|1_000|"?yes"?/);
  });

  it('shows the first name of a map in braces, and no value', () => {
    expect(
      lintFiles({ 'a.yaml': secret(`stringData: { a: ${VALUE}!, b: ${VALUE} }`) }).findings,
    ).toMatchObject([{ rule: 'plain-secret', excerpt: 'stringData: { a: …\n              ^' }]);
  });

  it('shows the lines that hold none', () => {
    expect(excerpts(secret('type: 5'))).toEqual(['type: 5\n      ^']);
  });
});
