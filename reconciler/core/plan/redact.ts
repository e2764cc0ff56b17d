import { HIDDEN, holdsSealed, NOTHING_SEALED, type Sealed } from '../spec/sealed.ts';
import type { ValuePath } from '../spec/source.ts';
import type { FieldChange } from './change.ts';
import type { Difference } from './compare.ts';
import { type FieldPath, formatPath } from './field-path.ts';

export { HIDDEN };

/** Fields of a Secret that hold none of its content. All others are hidden, so that a new one does not leak. */
const HARMLESS = /^(type|immutable|metadata\.(labels|annotations)\b.*)$/;

/** kubectl keeps a copy of the whole object here. It is of no use in a plan, and of a Secret it holds the content. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The difference as a plan shows it: the content of Secrets, and what stands encrypted in the repository, is hidden, and only
 * that it changes is told. What holds an encrypted value is hidden wherever it stands.
 */
export function fieldChange(
  kind: string,
  difference: Difference,
  sealed: Sealed = NOTHING_SEALED,
): FieldChange {
  const { path, from, to, manager } = difference;
  const shown =
    mayShow(kind, path) &&
    !sealed.paths.some((each) => touches(path, each)) &&
    // What is gone from a manifest may have been encrypted in it.
    (to !== undefined || sealed.paths.length === 0) &&
    // Where the new value is made of an encrypted one, so was the old.
    !holdsSealed([from, to], sealed.texts);
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

/** Whether one path leads to the other. Which element of a list a sealed value stands in may have changed, so any will do. */
function touches(path: FieldPath, sealed: ValuePath): boolean {
  return path.slice(0, sealed.length).every((step, index) => {
    const other = sealed[index];
    return 'field' in step ? step.field === other : typeof other === 'number';
  });
}
