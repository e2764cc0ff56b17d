import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FindingOutput } from '../../../../schemas/output/finding.ts';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { configMap, settings, wekaContainer } from './read.ts';

const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };
const VALID = [
  configMap('data: &x { a: "1", b: text }\nbinaryData: { <<: *x }'),
  [
    'apiVersion: weka.weka.io/v1alpha1',
    'kind: WekaCluster',
    'metadata: { name: demo, namespace: weka }',
    'spec:',
    '  image: quay.io/weka.io/weka-in-container:4.4.10',
    '  hotSpare: 1',
    '  stripeWidth: 4',
    '  redundancyLevel: 2',
    '  dynamicTemplate: { computeContainers: 7, driveContainers: 7, driveCores: 2, numDrives: 4 }',
    '  network: { udpMode: true }',
    '---',
    'apiVersion: weka.weka.io/v1alpha1',
    'kind: WekaClient',
    'metadata: { name: demo, namespace: weka }',
    'spec: { image: "quay.io/weka.io/weka-in-container:4.4.10", targetCluster: { name: demo, namespace: weka } }',
  ].join('\n'),
  wekaContainer('  tolerations:\n    - { key: a, operator: Exists }\n  pvc: { name: a }'),
  settings('  namespaces: [weka]\n  prune: { budget: { objects: 3 } }'),
  'apiVersion: v1\nkind: List\nitems:\n  - kind: Secret\n    metadata: { name: a }\n    stringData: { x: "y" }\n',
  '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"weka"},"spec":{"replicas":1}}',
];
const PIECES = [
  ':',
  '- ',
  '\n',
  '\t',
  '  ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&x ',
  '*x',
  '<<: ',
  '#',
  '|',
  '>',
  '!',
  '---\n',
  '? ',
  '%',
  '\0',
  '😀',
  'null',
  'yes',
  '0777',
  '__proto__: ',
];

/** A manifest with a few pieces put in, taken out or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...VALID),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), fc.constantFrom(...PIECES)), {
      maxLength: 6,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [where, cut, piece]) => {
      const at = Math.floor(where * now.length);
      return now.slice(0, at) + piece + now.slice(at + cut);
    }, text),
  );

function isPlace(text: string, line: number, column: number): boolean {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return (
    line >= 1 && line <= lines.length && column >= 1 && column <= [...(lines[line - 1] ?? '')].length + 1
  );
}

describe('parseSpecs', () => {
  it('takes any bytes, and every finding has a place in the file', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        const { findings } = lint(parseSpecs([{ path: 'a.yaml', content }], CEILINGS));
        const text = new TextDecoder().decode(content);
        for (const finding of findings) {
          FindingOutput.parse(finding);
          expect(isPlace(text, finding.line, finding.column)).toBe(true);
          expect(finding.excerpt).toMatch(/\n *\^$/);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('takes any slip in a valid file, and every finding has a place in the file', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const content = new TextEncoder().encode(text);
        const { findings, specs, documents } = lint(parseSpecs([{ path: 'a.yaml', content }], CEILINGS));
        for (const finding of findings) {
          FindingOutput.parse(finding);
          expect(isPlace(text, finding.line, finding.column)).toBe(true);
          expect(finding.excerpt).toMatch(/\n *\^$/);
        }
        expect(specs.length).toBeLessThanOrEqual(documents);
      }),
      { numRuns: 2000 },
    );
  });

  it('says the same in whatever order the files come', () => {
    const files = fc
      .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), mutated), {
        maxLength: 5,
        selector: ([path]) => path,
      })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    const encode = (all: readonly (readonly [string, string])[]) =>
      all.map(([path, text]) => ({ path, content: new TextEncoder().encode(text) }));
    const said = (all: readonly (readonly [string, string])[]): string => {
      const { specs, ...rest } = parseSpecs(encode(all), CEILINGS);
      return JSON.stringify([specs.map(({ id, source, manifest }) => [id, source, manifest]), rest]);
    };
    fc.assert(
      fc.property(files, ([one, other]) => {
        expect(said(other)).toBe(said(one));
      }),
      { numRuns: 300 },
    );
  });

  it('loses no result of a file because of another', () => {
    const valid = { path: 'z.yaml', content: new TextEncoder().encode(configMap('', 'kept')) };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        const { specs } = parseSpecs([{ path: 'a.yaml', content }, valid], CEILINGS);
        expect(specs.map(({ id }) => id)).toContain('v1/ConfigMap/weka/kept');
      }),
      { numRuns: 300 },
    );
  });
});
