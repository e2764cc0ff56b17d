import { code, inline } from '../report/markdown-text.ts';
import { count } from '../report/plain.ts';
import { shownError } from './shown-error.ts';
import type { Hidden, Suspended, Told, ToldError, Uncompared } from './told.ts';

/** Secrets, and namespaces, that are named. */
const NAMED = 20;

/** What of a plan is not as whoever reads it would take it to be. */
export function remarksSection(
  { unaccepted, remarks = {} }: Pick<Extract<Told, { result: 'planned' }>, 'unaccepted' | 'remarks'>,
  isFork: boolean,
): string {
  const { suspended, uncompared, hidden } = remarks;
  return [
    unacceptedSection(unaccepted),
    suspended === undefined ? '' : suspendedWords(suspended),
    isFork ? `Secrets are not shown to forks.${hidden === undefined ? '' : hiddenWords(hidden)}` : '',
    uncompared === undefined || isFork ? '' : uncomparedWords(uncompared),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Why a head's commit would not be applied, whatever the plan says. */
export function unacceptedSection(unaccepted: ToldError | undefined): string {
  if (unaccepted === undefined) return '';
  const { code: name, message, hint } = shownError(unaccepted);
  const why = `${code(name, 100)}: ${inline(message)}${hint === undefined ? '' : ` ${inline(hint)}`}`;
  return `**The head’s commit would not be applied as it is.** ${why} What the merge makes of it must be signed by an allowed key, too.`;
}

function suspendedWords({ reason, isLifted }: Suspended): string {
  const why = inline(reason, 500);
  return isLifted
    ? `**The merge ends a suspension:** ${why}. From then on passes write again, and carry out all that is below.`
    : `**Every pass is suspended:** ${why}. The plan is what a pass would do if it were not.`;
}

function uncomparedWords({ namespaces, changed }: Uncompared): string {
  const where = namespaces.length === 0 ? '' : ` in ${listed(namespaces)}`;
  const ours = changed.length === 0 ? '' : ` The pull request changes ${listed(changed)}: look at the files.`;
  return `Secrets could not be compared: the planner may not read them${where}.${ours}`;
}

function hiddenWords({ isChanged, errors }: Hidden): string {
  return [
    ...(isChanged ? ['**It changes what is not shown to forks: look at the files.**'] : []),
    ...(errors === 0
      ? []
      : [`**${count(errors, 'error')} ${errors === 1 ? 'is' : 'are'} not shown: look at the files.**`]),
  ]
    .map((words) => ` ${words}`)
    .join('');
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => code(name));
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
