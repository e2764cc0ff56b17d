import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import { count, printable, prose } from './plain.ts';
import { findingWords } from './words.ts';

const COMMANDS = { error: 'error', warning: 'warning', ignored: 'notice' } as const;

/**
 * Findings as GitHub's workflow commands, which show each beside its line in a pull request. Errors come first, since a
 * step shows only its first annotations.
 */
export function findingsAnnotations({ findings, summary }: Findings): string {
  const levels = Object.keys(COMMANDS);
  const ordered = findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  const words = `${count(summary.objects, 'object')} in ${count(summary.files, 'file')}: ${findingWords(summary) || 'no findings'}.`;
  return [...ordered.map(annotation), words].map((line) => `${line}\n`).join('');
}

function annotation({ level, rule, file, line, column, message, hint }: FindingOutput): string {
  const properties = { file, line, col: column, title: `weka-gitops: ${rule}` };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  const said = [message, ...(hint === undefined ? [] : [`hint: ${hint}`])].map((text) => data(prose(text)));
  return `::${COMMANDS[level]} ${shown.join(',')}::${said.join('%0A')}`;
}

/** A line end would begin a new command, and a percent sign an escape. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
