import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Oid } from '../../../../../reconciler/world/git/objects/git-object.ts';
import { PackedContents } from '../../../../../reconciler/world/git/snapshot/packed-contents.ts';

const oid = (index: number) => String(index).padStart(40, '0') as Oid;
const oids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => oid(from + index));

function filled(count: number, bytes: (index: number) => Uint8Array): PackedContents {
  const contents = new PackedContents();
  for (let index = 0; index < count; index++) contents.add(oid(index), bytes(index));
  contents.pack();
  return contents;
}

describe('contents that are packed', () => {
  it('are given as they were added, in any order and also before they are packed', () => {
    const all = Array.from({ length: 600 }, (_, index) => randomBytes(index * 3));
    const contents = new PackedContents();
    for (const [index, bytes] of all.entries()) {
      expect(Buffer.from(contents.add(oid(index), bytes).bytes())).toEqual(bytes);
    }
    contents.pack();
    for (const index of [0, 1, 599, 7, 598, 300, 8, 0]) {
      expect(Buffer.from(contents.get(oid(index))!.bytes())).toEqual(all[index]);
    }
    expect(contents.get(oid(600))).toBeUndefined();
  });

  it('may be larger than what is packed together', () => {
    const large = randomBytes(1_000_000);
    const contents = filled(3, (index) => (index === 1 ? large : Buffer.from('small')));
    expect(Buffer.from(contents.get(oid(1))!.bytes())).toEqual(large);
    expect(Buffer.from(contents.get(oid(2))!.bytes()).toString()).toBe('small');
  });

  it('stay as they are with whoever asked for them', () => {
    const contents = filled(2, (index) => Buffer.alloc(200_000, index + 1));
    const first = contents.get(oid(0))!.bytes();
    contents.get(oid(1))!.bytes();
    expect(first.every((byte) => byte === 1)).toBe(true);
    first.fill(9);
    expect(contents.get(oid(0))!.bytes()[0]).toBe(1);
  });

  it('are kept where they are while most of what is packed with them is used, and else packed anew', () => {
    const contents = filled(100, (index) => Buffer.alloc(1000, index));
    const before = contents.get(oid(0))!.block;
    const most = contents.of(oids(0, 60));
    expect(most.get(oid(0))!.block).toBe(before);
    expect(most.get(oid(60))).toBeUndefined();
    const few = contents.of([...oids(90, 100), oid(500), oid(99)]);
    few.pack();
    expect(few.get(oid(99))!.block).not.toBe(before);
    expect(few.get(oid(99))!.block.size).toBe(10_000);
    expect(few.get(oid(99))!.bytes()).toEqual(new Uint8Array(1000).fill(99));
  });
});
