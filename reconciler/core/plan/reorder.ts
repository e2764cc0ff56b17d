import type { FieldPath } from './field-path.ts';
import { covers } from './values.ts';

/** Longer lists are not looked at: each item is held against each. */
const LONGEST = 300;

/** Whether both are lists of the same items, and only their order differs. What the server adds to an item does not count. */
export function isReordered(from: unknown, to: unknown, path: FieldPath): boolean {
  if (!Array.isArray(from) || !Array.isArray(to)) return false;
  if (from.length !== to.length || to.length < 2 || to.length > LONGEST) return false;
  const left = from.slice() as unknown[];
  return to.every((wanted) => {
    const at = left.findIndex((item) => covers(wanted, item, path));
    if (at === -1) return false;
    left.splice(at, 1);
    return true;
  });
}
