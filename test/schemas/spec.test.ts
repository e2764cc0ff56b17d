import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldsAt, metaAt, schemaAt, unwrapped } from '../../reconciler/core/spec/rules/schema-fields.ts';
import { SPEC_KINDS } from '../../schemas/spec.ts';

/** Every field of a schema, with its path. */
function fields(schema: z.ZodType, path = ''): readonly (readonly [path: string, field: z.ZodType])[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return fields(inner.element as z.ZodType, `${path}[]`);
  if (inner instanceof z.ZodRecord) return fields(inner.valueType as z.ZodType, `${path}{}`);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [[at, field] as const, ...fields(field, at)];
  });
}

describe.each(SPEC_KINDS)('the schema of $kind', ({ schema, actedOn, kind }) => {
  const all = fields(schema);

  it('says of every field what it means, in a sentence', () => {
    const silent = all.filter(([, field]) => !/^.{6,}[.)]$/su.test(field.meta()?.description ?? ''));
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('can be said as JSON Schema, whole', () => {
    expect(() => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })).not.toThrow();
    expect(() => z.toJSONSchema(schema, { io: 'output', unrepresentable: 'throw' })).not.toThrow();
  });

  it('marks only fields that there are as acted on', () => {
    const paths = new Set(all.map(([path]) => path));
    expect([...actedOn].filter((path) => !paths.has(path))).toEqual([]);
  });

  it('names a replacement for what is deprecated, beside it', () => {
    for (const [path, field] of all) {
      const { deprecated, replacedBy } = field.meta() ?? {};
      if (deprecated !== true) continue;
      const beside = path.split('.').slice(0, -1);
      expect(fieldsAt(schema, beside)).toContain(replacedBy);
    }
  });

  it('knows its kind', () => {
    expect(schemaAt(schema, ['kind'])?.safeParse(kind).success).toBe(true);
  });
});

describe('fields by their path', () => {
  const cluster = SPEC_KINDS.find(({ kind }) => kind === 'WekaCluster')?.schema ?? z.never();
  const client = SPEC_KINDS.find(({ kind }) => kind === 'WekaClient')?.schema ?? z.never();

  it('are found through lists and maps', () => {
    expect(fieldsAt(cluster, ['spec', 'network', 'selectors', 0])).toContain('deviceNames');
    expect(metaAt(cluster, ['spec', 'rawTolerations', 3, 'effect'])?.description).toBe(
      'Effect; all where unset.',
    );
    expect(schemaAt(cluster, ['spec', 'nodeSelector', 'any'])?.safeParse('a').success).toBe(true);
  });

  it('say whether they are deprecated', () => {
    expect(metaAt(client, ['spec', 'wekaHomeConfig'])).toMatchObject({
      deprecated: true,
      replacedBy: 'wekaHome',
    });
    expect(metaAt(client, ['spec', 'wekaHome'])?.deprecated).toBeUndefined();
  });

  it('are none where there is none', () => {
    expect(schemaAt(cluster, ['spec', 'constructor'])).toBeUndefined();
    expect(metaAt(cluster, ['spec', 'image', 'tag'])).toBeUndefined();
    expect(fieldsAt(cluster, ['spec', 'imgae'])).toEqual([]);
  });
});
