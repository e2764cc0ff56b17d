import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import type { AwaitedOutput, Plan } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { approvalSection } from './approvals.ts';
import { driversSection } from './drivers-markdown.ts';
import { forecastSection } from './forecast.ts';
import {
  findingSection,
  groupSection,
  healthSection,
  obstacleSection,
  outcomeSection,
  guardSection,
  type Links,
  nodesSection,
  riskSection,
  unreadSection,
} from './markdown-sections.ts';
import { code, inline } from './markdown-text.ts';
import { count, timeWords } from './plain.ts';
import { ended, madeGroups, openGroups, plannedSections, type Section } from './groups.ts';
import { document, type Room } from './markdown-room.ts';
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

/** The plan, in at most `limit` characters. */
export function planMarkdown(plan: Plan, limit = COMMENT): string {
  const verb = `weka-gitops plan${plan.forecast === undefined ? '' : ' --forecast'}`;
  const blocks = planBlocks(plan);
  const risks = riskSection(plan);
  return document(verb, limit, function* (room) {
    yield `### Plan for ${inline(plan.cluster, 200)}`;
    yield `**${plannedWords(plan.summary)}**`;
    yield risks;
    yield guardSection(plan);
    yield originLine(plan);
    yield* blocks(room);
    yield inline(afterPlan(plan));
    yield `${readWords(plan)} Plan ${code(plan.digest, 100)}.`;
  });
}

/** What a plan lists: findings, changes, the consent that they wait for, and the way beyond them. */
export function planBlocks(
  plan: Plan,
  { command, ...links }: Links & { readonly command?: (approval: AwaitedOutput) => string } = {},
): (room: Room) => Iterable<string> {
  // Once for all attempts to make it fit.
  const [errors, others] = byLevel(plan.findings);
  const open = openGroups(plan);
  const sections = plannedSections(plan);
  return function* (room) {
    yield findingSection('Errors', errors, room, links);
    yield unreadSection(plan.unread, room);
    for (const group of open) yield groupSection(group, room, { links });
    for (const section of sections) yield* plannedSection(section, room, links);
    yield driversSection(plan.drivers, room);
    yield approvalSection(plan.approvals, room, command);
    yield forecastSection(plan.forecast, room);
    yield* findingSections(others, room, links);
  };
}

/** What a pass did, in at most `limit` characters. */
export function reportMarkdown(report: Report, limit = COMMENT): string {
  const blocks = reportBlocks(report);
  return document('weka-gitops reconcile', limit, function* (room) {
    yield `### ${inline(passWords(report))}`;
    yield `**${reportWords(report)}**`;
    yield guardSection(report);
    yield originLine(report);
    yield* blocks(room);
    yield inline(afterReport(report));
    yield `${readWords(report)} Plan ${code(report.digest, 100)}.`;
  });
}

/** What a report lists: what went wrong before what went well. */
export function reportBlocks(report: Report, links: Links = {}): (room: Room) => Iterable<string> {
  const [errors, others] = byLevel(report.findings);
  const open = openGroups(report);
  const made = madeGroups(report);
  return function* (room) {
    yield findingSection('Errors', errors, room, links);
    yield outcomeSection('Failed', ended(report.outcomes, 'failed'), room);
    yield outcomeSection('Held back', ended(report.outcomes, 'held'), room);
    for (const group of open) yield groupSection(group, room, { links });
    yield unreadSection(report.unread, room);
    yield healthSection('Not ready', notReady(report), room);
    yield driversSection(report.drivers, room);
    for (const group of made) yield groupSection(group, room, { links });
    yield* findingSections(others, room, links);
  };
}

/**
 * How the cluster stands, in at most `limit` characters. `picture` goes below the first lines, `history` to the end; `lock` is the
 * file of pinned packages beside the page.
 */
export function statusMarkdown(
  status: Status,
  limit = COMMENT,
  {
    picture = '',
    history = '',
    lock,
  }: { readonly picture?: string; readonly history?: string; readonly lock?: string } = {},
): string {
  const [errors, others] = byLevel(status.findings);
  const ready = status.objects.filter(({ state }) => state === 'current');
  return document('weka-gitops status', limit, function* (room) {
    yield `### ${inline(statusWords(status))}`;
    yield `**${healthWords(status.objects)}**`;
    yield guardSection(status);
    yield originLine(status);
    yield picture;
    yield findingSection('Errors', errors, room);
    yield outcomeSection('Failed in the last pass', status.failed, room);
    yield obstacleSection('Refused: a person has to decide', status.refused, room);
    yield obstacleSection('Waiting', status.waiting, room);
    yield unreadSection(status.unread, room);
    yield healthSection('Not ready', notReady(status), room);
    yield healthSection('Ready', ready, room);
    yield nodesSection(status.nodes, room);
    yield driversSection(status.drivers, room, lock);
    yield* findingSections(others, room);
    yield history;
    yield `Seen ${timeWords(status.at)}. ${inline(lastPassWords(status))} ${readWords(status)}`;
  });
}

/** Findings for a pull request, in at most `limit` characters. */
export function findingsMarkdown(findings: Findings, limit = COMMENT): string {
  const { files, objects } = findings.summary;
  const [errors, others] = byLevel(findings.findings);
  return document('weka-gitops validate', limit, function* (room) {
    yield `### ${findingWords(findings.summary) || 'No findings'}`;
    yield findingSection('Errors', errors, room);
    yield* findingSections(others, room);
    yield inline(afterFindings(findings));
    yield readWords({ files, documents: objects });
  });
}

function* plannedSection({ title, groups }: Section, room: Room, links: Links): Iterable<string> {
  if (!room.changes) {
    room.cut.add('objects');
    return;
  }
  if (title !== undefined) yield `#### ${inline(title, 300)}`;
  const marks = title === undefined ? '####' : '#####';
  for (const group of groups) yield groupSection(group, room, { marks, links });
}

function* findingSections(
  findings: readonly FindingOutput[],
  room: Room,
  links: Links = {},
): Iterable<string> {
  const [warnings, ignored] = [
    findings.filter(({ level }) => level === 'warning'),
    findings.filter(({ level }) => level === 'ignored'),
  ];
  yield findingSection('Warnings', warnings, room, links);
  yield findingSection('Ignored fields', ignored, room, links);
}

function byLevel(
  findings: readonly FindingOutput[],
): readonly [errors: FindingOutput[], others: FindingOutput[]] {
  return [
    findings.filter(({ level }) => level === 'error'),
    findings.filter(({ level }) => level !== 'error'),
  ];
}

function originLine(origin: Pick<Plan, 'ref' | 'commit' | 'author' | 'subject'>): string {
  const { author, subject } = origin;
  const by = author === '' ? '' : `, by ${inline(author, 100)}`;
  return `${code(whereOf(origin))}: ${inline(subject, 200)}${by}`;
}

export function readWords({ documents, files }: Pick<Plan, 'documents' | 'files'>): string {
  return `${count(documents, 'object')} in ${count(files, 'file')}.`;
}

function notReady({ objects }: Pick<Status, 'objects'>): Status['objects'] {
  return objects.filter(({ state }) => state !== 'current');
}
