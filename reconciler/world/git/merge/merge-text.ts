import { diffLines, type Hunk } from './line-diff.ts';
import type { MergeWork } from './merge-work.ts';

/** Git looks for a zero byte in so many, to tell what is text. */
const LOOKED_AT = 8_000;

/** A file that was changed on both sides. */
export interface Versions {
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

/**
 * The text with both changes in it, as git merges it: changes that neither overlap nor touch, or that are the same.
 * Undefined where a person has to do it.
 */
export async function mergeText(
  { base, ours, theirs }: Versions,
  work: MergeWork,
): Promise<Uint8Array | undefined> {
  if ([base, ours, theirs].some((content) => content.subarray(0, LOOKED_AT).includes(0))) return undefined;
  const numbers = new LineNumbers(work);
  const old = await numbers.read(base);
  const left = await numbers.read(ours);
  const right = await numbers.read(theirs);
  const leftHunks = await diffLines(old.numbers, left.numbers, work);
  const rightHunks = leftHunks && (await diffLines(old.numbers, right.numbers, work));
  if (leftHunks === undefined || rightHunks === undefined) return undefined;

  const parts: Uint8Array[] = [];
  /** Lines of our side that are in `parts` already, or have been replaced. */
  let done = 0;
  for (const [mine, other] of meetings(leftHunks, rightHunks)) {
    if (other === undefined) continue;
    if (mine.isChanged) {
      if (!isEqual(left.numbers, mine, right.numbers, other)) return undefined;
      continue;
    }
    parts.push(left.bytes(done, mine.start), right.bytes(other.start, other.end));
    done = mine.end;
  }
  return Buffer.concat([...parts, left.bytes(done, left.numbers.length)]);
}

/** Lines of one side, in the place of lines of the base that were changed on at least one. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isChanged: boolean;
}

/**
 * Stretches in which changes of both sides meet, and those between, which one side has changed alone. Of a stretch that
 * the other side has left as it was, there is no `other`.
 */
function* meetings(
  mine: readonly Hunk[],
  others: readonly Hunk[],
): Generator<readonly [Stretch, Stretch | undefined]> {
  const sides = [new Side(mine), new Side(others)] as const;
  for (;;) {
    const start = Math.min(sides[0].upcoming, sides[1].upcoming);
    if (start === Number.POSITIVE_INFINITY) return;
    let end = start;
    for (const side of sides) side.begin(start);
    // A change that touches another belongs to it, and may reach a third.
    for (let reached = -1; reached !== end;) {
      reached = end;
      for (const side of sides) end = side.take(end);
    }
    const [own, other] = [sides[0].stretch(end), sides[1].stretch(end)];
    yield [own, other.isChanged ? other : undefined];
  }
}

/** The changes of one side, from the first to the last. */
class Side {
  readonly #hunks: readonly Hunk[];
  #next = 0;
  /** How much further down lines stand than in the base, from here on. */
  #shift = 0;
  #start = 0;
  #isChanged = false;

  constructor(hunks: readonly Hunk[]) {
    this.#hunks = hunks;
  }

  /** Where in the base the next change begins. */
  get upcoming(): number {
    return this.#hunks[this.#next]?.oldStart ?? Number.POSITIVE_INFINITY;
  }

  begin(oldStart: number): void {
    this.#start = oldStart + this.#shift;
    this.#isChanged = false;
  }

  /** Takes all that begins before the end of a stretch or at it. Gives its end then. */
  take(oldEnd: number): number {
    let end = oldEnd;
    for (let hunk = this.#hunks[this.#next]; hunk !== undefined && hunk.oldStart <= end;) {
      end = Math.max(end, hunk.oldEnd);
      this.#shift = hunk.newEnd - hunk.oldEnd;
      this.#isChanged = true;
      hunk = this.#hunks[++this.#next];
    }
    return end;
  }

  stretch(oldEnd: number): Stretch {
    return { start: this.#start, end: oldEnd + this.#shift, isChanged: this.#isChanged };
  }
}

function isEqual(left: Int32Array, mine: Stretch, right: Int32Array, other: Stretch): boolean {
  if (mine.end - mine.start !== other.end - other.start) return false;
  for (let at = 0; at < mine.end - mine.start; at++) {
    if (left[mine.start + at] !== right[other.start + at]) return false;
  }
  return true;
}

/** Gives each line a number, the same for the same line. A last one without its end is another than the same with one. */
class LineNumbers {
  readonly #known = new Map<string, number>();
  readonly #work: MergeWork;

  constructor(work: MergeWork) {
    this.#work = work;
  }

  async read(content: Uint8Array): Promise<Lines> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const ends: number[] = [];
    const numbers: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const pause = this.#work.step();
      if (pause !== undefined) await pause;
      const newline = bytes.indexOf(0x0a, at);
      const end = newline === -1 ? bytes.length : newline + 1;
      const line = bytes.toString('latin1', at, end);
      const number = this.#known.get(line) ?? this.#known.size;
      this.#known.set(line, number);
      numbers.push(number);
      ends.push(end);
      at = end;
    }
    return new Lines(bytes, ends, Int32Array.from(numbers));
  }
}

class Lines {
  readonly numbers: Int32Array;
  readonly #bytes: Buffer;
  readonly #ends: readonly number[];

  constructor(bytes: Buffer, ends: readonly number[], numbers: Int32Array) {
    this.#bytes = bytes;
    this.#ends = ends;
    this.numbers = numbers;
  }

  bytes(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(this.#offset(start), this.#offset(end));
  }

  #offset(line: number): number {
    return line === 0 ? 0 : (this.#ends[line - 1] ?? this.#bytes.length);
  }
}
