import { isRecord } from '../../core/kube/json.ts';
import type { Finding } from '../../core/spec/finding.ts';
import type { Position, SourceFile, ValuePath } from '../../core/spec/source.ts';
import { decode, type SourceText } from '../../core/spec/text.ts';
import { readYaml, type YamlDocument } from '../../core/spec/yaml.ts';

/** The names that kustomize looks for in a folder. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** What YAML 1.1 takes for the end of a line and YAML 1.2 does not: behind it, a field could be hidden from us. */
export const DISPUTED = /\r(?!\n)|[\u0085\u2028\u2029]/;

export type KustomizeRule =
  | 'kustomize-missing'
  | 'kustomize-remote'
  | 'kustomize-plugin'
  | 'kustomize-reference'
  | 'kustomize-build'
  | 'kustomize-limits';

/** Fields that hold names and nothing secret, so that their lines may be shown. */
const OPEN_FIELDS: ReadonlySet<string> = new Set(
  'apiversion kind resources bases components crds configurations openapi nameprefix namesuffix namespace images replicas'
    .split(' ')
    .concat('generators', 'transformers', 'validators', 'buildmetadata', 'sortoptions'),
);

/** A kustomization file that could be read. */
export class Kustomization {
  /** From the root of the repository on. */
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly #text: SourceText;
  readonly #document: YamlDocument;

  private constructor(path: string, text: SourceText, document: YamlDocument) {
    this.path = path;
    this.value = document.value as Readonly<Record<string, unknown>>;
    this.#text = text;
    this.#document = document;
  }

  /** `file` is called as findings call it; `path` is its place in the repository. */
  static read(file: SourceFile, path: string): Kustomization | Finding {
    const at = (
      rule: string,
      position: Position,
      message: string,
      hint: string | undefined,
      excerpt?: string,
    ): Finding => ({
      level: 'error',
      rule,
      file: file.path,
      ...position,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(excerpt === undefined ? {} : { excerpt }),
    });
    const start = { line: 1, column: 1 };
    const decoded = decode(file);
    if ('message' in decoded) return at('encoding', decoded.position, decoded.message, decoded.hint);
    const { text } = decoded;
    const disputed = text.text.search(DISPUTED);
    if (disputed !== -1) {
      const message =
        'For kustomize a line ends at this character, and for other readers of YAML it does not.';
      const position = text.position(disputed);
      const hint = 'Replace it with a plain line break.';
      return at('kustomize-build', position, message, hint, text.coveredExcerpt(position));
    }
    const { documents, problems } = readYaml(text);
    // What readers of YAML disagree about is for kustomize alone to read.
    const [problem] = [...problems, ...documents.flatMap((document) => document.problems)].filter(
      ({ rule, level = 'error' }) => rule !== 'ambiguous-scalar' && level === 'error',
    );
    if (problem !== undefined) {
      const { message, hint } = problem.discreet ?? problem;
      const position = text.position(problem.offset);
      return at(problem.rule, position, message, hint, text.coveredExcerpt(position));
    }
    const [document, second] = documents;
    if (second !== undefined) {
      const message = 'A kustomization file holds one document, and this is a second one.';
      const position = text.position(second.place.start);
      return at('kustomize-build', position, message, 'Remove it.', text.keyExcerpt(position));
    }
    if (document === undefined || !isRecord(document.value) || Object.keys(document.value).length === 0) {
      const hint = 'List the folder’s manifests under resources, or remove the file.';
      return at('kustomize-build', start, 'The kustomization file says nothing.', hint);
    }
    return new Kustomization(path, text, document);
  }

  /** As findings call it. */
  get name(): string {
    return this.#text.file;
  }

  get text(): string {
    return this.#text.text;
  }

  /** Whether appending a line adds a field to it. */
  get isOpenAtEnd(): boolean {
    const { start } = this.#document.place;
    const closed = /^(---|\.\.\.)/m.test(this.text.slice(start));
    return !closed && /^[\w"']/.test(this.text.slice(start)) && this.#text.position(start).column === 1;
  }

  finding(rule: KustomizeRule, path: ValuePath, message: string, hint: string): Finding {
    const position = this.#position(path);
    const excerpt = this.#mayShow(position, path)
      ? this.#text.excerpt(position)
      : this.#text.keyExcerpt(position);
    return {
      level: 'error',
      rule,
      file: this.name,
      ...position,
      message,
      hint,
      excerpt,
    };
  }

  #position(path: ValuePath): Position {
    let { place } = this.#document;
    for (const step of path) {
      const next = place.members?.get(step);
      if (next === undefined) break;
      place = next;
    }
    return this.#text.position(place.start);
  }

  /** Literals of generators and patches may hold a Secret's value. */
  #mayShow({ line }: Position, path: ValuePath): boolean {
    if (path.length === 0) return false;
    return [...(this.#document.place.members ?? [])].every(([name, { start, end, name: at = start }]) => {
      const lines = [this.#text.lineAt(at), this.#text.lineAt(end)] as const;
      return line < lines[0] || lines[1] < line || OPEN_FIELDS.has(folded(String(name)));
    });
  }
}

/**
 * The fields of a map, whatever their capitals: Go reads `Resources` as `resources`, so what is refused has to be found
 * by either name.
 */
export function fieldsOf(value: unknown, name: string): readonly (readonly [name: string, value: unknown])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).filter(([each]) => folded(each) === folded(name));
}

/** Both ways, since a few letters, the long s for one, are the same as another only in capitals. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
