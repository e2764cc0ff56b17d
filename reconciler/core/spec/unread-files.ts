import { type Finding, isError } from './finding.ts';
import type { SourceFile } from './source.ts';

/** Names of the files that have an error and are not among those that were read: what they hold is not known. */
export function unreadFiles(files: readonly SourceFile[], findings: readonly Finding[]): readonly string[] {
  const names = new Set(findings.filter(isError).map(({ file }) => file));
  if (names.size === 0) return [];
  const read = new Set(files.map(({ path }) => path));
  return [...names].filter((name) => !read.has(name)).toSorted();
}
