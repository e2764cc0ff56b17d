import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, Plan, UnreadOutput } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput } from '../../../schemas/output/report.ts';
import type { NodesOutput } from '../../../schemas/output/node.ts';
import type { Obstacle } from '../../../schemas/output/status.ts';
import { addedWords, renameWords } from './added-words.ts';
import { describeField, type FieldText } from './field.ts';
import { code, codeLink, fence, folded, inline, table } from './markdown-text.ts';
import { type Cut, type Room, rowsOf } from './markdown-room.ts';
import { addedInFull, CELL_FIELDS, CELL_VALUE, LEFT_OUT, valuesInFull } from './markdown-values.ts';
import { obstaclesByNodes, outcomesByNodes } from './node-changes.ts';
import { NODE_HEAD, nodeCells, nodeNotes, nodesWords, unreadWords } from './node-words.ts';
import { pageOf } from './page.ts';
import { placementWords } from './placement-words.ts';
import { count, prose } from './plain.ts';
import { findingLines } from './terminal-finding.ts';
import { bySeverity, type Group } from './groups.ts';
import { brakeState, noteWords, riskGroups, riskWords, STATE_WORDS, SYMBOLS, toldRisks } from './words.ts';

// Each section takes of the room that the page has, says how much it leaves out, and is empty where there is nothing to say.

/** Where a page leads to. */
export interface Links {
  /** The page of a line of a file of the repository. */
  readonly line?: (file: string, line: number) => string;
}

/** Rows that stand open; a longer table is folded. */
const OPEN = 12;
/** Findings whose lines are shown. */
const EXCERPTS = 25;

export function groupSection(
  { heading, changes }: Group,
  room: Room,
  { marks = '####', links = {} }: { readonly marks?: string; readonly links?: Links } = {},
): string {
  const cells = rowsOf(changes, room.rows, room, (change) => [
    code(SYMBOLS[change.op]),
    code(change.target),
    whatCell(change),
    change.source === undefined ? '' : sourceLink(change.source, links),
  ]);
  const shown = changes.slice(0, cells.length);
  return section(heading, changes.length, {
    body: tableWithout(['', 'Object', 'What', 'Manifest'], cells),
    shown: cells.length,
    below: [valuesInFull(shown, room), addedInFull(shown, room)].filter(Boolean).join('\n\n'),
    room,
    marks,
  });
}

/** `file:line`. */
function sourceLink(source: string, { line }: Links): string {
  const [, file, number] = /^(.*):(\d+)$/s.exec(source) ?? [];
  return codeLink(source, file === undefined ? undefined : line?.(file, Number(number)));
}

export function outcomeSection(title: string, outcomes: readonly OutcomeOutput[], room: Room): string {
  const told = outcomesByNodes(outcomes);
  const cells = rowsOf(told, room.rows, room, ({ op, target, code: errorCode, why, hint }) => [
    code(SYMBOLS[op]),
    code(target),
    [errorCode === undefined ? '' : code(errorCode), inline(why ?? '')].filter(Boolean).join(' ') +
      (hint === undefined ? '' : `<br>Hint: ${inline(hint)}`),
  ]);
  const body = table(['', 'Object', 'Why'], cells);
  return section(`${title} (${outcomes.length})`, told.length, { body, shown: cells.length, room });
}

export function obstacleSection(title: string, obstacles: readonly Obstacle[], room: Room): string {
  const told = obstaclesByNodes(obstacles);
  const cells = rowsOf(told, room.rows, room, ({ target, why }) => [code(target), inline(why)]);
  const body = table(['Object', 'Why'], cells);
  return section(`${title} (${obstacles.length})`, told.length, { body, shown: cells.length, room });
}

export function unreadSection(unread: readonly UnreadOutput[], room: Room): string {
  const cells = rowsOf(unread, room.rows, room, ({ kind, namespace, why }) => [
    code(kind),
    code(namespace ?? ''),
    inline(why),
  ]);
  const body = tableWithout(['Kind', 'Namespace', 'Why'], cells);
  return section(`Could not be read (${unread.length})`, unread.length, { body, shown: cells.length, room });
}

export function healthSection(title: string, objects: readonly ObjectHealth[], room: Room): string {
  const cells = rowsOf(bySeverity(objects), room.rows, room, ({ target, state, message }) => [
    code(target),
    STATE_WORDS[state],
    inline(message),
  ]);
  const body = table(['Object', 'State', 'What it says'], cells);
  return section(`${title} (${objects.length})`, objects.length, { body, shown: cells.length, room });
}

export function nodesSection(nodes: NodesOutput | undefined, room: Room): string {
  if (nodes === undefined) return '';
  const cells = rowsOf(nodes.nodes, room.rows, room, (node) =>
    nodeCells(node).map((cell) => inline(cell, 200)),
  );
  const notes = nodeNotes(nodes).slice(0, cells.length);
  const unread = unreadWords(nodes);
  const rows = section(`Nodes: ${nodesWords(nodes)}`, Math.max(1, nodes.nodes.length), {
    body: cells.length === 0 ? '' : table(NODE_HEAD, cells),
    shown: cells.length,
    below: notes.map(({ name, why }) => `- ${code(name)}: ${inline(why)}`).join('\n'),
    room,
  });
  return unread === undefined ? rows : `${rows}\n\n${inline(unread)}`;
}

