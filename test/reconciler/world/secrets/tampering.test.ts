import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { openSealed } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import { type AgeKey, ageKey, seal, textOf } from './sealing.ts';

let age: AgeKey;
let file: SourceFile;

beforeAll(async () => {
  await sopsProgram();
  age = await ageKey();
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: weka}
data: {a: first, b: a longer second value}
`;
  file = await seal(text, { age: [age], args: ['--encrypted-regex', '^data$'] });
}, 900_000);

const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };

/** What is asked for, or undefined where an error is told of it. */
async function open(content: Buffer): Promise<readonly unknown[] | undefined> {
  const { files, findings } = await openSealed([{ path: file.path, content }], async () => ({
    age: [age.identity],
  }));
  const specs = parseSpecs(files, CEILINGS);
  const isError = [...findings, ...specs.findings].some(({ level }) => level === 'error');
  if (isError) expect(specs.specs).toEqual([]);
  return isError ? undefined : specs.specs.map(({ manifest }) => manifest);
}

/** Each encrypted value of the file, the MAC among them, from its first character to its last. */
const spans = () =>
  [...textOf(file).matchAll(/ENC\[[^\]]*\]/g)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );

describe('a single byte', () => {
  it('of an encrypted value or of the MAC cannot be changed unseen', async () => {
    const bytes = Buffer.from(file.content);
    const places = spans().flatMap(([from, to]) =>
      Array.from({ length: to - from }, (_, index) => from + index),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.integer({ min: 0, max: 255 }), async (place, byte) => {
        fc.pre(bytes[place] !== byte);
        const changed = Buffer.from(bytes);
        changed[place] = byte;
        expect(await open(changed)).toBeUndefined();
      }),
      { numRuns: 600 },
    );
  });

  it('of the rest cannot be changed so that another value is asked for', async () => {
    const text = textOf(file);
    const before = await open(Buffer.from(text));
    expect(before).toMatchObject([{ data: { b: 'a longer second value' } }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (place, code) => {
        const changed = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
        const after = await open(Buffer.from(changed));
        // The MAC is over values and not over names: SOPS itself does not see a plain name that changed.
        if (after !== undefined) expect(after.flatMap(leaves)).toEqual(before!.flatMap(leaves));
      }),
      { numRuns: 600 },
    );
  });
});

function leaves(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}
