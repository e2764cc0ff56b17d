import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A hidden file beside the areas. */
const FILE = '.used';

/**
 * In which order files were used, the one that was not for longest first. It is kept on the disk, since a time of use would be
 * wrong as soon as a clock is set.
 */
export class UseOrder {
  readonly #folder: string;
  #written = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Nothing where there is none, or it cannot be read. */
  async read(): Promise<readonly string[]> {
    const text = await readFile(join(this.#folder, FILE), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** To be called by one at a time. Throws where the disk is full, and then what was there stays. */
  async write(names: readonly string[]): Promise<void> {
    const text = names.map((name) => `${name}\n`).join('');
    if (text === this.#written) return;
    const part = join(this.#folder, `${FILE}.part`);
    try {
      await using file = await open(part, 'w', 0o644);
      await file.writeFile(text);
      await file.sync();
      await rename(part, join(this.#folder, FILE));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await using folder = await open(this.#folder);
    await folder.sync();
    this.#written = text;
  }
}
