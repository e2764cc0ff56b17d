import { sha256Hex } from '../kube/hash.ts';

/** The longest name that a pod can have as its host name, and the longest value of a label. */
const MOST = 63;

/**
 * Parts as a name of an object: lower case, with dashes for what no name may have. One that is too long ends in a hash of the whole, so
 * that two of them differ still.
 */
export function nameOf(...parts: readonly string[]): string {
  const whole = parts.join('-');
  const name = whole
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (name.length <= MOST) return name;
  const hash = sha256Hex(whole).slice(0, 8);
  return `${name.slice(0, MOST - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}

/** A text as the value of a label, with dashes for what that may not have. */
export function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, MOST)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}

/** FNV-1a of 32 bits, in hexadecimal: what the operator calls an image by in names (weka-operator §3.4). */
export function fnv32a(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
