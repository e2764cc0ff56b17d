import { isRecord } from '../kube/json.ts';
import type { ValuePath } from './source.ts';

/** The value that a path leads to; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: ValuePath): unknown {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (isRecord(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** As much of a path as leads to something. */
export function leadingPart(value: unknown, path: ValuePath): ValuePath {
  let length = path.length;
  while (length > 0 && valueAt(value, path.slice(0, length)) === undefined) length -= 1;
  return path.slice(0, length);
}

/** Of maps and lists only what they are is compared: which of their values is another one is told at that value. */
export function isSame(a: unknown, b: unknown): boolean {
  if (isRecord(a)) return isRecord(b);
  if (Array.isArray(a)) return Array.isArray(b);
  // Encrypted values are decrypted after they were rendered.
  return a === b || (typeof b === 'string' && b.startsWith('ENC['));
}
