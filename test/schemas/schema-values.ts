import fc from 'fast-check';

/** A JSON Schema, as far as ours go. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly deprecated?: boolean;
  readonly description?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** Values that fit a schema: each optional field now and then, and seldom deep down. */
export function valuesOf(root: JsonSchema): fc.Arbitrary<unknown> {
  const made = (schema: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.replace('#/definitions/', '');
      const target = root.definitions?.[name];
      if (target === undefined) throw new Error(`There is no definition ${name}.`);
      return made(target, depth);
    }
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => made(each, depth)));
    switch (schema.type) {
      case 'string':
        return texts(schema);
      case 'integer':
        return fc.oneof(
          fc.integer({ min: Math.max(schema.minimum ?? -9, -1e9), max: Math.min(schema.maximum ?? 9, 1e9) }),
          fc.constantFrom(...[schema.minimum, schema.maximum, 1].filter((each) => each !== undefined)),
        );
      case 'number':
        return fc.double({
          noNaN: true,
          noDefaultInfinity: true,
          min: schema.minimum ?? -9,
          max: schema.maximum ?? 99,
        });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(made(schema.items ?? {}, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 2, (schema.minItems ?? 0) + 2),
        });
      case 'object':
        return objects(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 1 });
    }
  };
  const objects = (schema: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    const fields = Object.entries(schema.properties ?? {});
    const isRequired = (name: string): boolean => schema.required?.includes(name) ?? false;
    // Chosen first and made after, since a schema has thousands of fields and a document a few.
    const wanted = fc.subarray(fields, { maxLength: Math.min(fields.length, depth < 2 ? 5 : 2) });
    const known = wanted.chain((some) => {
      const all = new Map([...fields.filter(([name]) => isRequired(name)), ...(depth > 6 ? [] : some)]);
      return fc.record(Object.fromEntries([...all].map(([name, each]) => [name, made(each, depth + 1)])));
    });
    if (typeof schema.additionalProperties !== 'object') return known;
    const others = fc.dictionary(
      texts(schema.propertyNames ?? {}),
      made(schema.additionalProperties, depth + 1),
      {
        maxKeys: 2,
      },
    );
    return fc.tuple(others, known).map(([more, own]) => ({ ...more, ...own }));
  };
  return made(root, 0);
}

/** Finding texts for a long pattern takes time. */
const matching = new Map<string, readonly string[]>();

function texts({ pattern, minLength = 0, maxLength }: JsonSchema): fc.Arbitrary<string> {
  const free = fc.string({ minLength, maxLength: Math.min(maxLength ?? minLength + 6, minLength + 6) });
  if (pattern === undefined) return free;
  let known = matching.get(pattern);
  if (known === undefined) {
    known = fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 50, seed: 1 });
    matching.set(pattern, known);
  }
  return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: free });
}

const ODD: readonly unknown[] = [
  null,
  '',
  'x',
  '1',
  0,
  -1,
  1.5,
  1e9,
  70_000,
  true,
  [],
  {},
  ['x'],
  { x: 1 },
  '7d',
  '2Gi',
  'é😀',
];

/** The value with a few of its parts replaced, taken out, or joined by others. */
export function mutated(values: fc.Arbitrary<unknown>, names: readonly string[]): fc.Arbitrary<unknown> {
  const edit = fc.tuple(
    fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }),
    fc.constantFrom('replace', 'remove', 'add'),
    fc.constantFrom(...ODD),
    fc.constantFrom('x', ...names),
  );
  return fc.tuple(values, fc.array(edit, { maxLength: 2 })).map(([value, edits]) => {
    const copy = structuredClone(value);
    for (const [way, what, other, name] of edits) {
      let at: unknown = copy;
      for (const [index, step] of way.entries()) {
        if (typeof at !== 'object' || at === null) break;
        const keys = Object.keys(at);
        const key = keys[step % Math.max(1, keys.length)];
        const owner = at as Record<string, unknown>;
        const next = key === undefined ? undefined : owner[key];
        const isLast = index === way.length - 1 || typeof next !== 'object' || next === null;
        if (!isLast) {
          at = next;
          continue;
        }
        if (what === 'add' && !Array.isArray(at)) owner[name] = other;
        else if (key !== undefined && what === 'replace') owner[key] = other;
        else if (key !== undefined && Array.isArray(at)) at.splice(Number(key), 1);
        else if (key !== undefined) delete owner[key];
        break;
      }
    }
    return copy;
  });
}
