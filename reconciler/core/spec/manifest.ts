import { SPEC_KINDS } from '../../../schemas/spec.ts';
import { isRecord, record } from '../kube/json.ts';
import { kindOf } from '../kube/kinds.ts';
import { objectId, type ObjectId } from '../kube/object.ts';
import type { Place } from './convert.ts';
import type { TextProblem } from './problem.ts';
import type { Position, Source, SourceFile, ValuePath } from './source.ts';
import type { SourceText } from './text.ts';
import type { YamlDocument } from './yaml.ts';

/** One object as a file describes it, not yet checked. */
export interface Manifest {
  readonly text: SourceText;
  /** What was written, without what a List around it says. */
  readonly value: unknown;
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  /** The object it describes, where that can be told. */
  readonly id: ObjectId | undefined;
  readonly place: Source;
  /** Whether its values must not be repeated. */
  readonly secret: boolean;
  /** Its values that stand encrypted in the repository. */
  readonly sealed?: readonly ValuePath[];
  /** Whether those are encrypted still, so that nobody knows what it asks for. */
  readonly closed?: true;
  /** Faults that were found while it was read. */
  readonly problems: readonly TextProblem[];
  /** Whether it could not be read in whole; then it is not looked into. */
  readonly broken: boolean;
}

/** Items that one List may hold. */
const MAX_ITEMS = 2000;

/** The manifests of a document of a file, by its place among them: itself, or the items of a List. */
export function manifestsOf(
  text: SourceText,
  document: YamlDocument,
  { sealed: allSealed = [], unopened }: Pick<SourceFile, 'sealed' | 'unopened'> = {},
  index = 0,
): readonly Manifest[] {
  const sealed = allSealed.filter((each) => each.document === index).map(({ path }) => path);
  const all = unpacked(document.value, document.place);
  const parts = all.slice(0, MAX_ITEMS);
  const mask = new Mask(text, document, parts, sealed);
  const tooMany = all[MAX_ITEMS];
  const problems = tooMany === undefined ? document.problems : [...document.problems, tooManyItems(tooMany)];
  const inside = (offset: number, { place }: Part): boolean => place.start <= offset && offset < place.end;
  return parts.map((part, index) => {
    const { value } = part;
    const concerns = ({ offset }: TextProblem): boolean =>
      document.hasAliases ||
      parts.length === 1 ||
      inside(offset, part) ||
      // What stands in none of the items is told with the first one.
      (index === 0 && !parts.some((other) => inside(offset, other)));
    return {
      text,
      value,
      apiVersion: textAt(value, 'apiVersion'),
      kind: textAt(value, 'kind'),
      id: identityOf(value),
      place: sourceOf(text, part.place, mask),
      secret: isSecret(value),
      ...(unopened === true ? { closed: unopened } : {}),
      ...(sealed.length === 0
        ? {}
        : { sealed: sealed.flatMap((path) => pathWithin(part.place, document.place, path) ?? []) }),
      problems: problems.filter(concerns),
      broken: document.broken,
    };
  });
}

/** The rest of a path through a document beyond `part`; undefined where it does not lead there. In a list, since it is flattened. */
function pathWithin(part: Place, document: Place, path: ValuePath): readonly [ValuePath] | undefined {
  let at: Place | undefined = document;
  for (const [depth, step] of path.entries()) {
    if (at === part) return [path.slice(depth)];
    at = at?.members?.get(step);
  }
  return undefined;
}

function tooManyItems({ place }: Part): TextProblem {
  const message = `The List has more than ${MAX_ITEMS} items; the rest is not read.`;
  return { rule: 'yaml-limits', offset: place.start, message, hint: 'Split it into several files.' };
}

interface Part {
  readonly value: unknown;
  readonly place: Place;
}

/** `kind: List` is any list; `kind: DeploymentList` is one whose items need not say what they are. */
function unpacked(value: unknown, place: Place): readonly Part[] {
  const kind = textAt(value, 'kind');
  if (!isRecord(value) || kind === undefined || !kind.endsWith('List')) return [{ value, place }];
  const items = place.members?.get('items');
  if (!Array.isArray(value['items']) || items === undefined) return [{ value, place }];
  const given =
    kind === 'List' ? {} : { apiVersion: value['apiVersion'], kind: kind.slice(0, -'List'.length) };
  return value['items'].flatMap((item: unknown, index) => {
    const at = items.members?.get(index) ?? items;
    return unpacked(isRecord(item) ? { ...given, ...item } : item, at);
  });
}

