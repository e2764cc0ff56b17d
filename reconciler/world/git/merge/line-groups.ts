/** One of two texts that are compared: its lines as numbers, and which of them the other has not. */
export interface ChangedLines {
  readonly lines: Int32Array;
  /** 1 for a line that the other text has not. */
  readonly changed: Uint8Array;
}

/**
 * Moves each group of changed lines to where git has it. Among lines that are alike it cannot be known which are new, and
 * whether two changes meet depends on it: a group is joined with those that it can reach, stands where the other text has
 * changed too if it can, and otherwise as far down as it can be.
 */
export function settleGroups(text: ChangedLines, other: ChangedLines): void {
  const group = new Group(text);
  // There are as many groups on both sides, counting empty ones: one before each line that both have, and one at the end.
  const opposite = new Group(other);
  do {
    if (!group.isEmpty) settle(group, opposite);
    opposite.next();
  } while (group.next());
}

function settle(group: Group, opposite: Group): void {
  let [size, highest] = [0, 0];
  /** Where it ended when it last stood beside a change of the other text. */
  let beside: number | undefined;
  do {
    size = group.size;
    beside = undefined;
    while (group.moveUp()) opposite.previous();
    highest = group.end;
    if (!opposite.isEmpty) beside = group.end;
    while (group.moveDown()) {
      opposite.next();
      if (!opposite.isEmpty) beside = group.end;
    }
    // Having reached others on its way, it may now have further to go.
  } while (group.size !== size);
  if (group.end === highest || beside === undefined) return;
  while (group.end > beside && opposite.isEmpty) {
    group.moveUp();
    opposite.previous();
  }
}

/** A run of changed lines, empty where there is none at its place. */
class Group {
  readonly #lines: Int32Array;
  readonly #changed: Uint8Array;
  #start = 0;
  #end = 0;

  constructor({ lines, changed }: ChangedLines) {
    this.#lines = lines;
    this.#changed = changed;
    while (changed[this.#end] === 1) this.#end++;
  }

  get end(): number {
    return this.#end;
  }

  get size(): number {
    return this.#end - this.#start;
  }

  get isEmpty(): boolean {
    return this.#end === this.#start;
  }

  /** Goes on to the one behind the next line that both texts have; false where there is no such line. */
  next(): boolean {
    if (this.#end >= this.#lines.length) return false;
    this.#start = this.#end + 1;
    this.#end = this.#start;
    while (this.#changed[this.#end] === 1) this.#end++;
    return true;
  }

  previous(): void {
    this.#end = this.#start - 1;
    this.#start = this.#end;
    while (this.#changed[this.#start - 1] === 1) this.#start--;
  }

  /** Takes the line before it for its last one, where they are alike, and what is changed before that too. */
  moveUp(): boolean {
    if (this.#start === 0 || this.#lines[this.#start - 1] !== this.#lines[this.#end - 1]) return false;
    this.#changed[--this.#start] = 1;
    this.#changed[--this.#end] = 0;
    while (this.#changed[this.#start - 1] === 1) this.#start--;
    return true;
  }

  moveDown(): boolean {
    if (this.#end >= this.#lines.length || this.#lines[this.#start] !== this.#lines[this.#end]) return false;
    this.#changed[this.#start++] = 0;
    this.#changed[this.#end++] = 1;
    while (this.#changed[this.#end] === 1) this.#end++;
    return true;
  }
}
