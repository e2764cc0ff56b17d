/** A file of the repository, read at one commit or from a working tree. */
export interface SourceFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Git's name for the content, where git has it: what has the same is the same. */
  readonly oid?: string;
  /** Set where this text was made of another file, to which faults in it then lead. */
  readonly origin?: Origin;
  /** Values that stand encrypted in the repository: nothing may repeat them. */
  readonly sealed?: readonly SealedValue[];
  /** Whether those are encrypted still. Then the rest can be checked, and nothing may be applied. */
  readonly unopened?: true;
}

/** An encrypted value: by its document, among those that hold anything, and its path there. */
export interface SealedValue {
  readonly document: number;
  readonly path: ValuePath;
}

/** What somebody wrote of which a program made a manifest. */
export interface Origin {
  readonly file: SourceFile;
  /** The value within the file that stands for the whole manifest; otherwise the file has a manifest that became this one. */
  readonly at?: ValuePath;
  /** The folder whose kustomization it was made by. */
  readonly builtIn: string;
  /** The patches of that kustomization and of those that it includes. */
  readonly patches?: readonly Patch[];
}

/** What changes objects that are written elsewhere. */
export interface Patch {
  /** The file that it stands in. */
  readonly file: SourceFile;
  /** Where it is a text within that file. */
  readonly at?: ValuePath;
  /** What it is for; what itself names where this is unset. */
  readonly target?: PatchTarget;
}

export interface PatchTarget {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
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
  /**
   * The line at a place with a caret below it; of a line that could show a Secret's value no more than its key. Undefined
   * where nobody wrote such a line.
   */
  readonly excerpt: (position: Position) => string | undefined;
  /** A plain scalar as it stands in the file, which a number does not tell: `1.10`, `0x1F`. */
  readonly written?: (path: ValuePath) => string | undefined;
  /** Whether the line at a place could show a Secret's value. */
  readonly isHidden?: (position: Position) => boolean;
  /** Whether the value at `path` is not what the file says there, but what kustomize made of it. */
  readonly isRendered?: (path: ValuePath) => boolean;
  /** The places where patches say the value at `path`, which is a rendered one; each is the place of nothing else. */
  readonly patchesOf?: (path: ValuePath) => readonly Source[];
  /** The folder whose kustomization made it of the file: several may make different things of it. */
  readonly builtIn?: string;
}
