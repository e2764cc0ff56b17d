import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { Source, ValuePath } from './source.ts';

/** A fault in a spec, which its author can mend. It is collected, never thrown. */
export type Finding = Readonly<FindingOutput>;

export function isError(finding: Finding): boolean {
  return finding.level === 'error';
}

/** A finding at the value at `path`, with the line that holds it. */
export function finding(
  place: Source,
  path: ValuePath,
  said: Omit<Finding, 'file' | 'line' | 'column' | 'excerpt'>,
): Finding {
  const position = place.positionOf(path);
  const excerpt = place.excerpt(position);
  const message = messageAt(place, path, said.message);
  return { ...said, message, file: place.file, ...position, ...(excerpt === undefined ? {} : { excerpt }) };
}

/** The message, which says so where the value that it is about stands nowhere in the file. */
export function messageAt(place: Source, path: ValuePath, message: string): string {
  if (place.isRendered?.(path) !== true) return message;
  return `${message.replace(/\.$/, '')} (as kustomize renders it).`;
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
