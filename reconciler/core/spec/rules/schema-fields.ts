import { z } from 'zod';
import type { ValuePath } from '../source.ts';

/** What a schema says of one field besides its type. */
export interface FieldMeta {
  readonly description?: string;
  readonly deprecated?: boolean;
  /** The field to use in place of a deprecated one, beside it. */
  readonly replacedBy?: string;
}

/** The names of the fields that a schema has at `path`. */
export function fieldsAt(schema: z.ZodType, path: ValuePath): readonly string[] {
  const found = unwrapped(schemaAt(schema, path));
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

/** What is said of the field at `path`; undefined where there is no such field. */
export function metaAt(schema: z.ZodType, path: ValuePath): FieldMeta | undefined {
  const found = schemaAt(schema, path);
  return found === undefined ? undefined : ((found.meta() as FieldMeta | undefined) ?? {});
}

/** The schema of the value at `path`; any element of a list, and any value of a map, has that of them all. */
export function schemaAt(schema: z.ZodType, path: ValuePath): z.ZodType | undefined {
  let at: unknown = schema;
  for (const step of path) {
    const inner = unwrapped(at);
    if (inner instanceof z.ZodObject) {
      const shape = inner.shape as Readonly<Record<string, unknown>>;
      at = Object.hasOwn(shape, step) ? shape[step] : undefined;
    } else if (inner instanceof z.ZodArray) at = inner.element;
    else if (inner instanceof z.ZodRecord) at = inner.valueType;
    else return undefined;
  }
  return at instanceof z.ZodType ? at : undefined;
}

/** Where a schema has a field of this name, whatever its capitals, below `spec`: those nearest to the top. */
export function placesOf(schema: z.ZodType, name: string): readonly ValuePath[] {
  const places = indexes.get(schema) ?? indexOf(schema);
  indexes.set(schema, places);
  const found = places.get(name.toLowerCase()) ?? [];
  const nearest = Math.min(...found.map(({ length }) => length));
  return found.filter(({ length }) => length === nearest);
}

type Places = ReadonlyMap<string, readonly ValuePath[]>;

const indexes = new WeakMap<z.ZodType, Places>();

/** The places of all fields by their names in small letters. */
function indexOf(schema: z.ZodType): Places {
  const places = new Map<string, ValuePath[]>();
  const look = (at: unknown, path: ValuePath): void => {
    const inner = unwrapped(at);
    if (path.length > DEEPEST) return;
    if (inner instanceof z.ZodArray) look(inner.element, path);
    if (!(inner instanceof z.ZodObject)) return;
    for (const [field, member] of Object.entries(inner.shape)) {
      const name = field.toLowerCase();
      places.set(name, [...(places.get(name) ?? []), [...path, field]]);
      look(member, [...path, field]);
    }
  };
  look(schemaAt(schema, ['spec']), ['spec']);
  return places;
}

/** Farther down are Kubernetes' own types, whose fields nobody looks for at the top. */
const DEEPEST = 4;

/** A schema without what makes its value optional. */
export function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) {
    at = at.unwrap();
  }
  return at;
}
