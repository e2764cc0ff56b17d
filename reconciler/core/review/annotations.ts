import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { Annotation } from '../../forge-port.ts';
import { inline } from '../report/markdown-text.ts';
import { prose } from '../report/plain.ts';

const LEVELS = ['error', 'warning', 'ignored'] as const;
const SHOWN_AS = { error: 'error', warning: 'warning', ignored: 'notice' } as const;

/** Findings that one line tells; the rest is counted. */
const A_LINE = 10;
/** Characters of a title. */
const TITLE = 200;

/**
 * Findings as annotations of the lines of `files`, which are those that a pull request changes; what is wrong elsewhere
 * stands in the comment. Each line has one. The worst come first, then in the order of files and lines, at most `most`.
 */
export function findingAnnotations(
  findings: readonly FindingOutput[],
  { files, most = 100 }: { readonly files: readonly string[]; readonly most?: number },
): readonly Annotation[] {
  const changed = new Set(files);
  const byLine = Map.groupBy(
    findings.filter(({ file }) => changed.has(file)).toSorted(worstFirst),
    ({ file, line }) => `${line} ${file}`,
  );
  // The first of each line is its worst, so the lines are in order already.
  return [...byLine.values()].slice(0, most).flatMap(annotation);
}

function annotation(findings: readonly FindingOutput[]): Annotation[] {
  const [first] = findings;
  if (first === undefined) return [];
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  const more = findings.length - A_LINE;
  return [
    {
      file: first.file,
      line: first.line,
      level: SHOWN_AS[first.level],
      title: prose(rules.join(', '), TITLE),
      text: [...findings.slice(0, A_LINE).map(saidOf), ...(more > 0 ? [`… and ${more} more.`] : [])].join(
        '\n\n',
      ),
    },
  ];
}

function saidOf({ message, hint }: FindingOutput): string {
  return `${inline(message)}${hint === undefined ? '' : `\n\nHint: ${inline(hint)}`}`;
}

function worstFirst(a: FindingOutput, b: FindingOutput): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    byText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    byText(a.rule, b.rule) ||
    byText(a.message, b.message)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
