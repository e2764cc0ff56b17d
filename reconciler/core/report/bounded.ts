import type { DriversOutput } from '../../../schemas/output/drivers.ts';
import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, FieldOutput, UnreadOutput } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report } from '../../../schemas/output/report.ts';
import type { NodeOutput } from '../../../schemas/output/node.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { escapedJson } from './json.ts';
import { clip } from './plain.ts';

/** Characters that each list of a history file may take, so that the file stays below a quarter of a megabyte. */
const SHARES = {
  changes: 76_000,
  outcomes: 56_000,
  findings: 48_000,
  objects: 24_000,
  unread: 8000,
  cells: 12_000,
  holdUps: 6000,
  conflicts: 2000,
} as const;
/** Findings, refusals and the like that `status.json` lists of each; its summary counts all. */
const STATUS_ITEMS = 200;
/** Characters of one text or value. */
const TEXT = 1000;
/** What a list's place in a file puts before each line. */
const INDENT = 4;
/** Fields of one change. */
const FIELDS = 40;

/** The report without what is unchanged or well, and cut where it is still too long; it says how much it leaves out. */
export function boundedReport(report: Report): Report {
  const writes = report.changes.filter(({ op }) => op !== 'keep');
  const unwell = report.objects.filter(({ state }) => state !== 'current');
  const changes = within(SHARES.changes, writes, shortChange);
  const outcomes = within(SHARES.outcomes, report.outcomes.toSorted(worstFirst), shortOutcome);
  const findings = within(SHARES.findings, report.findings.toSorted(errorsFirst), shortFinding);
  const objects = within(SHARES.objects, unwell, shortHealth);
  const unread = within(SHARES.unread, report.unread, shortUnread);
  return {
    ...shortOrigin(report),
    changes,
    outcomes,
    findings,
    objects,
    unread,
    ...(report.drivers && { drivers: shortDrivers(report.drivers) }),
    omitted: {
      keeps: report.changes.length - writes.length,
      healthy: report.objects.length - unwell.length,
      changes: writes.length - changes.length,
      outcomes: report.outcomes.length - outcomes.length,
      findings: report.findings.length - findings.length,
      unhealthy: unwell.length - objects.length,
      unread: report.unread.length - unread.length,
    },
  };
}

/** The first of `items`, each shortened, whose JSON takes no more than `size` characters within a file. */
function within<Item extends object>(
  size: number,
  items: readonly Item[],
  shorten: (item: Item) => Item,
): Item[] {
  const kept: Item[] = [];
  let used = 0;
  for (const item of items) {
    const short = shorten(item);
    const text = escapedJson(short);
    used += text.length + INDENT * text.split('\n').length;
    if (used > size) break;
    kept.push(short);
  }
  return kept;
}

/** The status with long lists and texts cut. All objects stay: their states are what it is for. */
export function boundedStatus(status: Status): Status {
  const obstacles = (all: Status['waiting']) =>
    all.slice(0, STATUS_ITEMS).map(({ target, why }) => ({ target, why: clip(why, TEXT) }));
  return {
    ...shortOrigin(status),
    objects: status.objects.map(shortHealth),
    findings: status.findings.toSorted(errorsFirst).slice(0, STATUS_ITEMS).map(shortFinding),
    unread: status.unread.slice(0, STATUS_ITEMS).map(shortUnread),
    waiting: obstacles(status.waiting),
    refused: obstacles(status.refused),
    failed: status.failed.slice(0, STATUS_ITEMS).map(shortOutcome),
    ...(status.nodes && { nodes: { ...status.nodes, nodes: status.nodes.nodes.map(shortNode) } }),
  };
}

function shortOrigin<Whole extends Pick<Report, 'author' | 'subject' | 'pruneBlocked'>>(whole: Whole): Whole {
  const { author, subject, pruneBlocked } = whole;
  return {
    ...whole,
    author: clip(author, TEXT),
    subject: clip(subject, TEXT),
    ...(pruneBlocked !== undefined && { pruneBlocked: clip(pruneBlocked, TEXT) }),
  };
}

const RESULTS = ['failed', 'held', 'done', 'unchanged'] as const;

function worstFirst(a: OutcomeOutput, b: OutcomeOutput): number {
  return RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result);
}

const LEVELS = ['error', 'warning', 'ignored'] as const;

/** Errors, then warnings, then ignored fields. */
export function errorsFirst(a: FindingOutput, b: FindingOutput): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
}

function shortChange(change: ChangeOutput): ChangeOutput {
  const { fields, reason } = change;
  return {
    ...change,
    fields: fields.slice(0, FIELDS).map(shortField),
    ...(reason !== undefined && { reason: clip(reason, TEXT) }),
  };
}

function shortField({ from, to, path, ...rest }: FieldOutput): FieldOutput {
  return {
    ...rest,
    path: clip(path, TEXT),
    ...(from !== undefined && { from: shortValue(from) }),
    ...(to !== undefined && { to: shortValue(to) }),
  };
}

function shortValue(value: NonNullable<FieldOutput['from']> | null): NonNullable<FieldOutput['from']> | null {
  if (typeof value === 'string') return clip(value, TEXT);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= TEXT ? value : clip(text, TEXT);
}

function shortOutcome(outcome: OutcomeOutput): OutcomeOutput {
  const { why, hint } = outcome;
  return {
    ...outcome,
    ...(why !== undefined && { why: clip(why, TEXT) }),
    ...(hint !== undefined && { hint: clip(hint, TEXT) }),
  };
}

function shortFinding(finding: FindingOutput): FindingOutput {
  const { message, hint, excerpt } = finding;
  return {
    ...finding,
    message: clip(message, TEXT),
    ...(hint !== undefined && { hint: clip(hint, TEXT) }),
    ...(excerpt !== undefined && { excerpt: clip(excerpt, TEXT) }),
  };
}

function shortHealth(object: ObjectHealth): ObjectHealth {
  return { ...object, message: clip(object.message, TEXT) };
}

function shortNode(node: NodeOutput): NodeOutput {
  const { why } = node;
  return { ...node, ...(why !== undefined && { why: clip(why, TEXT) }) };
}

/** What a history file keeps of drivers: what builds and nodes are held up by, without what compilers printed. */
function shortDrivers({ cells, holdUps, conflicts, omitted, ...rest }: DriversOutput): DriversOutput {
  const kept = {
    cells: within(SHARES.cells, cells, ({ lastLines: _, ...cell }) => cell),
    holdUps: within(SHARES.holdUps, holdUps, ({ users: _users, lastLines: _lines, ...holdUp }) => holdUp),
    conflicts: within(SHARES.conflicts, conflicts, (each) => each),
  };
  const left = {
    cells: (omitted?.cells ?? 0) + cells.length - kept.cells.length,
    holdUps: (omitted?.holdUps ?? 0) + holdUps.length - kept.holdUps.length,
    conflicts: (omitted?.conflicts ?? 0) + conflicts.length - kept.conflicts.length,
  };
  return { ...rest, ...kept, ...(Object.values(left).some((n) => n > 0) && { omitted: left }) };
}

function shortUnread(each: UnreadOutput): UnreadOutput {
  return { ...each, why: clip(each.why, TEXT) };
}