export function textAt(value: unknown, field: string): string | undefined {
  const found = record(value)[field];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The object that a value describes, however wrong the rest of it is. */
export function identityOf(value: unknown): ObjectId | undefined {
  const apiVersion = textAt(value, 'apiVersion');
  const kind = textAt(value, 'kind');
  const metadata = record(value)['metadata'];
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined;
  const namespaced = isNamespaced(apiVersion, kind);
  if (namespaced === true && namespace === undefined) return undefined;
  const parts = [kind, name, namespace ?? 'none'];
  if (
    !/^[\w.-]+(\/[\w.-]+)?$/.test(apiVersion) ||
    parts.some((part) => !/^[^\s/\p{C}]{1,253}$/u.test(part))
  ) {
    return undefined;
  }
  const within = namespaced === false || namespace === undefined ? {} : { namespace };
  return objectId({ apiVersion, kind, metadata: { name, ...within } });
}

/** Whether objects of a kind stand in namespaces; undefined for a kind that is not known. */
export function isNamespaced(apiVersion: string, kind: string): boolean | undefined {
  const ours = SPEC_KINDS.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  return (ours ?? kindOf({ apiVersion, kind }))?.namespaced;
}

/** A Secret, or what was most likely meant to be one. */
export function isSecret(value: unknown): boolean {
  const kind = textAt(value, 'kind');
  return /secret/i.test(kind ?? 'secret') || Object.hasOwn(record(value), 'stringData');
}

/** Whether text that could not be read may hold a Secret. */
export function mentionsSecret(text: string): boolean {
  return /(^|[\s:"'])Secrets?(List)?["']?\s*([,}#\r\n]|$)|stringData/i.test(text);
}

function sourceOf(text: SourceText, place: Place, mask: Mask): Source {
  const find = (path: ValuePath): { readonly place: Place; readonly whole: boolean } => {
    let at = place;
    for (const step of path) {
      const next = at.members?.get(step);
      if (next === undefined) return { place: at, whole: false };
      at = next;
    }
    return { place: at, whole: true };
  };
  return {
    file: text.file,
    start: text.position(place.start),
    positionOf: (path) => text.position(find(path).place.start),
    positionOfName: (path) => {
      const found = find(path);
      return text.position(found.whole ? (found.place.name ?? found.place.start) : found.place.start);
    },
    excerpt: (position) => {
      if (!mask.hides(position)) return text.excerpt(position);
      return mask.all ? text.coveredExcerpt(position) : text.keyExcerpt(position);
    },
    isHidden: (position) => mask.hides(position),
    written: (path) => {
      const found = find(path);
      if (!found.whole || found.place.end - found.place.start > LONGEST_SCALAR) return undefined;
      const source = text.text.slice(found.place.start, found.place.end);
      return /^[-+.\w]+$/.test(source) ? source : undefined;
    },
  };
}

/** Longer ones are no number that somebody wrote. */
const LONGEST_SCALAR = 40;

/** Fields of a Secret that hold nothing secret. */
const OPEN_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'type', 'immutable']);

/** The lines of a document that could show a Secret's value. */
class Mask {
  /** Whether nothing of the document may be shown, not even keys: what was read as one may be none. */
  readonly all: boolean;
  readonly #deep: boolean;
  readonly #lines: (readonly [from: number, to: number])[] = [];

  constructor(
    text: SourceText,
    document: YamlDocument,
    parts: readonly Part[],
    sealed: readonly ValuePath[],
  ) {
    // Where reading stopped is not known what the rest is.
    this.all = document.broken && mentionsSecret(text.text.slice(...document.range));
    this.#deep = document.hasAliases;
    for (const { value, place } of parts) if (isSecret(value)) this.#hide(text, place);
    for (const path of sealed) {
      const place = path.reduce<Place | undefined>((at, step) => at?.members?.get(step), document.place);
      if (place !== undefined) this.#hideAll(text, place);
    }
  }

  hides({ line }: Position): boolean {
    return this.all || this.#lines.some(([from, to]) => from <= line && line <= to);
  }

  #hide(text: SourceText, place: Place): void {
    if (place.members === undefined || place.members.has(0)) this.#hideAll(text, place);
    for (const [name, member] of place.members ?? []) {
      if (typeof name === 'number' || OPEN_FIELDS.has(name)) continue;
      const hidden = name === 'metadata' ? member.members?.get('annotations') : member;
      if (hidden !== undefined) this.#hideAll(text, hidden);
      for (const each of member.dropped ?? []) this.#hideAll(text, each);
    }
    for (const each of place.dropped ?? []) this.#hideAll(text, each);
  }

  #hideAll(text: SourceText, place: Place): void {
    const from = text.lineAt(place.start);
    this.#lines.push([from, text.lineAt(Math.max(place.start, place.end - 1))]);
    if (place.name !== undefined) {
      const line = text.lineAt(place.name);
      if (line !== from) this.#lines.push([line, line]);
    }
    // An alias leads to where its value was written, which may be anywhere.
    if (this.#deep) for (const member of place.members?.values() ?? []) this.#hideAll(text, member);
  }
}
