import { nearest } from '../nearest.ts';
import { type Problem, pathText } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import { quoted } from '../text.ts';

/** A value of the wrong type, in words. A Secret's values are never repeated. */
export function typeProblem(path: ValuePath, expected: string, value: unknown, secret: boolean): Problem {
  return {
    rule: 'schema',
    path,
    message: `${pathText(path)} must be ${expected}, not ${valueWords(value, secret)}.`,
    hint: typeHint(expected, value, secret),
  };
}

function typeHint(expected: string, value: unknown, secret: boolean): string | undefined {
  if (expected === 'text' && (typeof value === 'number' || typeof value === 'boolean')) {
    return secret ? 'Put it in quotes.' : `Put it in quotes: "${String(value)}"`;
  }
  if (
    typeof value === 'string' &&
    /number|true or false/.test(expected) &&
    /^(-?\d+(\.\d+)?|true|false)$/.test(value)
  ) {
    return 'Take the quotes away.';
  }
  if (expected === 'a list' && value !== undefined) return 'Begin each element with a dash.';
  if (expected === 'a map' && Array.isArray(value)) return 'Take the dashes away.';
  return undefined;
}

function valueWords(value: unknown, secret: boolean): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return secret ? 'text' : `the text ${quoted(value)}`;
    case 'number':
      return secret ? 'a number' : `the number ${value}`;
    case 'boolean':
      return secret ? 'true or false' : String(value);
    default:
      return 'a map';
  }
}

/** A field that there is not, with the one that was probably meant. */
export function unknownField(path: ValuePath, owner: string, known: readonly string[]): Problem {
  const name = String(path.at(-1));
  const near = nearest(name, known);
  const few = known.length <= 12 && known.length > 0 ? `Fields here are ${known.join(', ')}.` : undefined;
  return {
    rule: 'unknown-field',
    path,
    at: 'name',
    message: `${quoted(name)} is no field of ${owner}.`,
    hint: near === undefined ? few : `Did you mean ${near}?`,
  };
}
