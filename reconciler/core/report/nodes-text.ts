import type { NodesOutput } from '../../../schemas/output/node.ts';
import { columns, fit, padded, wrapped } from './layout.ts';
import { NODE_HEAD, nodeCells, nodeNotes, nodesWords, unreadWords } from './node-words.ts';
import type { Page } from './page.ts';
import { prose } from './plain.ts';
import { bold } from './terminal-groups.ts';

const GAP = '  ';
const INDENT = '    ';
/** A single cell takes no more. */
const CELL = 48;

/** The nodes for a terminal: as a table where it is wide enough, else a few lines for each. */
export function nodesLines(nodes: NodesOutput, page: Page): readonly string[] {
  const rows = nodes.nodes.map((node) => nodeCells(node).map((cell) => prose(cell, 300)));
  const notes = nodeNotes(nodes).flatMap(({ name, why }) =>
    wrapped(`${prose(name, 300)}: ${why}`, page.width - 2).map((line, index) => {
      return `${index === 0 ? page.paint('yellow', '?') : ' '} ${line}`;
    }),
  );
  const unread = unreadWords(nodes);
  return [
    ...bold(nodesWords(nodes), page),
    ...(unread === undefined ? [] : wrapped(unread, page.width)),
    ...(tableOf(rows, page) ?? listOf(rows, page)),
    ...notes,
  ];
}

/** Undefined where it does not fit. */
function tableOf(rows: readonly (readonly string[])[], { paint, width }: Page): string[] | undefined {
  if (rows.length === 0) return [];
  const widths = NODE_HEAD.map((head, at) =>
    Math.min(
      CELL,
      rows.reduce((most, cells) => Math.max(most, columns(cells[at] ?? '')), columns(head)),
    ),
  );
  const whole = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  if (whole > width) return undefined;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => padded(fit(cell, widths[at] ?? 0), widths[at] ?? 0))
      .join(GAP)
      .trimEnd();
  return [paint('bold', line(NODE_HEAD)), ...rows.map(line)];
}

function listOf(rows: readonly (readonly string[])[], { paint, width }: Page): string[] {
  return rows.flatMap(([name = '', ...cells]) => {
    const words = cells.map(
      (cell, at) => `${(NODE_HEAD[at + 1] ?? '').replace(/^[A-Z](?=[a-z])/, lower)} ${cell}`,
    );
    return [
      paint('bold', fit(name, width)),
      ...wrapped(words.join('; '), width - INDENT.length).map((line) => `${INDENT}${line}`),
    ];
  });
}

function lower(letter: string): string {
  return letter.toLowerCase();
}
