import { z } from 'zod';
import type { FieldExplanation, FieldOutput } from '../../../schemas/output/field-explanation.ts';
import { SPEC_KINDS, type SpecKind } from '../../../schemas/spec.ts';
import { nearest } from '../spec/nearest.ts';
import { placesOf } from '../spec/rules/schema-fields.ts';

/** What there is instead of an explanation, and what to ask for. */
export interface NotExplained {
  readonly message: string;
  readonly hint: string;
}

/** What `target`, such as `wekacluster.spec.image`, is; with all that is below it where `recursive`. */
export function explainField(target: string, recursive: boolean): FieldExplanation | NotExplained {
  const [word = '', ...steps] = target.replace(/\[[^\]]*\]/g, '').split('.');
  const kind = kindNamed(word);
  if (kind === undefined) return noKind(word, target);
  let at = z.toJSONSchema(kind.schema, { io: 'input', target: 'draft-7' }) as Schema;
  let required = true;
  for (const [index, step] of steps.entries()) {
    const owner = inner(at);
    const next = ownField(owner, step) ?? anyValue(owner);
    if (next === undefined) {
      const elsewhere = placesOf(kind.schema, step).map((path) => [kind.kind, ...path].join('.'));
      return noField(step, [kind.kind, ...steps.slice(0, index)].join('.'), owner, elsewhere);
    }
    required = owner.required?.includes(step) ?? false;
    at = next;
  }
  return {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'FieldExplanation',
    of: { apiVersion: kind.apiVersion, kind: kind.kind },
    path: steps.join('.'),
    field: field(kind, steps, at, required, recursive ? Number.POSITIVE_INFINITY : 1),
  };
}

/** As much of a JSON Schema as is told. */
interface Schema {
  /** Several where a value may be left empty. */
  readonly type?: string | readonly string[];
  readonly const?: FieldOutput['default'];
  readonly enum?: FieldOutput['enum'];
  readonly default?: FieldOutput['default'];
  readonly description?: string;
  readonly pattern?: string;
  readonly deprecated?: boolean;
  readonly replacedBy?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
}

/** By its name or its plural, in small letters or not. */
function kindNamed(word: string): SpecKind | undefined {
  const wanted = word.toLowerCase();
  return SPEC_KINDS.find(({ kind }) => names(kind).includes(wanted));
}

function names(kind: string): readonly string[] {
  const name = kind.toLowerCase();
  return [name, name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`];
}

function noKind(word: string, target: string): NotExplained {
  const kinds = SPEC_KINDS.map(({ kind }) => kind.toLowerCase());
  const near = nearest(word, kinds);
  return {
    message: `${JSON.stringify(word)} is none of the kinds that weka-gitops explains: ${kinds.join(', ')}.`,
    hint:
      near === undefined
        ? `Ask kubectl explain ${target} about kinds of Kubernetes.`
        : `Did you mean ${[near, ...target.split('.').slice(1)].join('.')}?`,
  };
}

function noField(
  step: string,
  owner: string,
  { properties = {} }: Schema,
  elsewhere: readonly string[],
): NotExplained {
  const known = Object.keys(properties);
  const near = nearest(step, known);
  const message = `${owner} has no field ${JSON.stringify(step)}.`;
  // A field of just this name was most likely meant; one that stands in many places says nothing.
  if (elsewhere.length > 0 && elsewhere.length <= 3 && near?.toLowerCase() !== step.toLowerCase()) {
    return { message, hint: `Did you mean ${elsewhere.join(' or ')}?` };
  }
  if (near !== undefined) return { message, hint: `Did you mean ${owner}.${near}?` };
  return {
    message,
    hint: known.length === 0 ? `${owner} has no fields.` : `It has ${known.join(', ')}.`,
  };
}

function ownField({ properties = {} }: Schema, name: string): Schema | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The elements of a list have the fields. */
function inner(schema: Schema): Schema {
  return schema.items === undefined ? schema : inner(schema.items);
}

/** What a map has under any name. */
function anyValue({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function field(
  kind: SpecKind,
  path: readonly string[],
  schema: Schema,
  required: boolean,
  depth: number,
): FieldOutput {
  const { description = '', default: standard, pattern, deprecated = false, replacedBy } = schema;
  const words = valuesOf(schema);
  const { properties = {}, required: wanted = [] } = below(schema);
  const fields = Object.entries(properties).map(([name, each]) =>
    field(kind, [...path, name], each, wanted.includes(name), depth - 1),
  );
  return {
    name: path.at(-1) ?? kind.kind,
    type: typeText(schema),
    required,
    description,
    ...(standard === undefined ? {} : { default: standard }),
    ...(words === undefined ? {} : { enum: words }),
    ...(pattern === undefined ? {} : { pattern }),
    deprecated,
    ...(replacedBy === undefined ? {} : { replacedBy }),
    actedOn: actedOn(kind, path),
    fields: depth < 1 ? [] : fields,
  };
}

/** Where the fields of a value are: in itself, in its elements, or in the values of a map. */
function below(schema: Schema): Schema {
  const element = inner(schema);
  const value = element.properties === undefined ? anyValue(element) : undefined;
  return value === undefined ? element : below(value);
}

function valuesOf(schema: Schema): FieldOutput['enum'] | undefined {
  const { enum: words, const: only } = inner(schema);
  return words ?? (only === undefined ? undefined : [only]);
}

function typeText(schema: Schema): string {
  const { type, items, anyOf, const: only } = schema;
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeText))].join(' or ');
  if (typeof type === 'object') return type.join(' or ');
  if (type === 'array') return `[]${typeText(items ?? {})}`;
  if (type === 'object') {
    const value = anyValue(schema);
    return value === undefined || schema.properties !== undefined
      ? 'Object'
      : `map[string]${typeText(value)}`;
  }
  return type ?? (only === undefined ? 'any' : typeof only);
}

/** Metadata and the type are always acted on, and what stands in `status` never is, save that an operation is done. */
function actedOn(kind: SpecKind, path: readonly string[]): FieldOutput['actedOn'] {
  const [top] = path;
  if (top === 'status' && kind.kind === 'WekaManualOperation') {
    if (path.length === 1) return 'in part';
    if (path[1] === 'status') return 'yes';
  }
  if (top === 'status') return 'never';
  if (top !== undefined && top !== 'spec') return 'yes';
  const all = [...kind.actedOn];
  const written = path.join('.');
  const at = (known: string, name: string): boolean => name === known || name.startsWith(`${known}.`);
  if (all.some((known) => at(known, written))) return 'yes';
  return all.some((known) => written === '' || at(written, known)) ? 'in part' : 'no';
}
