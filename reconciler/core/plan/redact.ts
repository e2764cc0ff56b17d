import { holdsSealed, NOTHING_SEALED, type Sealed } from '../spec/sealed.ts';
import type { ValuePath } from '../spec/source.ts';
import type { FieldChange } from './change.ts';
import type { Difference } from './compare.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { hideSecrets } from './hide-secrets.ts';
import { type Mark, plainMark } from './mark.ts';
import { isReordered } from './reorder.ts';

export { HIDDEN } from '../spec/sealed.ts';

/** Fields of a Secret that hold none of its content. All others are hidden, so that a new one does not leak. */
const HARMLESS = /^(type|immutable|metadata\.(labels|annotations)\b.*)$/;

/** kubectl keeps a copy of the whole object here. It is of no use in a plan, and of a Secret it holds the content. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** How values are hidden. */
export interface Hiding {
  /** What stands encrypted in the manifest, and the texts of all that does. */
  readonly sealed?: Sealed | undefined;
  readonly mark?: Mark | undefined;
  /** The objects that the values are from: what stands beside a value may make it a secret. */
  readonly within?: readonly unknown[];
}

/**
 * The difference as a plan shows it: the content of Secrets, what looks like a secret, and what stands encrypted in the
 * repository, is hidden, and only that it changes is told. What holds an encrypted value is hidden wherever it stands.
 */
export function fieldChange(
  kind: string,
  difference: Partial<Difference> & Pick<Difference, 'path'>,
  hiding: Hiding = {},
): FieldChange {
  const { path, from, to, manager } = difference;
  const shown = shower(kind, path, [from, to], hiding);
  return {
    path: formatPath(path),
    ...(from === undefined ? {} : { from: shown(from) }),
    ...(to === undefined ? {} : { to: shown(to) }),
    ...(manager === undefined ? {} : { manager }),
    ...(isReordered(from, to, path) ? { reordered: true } : {}),
  };
}

/** What shows the values of a field, of which `values` are the old and the new one. */
function shower(
  kind: string,
  path: FieldPath,
  [from, to]: readonly [from: unknown, to: unknown],
  { sealed = NOTHING_SEALED, mark = plainMark, within = [] }: Hiding,
): (value: unknown) => unknown {
  const mayShow =
    isHarmless(kind, path) &&
    !sealed.paths.some((each) => touches(path, each)) &&
    // What is gone from a manifest may have been encrypted in it.
    (to !== undefined || sealed.paths.length === 0) &&
    // Where the new value is made of an encrypted one, so was the old.
    !holdsSealed([from, to], sealed.texts);
  return (value) => (mayShow ? hideSecrets(value, path, mark, within) : mark(plainOf(kind, path, value)));
}

/** A Secret's entry is its Base64; the same text elsewhere is to have the same mark. */
function plainOf(kind: string, path: FieldPath, value: unknown): unknown {
  const [first] = path;
  const isEntry = kind === 'Secret' && path.length === 2 && first !== undefined && 'field' in first;
  return isEntry && first.field === 'data' && typeof value === 'string'
    ? Buffer.from(value, 'base64').toString('utf8')
    : value;
}

function isHarmless(kind: string, path: FieldPath): boolean {
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
