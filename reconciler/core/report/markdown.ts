import type { Findings } from '../../../schemas/output/finding.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';
import {
  findingSection,
  groupSection,
  healthSection,
  LEFT_OUT,
  obstacleSection,
  outcomeSection,
  guardSection,
  unreadSection,
} from './markdown-sections.ts';
import { code, inline } from './markdown-text.ts';
import { count, timeWords } from './plain.ts';
import { ended, madeGroups, openGroups, plannedGroups } from './groups.ts';
import { afterFindings, afterPlan, afterReport } from './next-steps.ts';
import {
  findingWords,
  healthWords,
  lastPassWords,
  passWords,
  plannedWords,
  reportWords,
  statusWords,
  whereOf,
} from './words.ts';

/** What a comment on GitHub may hold, in characters. */
const COMMENT = 65_536;

/** The plan for a pull request, in at most `limit` characters. */
export function planMarkdown(plan: Plan, limit = COMMENT): string {
  const groups = plannedGroups(plan);
  return document('weka-gitops plan', limit, (rows) => [
    `### Plan for ${inline(plan.cluster, 200)}`,
    `**${plannedWords(plan.summary)}**`,
    originLine(plan),
    findingSection(plan.findings, rows),
    ...groups.map((group) => groupSection(group, rows)),
    unreadSection(plan.unread, rows),
    guardSection(plan),
    inline(afterPlan(plan)),
    `${readWords(plan)} Plan ${code(plan.digest, 100)}.`,
  ]);
}

/** What a pass did, in at most `limit` characters. */
export function reportMarkdown(report: Report, limit = COMMENT): string {
  return document('weka-gitops reconcile', limit, (rows) => [
    `### ${inline(passWords(report))}`,
    `**${reportWords(report)}**`,
    originLine(report),
    findingSection(report.findings, rows),
    outcomeSection('Failed', ended(report.outcomes, 'failed'), rows),
    outcomeSection('Held back', ended(report.outcomes, 'held'), rows),
    ...openGroups(report).map((group) => groupSection(group, rows)),
    unreadSection(report.unread, rows),
    healthSection('Not ready', notReady(report), rows),
    ...madeGroups(report).map((group) => groupSection(group, rows)),
    guardSection(report),
    inline(afterReport(report)),
    `${readWords(report)} Plan ${code(report.digest, 100)}.`,
  ]);
}

/** How the cluster stands, in at most `limit` characters. `picture` goes below the first lines, `history` to the end. */
export function statusMarkdown(
  status: Status,
  limit = COMMENT,
  { picture = '', history = '' }: { readonly picture?: string; readonly history?: string } = {},
): string {
  return document('weka-gitops status', limit, (rows) => [
    `### ${inline(statusWords(status))}`,
    `**${healthWords(status.objects)}**`,
    originLine(status),
    picture,
    findingSection(status.findings, rows),
    outcomeSection('Failed in the last pass', status.failed, rows),
    obstacleSection('Refused: a person has to decide', status.refused, rows),
    obstacleSection('Waiting', status.waiting, rows),
    unreadSection(status.unread, rows),
    guardSection(status),
    healthSection('Not ready', notReady(status), rows),
    healthSection(
      'Ready',
      status.objects.filter(({ state }) => state === 'current'),
      rows,
    ),
    history,
    `Seen ${timeWords(status.at)}. ${inline(lastPassWords(status))} ${readWords(status)}`,
  ]);
}

/** Findings for a pull request, in at most `limit` characters. */
export function findingsMarkdown(findings: Findings, limit = COMMENT): string {
  const { files, objects } = findings.summary;
  return document('weka-gitops validate', limit, (rows) => [
    `### ${findingWords(findings.summary) || 'No findings'}`,
    findingSection(findings.findings, rows),
    inline(afterFindings(findings)),
    readWords({ files, documents: objects }),
  ]);
}

/** Rows that each table may show, tried one after the other until the page fits. More than the first never fit. */
const ROWS = [2000, 400, 150, 60, 25, 10, 4, 1];

/** Blocks below each other. Every block says what it leaves out, and the last line where to see it. */
function document(verb: string, limit: number, blocks: (rows: number) => readonly string[]): string {
  const note = `Shortened to fit: ${code(verb)} prints everything.`;
  for (const rows of ROWS) {
    const all = blocks(rows);
    const isWhole = rows === ROWS[0] && !all.some((block) => block.includes(LEFT_OUT));
    const text = joined(isWhole ? all : [...all, note], limit);
    if (text !== undefined) return text;
  }
  const [title = '', summary = ''] = blocks(0);
  return joined([title, summary, note], limit) ?? joined([note], limit) ?? '';
}

function joined(blocks: readonly string[], limit: number): string | undefined {
  const text = `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
  return text.length <= limit ? text : undefined;
}

function originLine(origin: Pick<Plan, 'ref' | 'commit' | 'author' | 'subject'>): string {
  const { author, subject } = origin;
  const by = author === '' ? '' : `, by ${inline(author, 100)}`;
  return `${code(whereOf(origin))}: ${inline(subject, 200)}${by}`;
}

function readWords({ documents, files }: Pick<Plan, 'documents' | 'files'>): string {
  return `${count(documents, 'object')} in ${count(files, 'file')}.`;
}

function notReady({ objects }: Pick<Status, 'objects'>): Status['objects'] {
  return objects.filter(({ state }) => state !== 'current');
}
