import type { CheckResult, Preflight, PreflightProblem } from '../../../schemas/output/preflight.ts';
import { columns, fit, padded, wrapped } from './layout.ts';
import { type Page, pageOf } from './page.ts';
import { count, printable, prose } from './plain.ts';
import {
  afterPreflight,
  checksWords,
  lacksWords,
  namesWords,
  nodeRows,
  passedWords,
  preflightBasis,
  preflightSummary,
  preflightTitle,
  RESULT_COLOURS,
  RESULT_SYMBOLS,
  RESULT_TITLES,
  stateLines,
  whoseWords,
} from './preflight-words.ts';
import { entryLines } from './terminal-change.ts';
import { type Block, bold } from './terminal-groups.ts';
import type { Style } from './terminal.ts';

/** Lacks of one grade, and rows of nodes, that are printed. */
const PROBLEMS = 200;
const ROWS = 100;

const INDENT = ' '.repeat(6);

/** What `weka-gitops preflight` prints. */
export function preflightText(preflight: Preflight, style: Style): string {
  const page = pageOf(style);
  const blocks: readonly Block[] = [
    [
      ...bold(preflightTitle(preflight), page),
      ...preflightBasis(preflight).flatMap((line) =>
        wrapped(prose(line), page.width).map((each) => page.paint('dim', each)),
      ),
    ],
    ...(['fail', 'unknown', 'warn'] as const).map((result) => problemBlock(preflight, result, page)),
    passBlock(preflight, page),
    nodeBlock(preflight, page),
    [
      ...wrapped(`${preflightSummary(preflight)}.`, page.width),
      ...wrapped(afterPreflight(preflight), page.width),
    ],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function problemBlock({ problems }: Preflight, result: CheckResult, page: Page): Block {
  const its = problems.filter((problem) => problem.result === result);
  if (its.length === 0) return [];
  const more = its.length - PROBLEMS;
  return [
    ...bold(`${RESULT_TITLES[result]} (${its.length})`, page),
    ...its.slice(0, PROBLEMS).flatMap((problem) => problemLines(problem, page)),
    ...(more > 0 ? [`  … and ${more} more: --output json has them all, --nodes NAME those of one node`] : []),
  ];
}

function problemLines(problem: PreflightProblem, page: Page): readonly string[] {
  const { result, mend } = problem;
  const head = {
    symbol: RESULT_SYMBOLS[result],
    colour: RESULT_COLOURS[result],
    target: checksWords(problem),
    notes: [whoseWords(problem)],
  };
  return [
    ...entryLines(head, [...stateLines(problem), mend.words], page),
    // Never wrapped: they are there to be copied.
    ...mend.commands.flatMap((command) => commandLines(command).map((line) => `${INDENT}  ${line}`)),
  ];
}

/** A command as it is typed, with nothing in it that a terminal would obey. */
export function commandLines(command: string): readonly string[] {
  return command.split('\n').map(printable);
}

function passBlock({ checks }: Preflight, page: Page): Block {
  const passed = checks.filter((check) => check.passed > 0);
  if (passed.length === 0) return [];
  const width = Math.max(...passed.map(({ check }) => columns(check)));
  return [
    ...bold(`${RESULT_TITLES.pass} (${passed.length})`, page),
    ...passed.map((check) => {
      const head = `  ${page.paint(RESULT_COLOURS.pass, RESULT_SYMBOLS.pass)}   ${padded(check.check, width)}`;
      return `${head}  ${fit(passedWords(check), Math.max(10, page.width - width - 8))}`;
    }),
  ];
}

function nodeBlock({ nodes }: Preflight, page: Page): Block {
  const rows = nodeRows(nodes);
  if (rows.length === 0) return [];
  const shown = rows.slice(0, ROWS).map(({ names, node }) => ({
    result: node.result,
    names: namesWords(names, 3),
    hosts: node.hosts.map((each) => prose(each, 100)).join(', '),
    lacks: lacksWords(node),
  }));
  const most = (of: (row: (typeof shown)[number]) => string, title: string, bound: number) =>
    Math.min(bound, Math.max(columns(title), ...shown.map((row) => columns(of(row)))));
  const third = Math.floor(page.width / 3);
  const nameWidth = most(({ names }) => names, 'Node', third);
  const resultWidth = 'unknown'.length;
  const hostWidth = most(({ hosts }) => hosts, 'Hosts', third);
  const rest = Math.max(10, page.width - nameWidth - resultWidth - hostWidth - 6);
  const line = (names: string, result: string, hosts: string, lacks: string) =>
    `${padded(fit(names, nameWidth), nameWidth)}  ${result}  ${padded(fit(hosts, hostWidth), hostWidth)}  ${fit(lacks, rest)}`.trimEnd();
  const more = nodes.length - rows.slice(0, ROWS).reduce((sum, { names }) => sum + names.length, 0);
  return [
    page.paint('bold', line('Node', padded('Result', resultWidth), 'Hosts', 'Lacks')),
    ...shown.map(({ names, result, hosts, lacks }) =>
      line(names, page.paint(RESULT_COLOURS[result], padded(result, resultWidth)), hosts, lacks),
    ),
    ...(more > 0 ? [`… and ${count(more, 'more node')}: --output json has them all`] : []),
  ];
}
