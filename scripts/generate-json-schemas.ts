import { z } from 'zod';
import { SPEC_KINDS, type SpecKind } from '../schemas/spec.ts';

/** What all editors understand. */
const DRAFT = 'http://json-schema.org/draft-07/schema#';
const EVERYTHING = 'schemas/json/weka-gitops.json';

/** A JSON Schema, as far as it matters here. */
type Schema = { [Key in string]?: unknown };

/** Each file of `schemas/json/` with its text: one for each kind, and one for files that hold any of them. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  const files = SPEC_KINDS.map((kind) => [`schemas/json/${fileName(kind)}`, text(ofKind(kind))] as const);
  return { ...Object.fromEntries(files), [EVERYTHING]: text(ofAnyKind()) };
}

/** `WekaCluster` is described in `weka-cluster.json`. */
function fileName({ kind }: SpecKind): string {
  return `${kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.json`;
}

function ofKind({ kind, schema }: SpecKind): Schema {
  const { definitions, parts } = shared([described(schema)]);
  return { $schema: DRAFT, title: kind, ...parts[0], definitions };
}

/** Chosen by apiVersion and kind, so that a mistake is told for the kind it was made in. Other kinds pass. */
function ofAnyKind(): Schema {
  const { definitions, parts } = shared(SPEC_KINDS.map(({ schema }) => described(schema)));
  const kinds = Object.fromEntries(
    SPEC_KINDS.map(({ kind }, index) => [kind, { title: kind, ...parts[index] }]),
  );
  const groups = Map.groupBy(SPEC_KINDS, ({ apiVersion }) => apiVersion);
  return {
    $schema: DRAFT,
    title: 'Manifest',
    description: 'A manifest that weka-gitops reads.',
    type: 'object',
    properties: {
      apiVersion: {
        type: 'string',
        description: 'Group and version of the kind.',
        anyOf: [{ enum: [...groups.keys()] }, { minLength: 1 }],
      },
      kind: {
        type: 'string',
        description: 'What the manifest describes.',
        anyOf: [{ enum: SPEC_KINDS.map(({ kind }) => kind) }, { minLength: 1 }],
      },
    },
    required: ['apiVersion', 'kind'],
    allOf: [
      ...[...groups].map(([apiVersion, members]) =>
        when({ apiVersion }, fields({ kind: { enum: members.map(({ kind }) => kind) } })),
      ),
      ...SPEC_KINDS.filter(({ kind }) => kind.startsWith('Weka')).map(({ apiVersion, kind }) =>
        when({ kind }, fields({ apiVersion: { const: apiVersion } })),
      ),
      ...SPEC_KINDS.map(({ apiVersion, kind }) =>
        when({ apiVersion, kind }, { $ref: `#/definitions/${kind}` }),
      ),
      when({ apiVersion: 'v1', kind: 'List' }, fields({ items: { type: 'array', items: { $ref: '#' } } })),
    ],
    definitions: { ...kinds, ...definitions },
  };
}

/** What holds of a manifest whose fields have these values. */
function when(values: Readonly<Record<string, string>>, then: Schema): Schema {
  const properties: Schema = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { const: value }] as const),
  );
  const condition = { ...fields(properties), required: Object.keys(values) };
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword; nobody awaits a schema.
  return { if: condition, then };
}

function fields(properties: Schema): Schema {
  return { type: 'object', properties };
}

/** What an author may write, which is without defaults. */
function described(schema: z.ZodType): Schema {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return plainKeywords(rest);
}

/** Only keywords that JSON Schema has: what replaces a deprecated field is in its description. */
function plainKeywords(schema: Schema): Schema {
  return mapped(schema, (each) => {
    const { replacedBy: _words, ...rest } = each;
    return rest;
  });
}

/** The schema with each of its parts changed, the innermost first. */
function mapped(schema: Schema, change: (part: Schema, name: string) => Schema, name = ''): Schema {
  const entries = Object.entries(schema).map(([keyword, value]): readonly [string, unknown] => {
    if (keyword === 'properties') {
      const properties = Object.entries(value as Readonly<Record<string, Schema>>);
      return [
        keyword,
        Object.fromEntries(properties.map(([field, each]) => [field, mapped(each, change, field)])),
      ];
    }
    if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object')) {
      return [keyword, mapped(value as Schema, change, name)];
    }
    if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf') {
      return [keyword, (value as readonly Schema[]).map((each) => mapped(each, change, name))];
    }
    return [keyword, value];
  });
  return change(Object.fromEntries(entries), name);
}

/** Parts that are shorter stand where they are used. */
const SHORT = 250;

/** The schemas with what occurs in several places put into definitions, named after the first field that has it. */
function shared(schemas: readonly Schema[]): {
  readonly parts: readonly Schema[];
  readonly definitions: Readonly<Record<string, Schema>>;
} {
  const counts = new Map<string, number>();
  const keyOf = (part: Schema): string => {
    const { description: _words, default: _standard, deprecated: _old, ...rest } = part;
    return JSON.stringify(rest);
  };
  for (const schema of schemas) {
    mapped(schema, (part) => {
      const key = keyOf(part);
      if (key.length > SHORT) counts.set(key, (counts.get(key) ?? 0) + 1);
      return part;
    });
  }
  const definitions: Record<string, Schema> = {};
  const names = new Map<string, string>();
  // Keys are those of the parts as they were, so each part is looked up before its own parts are replaced.
  const replaced = (schema: Schema, field: string): Schema => {
    const key = keyOf(schema);
    if ((counts.get(key) ?? 0) < 2) return within(schema, field);
    let name = names.get(key);
    if (name === undefined) {
      name = free(definitions, `${field.charAt(0).toUpperCase()}${field.slice(1)}`);
      names.set(key, name);
      definitions[name] = {};
      definitions[name] = within(JSON.parse(key) as Schema, field);
    }
    const { description, default: standard, deprecated } = schema;
    return {
      ...(description === undefined ? {} : { description }),
      ...(standard === undefined ? {} : { default: standard }),
      ...(deprecated === undefined ? {} : { deprecated }),
      $ref: `#/definitions/${name}`,
    };
  };
  const within = (schema: Schema, field: string): Schema => {
    const entries = Object.entries(schema).map(([keyword, value]): readonly [string, unknown] => {
      if (keyword === 'properties') {
        const properties = Object.entries(value as Readonly<Record<string, Schema>>);
        return [keyword, Object.fromEntries(properties.map(([name, each]) => [name, replaced(each, name)]))];
      }
      if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object')) {
        return [keyword, replaced(value as Schema, `${field}Item`)];
      }
      if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf') {
        return [keyword, (value as readonly Schema[]).map((each) => replaced(each, field))];
      }
      return [keyword, value];
    });
    return Object.fromEntries(entries);
  };
  return { parts: schemas.map((schema) => within(schema, 'spec')), definitions };
}

function free(taken: Readonly<Record<string, unknown>>, name: string): string {
  const kinds = SPEC_KINDS.map(({ kind }) => kind);
  const isTaken = (candidate: string): boolean =>
    Object.hasOwn(taken, candidate) || kinds.includes(candidate);
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name}${number}`)) return `${name}${number}`;
}

function text(schema: Schema): string {
  return `${JSON.stringify(schema, null, 1)}\n`;
}
