import type { SourceFile } from '../../core/spec/source.ts';
import type { DecryptionKeys } from './data-key.ts';
import type { OpenedText } from './open-text.ts';
import type { KeySource } from './open-sealed.ts';

interface Known {
  readonly result: OpenedText;
  /** With what it was opened. */
  readonly keys: DecryptionKeys;
}

const lastOpened = new WeakMap<KeySource, ReadonlyMap<string, Known>>();

/**
 * Files that were opened last time with the same keys, by what git calls their content: a decryption takes milliseconds, and of
 * a repository that is read again and again few files change.
 */
export class KnownFiles {
  readonly #source: KeySource;
  readonly #before: ReadonlyMap<string, Known>;
  readonly #now = new Map<string, Known>();
  #keys: Promise<DecryptionKeys> | undefined;

  constructor(source: KeySource) {
    this.#source = source;
    this.#before = lastOpened.get(source) ?? new Map();
  }

  /** What `open` gives for a file, or gave last time. */
  async open(
    file: SourceFile,
    open: (file: SourceFile, keys: KeySource) => Promise<OpenedText | undefined>,
  ): Promise<OpenedText | undefined> {
    const name = `${file.oid} ${file.path}`;
    const known = file.oid === undefined ? undefined : this.#before.get(name);
    if (known !== undefined && known.keys === (await this.#read())) {
      this.#now.set(name, known);
      return known.result;
    }
    const result = await open(file, this.#read);
    if (result !== undefined && file.oid !== undefined) {
      this.#now.set(name, { result, keys: await this.#read() });
    }
    return result;
  }

  /** Remembers what was opened now, and nothing else. */
  keep(): void {
    lastOpened.set(this.#source, this.#now);
  }

  /** The keys as they are now; they do not change while one set of files is opened. */
  readonly #read = (): Promise<DecryptionKeys> => (this.#keys ??= this.#source());
}
