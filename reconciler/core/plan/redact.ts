import type { FieldChange } from './change.ts';
import { type Difference } from './compare.ts';
import { formatPath } from './field-path.ts';

/** Stands for a value that nobody may read in a plan. */
export const HIDDEN = '(hidden)';

const SECRET_FIELDS = new Set(['data', 'stringData']);

/** The difference as a plan shows it: the content of Secrets is hidden, and only that it changes is told. */
export function fieldChange(kind: string, difference: Difference): FieldChange {
  const { path, from, to, manager } = difference;
  const [first] = path;
  const secret =
    kind === 'Secret' && first !== undefined && 'field' in first && SECRET_FIELDS.has(first.field);
  return {
    path: formatPath(path),
    ...(from === undefined ? {} : { from: secret ? HIDDEN : from }),
    ...(to === undefined ? {} : { to: secret ? HIDDEN : to }),
    ...(manager === undefined ? {} : { manager }),
  };
}
