import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SPEC_KINDS } from '../../schemas/spec.ts';
import { jsonSchemas } from '../../scripts/generate-json-schemas.ts';
import { type JsonSchema, mutated, valuesOf } from './schema-values.ts';

const FILES = jsonSchemas();
const EVERYTHING = FILES['schemas/json/weka-gitops.json']!;

function schemaOf(kind: string): JsonSchema {
  const found = Object.values(FILES)
    .map((text) => JSON.parse(text) as JsonSchema & { title?: string })
    .find(({ title }) => title === kind);
  if (found === undefined) throw new Error(`No JSON Schema is of ${kind}.`);
  return found;
}

/** Strict: unknown keywords and contradictions in the schema itself are errors. */
function accepts(schema: object): (value: unknown) => boolean {
  const check = new Ajv({ strict: true, allErrors: false }).compile(schema);
  return (value) => check(value);
}

function namesIn(schema: JsonSchema): readonly string[] {
  return Object.keys(schema.properties?.['spec']?.properties ?? {});
}

/** The schema without references. */
function expanded(root: JsonSchema): unknown {
  const made = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(made);
    if (typeof part !== 'object' || part === null) return part;
    const { $ref, ...rest } = part as JsonSchema;
    const own = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, made(value)]));
    if ($ref === undefined) return own;
    return { ...(made(root.definitions?.[$ref.replace('#/definitions/', '')]) as object), ...own };
  };
  const { definitions: _shared, ...rest } = root;
  return made(rest);
}

/** Fields of a spec that say nothing of themselves. */
function undescribed(schema: JsonSchema): readonly string[] {
  const fields = (part: JsonSchema, path: string): readonly string[] => [
    ...Object.entries(part.properties ?? {}).flatMap(([name, field]) => [
      ...(field.description === undefined ? [`${path}.${name}`] : []),
      ...fields(field, `${path}.${name}`),
    ]),
    ...(part.items === undefined ? [] : fields(part.items, `${path}[]`)),
  ];
  return fields(schema.properties?.['spec'] ?? {}, 'spec');
}

describe('the JSON Schemas', () => {
  it.each(Object.keys(FILES))('are taken by ajv in strict mode, and stand in %s', (path) => {
    expect(() => accepts(JSON.parse(FILES[path]!) as object)).not.toThrow();
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(FILES[path]);
  });

  it.each(SPEC_KINDS)(
    'say of a $kind all that zod says: descriptions, defaults, what is deprecated',
    ({ kind, schema }) => {
      const {
        title,
        definitions: _shared,
        ...own
      } = expanded(schemaOf(kind)) as JsonSchema & { title?: string };
      expect(title).toBe(kind);
      const said = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
      expect(own).toEqual(
        JSON.parse(JSON.stringify(said, (key, value: unknown) => (key === 'replacedBy' ? undefined : value))),
      );
      expect(undescribed(own)).toEqual([]);
    },
  );

  it.each(SPEC_KINDS)('take of a $kind what zod takes, and nothing else', ({ kind, apiVersion, schema }) => {
    const json = schemaOf(kind);
    const own = accepts(json);
    const any = accepts(JSON.parse(EVERYTHING) as object);
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutated(valuesOf(json), namesIn(json)), (document) => {
        const { success } = schema.safeParse(document);
        if (success) taken++;
        else refused++;
        expect({ document, own: own(document) }).toEqual({ document, own: success });
        const { apiVersion: version, kind: name } = document as Record<string, unknown>;
        // Of another kind the schema of everything thinks otherwise.
        if (version === apiVersion && name === kind) expect(any(document)).toBe(success);
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(100);
  });
});

describe('the JSON Schema for every kind', () => {
  const takes = accepts(JSON.parse(EVERYTHING) as object);
  const metadata = { name: 'a', namespace: 'weka' };

  it('lets other kinds of Kubernetes pass', () => {
    expect(takes({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 1 } })).toBe(true);
    expect(takes({ apiVersion: 'apps/v1', kind: 'Deployment', spec: null })).toBe(true);
  });

  it.each([
    { apiVersion: 'v1', metadata },
    { kind: 'ConfigMap' },
    { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaClustre', metadata },
    { apiVersion: 'weka.weka.io/v1', kind: 'WekaCluster', metadata },
    { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'weka-gitops.dev/v1', kind: 'Settings' }] },
  ])('refuses %j', (manifest) => {
    expect(takes(manifest)).toBe(false);
  });
});
