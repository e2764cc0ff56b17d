import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDesired, type MadeObjects } from '../../../../reconciler/core/desired/build.ts';
import { KnownFiles } from '../../../../reconciler/core/spec/known-files.ts';
import { type FileSpecs, type ParsedSpecs, parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import { configMap, settings, wekaContainer } from './read.ts';

const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };
const CONTEXT = { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' };

/** Contents that say something about others, or are wrong in some way. */
const CONTENTS = [
  configMap('data: { k: v }\n'),
  configMap('data: { k: w }\n'),
  configMap('', 'b'),
  `${configMap('', 'c')}---\n${configMap('data: { k: 1 }\n', 'd')}`,
  `${configMap('', 'c')}---\n${configMap('data:\n  k: yes\n', 'e')}`,
  configMap('status: {}\n', 'f'),
  'apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: weka }\nstringData: { k: 1 }\n',
  `apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: weka } }\n`,
  wekaContainer(),
  settings('  namespaces: [weka]\n'),
  settings('  namespaces: [other]\n'),
  settings('  rules: { ignored-field: error }\n'),
  'a: [\n',
  'no manifest\n',
  '',
];

/** A repository after each of some edits: content by the number of its file. */
const histories = fc
  .array(fc.array(fc.tuple(fc.nat(4), fc.option(fc.nat(CONTENTS.length - 1))), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((steps) => {
    const files = new Map<number, number>();
    return steps.map((edits) => {
      for (const [file, content] of edits) {
        if (content === null) files.delete(file);
        else files.set(file, content);
      }
      return [...files];
    });
  });

function snapshot(files: readonly (readonly [number, number])[]): readonly SourceFile[] {
  return files.map(([file, content]) => ({
    path: `${file}.yaml`,
    oid: String(content),
    content: new TextEncoder().encode(CONTENTS[content]),
  }));
}

/** All that can be asked of specs. */
function seen({ specs, ...rest }: ParsedSpecs): unknown {
  return {
    ...rest,
    specs: specs.map(({ place, ...spec }) => {
      const position = place.positionOf(['metadata', 'name']);
      return { ...spec, file: place.file, start: place.start, position, excerpt: place.excerpt(position) };
    }),
  };
}

describe('known files', () => {
  it('make no difference to what is found', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const known = new KnownFiles<FileSpecs>();
        const made: MadeObjects = new WeakMap();
        for (const files of history.map(snapshot)) {
          const again = parseSpecs(files, CEILINGS, known);
          const afresh = parseSpecs(files, CEILINGS);
          expect(seen(again)).toEqual(seen(afresh));
          expect(buildDesired(again, CONTEXT, made)).toEqual(buildDesired(afresh, CONTEXT));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are checked again under other ceilings', () => {
    const known = new KnownFiles<FileSpecs>();
    const files = snapshot([[0, 0]]);
    expect(parseSpecs(files, CEILINGS, known).findings).toEqual([]);
    const narrow = { ...CEILINGS, namespaces: ['other'] };
    expect(parseSpecs(files, narrow, known).findings.map(({ rule }) => rule)).toEqual([
      'namespace-not-allowed',
    ]);
  });

  it('keep what was made of a file for as long as it is the same', () => {
    const known = new KnownFiles<FileSpecs>();
    const [before] = parseSpecs(
      snapshot([
        [0, 0],
        [1, 2],
      ]),
      CEILINGS,
      known,
    ).specs;
    const [same] = parseSpecs(
      snapshot([
        [0, 0],
        [1, 3],
      ]),
      CEILINGS,
      known,
    ).specs;
    const [changed] = parseSpecs(
      snapshot([
        [0, 1],
        [1, 3],
      ]),
      CEILINGS,
      known,
    ).specs;
    const [back] = parseSpecs(
      snapshot([
        [0, 0],
        [1, 3],
      ]),
      CEILINGS,
      known,
    ).specs;
    expect(same).toBe(before);
    expect(changed).not.toBe(before);
    expect(back).not.toBe(before);
  });

  it('are read each time where git has no name for their content', () => {
    const known = new KnownFiles<FileSpecs>();
    const files = snapshot([[0, 0]]).map(({ path, content }) => ({ path, content }));
    const [before] = parseSpecs(files, CEILINGS, known).specs;
    const [after] = parseSpecs(files, CEILINGS, known).specs;
    expect(after).not.toBe(before);
  });

  it('are refused in whole where they describe more objects than a plan is made of', () => {
    const text = `${configMap('', 'a')}---\n${configMap('', 'b')}---\n${configMap('', 'c')}`;
    const files = [{ path: 'a.yaml', content: new TextEncoder().encode(text) }];
    expect(parseSpecs(files, CEILINGS, new KnownFiles(3)).documents).toBe(3);
    expect(() => parseSpecs(files, CEILINGS, new KnownFiles(2))).toThrow(
      'The files describe more objects than are planned at once; at most 2 are.',
    );
  });
});
