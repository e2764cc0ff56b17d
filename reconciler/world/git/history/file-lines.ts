import { linesBefore } from '../../../core/history/lines-before.ts';
import type { Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';

/** Larger files are no manifests, and nothing is told of their lines. */
const MOST_BYTES = 1024 * 1024;
/** Comparisons that are kept: several lines of one file follow the same commits. */
const KEPT = 500;

type Before = readonly (number | undefined)[] | undefined;

/** Which line of a content was which line of another. Lines count from 1. */
export class FileLines {
  readonly #objects: () => GitObjects;
  readonly #known = new Map<string, Before>();

  constructor(objects: () => GitObjects) {
    this.#objects = objects;
  }

  /** The line of `old` that a line of `fresh` is; undefined where it is a new one. */
  async before(old: Oid, fresh: Oid, line: number): Promise<number | undefined> {
    const key = `${old} ${fresh}`;
    if (!this.#known.has(key)) {
      const [oldest] = this.#known.keys();
      if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
      const [before, after] = await Promise.all([this.#lines(old), this.#lines(fresh)]);
      this.#known.set(key, before && after && linesBefore(before, after));
    }
    return counted(this.#known.get(key), line);
  }

  /** The same for a content that is in no object. */
  async beforeWritten(old: Oid, content: Uint8Array, line: number): Promise<number | undefined> {
    const before = await this.#lines(old);
    return counted(before && linesBefore(before, splitLines(content)), line);
  }

  async #lines(oid: Oid): Promise<readonly string[] | undefined> {
    const content = await this.#objects().blob(oid, MOST_BYTES);
    return typeof content === 'number' ? undefined : splitLines(content);
  }
}

function counted(before: Before, line: number): number | undefined {
  const found = before?.[line - 1];
  return found === undefined ? undefined : found + 1;
}

/** Each line with its end: a last one without is another line than the same with one. Bytes stay apart as they are. */
function splitLines(content: Uint8Array): readonly string[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1');
  return text.split(/(?<=\n)/);
}
