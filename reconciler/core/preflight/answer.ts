/** What mends a lack. */
export interface Mend {
  /** What to do, in one sentence that begins with a verb. */
  readonly words: string;
  /** Commands in order, each ready to be copied, but that `NODE` stands for the node's name. Empty where none helps. */
  readonly commands: readonly string[];
}

/** What a check finds. What is unknown is never counted as passed. */
export type Answer = Passed | Lacking | Unclear;

interface Passed {
  readonly result: 'pass';
  readonly seen: string;
}

interface Lacking {
  readonly result: 'warn' | 'fail';
  readonly seen: string;
  readonly needed: string;
  readonly mend: Mend;
}

/** What could not be found out. */
export interface Unclear {
  readonly result: 'unknown';
  /** Why, in one sentence. */
  readonly why: string;
  readonly mend: Mend;
}

/**
 * Stands in commands where a node's name belongs, so that nodes that lack the same are told together. It is a character that
 * `commandOf` lets into no command, so that only what a check has written itself is ever replaced.
 */
export const NODE = '\u0000';

export function pass(seen: string): Answer {
  return { result: 'pass', seen };
}

export function fail(seen: string, needed: string, mend: Mend): Answer {
  return { result: 'fail', seen, needed, mend };
}

export function warn(seen: string, needed: string, mend: Mend): Answer {
  return { result: 'warn', seen, needed, mend };
}

export function unclear(why: string, mend: Mend): Unclear {
  return { result: 'unknown', why, mend };
}

/** A mend by words alone, or with commands. */
export function mend(words: string, ...commands: readonly string[]): Mend {
  return { words, commands };
}
