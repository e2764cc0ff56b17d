/** A file of the repository, read at one commit or from a working tree. */
export interface SourceFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** Where a value stands: 1-based, columns in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The way to a value: names of fields and places in lists. */
export type ValuePath = readonly (string | number)[];

/** The place of one document, and of each value within it. */
export interface Source {
  readonly file: string;
  readonly start: Position;
  /** The place of the value at `path`, or of its nearest parent that the file has. */
  readonly positionOf: (path: ValuePath) => Position;
  /** The place of the name of the field at `path`; that of the value where it has none. */
  readonly positionOfName: (path: ValuePath) => Position;
  /** The line at a place with a caret below it; undefined where it could show a Secret's value. */
  readonly excerpt: (position: Position) => string | undefined;
}
