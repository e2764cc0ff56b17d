import type { ObjectId } from '../kube/object.ts';
import { identityOf, isSecret, type Manifest, manifestsOf, textAt } from './manifest.ts';
import type { TextProblem } from './problem.ts';
import type { Position, Source, SourceFile, ValuePath } from './source.ts';
import { decode, type SourceText } from './text.ts';
import { readYaml } from './yaml.ts';

/**
 * Reads files again for the places of their values: few are ever asked for, and the trees that hold them are many times
 * larger than the values. The last file is kept, since faults come file by file.
 */
export class PlaceReader {
  #last: { readonly file: SourceFile; readonly manifests: readonly Manifest[] } | undefined;

  manifest(file: SourceFile, index: number): Manifest {
    if (this.#last?.file !== file) this.#last = { file, manifests: manifestsIn(file) };
    const found = this.#last.manifests[index];
    if (found === undefined) throw new Error(`${file.path} has fewer manifests than when it was read first`);
    return found;
  }
}

/** The manifests of a file as the YAML parser finds them, with the places of all their values. */
function manifestsIn(file: SourceFile): readonly Manifest[] {
  const decoded = decode(file);
  if ('message' in decoded) return [];
  const { text } = decoded;
  return readYaml(text).documents.flatMap((document) => manifestsOf(text, document));
}

/** A file that stays the same, wherever its bytes are held now. */
export interface HeldFile {
  file: SourceFile;
  readonly places: PlaceReader;
}

/** A manifest that holds what a pass needs of it, and finds places in its file again when it is asked for one. */
export class LeanManifest implements Manifest {
  readonly value: unknown;
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  readonly id: ObjectId | undefined;
  readonly secret: boolean;
  readonly problems: readonly TextProblem[];
  readonly broken: boolean;
  readonly place: LeanSource;

  private constructor(
    { value, apiVersion, kind, id, secret, problems, broken }: Omit<Manifest, 'text' | 'place'>,
    place: LeanSource,
  ) {
    this.value = value;
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.id = id;
    this.secret = secret;
    this.problems = problems;
    this.broken = broken;
    this.place = place;
  }

  /** The manifest that stands at `index` among those of its file. */
  static of(manifest: Manifest, held: HeldFile, index: number): LeanManifest {
    return new LeanManifest(manifest, new LeanSource(held, index, manifest.place.start));
  }

  /** One that has no faults of its text. */
  static plain(value: unknown, held: HeldFile, index: number, start: Position): LeanManifest {
    const manifest = {
      value,
      apiVersion: textAt(value, 'apiVersion'),
      kind: textAt(value, 'kind'),
      id: identityOf(value),
      secret: isSecret(value),
      problems: NONE,
      broken: false,
    };
    return new LeanManifest(manifest, new LeanSource(held, index, start));
  }

  get text(): SourceText {
    return this.place.whole().text;
  }
}

const NONE: readonly TextProblem[] = [];

class LeanSource implements Source {
  readonly start: Position;
  readonly #held: HeldFile;
  readonly #index: number;

  constructor(held: HeldFile, index: number, start: Position) {
    this.#held = held;
    this.#index = index;
    this.start = start;
  }

  get file(): string {
    return this.#held.file.path;
  }

  /** The manifest with all of its places. */
  whole(): Manifest {
    return this.#held.places.manifest(this.#held.file, this.#index);
  }

  positionOf(path: ValuePath): Position {
    return this.whole().place.positionOf(path);
  }

  positionOfName(path: ValuePath): Position {
    return this.whole().place.positionOfName(path);
  }

  excerpt(position: Position): string | undefined {
    return this.whole().place.excerpt(position);
  }

  written(path: ValuePath): string | undefined {
    return this.whole().place.written?.(path);
  }

  isHidden(position: Position): boolean {
    return this.whole().place.isHidden?.(position) === true;
  }
}
