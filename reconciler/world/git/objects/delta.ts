import { ObjectError } from './git-object.ts';

/** The sizes that a delta begins with: of what it changes, and of what comes out. */
export function deltaSizes(delta: Buffer): {
  readonly base: number;
  readonly result: number;
  readonly at: number;
} {
  let at = 0;
  const size = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++];
      if (byte === undefined) throw new ObjectError('A delta is cut off.');
      value += (byte & 0x7f) * scale;
      if (!(byte & 0x80)) return value;
    }
  };
  const base = size();
  const result = size();
  return { base, result, at };
}

/** What a delta makes of `base`: pieces copied from it, and new bytes. The caller has checked the size. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.length) throw new ObjectError('A delta belongs to another object.');
  const result = Buffer.allocUnsafe(sizes.result);
  let { at } = sizes;
  let made = 0;
  /** Little-endian; only the bytes whose bit is set are there. */
  const sparse = (flags: number, bytes: number) => {
    let value = 0;
    for (let index = 0; index < bytes; index++) {
      if (flags & (1 << index)) value += (delta[at++] ?? 0) * 256 ** index;
    }
    return value;
  };
  while (at < delta.length) {
    const command = delta[at++]!;
    const copies = (command & 0x80) !== 0;
    const source = copies ? base : delta;
    const from = copies ? sparse(command & 0x0f, 4) : at;
    const count = copies ? sparse((command >> 4) & 7, 3) || 0x10000 : command;
    if (count === 0 || from + count > source.length || made + count > sizes.result) {
      throw new ObjectError('A delta is damaged.');
    }
    source.copy(result, made, from, from + count);
    made += count;
    if (!copies) at += count;
  }
  if (made !== sizes.result) throw new ObjectError('A delta is cut off.');
  return result;
}
