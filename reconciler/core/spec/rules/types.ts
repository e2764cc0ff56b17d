import { nearest } from '../nearest.ts';
import { type Problem, pathText } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import { quoted } from '../text.ts';
import { formHint } from './value-hints.ts';

/** A value of the wrong type, in words. A Secret's values are never repeated. */
export function typeProblem(path: ValuePath, expected: string, value: unknown, secret: boolean): Problem {
  const must = `${pathText(path)} must be ${expected}`;
  const problem: Problem = {
    rule: 'schema',
    path,
    message: `${must}, not ${valueWords(value)}.`,
    hint: typeHint(expected, value),
  };
  if (secret || (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'string')) {
    return problem;
  }
  if (typeof value === 'string') return { ...problem, message: `${must}, not the text ${quoted(value)}.` };
  // A value is quoted as its author wrote it: 1.10 is read as 1.1, and a label of that is another one.
  return {
    ...problem,
    asWritten: (source) => ({
      message: `${must}, not ${typeof value === 'number' ? 'the number ' : ''}${source}.`,
      hint: expected === 'text' ? `Put it in quotes: "${source}"` : problem.hint,
    }),
  };
}

function typeHint(expected: string, value: unknown): string | undefined {
  if (expected === 'text' && (typeof value === 'number' || typeof value === 'boolean')) {
    return 'Put it in quotes.';
  }
  if (
    typeof value === 'string' &&
    /number|true or false/.test(expected) &&
    /^(-?\d+(\.\d+)?|true|false)$/.test(value)
  ) {
    return 'Take the quotes away.';
  }
  const form = formHint(expected, value);
  if (form !== undefined) return form;
  if (expected === 'a list' && value !== undefined) return 'Begin each element with a dash.';
  if (expected === 'a map' && Array.isArray(value)) return 'Take the dashes away.';
  return undefined;
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'a map';
  }
}

/** A field that there is not, with the one that was probably meant. */
export function unknownField(
  path: ValuePath,
  owner: string,
  known: readonly string[],
  elsewhere: readonly ValuePath[] = [],
): Problem {
  const name = String(path.at(-1));
  const near = nearest(name, known);
  // A field of just this name was most likely meant; one that stands in many places says nothing.
  const moved =
    elsewhere.length > 0 && elsewhere.length <= 3 && near?.toLowerCase() !== name.toLowerCase()
      ? `Move it to ${elsewhere.map(pathText).join(' or ')}.`
      : undefined;
  const few = known.length <= 12 && known.length > 0 ? `Fields here are ${known.join(', ')}.` : undefined;
  return {
    rule: 'unknown-field',
    path,
    at: 'name',
    message: `${quoted(name)} is no field of ${owner}.`,
    hint: moved ?? (near === undefined ? few : `Did you mean ${near}?`),
  };
}
