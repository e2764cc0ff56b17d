import { z } from 'zod';
import type { ValuePath } from '../source.ts';

/** The names of the fields that a schema has at `path`. */
export function fieldsAt(schema: z.ZodType, path: ValuePath): readonly string[] {
  let at: unknown = schema;
  for (const step of path) {
    const inner = unwrapped(at);
    if (inner instanceof z.ZodObject) at = (inner.shape as Readonly<Record<string, unknown>>)[step];
    else if (inner instanceof z.ZodArray) at = inner.element;
    else if (inner instanceof z.ZodRecord) at = inner.valueType;
    else return [];
  }
  const found = unwrapped(at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) {
    at = at.unwrap();
  }
  return at;
}
