import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MOST_HELD } from '../../../nodeagent/dist/connections.ts';
import { LARGEST_PIECE, PIECES_MEMORY, SharedPieces } from '../../../nodeagent/dist/shared-pieces.ts';

const MIB = 1 << 20;

/** A file that is open, and what it is called by; it goes when the test has finished. */
async function aSource(content: Buffer | { readonly sparse: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-pieces-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, Buffer.isBuffer(content) ? content : '');
  if (!Buffer.isBuffer(content)) await truncate(path, content.sparse);
  const handle = await open(path);
  onTestFinished(() => handle.close().catch(() => undefined));
  return { handle, name: path, path };
}

type Source = Awaited<ReturnType<typeof aSource>>;

/** Goes through a part of a file, holds each piece for a while, and gives what was in them in the end. */
async function readAll(
  pieces: SharedPieces,
  source: Source,
  first: number,
  end: number,
  wait: () => Promise<unknown> = turn,
): Promise<Buffer> {
  const done = pieces.begin();
  const read: Buffer[] = [];
  for (let at = first; at < end;) {
    const piece = await pieces.take(source, at, end - first);
    await wait();
    const bytes = Buffer.from(piece.bytes.subarray(0, end - at));
    piece.giveBack();
    if (bytes.length === 0) break;
    read.push(bytes);
    at += bytes.length;
  }
  done();
  return Buffer.concat(read);
}

function reads(handle: FileHandle): { readonly count: number } {
  const spy = vi.spyOn(handle, 'read');
  return {
    get count() {
      return spy.mock.calls.length;
    },
  };
}

describe('pieces of a file', () => {
  it('are read once for all who come to them at about the same time', async () => {
    const content = randomBytes(4 * MIB);
    const source = await aSource(content);
    const read = reads(source.handle);
    const pieces = new SharedPieces();
    const all = await Promise.all(Array.from({ length: 32 }, () => readAll(pieces, source, 0, 4 * MIB)));
    expect(all.every((each) => each.equals(content))).toBe(true);
    expect(read.count).toBe((4 * MIB) / LARGEST_PIECE);
  });

  it('are what the file has there, whoever goes how fast from where on', async () => {
    const content = randomBytes(3 * MIB + 12_345);
    const source = await aSource(content);
    const pieces = new SharedPieces();
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const first = (index * 7919 * 101) % content.length;
        const end = Math.min(content.length, first + 1 + ((index * 104_729 * 13) % content.length));
        const slowly = async () => {
          for (let turns = 0; turns <= index % 7; turns += 1) await turn();
        };
        const got = await readAll(pieces, source, first, end, slowly);
        expect(got.equals(content.subarray(first, end))).toBe(true);
      }),
    );
    expect(pieces.bytes).toBe(0);
  });

  it('end where the file ends', async () => {
    const content = randomBytes(100_000);
    const source = await aSource(content);
    const pieces = new SharedPieces();
    expect((await readAll(pieces, source, 0, 200_000)).equals(content)).toBe(true);
    const none = await pieces.take(source, 100_000, 1);
    expect(none.bytes).toHaveLength(0);
    none.giveBack();
  });

  it('take no more memory together than is meant for them, even where all are at places of their own', async () => {
    const source = await aSource({ sparse: 4096 * MIB });
    const pieces = new SharedPieces();
    const done = Array.from({ length: MOST_HELD.all }, () => pieces.begin());
    const taken = [];
    for (let index = 0; index < 2 * MOST_HELD.all; index += 1) {
      taken.push(await pieces.take(source, index * 2 * MIB, 1 << 30));
    }
    expect(pieces.bytes).toBeLessThanOrEqual(PIECES_MEMORY);
    expect(taken[0]?.bytes).toHaveLength(LARGEST_PIECE);
    expect(taken.at(-1)?.bytes.length).toBeLessThan(LARGEST_PIECE);
    for (const { giveBack } of taken) giveBack();
    const again = await pieces.take(source, 0, 1 << 30);
    expect(again.bytes).toHaveLength(LARGEST_PIECE);
    again.giveBack();
    for (const each of done) each();
    expect(pieces.bytes).toBe(0);
  });

  it('take little for one who goes through a large file alone', async () => {
    const source = await aSource({ sparse: 64 * MIB });
    const pieces = new SharedPieces();
    const seen: number[] = [];
    await readAll(pieces, source, 0, 64 * MIB, async () => seen.push(pieces.bytes));
    expect(Math.max(...seen)).toBeLessThanOrEqual(2 * LARGEST_PIECE);
  });

  it('that cannot be read are nobody’s, and are read anew for who comes next', async () => {
    const content = randomBytes(MIB);
    const source = await aSource(content);
    await source.handle.close();
    const pieces = new SharedPieces();
    const both = await Promise.allSettled([pieces.take(source, 0, MIB), pieces.take(source, 0, MIB)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(pieces.bytes).toBe(0);
    await using handle = await open(source.path);
    expect((await readAll(pieces, { ...source, handle }, 0, MIB)).equals(content)).toBe(true);
  });

  it('of files with other names are never taken for each other', async () => {
    const [one, other] = [randomBytes(MIB), randomBytes(MIB)];
    const sources = [await aSource(one), await aSource(other)] as const;
    const pieces = new SharedPieces();
    const got = await Promise.all(sources.map((source) => readAll(pieces, source, 0, MIB)));
    expect(got.map((each, index) => each.equals([one, other][index] ?? Buffer.of()))).toEqual([true, true]);
  });
});
