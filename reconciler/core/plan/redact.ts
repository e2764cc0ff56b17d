import type { FieldChange } from './change.ts';
import type { Difference } from './compare.ts';
import { type FieldPath, formatPath } from './field-path.ts';

/** Stands for a value that nobody may read in a plan. */
export const HIDDEN = '(hidden)';

/** Fields of a Secret that hold none of its content. All others are hidden, so that a new one does not leak. */
const HARMLESS = /^(type|immutable|metadata\.(labels|annotations)\b.*)$/;

/** kubectl keeps a copy of the whole object here. It is of no use in a plan, and of a Secret it holds the content. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** The difference as a plan shows it: the content of Secrets is hidden, and only that it changes is told. */
export function fieldChange(kind: string, difference: Difference): FieldChange {
  const { path, from, to, manager } = difference;
  const shown = mayShow(kind, path);
  return {
    path: formatPath(path),
    ...(from === undefined ? {} : { from: shown ? from : HIDDEN }),
    ...(to === undefined ? {} : { to: shown ? to : HIDDEN }),
    ...(manager === undefined ? {} : { manager }),
  };
}

function mayShow(kind: string, path: FieldPath): boolean {
  if (path.some((step) => 'field' in step && step.field === COPY)) return false;
  return kind !== 'Secret' || HARMLESS.test(formatPath(path));
}
