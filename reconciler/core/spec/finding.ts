import type { FindingOutput } from '../../../schemas/output/finding.ts';

/** A fault in a spec, which its author can mend. It is collected, never thrown. */
export type Finding = Readonly<FindingOutput>;

export function isError(finding: Finding): boolean {
  return finding.level === 'error';
}
