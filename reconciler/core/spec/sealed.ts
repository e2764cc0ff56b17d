import { clip, printable } from '../report/plain.ts';
import { pathText } from './problem.ts';
import type { ValuePath } from './source.ts';

/** Stands for a value that nobody may read. */
export const HIDDEN = '(hidden)';

/** Values that stand encrypted in the repository: where an object has them, and what they are. */
export interface Sealed {
  readonly paths: readonly ValuePath[];
  /** Texts that nothing may repeat, the longest first. */
  readonly texts: readonly string[];
}

export const NOTHING_SEALED: Sealed = { paths: [], texts: [] };

/** Shorter values would hide half of every sentence; where they stand themselves, they are hidden by their place. */
const SHORTEST = 4;
/** Of a value of several lines, each line that could be quoted alone and is not a common word. */
const SHORTEST_LINE = 8;

/** Characters that a message quotes of a value at most, as `quoted` in text.ts does. */
const QUOTED = 60;

const BASE64 = /^[A-Za-z0-9+/\s]+=*\s*$/;

/** What is encrypted in a manifest. Nothing is compared with `true`: half of all manifests would be hidden. */
export function sealedIn(value: unknown, paths: readonly ValuePath[]): Sealed {
  if (paths.length === 0) return NOTHING_SEALED;
  return { paths, texts: inOrder(paths.flatMap((path) => textsOf(valueAt(value, path), path))) };
}

/** What is encrypted in any of them. */
export function allTexts(sealed: Iterable<Sealed | undefined>): readonly string[] {
  return inOrder([...sealed].flatMap((each) => each?.texts ?? []));
}

/** Whether the value at `path` is encrypted in the repository, alone or within what is. */
export function isSealed(paths: readonly ValuePath[], path: ValuePath): boolean {
  return paths.some(
    (sealed) => sealed.length <= path.length && sealed.every((step, at) => step === path[at]),
  );
}

/** What is said of a faulty value that is encrypted in the repository: which it is, and never what it is. */
export function sealedFault(path: ValuePath): { readonly message: string; readonly hint: string } {
  return {
    message: `The value of ${pathText(path)} is not valid; it is encrypted in the repository, so it is not shown.`,
    hint: 'Look at it with `sops`, and encrypt a valid one.',
  };
}

/** Whether a text, or a text anywhere within a value, holds one of `texts`. */
export function holdsSealed(value: unknown, texts: readonly string[]): boolean {
  if (texts.length === 0 || value === null || value === undefined) return false;
  if (typeof value === 'object') {
    return Object.entries(value).some(
      ([key, member]) => holdsSealed(key, texts) || holdsSealed(member, texts),
    );
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return texts.some((each) => text.includes(each));
}

/** A value without what is encrypted in it, at its place or wherever else. */
export function hideSealed(value: unknown, { paths, texts }: Sealed, path: ValuePath = []): unknown {
  if (isSealed(paths, path)) return HIDDEN;
  if (Array.isArray(value))
    return value.map((each, index) => hideSealed(each, { paths, texts }, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, hideSealed(each, { paths, texts }, [...path, key])]),
    );
  }
  return holdsSealed(value, texts) ? HIDDEN : value;
}

/** A sentence without any of `texts`, whoever may have quoted them. */
export function withoutSealed(sentence: string, texts: readonly string[]): string {
  return texts.reduce((rest, text) => rest.replaceAll(text, HIDDEN), sentence);
}

/** Fields whose values say nothing to us: no message quotes them. */
const OPAQUE: readonly (string | number | undefined)[] = ['data', 'stringData', 'binaryData'];

/** What is encrypted in a manifest and too short for `texts`, for `withoutWords` to find where it stands alone. */
export function shortWords(value: unknown, { paths }: Pick<Sealed, 'paths'>): readonly string[] {
  return paths
    .filter(([field]) => !OPAQUE.includes(field))
    .flatMap((path) => scalarsOf(valueAt(value, path)))
    .filter(({ length }) => length < SHORTEST);
}

function scalarsOf(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(scalarsOf);
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
}

/** A sentence without any of `words`, save where one is part of a longer word. */
export function withoutWords(sentence: string, words: readonly string[]): string {
  return words.reduce((rest, word) => {
    const pattern = word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    return rest.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'gu'), HIDDEN);
  }, sentence);
}

/** A longer text may hold a shorter one, which must not cut it before it is found. */
function inOrder(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted((a, b) => b.length - a.length);
}

function textsOf(value: unknown, path: ValuePath): readonly string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).flatMap((member) => textsOf(member, path));
  }
  if (typeof value === 'number') return longEnough([String(value)]);
  if (typeof value !== 'string') return [];
  // In the data of a Secret stands the Base64 of what is secret; elsewhere somebody may quote the value so.
  const decoded =
    path[0] === 'data' && BASE64.test(value) ? Buffer.from(value, 'base64').toString('utf8') : value;
  const plain = [value, decoded].flatMap((text) => [
    text,
    text.trim(),
    JSON.stringify(text).slice(1, -1),
    // As messages quote what a manifest says.
    printable(text),
    clip(printable(text), QUOTED),
  ]);
  const lines = [value, decoded].flatMap((text) => text.split('\n').map((line) => line.trim()));
  return [
    ...longEnough([...plain, Buffer.from(value).toString('base64')]),
    ...lines.filter(({ length }) => length >= SHORTEST_LINE),
  ].filter((text) => !text.includes('\uFFFD'));
}

function longEnough(texts: readonly string[]): readonly string[] {
  return texts.filter(({ length }) => length >= SHORTEST);
}

function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    value,
  );
}
