/** A schema of OpenAPI 3.0, as far as it matters here. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

/** As JSON Schema has it, which knows no `nullable`. */
export function withNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNull);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...members } = value as Record<string, unknown>;
  const rest = Object.fromEntries(Object.entries(members).map(([name, each]) => [name, withNull(each)]));
  // A property may be called so as well.
  if (typeof nullable !== 'boolean')
    return nullable === undefined ? rest : { ...rest, nullable: withNull(nullable) };
  return nullable ? { anyOf: [rest, { type: 'null' }] } : rest;
}

/** Takes no member that is not described: GitHub ignores a misspelt one, and so would nobody see it. */
export function withoutOthers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOthers);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutOthers(each)]));
  const isClosable = schema['type'] === 'object' && schema['properties'] !== undefined;
  return isClosable && schema['additionalProperties'] === undefined
    ? { ...schema, additionalProperties: false }
    : schema;
}

/**
 * The least that a schema asks for, with `known` in it: a stand-in’s own facts among whatever else GitHub always sends.
 */
export function exampleOf(schema: Schema, known: unknown, lookUp: (ref: string) => Schema): unknown {
  if (schema.$ref !== undefined) return exampleOf(lookUp(schema.$ref), known, lookUp);
  if (known === null) return null;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined && schema.properties === undefined) {
    if (known === undefined && branches.some(({ type }) => type === 'null')) return null;
    const fitting = branches.filter(({ type }) => type !== 'null');
    const branch = fitting.find((each) => fits(each, known, lookUp)) ?? fitting[0];
    return branch === undefined ? known : exampleOf(branch, known, lookUp);
  }
  if (schema.allOf !== undefined && schema.properties === undefined) {
    return Object.assign({}, ...schema.allOf.map((each) => exampleOf(each, known, lookUp)));
  }
  if (Array.isArray(known)) {
    return known.map((each: unknown) =>
      schema.items === undefined ? each : exampleOf(schema.items, each, lookUp),
    );
  }
  if (typeof known === 'object') return objectOf(schema, known as Record<string, unknown>, lookUp);
  return known ?? exampleValue(schema, lookUp);
}

function objectOf(
  { properties = {}, required = [] }: Schema,
  known: Record<string, unknown>,
  lookUp: (ref: string) => Schema,
): unknown {
  const names = new Set([...required, ...Object.keys(known).filter((name) => known[name] !== undefined)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const schema = properties[name];
      return [name, schema === undefined ? known[name] : exampleOf(schema, known[name], lookUp)];
    }),
  );
}

/** Whether facts may be of this branch: by their shape, and by what tells the branches apart. */
function fits(branch: Schema, known: unknown, lookUp: (ref: string) => Schema): boolean {
  const schema = branch.$ref === undefined ? branch : lookUp(branch.$ref);
  if (Array.isArray(known) || schema.type === 'array') return Array.isArray(known) && schema.type === 'array';
  if (typeof known !== 'object' || known === null) return schema.type === typeof known;
  const { type } = known as { type?: unknown };
  const types = schema.properties?.['type']?.enum;
  return schema.type === 'object' && (types === undefined || types.includes(type));
}

function exampleValue(schema: Schema, lookUp: (ref: string) => Schema): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return objectOf(schema, {}, lookUp);
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    case 'string':
      if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
      return schema.format === 'uri' ? 'https://api.github.com/something' : 'something';
    default:
      return schema.properties === undefined ? {} : objectOf(schema, {}, lookUp);
  }
}
