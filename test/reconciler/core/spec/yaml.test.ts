import { describe, expect, it } from 'vitest';
import { configMap, found, readFiles, told } from './read.ts';

describe('reading files', () => {
  it('takes several documents, comments, empty documents, a byte order mark and Windows line ends', () => {
    const text = `\uFEFF# first\r\n---\r\n${configMap('', 'a').replaceAll('\n', '\r\n')}---\r\n# nothing\r\n---\r\n${configMap('', 'b')}`;
    const parsed = readFiles({ 'a.yaml': text });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs.map(({ id, source }) => `${source} ${id}`)).toEqual([
      'a.yaml:3 v1/ConfigMap/weka/a',
      'a.yaml:10 v1/ConfigMap/weka/b',
    ]);
  });

  it('takes a file of comments only, and an empty one', () => {
    expect(told(readFiles({ 'a.yaml': '# nothing here\n', 'b.yaml': '' }))).toEqual([]);
  });

  it('takes JSON, indented by tabs', () => {
    const json = JSON.stringify(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'weka' }, data: { a: '1' } },
      undefined,
      '\t',
    );
    const parsed = readFiles({ 'a.json': json });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs[0]?.manifest).toEqual(JSON.parse(json));
  });

  it('unpacks lists, and lets items of a typed list go without their type', () => {
    const parsed = readFiles({
      'a.yaml': `apiVersion: v1\nkind: List\nitems:\n  - ${configMap('', 'a').replaceAll('\n', '\n    ')}\n  - apiVersion: v1\n    kind: ConfigMapList\n    items:\n      - metadata: { name: b, namespace: weka }\n`,
    });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs.map(({ id, source }) => `${source} ${id}`)).toEqual([
      'a.yaml:4 v1/ConfigMap/weka/a',
      'a.yaml:12 v1/ConfigMap/weka/b',
    ]);
    expect(parsed.documents).toBe(2);
  });

  it.each([
    [
      'tab',
      configMap('data:\n\ta: b'),
      '6:1',
      'A tab stands in the indentation, where YAML takes only spaces.',
    ],
    ['nested map', configMap('data: a: b'), '5:7', 'A map begins within a value that has begun already.'],
    ['quote', configMap('data: { a: "b }'), '5:16', 'The closing " is missing.'],
    ['bracket', configMap('data: [1, 2\n'), '6:1', 'The closing ] is missing.'],
    ['at sign', configMap('data: { a: @b }'), '5:12', 'No plain text can begin with this character.'],
    ['alias', configMap('data: { a: *b }'), '5:12', 'The alias refers to no anchor before it.'],
    [
      'indentation',
      configMap('data:\n    a: b\n   c: d'),
      '7:1',
      'The indentation does not fit the lines before it.',
    ],
  ])('tells where a %s is wrong', (_what, text, place, message) => {
    expect(found(text)).toEqual([`${place} error yaml-syntax: ${message}`]);
  });

  it('goes on with the other documents and files after a syntax error', () => {
    const parsed = readFiles({
      'a.yaml': `${configMap('data: a: b')}\n---\n${configMap('', 'b')}`,
      'b.yaml': configMap('', 'c'),
    });
    expect(parsed.specs.map(({ id }) => id)).toEqual(['v1/ConfigMap/weka/b', 'v1/ConfigMap/weka/c']);
    expect(parsed.broken).toEqual([{ id: 'v1/ConfigMap/weka/a', source: 'a.yaml:1' }]);
  });

  it('tells of the second of two keys', () => {
    expect(found(configMap('data:\n  a: x\n  b: z\n  a: z'))).toEqual([
      '8:3 error duplicate-key: "a" is set twice in the same map; the first is in line 6.',
    ]);
  });

  it('refuses names that are not text, and tags', () => {
    expect(found(configMap('data:\n  [a]: x\n  b: !!binary eA=='))).toEqual([
      '6:3 error yaml-key: The name of a field has to be text.',
      '7:15 error yaml-tag: Tags, which begin with an exclamation mark, are not read.',
    ]);
  });

  it('reads names that are numbers as the API server does', () => {
    const parsed = readFiles({ 'a.yaml': configMap('data:\n  8080: web\n  true: x') });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs[0]?.manifest['data']).toEqual({ '8080': 'web', true: 'x' });
  });

  it('points at unquoted words that the API server reads otherwise, as values and as names', () => {
    expect(found(configMap('data:\n  a: yes\n  on: x'))).toEqual([
      '6:6 error ambiguous-scalar: yes is text in YAML 1.2, and true to the API server.',
      '7:3 error ambiguous-scalar: on is text in YAML 1.2, and true to the API server.',
    ]);
    expect(found(configMap("data:\n  a: 'yes'\n  'on': x"))).toEqual([]);
  });

  it('counts columns in characters, not in bytes', () => {
    expect(found(configMap('data: { b: "𝄞é", a: 5, c: 6 }'))).toEqual([
      '5:21 error schema: data.a must be text, not the number 5.',
      '5:27 error schema: data.c must be text, not the number 6.',
    ]);
  });

  it('keeps __proto__ as a plain name', () => {
    const parsed = readFiles({ 'a.yaml': configMap('data:\n  __proto__: x') });
    const data = parsed.specs[0]?.manifest['data'];
    expect(Object.keys(data as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('hints at templates that nobody rendered', () => {
    const { findings } = readFiles({ 'a.yaml': configMap('data:\n  a: {{ .Values.a }}') });
    expect(findings.map(({ hint }) => hint).join()).toContain('templates are not rendered');
  });
});

describe('what readers of YAML disagree about', () => {
  const DASHES = 'Something follows --- in its line, which kubectl does not take.';
  it.each([
    [
      'a directive',
      `%YAML 1.2\n---\n${configMap()}`,
      '1:1',
      'yaml-syntax: A line that begins with a percent sign is a directive to YAML, and none to kubectl.',
    ],
    [
      'text after three dashes',
      '--- { apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: weka } }',
      '1:1',
      `yaml-syntax: ${DASHES}`,
    ],
    [
      'a document after three dots',
      `${configMap('', 'a')}...\n${configMap('', 'b')}`,
      '6:1',
      'yaml-syntax: Three dots end the document here, and the API server reads nothing after them.',
    ],
    [
      'a carriage return alone',
      configMap('data: { a: x }\r'),
      '5:15',
      'yaml-syntax: A carriage return stands here without a line feed, which ends a line for some readers of YAML only.',
    ],
    [
      'a line separator',
      configMap('data: { a: "x\u2028" }'),
      '5:14',
      'yaml-syntax: The character U+2028 stands here, which readers of YAML take in different ways.',
    ],
    [
      'a tab before a comment',
      configMap('data:\n  a: x\n\t# c\n  b: x'),
      '7:1',
      'yaml-syntax: A tab stands in the indentation, where YAML takes only spaces.',
    ],
    [
      'a question mark within brackets',
      configMap('data: { a: http://x/?b=c }'),
      '5:21',
      'ambiguous-scalar: Within [ ] or { } readers of YAML disagree about text with ? in this place.',
    ],
    [
      'a colon without a space',
      configMap('data: { a: x, b:{} }'),
      '5:16',
      'ambiguous-scalar: Readers of YAML disagree whether this colon ends a name.',
    ],
    [
      'a name over two lines',
      configMap('data: { "a\n b": x }'),
      '5:9',
      'yaml-syntax: A name within { } goes over more than one line.',
    ],
    [
      'an anchor with a dot',
      configMap('data: { a: &x.y x }'),
      '5:12',
      'yaml-syntax: The name of this anchor has other characters than letters, digits, - and _.',
    ],
    [
      'a lone exclamation mark',
      configMap('data: { a: ! x }'),
      '5:12',
      'yaml-tag: A lone exclamation mark is read as a tag by some, and as nothing by others.',
    ],
    [
      'an escape of JSON',
      configMap('data: { a: "x\\/y" }'),
      '5:14',
      'yaml-syntax: The API server does not know this escape.',
    ],
    [
      'a tab first in a block',
      configMap('data:\n  a: |\n    \tx'),
      '7:5',
      'yaml-syntax: The first line of this text begins with a tab, which the API server takes for indentation.',
    ],
    [
      'spaces last in a block',
      configMap('data:\n  a: |1\n   x\n     \n'),
      '6:6',
      'yaml-syntax: Readers of YAML disagree about the spaces that this text ends with.',
    ],
    [
      'a number with a point as a name',
      configMap('data:\n  1.5: x'),
      '6:3',
      'yaml-key: The name of a field has to be text.',
    ],
  ])('is told: %s', (_what, text, place, said) => {
    expect(found(text)[0]).toBe(`${place} error ${said}`);
  });

  it('is no doubt in JSON, which kubectl does not read as YAML', () => {
    const json = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"weka"},"data":{"a":"\\/\\ud83d\\ude00"}}`;
    const parsed = readFiles({ 'a.json': json });
    expect(told(parsed)).toEqual([]);
    expect(parsed.specs[0]?.manifest['data']).toEqual({ a: '/😀' });
  });

  it('leaves the other documents of the file as they are', () => {
    const parsed = readFiles({
      'a.yaml': `${configMap('data: { a: ! x }', 'a')}\n---\n${configMap('', 'b')}`,
    });
    expect(told(parsed)).toHaveLength(1);
    expect(parsed.specs.map(({ id }) => id)).toEqual(['v1/ConfigMap/weka/b']);
  });
});

describe('aliases and merges', () => {
  it('are read, and lead to where the value was written', () => {
    const text = configMap('data: &a\n  x: 5\nbinaryData:\n  <<: *a\n  z: eA==');
    // It is told once, where it stands.
    expect(found(text)).toEqual(['6:6 error schema: data.x must be text, not the number 5.']);
    expect(found(text.replace('x: 5', 'x: plain!'))).toEqual([
      '6:6 error schema: binaryData.x is not base64.',
    ]);
  });

  it('let a map override what it merges', () => {
    const parsed = readFiles({
      'a.yaml': configMap('data: &a\n  x: one\n  z: dHdvdHdv\nbinaryData:\n  <<: *a\n  x: b25l'),
    });
    expect(parsed.specs[0]?.manifest['binaryData']).toEqual({ x: 'b25l', z: 'dHdvdHdv' });
  });

  it('are refused where readers disagree which value counts', () => {
    expect(found(configMap('data: &a { x: one }\nbinaryData:\n  x: b25l\n  <<: *a'))).toEqual([
      '8:3 error ambiguous-scalar: This merge sets "x" again, which stands before it: readers of YAML disagree which counts.',
    ]);
  });

  it('may not stand within themselves', () => {
    expect(found(configMap('data: &a { x: *a }'))[0]).toBe(
      '5:15 error yaml-limits: The alias stands within the value it refers to, which would never end.',
    );
  });
});

describe('limits', () => {
  const bounded = (text: string): readonly string[] => {
    const start = performance.now();
    const result = found(text);
    expect(performance.now() - start).toBeLessThan(10_000);
    return result;
  };

  it('stop an alias bomb', () => {
    const levels = Array.from({ length: 30 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    expect(bounded(`l0: &l0 [x]\n${levels.join('\n')}`).join('\n')).toContain(
      'error yaml-limits: Aliases repeat more than 10000 values in this document.',
    );
  });

  it.each(['[', '{', '- ', '? ', '{a: ['])('stop a long row of %j', (piece) => {
    const [only, ...others] = bounded(piece.repeat(100_000));
    expect(only).toContain('error yaml-limits: Values are nested more than 64 deep.');
    expect(others).toEqual([]);
  });

  it('take 60 levels', () => {
    expect(found(configMap(`data: ${'['.repeat(60)}${']'.repeat(60)}`))).toEqual([
      '5:7 error schema: data must be a map, not a list.',
    ]);
  });

  it.each([
    [
      'quotes',
      '"'.repeat(300_000),
      'The document has more than 200 syntax errors; it and the rest are not read.',
    ],
    [
      'maps outside of any value',
      '{}'.repeat(500_000),
      'The document has more than 200 syntax errors; it and the rest are not read.',
    ],
    ['elements', '-\n'.repeat(500_000), 'The document holds too many values.'],
    [
      'documents',
      'apiVersion: v1\n---\n'.repeat(1001),
      'The file holds more than 1000 documents; the rest is not read.',
    ],
    [
      'empty documents',
      '---\n'.repeat(200_000),
      'The file holds more than 10000 empty documents; the rest is not read.',
    ],
    ['bytes', `# ${'x'.repeat(1024 * 1024)}`, 'The file is larger than 1 MiB.'],
    [
      'items',
      `apiVersion: v1\nkind: List\nitems:\n${'- {}\n'.repeat(2001)}`,
      'The List has more than 2000 items; the rest is not read.',
    ],
  ])('stop a file with too many %s', (_what, text, message) => {
    const result = bounded(text);
    expect(result.length).toBeLessThanOrEqual(101);
    const more = /more-findings: The file has \d+ more findings after this place\.$/;
    expect(result.at(-1)).toMatch(result.length > 100 ? more : message);
  });

  it('tell the first hundred findings of a file, and how many more there are', () => {
    const { findings } = readFiles({ 'a.yaml': `${configMap('x: 1')}\n---\n`.repeat(80) });
    expect(findings).toHaveLength(101);
    expect(findings.at(-1)).toMatchObject({ level: 'error', rule: 'more-findings' });
  });
});

describe('encodings', () => {
  const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0x00]);
  const latin1 = new Uint8Array([...new TextEncoder().encode('a: b\nc: "caf'), 0xe9, 0x22]);
  it.each([
    ['UTF-16', utf16, '1:1 error encoding: The file is UTF-16, not UTF-8.'],
    ['Latin-1', latin1, '2:8 error encoding: The file is not valid UTF-8 here.'],
    ['NUL', 'a: b\nc: \0', '2:4 error encoding: The file holds a NUL character.'],
  ])('other than UTF-8 are refused: %s', (_what, content, expected) => {
    expect(found(content)).toEqual([expected]);
  });
});
