import table from '../../../../schemas/kubernetes-fields.json' with { type: 'json' };
import { QUANTITY } from '../../../../schemas/kube/quantity.ts';
import { isRecord } from '../../kube/json.ts';
import { type Problem, pathText } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import type { Check } from './rule-context.ts';
import { typeProblem, unknownField } from './types.ts';

const KINDS: Readonly<Record<string, string>> = table.kinds;
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = table.types;

/** Fields and types of plain objects, as the API server's own description has them. */
export const kubernetesSchema: Check = function* ({ apiVersion, kind, value, type, manifest }) {
  if (!('plain' in type)) return;
  const root = KINDS[`${apiVersion}/${kind}`];
  if (root === undefined) throw new Error(`schemas/kubernetes-fields.json lacks ${apiVersion}/${kind}`);
  yield* fields(value, root, kind, [], manifest.secret);
};

function* fields(
  value: Readonly<Record<string, unknown>>,
  type: string,
  kind: string,
  path: ValuePath,
  secret: boolean,
): Generator<Problem> {
  const known = TYPES[type] ?? {};
  for (const name of Object.keys(value)) {
    const member = value[name];
    // Whatever it is, it is not read.
    if (path.length === 0 && name === 'status') continue;
    const isKnown = Object.hasOwn(known, name);
    if (isKnown && isFine(member, known[name] ?? 'any')) continue;
    const at = [...path, name];
    if (!isKnown) {
      const owner = path.length === 0 ? `a ${kind}` : `${pathText(path)} in a ${kind}`;
      yield unknownField(at, owner, Object.keys(known));
    } else if (member !== null) {
      yield* checked(member, known[name] ?? 'any', kind, at, secret);
    }
  }
}

function* checked(
  value: unknown,
  type: string,
  kind: string,
  path: ValuePath,
  secret: boolean,
): Generator<Problem> {
  const wrong = (expected: string): Problem => typeProblem(path, expected, value, secret);
  if (type.startsWith('[')) {
    if (!Array.isArray(value)) {
      yield wrong('a list');
      return;
    }
    const inner = type.slice(1, -1);
    for (const [index, element] of value.entries()) {
      if (!isFine(element, inner)) yield* checked(element, inner, kind, [...path, index], secret);
    }
    return;
  }
  if (type.startsWith('{')) {
    if (!isRecord(value)) {
      yield wrong('a map');
      return;
    }
    const inner = type.slice(1, -1);
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member !== null && !isFine(member, inner))
        yield* checked(member, inner, kind, [...path, name], secret);
    }
    return;
  }
  const expected = SCALARS[type];
  if (expected !== undefined) {
    if (!expected.accepts(value)) yield wrong(expected.words);
    return;
  }
  if (type === 'bytes') {
    yield* bytes(value, path, secret);
    return;
  }
  if (isRecord(value)) yield* fields(value, type, kind, path, secret);
  else yield wrong('a map');
}

/** Whether it is a scalar as it should be, as most values are: then its path need not be worked out. */
function isFine(value: unknown, type: string): boolean {
  return SCALARS[type]?.accepts(value) === true;
}

interface ScalarType {
  readonly words: string;
  accepts(value: unknown): boolean;
}

const SCALARS: Readonly<Record<string, ScalarType>> = {
  any: { words: 'anything', accepts: () => true },
  string: { words: 'text', accepts: (value) => typeof value === 'string' },
  date: {
    words: 'a time such as 2027-01-31T18:00:00Z',
    accepts: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  },
  boolean: { words: 'true or false', accepts: (value) => typeof value === 'boolean' },
  integer: { words: 'a whole number', accepts: (value) => Number.isSafeInteger(value) },
  number: { words: 'a number', accepts: (value) => typeof value === 'number' },
  'int-or-string': {
    words: 'a whole number or text',
    accepts: (value) => Number.isSafeInteger(value) || typeof value === 'string',
  },
  quantity: {
    words: 'a quantity such as 500m or 2Gi',
    accepts: (value) => typeof value === 'number' || (typeof value === 'string' && QUANTITY.test(value)),
  },
};

function* bytes(value: unknown, path: ValuePath, secret: boolean): Generator<Problem> {
  if (typeof value !== 'string') {
    yield typeProblem(path, 'text', value, secret);
    return;
  }
  const digits = value.replace(/[\r\n]/g, '');
  if (/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)) return;
  yield {
    rule: 'schema',
    path,
    message: `${pathText(path)} is not base64.`,
    hint: secret ? 'Encode it, or put the plain text below stringData.' : 'Encode it.',
  };
}
