import { readFile, stat } from 'node:fs/promises';
import { describeBytes } from '../limits.ts';
import { unusableKeys } from './errors.ts';

const MOST_BYTES = 4 * 1024 * 1024;

/** The keys in a file that others may replace. It is read whenever they are asked for, and parsed where it has changed. */
export class CachedKeys<Keys> {
  readonly #path: string;
  readonly #parse: (text: string, path: string) => Keys | Promise<Keys>;
  #known: { readonly text: string; readonly keys: Keys } | undefined;

  constructor(path: string, parse: (text: string, path: string) => Keys | Promise<Keys>) {
    this.#path = path;
    this.#parse = parse;
  }

  async read(): Promise<Keys> {
    const text = await this.#text();
    if (this.#known?.text !== text) this.#known = { text, keys: await this.#parse(text, this.#path) };
    return this.#known.keys;
  }

  async #text(): Promise<string> {
    const what = `${this.#path}, which should hold the keys that may sign commits,`;
    const hint = 'No commit is accepted until it can be read.';
    try {
      const { size } = await stat(this.#path);
      if (size <= MOST_BYTES) return await readFile(this.#path, 'utf8');
    } catch (cause) {
      throw unusableKeys(`${what} cannot be read.`, { hint, cause });
    }
    throw unusableKeys(`${what} is larger than ${describeBytes(MOST_BYTES)}.`, { hint });
  }
}
