import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaceReader } from '../../../../reconciler/core/spec/lean-manifest.ts';
import { manifestsOf } from '../../../../reconciler/core/spec/manifest.ts';
import { readPlainYaml } from '../../../../reconciler/core/spec/plain-yaml.ts';
import { readFile } from '../../../../reconciler/core/spec/read-file.ts';
import { StringPool } from '../../../../reconciler/core/spec/string-pool.ts';
import { SourceText } from '../../../../reconciler/core/spec/text.ts';
import { readYaml } from '../../../../reconciler/core/spec/yaml.ts';

const MANIFEST = `# A comment
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings   # another one
  namespace: "weka"
  labels: { app.kubernetes.io/name: 'it''s', "quoted key": x }

  annotations:
    empty: ""
data:
  "a b": "line\\n\\"quoted\\""
  notes.txt: |
    First: line
      deeper, with a \ttab

    # no comment
  last: |-
    no end
  folded: >
    one line
    of two

    and another
---
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 3
  paused: false
  nothing:
  template:
    spec:
      containers:
      - name: main
        image: example.com/app:1.2
        args: [host:port, "8080", [], { url: https://example.com }]
      -   name: other
          command:
            - sh
            - -c
            - |
              exit 0
      volumes: []
`;

const plain = (text: string) => readPlainYaml(text, new StringPool());

/** What the whole YAML parser reads, as the plain reader has it; undefined where it finds any fault. */
function whole(text: string) {
  const source = new SourceText('a.yaml', text);
  const { documents, problems } = readYaml(source);
  const hasFault = problems.length > 0 || documents.some((document) => document.problems.length > 0);
  return hasFault
    ? undefined
    : documents.map(({ value, place }) => ({ value, ...source.position(place.start) }));
}

describe('plain YAML', () => {
  it('is what people and tools mostly write', () => {
    expect(plain(MANIFEST)?.map(({ line }) => line)).toEqual([3, 27]);
    expect(JSON.stringify(plain(MANIFEST)?.map(({ value }) => value))).toBe(
      JSON.stringify(whole(MANIFEST)?.map(({ value }) => value)),
    );
  });

  it.each([
    ['an anchor', 'a: &x 1\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a merge key', '<<: {}\n'],
    ['a name that stands twice', 'a: 1\na: 2\n'],
    ['a name that is no text', '1: a\n'],
    ['a value that readers disagree about', 'a: yes\n'],
    ['a tab', 'a:\n\tb: 1\n'],
    ['a folded block that is indented unevenly', 'a: >\n  b\n   c\n'],
    ['a block that says how deep it is', 'a: |2\n   b\n'],
    ['text over several lines', 'a: b\n  c\n'],
    ['brackets over several lines', 'a: [b,\n  c]\n'],
    ['a second colon', 'a: b: c\n'],
    ['a line that is indented less than its neighbours', 'a:\n    b: 1\n  c: 1\n'],
    ['a quote that does not end', 'a: "b\n'],
    ['a prototype', '__proto__: {}\n'],
    ['JSON', '{"a": 1}\n'],
    ['a document that is no map', 'text\n'],
    ['the end of a document', 'a: 1\n...\n'],
    ['a directive', '%YAML 1.2\n---\na: 1\n'],
    ['a carriage return', 'a: 1\r\n'],
    ['a block without a last line end', 'a: |\n  b'],
  ])('is not %s', (_, text) => {
    expect(plain(text)).toBeUndefined();
  });

  const indents = fc.constantFrom('', '', '  ', '  ', '    ', '      ', ' ');
  const content = fc.constantFrom(
    'a:',
    'b: 1',
    'c: text # comment',
    'd: "x\\ty"',
    "e: 'x: y'",
    'f: |',
    'g: |-',
    'i: >',
    'j: >-',
    'a.b/c: [x, "y", {k: v}]',
    'h: {a: 1, b: [ ]}',
    '- a',
    '- b: 1',
    '- b:',
    '-',
    '- |',
    '- - x',
    '"q": 0x1F',
    'k: 1e3',
    'l: -x: y',
    'm: ~',
    'n: [a:b, -1, ?x]',
    '{x: y}',
    '# comment',
    'plain text',
    '---',
    '...',
    '',
    '\t',
    '\u00a0',
    'o: é😀 ',
    'p: a\u00a0',
    'null: x',
    'r: - x',
    's: .5',
    't: 2020-01-01',
    'u:v',
    'w: a #b: c',
    'x: "a" "b"',
    'y: ]',
  );
  const lines = fc.array(
    fc.tuple(indents, content).map(([indent, text]) => `${indent}${text}`),
    { maxLength: 8 },
  );
  const edits = fc.array(
    fc.tuple(fc.nat(400), fc.nat(2), fc.constantFrom('', ' ', '\n', ':', '-', '"', "'", '#', ',', '{', ']')),
    { maxLength: 2 },
  );
  const texts = fc
    .tuple(fc.oneof(lines, fc.constant(MANIFEST.split('\n'))), edits, fc.boolean())
    .map(([all, changes, ends]) =>
      changes.reduce(
        (text, [at, cut, piece]) => {
          const where = at % (text.length + 1);
          return text.slice(0, where) + piece + text.slice(where + cut);
        },
        all.join('\n') + (ends ? '\n' : ''),
      ),
    )
    .map((text) => text.toWellFormed());

  it('is read as the whole parser reads it, whatever it is', () => {
    let read = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const found = plain(text);
        if (found === undefined) return;
        read++;
        const expected = whole(text);
        expect(found.map(({ value, line }) => ({ value, line, column: 1 }))).toEqual(expected);
        expect(JSON.stringify(found.map(({ value }) => value))).toBe(
          JSON.stringify(expected?.map(({ value }) => value)),
        );
      }),
      { numRuns: 3000 },
    );
    // Otherwise nothing was compared.
    expect(read).toBeGreaterThan(300);
  });

  it('makes the same manifests, with the same places', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const file = { path: 'a.yaml', content: new TextEncoder().encode(text) };
        const source = new SourceText('a.yaml', text.replace(/^\uFEFF/, ''));
        const { documents } = readYaml(source);
        const expected = documents.flatMap((document) => manifestsOf(source, document));
        const seen = (all: typeof expected) =>
          all.map(({ value, apiVersion, kind, id, secret, broken, problems, place }) => ({
            manifest: { value, apiVersion, kind, id, secret, broken, problems },
            file: place.file,
            start: place.start,
            name: place.positionOfName(['metadata', 'name']),
            excerpt: place.excerpt(place.positionOf(['data'])),
          }));
        const { manifests } = readFile(file, new StringPool(), new PlaceReader());
        expect(seen([...manifests])).toEqual(seen(expected));
      }),
      { numRuns: 1000 },
    );
  });
});
