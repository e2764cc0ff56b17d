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

/** The place of one document, and of each value within it. */
export interface Source {
  readonly file: string;
  readonly start: Position;
  /** The place of the value at `path`, or of its nearest parent that the file has. */
  readonly positionOf: (path: readonly (string | number)[]) => Position;
}
