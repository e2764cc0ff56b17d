import type { z } from 'zod';
import { isRecord } from '../../kube/json.ts';
import { nearest } from '../nearest.ts';
import { type Problem, pathText } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import { quoted } from '../text.ts';
import { withArticle } from './article.ts';
import { SERVER_METADATA } from './ignored-fields.ts';
import { DONE, isDone } from './operation-done.ts';
import type { Candidate } from './rule-context.ts';
import { fieldsAt, placesOf, schemaAt } from './schema-fields.ts';
import { typeProblem, unknownField } from './types.ts';
import { formHint, shapeHint } from './value-hints.ts';

/** A manifest of one of our kinds, typed with its defaults; without `data` where it does not fit the schema. */
export interface Typed {
  readonly data: unknown;
  readonly problems: readonly Problem[];
}

/**
 * The manifest by the schema of its kind. Of its status nothing is kept but that an operation is done. Unknown fields are told and left out, so that whether they are more than a
 * warning is for the rule to say.
 */
export function typed({ value, metadata, kind, type, manifest }: Candidate): Typed {
  if (!('own' in type)) return { data: undefined, problems: [] };
  const { status: _status, ...rest } = value;
  const status = isDone({ kind, value }) ? { status: { status: DONE } } : {};
  const own = Object.entries(metadata).filter(([name]) => !NOT_TYPED.has(name));
  const wanted = withoutNulls({ ...rest, metadata: Object.fromEntries(own), ...status });
  const { schema } = type.own;
  const unknown: Problem[] = [];
  const first = schema.safeParse(wanted);
  if (first.success) return { data: first.data, problems: [] };
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = valuePath(issue.path);
    const owner = path.length === 0 ? withArticle(kind) : `${pathText(path)} in ${withArticle(kind)}`;
    for (const key of issue.keys) {
      // Nobody reads more at once, and looking for the nearest name takes time.
      if (unknown.length < 100) {
        unknown.push(unknownField([...path, key], owner, fieldsAt(schema, path), placesOf(schema, key)));
      }
      remove(wanted, path, key);
    }
  }
  const second = schema.safeParse(wanted);
  if (second.success) return { data: second.data, problems: unknown };
  const wrong = second.error.issues
    .filter(({ path }) => !toldElsewhere(path, wanted))
    .map((issue) => described(issue, wanted, schema, manifest.secret));
  return { data: undefined, problems: [...unknown, ...wrong] };
}

/** Metadata that other rules speak of. */
const NOT_TYPED: ReadonlySet<string> = new Set([
  ...SERVER_METADATA,
  'finalizers',
  'ownerReferences',
  'generateName',
]);

/** A missing name or namespace has a rule of its own. */
function toldElsewhere(path: readonly PropertyKey[], root: unknown): boolean {
  const [first, second] = path;
  if (path.length !== 2 || first !== 'metadata' || (second !== 'name' && second !== 'namespace'))
    return false;
  const value = valueAt(root, [first, second]);
  return value === undefined || value === '';
}

function described(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType, secret: boolean): Problem {
  const path = valuePath(issue.path);
  const name = pathText(path);
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return missing(path, name, fieldsAt(schema, path));
      return (
        patternProblem(path, schemaAt(schema, path), value) ??
        shaped(typeProblem(path, EXPECTED[issue.expected] ?? issue.expected, value, secret), value, schema)
      );
    case 'invalid_value': {
      if (value === undefined) return { rule: 'missing-field', path, message: `${name} is missing.` };
      const values = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, values) : undefined;
      const shown = typeof value === 'string' ? `, not ${quoted(value)}` : '';
      const message = `${name} must be one of ${values.join(', ')}${shown}.`;
      return {
        rule: 'schema',
        path,
        message,
        hint: near === undefined ? undefined : `Did you mean ${near}?`,
      };
    }
    case 'too_small':
    case 'too_big': {
      const least = issue.code === 'too_small';
      const bound = least ? issue.minimum : issue.maximum;
      const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' elements' : '';
      const empty = least && bound === 1 && unit !== '';
      const message = empty
        ? `${name} is empty.`
        : `${name} must be at ${least ? 'least' : 'most'} ${bound}${unit}.`;
      return { rule: 'schema', path, message };
    }
    default:
      return {
        rule: 'schema',
        path,
        message: `${name} ${issue.message}.`,
        hint: secret ? undefined : formHint(issue.message, value),
      };
  }
}

function missing(path: ValuePath, name: string, fields: readonly string[]): Problem {
  const hint = fields.length === 0 ? undefined : `Add it, with ${fields.join(', ')} as they are needed.`;
  return { rule: 'missing-field', path, message: `${name} is missing.`, hint };
}

/** The problem with a hint where another shape of the value was meant. */
function shaped(problem: Problem, value: unknown, schema: z.ZodType): Problem {
  const { path } = problem;
  const at = path.findLastIndex((step) => typeof step === 'string');
  const hint = shapeHint(value, {
    field: String(path[at]),
    fields: fieldsAt(schema, path),
    siblings: fieldsAt(schema, path.slice(0, at)),
  });
  return hint === undefined ? problem : { ...problem, hint };
}

/** A number or a word where text of a certain form belongs: quotes alone would not make it right. */
function patternProblem(path: ValuePath, schema: z.ZodType | undefined, value: unknown): Problem | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const issue = schema?.safeParse(String(value)).error?.issues[0];
  if (issue?.code !== 'invalid_format') return undefined;
  return {
    rule: 'schema',
    path,
    message: `${pathText(path)} ${issue.message}.`,
    hint: formHint(issue.message, value),
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function valuePath(path: readonly PropertyKey[]): ValuePath {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function valueAt(root: unknown, path: ValuePath): unknown {
  let at = root;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}

function remove(root: unknown, path: ValuePath, key: string): void {
  const owner = valueAt(root, path);
  if (isRecord(owner)) delete (owner as Record<string, unknown>)[key];
}

/** To Kubernetes a field without a value is a field that is not set. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}
