import { type HeldFile, PlaceReader } from './lean-manifest.ts';
import { isAsWritten, type ReadFile, readFile } from './read-file.ts';
import { identityOf } from './rules/duplicates.ts';
import type { SourceFile } from './source.ts';
import { StringPool } from './string-pool.ts';
import { MOST_MANIFESTS, TooManyManifestsError } from './too-many-manifests.ts';

/** A file that was read, and what was made of it by checking it under one set of rules. */
export class KnownFile<Result> implements ReadFile {
  readonly manifests: ReadFile['manifests'];
  readonly findings: ReadFile['findings'];
  readonly held: HeldFile | undefined;
  /** What its manifests are, and no other manifest may be as well. */
  readonly identities: readonly string[];
  #key: string | undefined;
  #result: Result | undefined;

  constructor({ manifests, findings, held }: ReadFile) {
    this.manifests = manifests;
    this.findings = findings;
    this.held = held;
    // There are many of these, and a list that has grown has room for more.
    this.identities = manifests
      .map(identityOf)
      .filter((each) => each !== undefined)
      .slice();
  }

  /** What `check` gave for this `key` last time, or gives now. */
  checked(key: string, check: () => Result): Result {
    if (this.#key !== key) {
      this.#result = check();
      this.#key = key;
    }
    return this.#result as Result;
  }
}

/**
 * The files of the last snapshot that was read, so that of the next one only those are read that git gives another name
 * for their content. It belongs to whoever reads one repository again and again.
 */
export class KnownFiles<Result> {
  #files: ReadonlyMap<string, { readonly oid: string; readonly known: KnownFile<Result> }> = new Map();
  readonly #places = new PlaceReader();
  readonly #most: number;

  constructor(most = MOST_MANIFESTS) {
    this.#most = most;
  }

  /** Throws a TooManyManifestsError as soon as there are more than a plan is made of. */
  read(files: readonly SourceFile[]): readonly KnownFile<Result>[] {
    let manifests = 0;
    const pool = new StringPool();
    const next = new Map<string, { readonly oid: string; readonly known: KnownFile<Result> }>();
    const readOne = (file: SourceFile): KnownFile<Result> => {
      const { path, oid } = file;
      if (oid === undefined || !isAsWritten(file))
        return new KnownFile<Result>(readFile(file, pool, this.#places));
      const found = this.#files.get(path);
      const known =
        found?.oid === oid ? found.known : new KnownFile<Result>(readFile(file, pool, this.#places));
      // The bytes that were read first need not be kept beside those of now.
      if (known.held !== undefined) known.held.file = file;
      next.set(path, { oid, known });
      return known;
    };
    const read = files.map((file) => {
      const known = readOne(file);
      manifests += known.manifests.length;
      if (manifests > this.#most) throw new TooManyManifestsError(this.#most);
      return known;
    });
    this.#files = next;
    return read;
  }
}