const FINDING_PARTS = {
  Errors: { rows: 'errors', cut: 'errors' },
  Warnings: { rows: 'warnings', cut: 'warnings' },
  'Ignored fields': { rows: 'ignored', cut: 'ignored fields' },
} as const satisfies Record<string, { readonly rows: keyof Room; readonly cut: Cut }>;

export function findingSection(
  title: keyof typeof FINDING_PARTS,
  findings: readonly FindingOutput[],
  room: Room,
  links: Links = {},
): string {
  const { rows, cut } = FINDING_PARTS[title];
  const cells = rowsOf(findings, room[rows], room, ({ file, line, column, message, hint, rule }) => [
    codeLink(`${file}:${line}:${column}`, links.line?.(file, line)),
    `${inline(message)} ${code(rule)}${hint === undefined ? '' : `<br>Hint: ${inline(hint)}`}`,
  ]);
  const isIgnored = title === 'Ignored fields';
  return section(`${title} (${findings.length})`, findings.length, {
    body: table(['Where', isIgnored ? 'What' : 'What is wrong'], cells),
    shown: cells.length,
    below: isIgnored ? '' : excerpts(findings.slice(0, cells.length), room),
    room,
    cut,
  });
}

/** What may go wrong, a line for each kind of risk. */
export function riskSection(plan: Pick<Plan, 'changes'>): string {
  const lines = riskGroups(plan).map(
    ({ name, changes, words }) => `- **${name}** in ${count(changes, 'object')}: ${inline(words)}`,
  );
  return lines.length === 0 ? '' : ['**Risks:**', '', ...lines].join('\n');
}

export function guardSection({ pruneBlocked, brake }: Pick<Plan, 'pruneBlocked' | 'brake'>): string {
  return [
    ...(brake === undefined ? [] : [`**${brakeState(brake)}:** ${inline(brake.reason)}`]),
    ...(pruneBlocked === undefined ? [] : [`**Pruning is blocked:** ${inline(pruneBlocked)}`]),
  ].join('\n\n');
}

function section(
  heading: string,
  all: number,
  rest: {
    readonly body: string;
    readonly shown: number;
    readonly below?: string;
    readonly room: Room;
    readonly cut?: Cut;
    readonly marks?: string;
  },
): string {
  const { body, shown, below = '', room, cut = 'objects', marks = '####' } = rest;
  if (all === 0) return '';
  if (shown < all) room.cut.add(cut);
  const more = all > shown ? `${LEFT_OUT}${all - shown} more.` : '';
  if (shown === 0) return `${marks} ${heading}`;
  const rows = [body, more].filter(Boolean).join('\n\n');
  const parts = [`${marks} ${heading}`, shown > OPEN ? folded(`Show ${shown} of ${all}`, rows) : rows, below];
  return parts.filter(Boolean).join('\n\n');
}

/** A table without the columns that hold nothing. */
function tableWithout(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.map((_, at) => rows.some((cells) => cells[at] !== ''));
  const keep = (cells: readonly string[]) => cells.filter((_, at) => kept[at]);
  return table(keep(head), rows.map(keep));
}

function whatCell(change: ChangeOutput): string {
  const { fields, reason, node } = change;
  const notes = noteWords(change);
  const added = addedWords(change);
  const more = fields.length - CELL_FIELDS;
  return [
    ...(node?.does ?? []).map((each) => inline(each)),
    ...fields.slice(0, CELL_FIELDS).map((field) => fieldCell(describeField(field, CELL_VALUE))),
    ...(more > 0 ? [`… and ${count(more, 'more field')}`] : []),
    ...(reason === undefined ? [] : [inline(reason)]),
    ...toldRisks(change).map((risk) => `**${risk.name}:** ${inline(riskWords(risk))}`),
    ...placementWords(change).map((words) => inline(words)),
    ...renameWords(change).map((words) => inline(words)),
    ...(added === '' ? [] : [`The server ${added}.`]),
    ...(notes.length === 0 ? [] : [`_${inline(notes.join(', '))}_`]),
  ].join('<br>');
}

function fieldCell(text: FieldText): string {
  const lines = (mark: '+' | '-') =>
    'diff' in text ? text.diff.filter((line) => line.mark === mark).length : 0;
  const what =
    'diff' in text
      ? `${count(lines('+'), 'line')} added, ${lines('-')} removed`
      : `${code(text.from)} → ${code(text.to)}`;
  return `${code(text.path)}: ${what}${text.note === '' ? '' : ` ${inline(text.note)}`}`;
}

/** The lines of the files with a caret below each place, as the terminal shows them. */
function excerpts(findings: readonly FindingOutput[], room: Room): string {
  const page = pageOf({ colour: false, width: 110 });
  const shown = findings.filter(({ excerpt }) => excerpt !== undefined).slice(0, EXCERPTS);
  if (shown.length === 0) return '';
  const lines = shown.flatMap((finding, index) => [
    ...(index === 0 ? [] : ['']),
    ...findingLines({ ...finding, message: prose(finding.message, 200) }, page),
  ]);
  const text = folded('The lines', fence(lines, 'text'));
  room.left -= text.length;
  if (room.left >= 0) return text;
  room.cut.add('long values');
  return '';
}
