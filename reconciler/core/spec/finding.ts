import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { Source, ValuePath } from './source.ts';

/** A fault in a spec, which its author can mend. It is collected, never thrown. */
export type Finding = Readonly<FindingOutput>;

export function isError(finding: Finding): boolean {
  return finding.level === 'error';
}

/** What else is known of where a fault is than the path of a value. */
interface FaultPlace {
  /** Where the name of the field is the fault, and not its value. */
  readonly at?: 'name' | undefined;
  /** Other values that the fault comes of. */
  readonly beside?: readonly ValuePath[] | undefined;
}

/** A finding at the value at `path`, with the line that holds it. */
export function finding(
  source: Source,
  path: ValuePath,
  said: Omit<Finding, 'file' | 'line' | 'column' | 'excerpt'>,
  { at, beside }: FaultPlace = {},
): Finding {
  const place = placeAt(source, path);
  const position = at === 'name' ? place.positionOfName(path) : place.positionOf(path);
  const excerpt = place.excerpt(position);
  const message = messageAt(source, path, said.message, beside);
  return { ...said, message, file: place.file, ...position, ...(excerpt === undefined ? {} : { excerpt }) };
}

/** The place that says the value at `path`: where kustomize made it, that of the only patch which does. */
export function placeAt(source: Source, path: ValuePath): Source {
  if (source.isRendered?.(path) !== true) return source;
  const [patch, another] = source.patchesOf?.(path) ?? [];
  return patch === undefined || another !== undefined ? source : patch;
}

/** The message, which says so where a value that it is about stands elsewhere than the finding does, or nowhere. */
export function messageAt(
  source: Source,
  path: ValuePath,
  message: string,
  beside: readonly ValuePath[] = [],
): string {
  const place = placeAt(source, path);
  const values = place === source ? [path, ...beside] : beside;
  const rendered = values.filter((each) => source.isRendered?.(each) === true);
  const patches = rendered.flatMap((each) =>
    (source.patchesOf?.(each) ?? [])
      .filter(({ file }) => place === source || file !== place.file)
      .map((patch) => `${patch.file}:${patch.positionOf(each).line}`),
  );
  if (rendered.length === 0 || (place !== source && patches.length === 0)) return message;
  const by = patches.length === 0 ? '' : `, with ${[...new Set(patches)].slice(0, 3).join(' and ')}`;
  return `${message.replace(/\.$/, '')} (as kustomize renders it${by}).`;
}

/** By file, line and column; then by rule and message, so that the order is always the same. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.rule, b.rule) ||
    compareText(a.message, b.message)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
