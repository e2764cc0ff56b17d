import { readFile, stat } from 'node:fs/promises';
import { KubeconfigError } from './errors.ts';

/** Looking for each of a thousand requests would cost more than all else that we do for them. */
const LOOK_EVERY_MS = 1000;

/** A file that others replace, as the kubelet does with tokens. It is read again when it is another than before. */
export class WatchedFile {
  readonly #path: string;
  readonly #what: string;
  readonly #now: () => number;
  #looked = -Infinity;
  #stamp: string | undefined;
  #text = '';

  /** `what` is what it should hold, for the message when it cannot be read. */
  constructor(path: string, what: string, now: () => number) {
    this.#path = path;
    this.#what = what;
    this.#now = now;
  }

  async text(): Promise<string> {
    const now = this.#now();
    // The clock may be set back.
    if (Math.abs(now - this.#looked) < LOOK_EVERY_MS) return this.#text;
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(this.#path);
      const stamp = [mtimeMs, ctimeMs, size, ino].join(' ');
      if (stamp !== this.#stamp) this.#text = await readFile(this.#path, 'utf8');
      this.#stamp = stamp;
      this.#looked = now;
      return this.#text;
    } catch (cause) {
      throw new KubeconfigError(`${this.#path}, which should hold ${this.#what}, cannot be read.`, { cause });
    }
  }
}
