import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import type { Plan, UnreadOutput } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report } from '../../../schemas/output/report.ts';
import type { Obstacle, Status } from '../../../schemas/output/status.ts';
import { approvalLines } from './approvals.ts';
import { driversLines } from './drivers-text.ts';
import { forecastLines } from './forecast.ts';
import { columns, fit, padded, wrapped } from './layout.ts';
import { type Page, pageOf, RISK_COLOURS, STATE_COLOURS } from './page.ts';
import { obstaclesByNodes, outcomesByNodes } from './node-changes.ts';
import { nodesLines } from './nodes-text.ts';
import { count, prose, timeWords } from './plain.ts';
import { entryLines } from './terminal-change.ts';
import { findingLines } from './terminal-finding.ts';
import { type Block, bold, groupBlock, sectionBlocks } from './terminal-groups.ts';
import { bySeverity, ended, madeGroups, openGroups, plannedSections } from './groups.ts';
import { afterFindings, afterPlan, afterReport } from './next-steps.ts';
import {
  brakeWords,
  findingWords,
  healthWords,
  lastPassWords,
  passWords,
  plannedWords,
  reportWords,
  riskGroups,
  STATE_WORDS,
  statusWords,
  SYMBOLS,
  whereOf,
} from './words.ts';

/** How text is laid out for the terminal at hand. */
export interface Style {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

/** Characters that changes may take. A text is one string in memory, and nobody reads as much. */
const CHANGES = 16_000_000;

/** What `weka-gitops plan` prints. */
export function planText(plan: Plan, style: Style): string {
  const page = pageOf(style);
  const open = openGroups(plan);
  const sections = plannedSections(plan);
  const isEmpty = [open, sections, plan.findings, plan.unread].every(({ length }) => length === 0);
  const room = { left: CHANGES };
  return blocks(
    header(`Plan for ${prose(plan.cluster, 200)} at ${whereOf(plan)}`, plan, page),
    isEmpty ? [] : [...summaryLines(plannedWords(plan.summary), page), ...riskLines(plan, page)],
    guardBlock(plan, page),
    ...findingBlocks(plan.findings.filter(isErrorOutput), page),
    unreadBlock(plan.unread, page),
    ...open.map((group) => groupBlock(group, page, room)),
    ...sections.flatMap((section) => sectionBlocks(section, page, room)),
    driversBlock(plan, page),
    approvalLines(plan.approvals, page),
    plan.forecast === undefined ? [] : forecastLines(plan.forecast, page),
    ...findingBlocks(plan.findings.filter(isNoError), page),
    [
      ...wrapped(afterPlan(plan), page.width),
      ...(isEmpty ? [] : [page.paint('dim', `Digest: ${prose(plan.digest, 100)}`)]),
    ],
  );
}

/** What `weka-gitops reconcile` prints. */
export function reportText(report: Report, style: Style): string {
  const page = pageOf(style);
  const room = { left: CHANGES };
  return blocks(
    header(passWords(report), report, page),
    summaryLines(reportWords(report), page),
    guardBlock(report, page),
    ...findingBlocks(report.findings.filter(isErrorOutput), page),
    outcomeBlock('Failed', ended(report.outcomes, 'failed'), page),
    outcomeBlock('Held back', ended(report.outcomes, 'held'), page),
    ...openGroups(report).map((group) => groupBlock(group, page, room)),
    unreadBlock(report.unread, page),
    healthBlock(report.objects, page),
    driversBlock(report, page),
    ...madeGroups(report).map((group) => groupBlock(group, page, room)),
    ...findingBlocks(report.findings.filter(isNoError), page),
    wrapped(afterReport(report), page.width),
  );
}

/** What `weka-gitops status` prints. */
export function statusText(status: Status, style: Style): string {
  const page = pageOf(style);
  return blocks(
    header(statusWords(status), status, page),
    objectTable(status.objects, page),
    status.nodes === undefined ? [] : nodesLines(status.nodes, page),
    driversBlock(status, page),
    obstacleBlock('Refused: a person has to decide', '!', status.refused, page),
    obstacleBlock('Waiting', '…', status.waiting, page),
    outcomeBlock('Failed in the last pass', status.failed, page),
    unreadBlock(status.unread, page),
    ...findingBlocks(status.findings, page),
    guardBlock(status, page),
    [
      ...wrapped(`${healthWords(status.objects)}, seen ${timeWords(status.at)}.`, page.width),
      ...wrapped(lastPassWords(status), page.width),
    ],
  );
}

/** What `weka-gitops validate` prints. */
export function findingsText(findings: Findings, style: Style): string {
  const page = pageOf(style);
  const { files, objects } = findings.summary;
  const words = `${count(objects, 'object')} in ${count(files, 'file')}: ${findingWords(findings.summary) || 'no findings'}`;
  return blocks(...findingBlocks(findings.findings, page), [
    ...summaryLines(words, page),
    ...wrapped(afterFindings(findings), page.width),
  ]);
}

function blocks(...all: readonly Block[]): string {
  const shown = all.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function header(title: string, { author, subject }: Pick<Plan, 'author' | 'subject'>, page: Page): Block {
  const words = [prose(author, 100), prose(subject, 200)].filter(Boolean).join(': ');
  return [...bold(title, page), ...(words === '' ? [] : [page.paint('dim', fit(words, page.width))])];
}

function summaryLines(words: string, page: Page): string[] {
  return bold(`Summary: ${words}.`, page);
}

/** What may go wrong, a line for each kind of risk. */
function riskLines(plan: Plan, page: Page): string[] {
  const groups = riskGroups(plan);
  if (groups.length === 0) return [];
  const nameWidth = Math.max(...groups.map(({ name }) => columns(name)));
  const lines = groups.flatMap(({ name, words }) =>
    wrapped(prose(words), page.width - nameWidth - 4).map((line, index) => {
      const head = padded(index === 0 ? name : '', nameWidth);
      return `  ${page.paint(RISK_COLOURS[name], head)}  ${line}`;
    }),
  );
  return [...bold('Risks:', page), ...lines];
}

function heading(title: string, items: readonly unknown[], page: Page): string[] {
  return bold(`${title} (${items.length})`, page);
}

function outcomeBlock(title: string, outcomes: readonly OutcomeOutput[], page: Page): Block {
  if (outcomes.length === 0) return [];
  const lines = outcomesByNodes(outcomes).flatMap(({ op, target, result, code, why, hint }) => {
    const said = [
      [code, why].filter((words) => words !== undefined).join(': '),
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ];
    const [symbol, colour] = result === 'failed' ? (['!', 'red'] as const) : (['…', 'cyan'] as const);
    return entryLines({ symbol, colour, target, notes: [`to ${op}`] }, said, page);
  });
  return [...heading(title, outcomes, page), ...lines];
}

function obstacleBlock(title: string, symbol: '!' | '…', obstacles: readonly Obstacle[], page: Page): Block {
  if (obstacles.length === 0) return [];
  const colour = symbol === '!' ? 'red' : 'cyan';
  const told = obstaclesByNodes(obstacles);
  const lines = told.flatMap(({ target, why }, index) => {
    const said = told[index + 1]?.why === why ? [] : [why];
    return entryLines({ symbol, colour, target, notes: [] }, said, page);
  });
  return [...heading(title, obstacles, page), ...lines];
}

function unreadBlock(unread: readonly UnreadOutput[], page: Page): Block {
  if (unread.length === 0) return [];
  const lines = unread.flatMap(({ kind, namespace, why }) => {
    const notes = namespace === undefined ? [] : [`in ${namespace}`];
    return entryLines({ symbol: '?', colour: 'red', target: kind, notes }, [why], page);
  });
  return [...heading('Could not be read', unread, page), ...lines];
}

/** Objects that do not work yet, or no longer. */
function healthBlock(objects: readonly ObjectHealth[], page: Page): Block {
  const rest = bySeverity(objects).filter(({ state }) => state !== 'current');
  if (rest.length === 0) return [];
  const lines = rest.flatMap(({ target, state, message }) => {
    const symbol = state === 'progressing' ? SYMBOLS.wait : SYMBOLS.refuse;
    const head = { symbol, colour: STATE_COLOURS[state], target, notes: [STATE_WORDS[state]] };
    return entryLines(head, [message], page);
  });
  return [...heading('Not ready', rest, page), ...lines];
}

/** One line for each object, cut at the page's edge. */
function objectTable(objects: readonly ObjectHealth[], { paint, width }: Page): Block {
  if (objects.length === 0) return [];
  const rows = bySeverity(objects).map(({ target, state, message }) => ({
    state,
    target: prose(target, 300),
    message: prose(message, 300),
  }));
  const stateWidth = Math.max(...Object.values(STATE_WORDS).map(columns));
  const widest = rows.reduce((most, row) => Math.max(most, columns(row.target)), columns('Object'));
  const targetWidth = Math.min(widest, Math.floor(width * 0.6));
  const head = `${padded('Object', targetWidth)}  ${padded('State', stateWidth)}  What it says`;
  return [
    paint('bold', fit(head, width)),
    ...rows.map((row) => {
      const room = Math.max(0, width - targetWidth - stateWidth - 4);
      const cells = [
        padded(fit(row.target, targetWidth), targetWidth),
        paint(STATE_COLOURS[row.state], padded(STATE_WORDS[row.state], stateWidth)),
        fit(row.message, room),
      ];
      return cells.join('  ').trimEnd();
    }),
  ];
}

function driversBlock({ drivers }: Pick<Plan, 'drivers'>, page: Page): Block {
  return drivers === undefined ? [] : driversLines(drivers, page);
}

function isErrorOutput({ level }: FindingOutput): boolean {
  return level === 'error';
}

function isNoError(finding: FindingOutput): boolean {
  return !isErrorOutput(finding);
}

function findingBlocks(findings: readonly FindingOutput[], page: Page): Block[] {
  const ignored = findings.filter(({ level }) => level === 'ignored');
  return [
    ...findings.filter(({ level }) => level !== 'ignored').map((finding) => findingLines(finding, page)),
    // These want nothing of anybody, so a line each is enough.
    ignored.flatMap(({ excerpt: _excerpt, ...finding }) => findingLines(finding, page)),
  ];
}

function guardBlock({ pruneBlocked, brake }: Pick<Plan, 'pruneBlocked' | 'brake'>, page: Page): Block {
  return [
    ...(brake === undefined ? [] : wrapped(brakeWords(brake), page.width)),
    ...(pruneBlocked === undefined ? [] : wrapped(`Pruning is blocked: ${prose(pruneBlocked)}`, page.width)),
  ];
}
