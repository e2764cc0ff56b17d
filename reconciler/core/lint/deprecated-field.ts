import { z } from 'zod';
import { SPEC_KINDS } from '../../../schemas/spec.ts';
import { isRecord } from '../kube/json.ts';
import { type FieldMeta, unwrapped } from '../spec/rules/schema-fields.ts';
import type { ValuePath } from '../spec/source.ts';
import type { Spec } from '../spec/spec.ts';
import { perSpec } from './per-spec.ts';
import type { SpecProblem, SpecRule } from './spec-rule.ts';

/** Which fields are deprecated is said in the schemas, with what replaces them. */
export const deprecatedField: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A field that was replaced goes with a later version, or has no effect already.',
  example: {
    wrong: 'kind: WekaContainer\nspec:\n  mode: drivers-dist\n  exposePorts: [60002]',
    right: 'kind: WekaContainer\nspec:\n  mode: drivers-dist\n  exposedPorts: [{ containerPort: 60002 }]',
  },
  *check({ specs }) {
    for (const spec of specs) {
      if (spec.kind === 'object') continue;
      yield* keptProblems(spec);
    }
  },
};

const keptProblems = perSpec((spec: Spec): readonly SpecProblem[] =>
  deprecatedFields(spec.kind).flatMap(({ path, replacedBy }) => [...found(spec, path, replacedBy)]),
);

interface DeprecatedField {
  /** `*` stands for every member of a list or map. */
  readonly path: readonly string[];
  readonly replacedBy: string | undefined;
}

const known = new Map<string, readonly DeprecatedField[]>();

/** The deprecated fields of a kind; a schema is searched once. */
export function deprecatedFields(kind: string): readonly DeprecatedField[] {
  const schema = SPEC_KINDS.find((each) => each.kind === kind)?.schema;
  const fields = known.get(kind) ?? (schema === undefined ? [] : [...fieldsBelow(schema, [])]);
  known.set(kind, fields);
  return fields;
}

function* fieldsBelow(schema: unknown, path: readonly string[]): Iterable<DeprecatedField> {
  if (schema instanceof z.ZodType) {
    const meta = (schema.meta() ?? {}) as FieldMeta;
    if (meta.deprecated === true) {
      yield { path, replacedBy: meta.replacedBy };
      return;
    }
  }
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    for (const [name, member] of Object.entries(inner.shape)) {
      if (path.length > 0 || name === 'spec') yield* fieldsBelow(member, [...path, name]);
    }
  } else if (inner instanceof z.ZodArray) yield* fieldsBelow(inner.element, [...path, '*']);
  else if (inner instanceof z.ZodRecord) yield* fieldsBelow(inner.valueType, [...path, '*']);
}

function* found(spec: Spec, path: readonly string[], replacedBy: string | undefined): Iterable<SpecProblem> {
  for (const at of placesOf(spec.manifest, path)) {
    yield {
      spec,
      path: at,
      at: 'name',
      message:
        replacedBy === undefined
          ? `${String(at.at(-1))} is deprecated.`
          : `${String(at.at(-1))} is deprecated; ${replacedBy} has replaced it.`,
      hint: replacedBy === undefined ? 'Remove it.' : `Write ${replacedBy} in its place.`,
    };
  }
}

function* placesOf(value: unknown, [step, ...rest]: readonly string[]): Iterable<ValuePath> {
  if (step === undefined) {
    if (value !== undefined && value !== null) yield [];
    return;
  }
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...(value as readonly unknown[]).entries()]
    : isRecord(value)
      ? Object.entries(value)
      : [];
  for (const [name, member] of members) {
    if (step !== '*' && step !== name) continue;
    for (const below of placesOf(member, rest)) yield [name, ...below];
  }
}
