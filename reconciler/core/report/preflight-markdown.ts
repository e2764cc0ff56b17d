import type { CheckResult, Preflight, PreflightProblem } from '../../../schemas/output/preflight.ts';
import { code, fence, folded, inline, table } from './markdown-text.ts';
import { count } from './plain.ts';
import { commandLines } from './preflight-text.ts';
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
  RESULT_TITLES,
  stateLines,
  whoseWords,
} from './preflight-words.ts';

/** What a comment on GitHub may hold, in characters. */
const COMMENT = 65_536;

/** How much a page shows of each list; the first that fits is taken. */
const STEPS = [
  { problems: 200, rows: 200, passes: true },
  { problems: 60, rows: 60, passes: true },
  { problems: 25, rows: 25, passes: false },
  { problems: 8, rows: 8, passes: false },
  { problems: 0, rows: 0, passes: false },
] as const;

type Room = (typeof STEPS)[number];

/** Whether the cluster is fit, in at most `limit` characters. */
export function preflightMarkdown(preflight: Preflight, limit = COMMENT): string {
  for (const room of STEPS) {
    const text = `${blocksOf(preflight, room)
      .filter((block) => block !== '')
      .join('\n\n')}\n`;
    if (text.length <= limit) return text;
  }
  return `### ${inline(preflightTitle(preflight), 300)}\n`;
}

function blocksOf(preflight: Preflight, room: Room): readonly string[] {
  return [
    `### ${inline(preflightTitle(preflight), 300)}`,
    `**${preflightSummary(preflight)}**`,
    preflightBasis(preflight)
      .map((line) => inline(line))
      .join(' '),
    ...(['fail', 'unknown', 'warn'] as const).flatMap((result) => section(preflight, result, room)),
    nodeTable(preflight, room),
    passes(preflight, room),
    inline(afterPreflight(preflight)),
  ];
}

function section({ problems }: Preflight, result: CheckResult, room: Room): readonly string[] {
  const its = problems.filter((problem) => problem.result === result);
  if (its.length === 0) return [];
  const more = its.length - room.problems;
  return [
    `#### ${RESULT_TITLES[result]} (${its.length})`,
    ...its.slice(0, room.problems).flatMap(problemBlocks),
    ...(more > 0
      ? [`… and ${count(more, 'more')}: ${code('weka-gitops preflight --output json')} has them all.`]
      : []),
  ];
}

function problemBlocks(problem: PreflightProblem): readonly string[] {
  const { mend } = problem;
  const said = [...stateLines(problem), mend.words].map((line) => inline(line));
  return [
    `**${code(checksWords(problem))}** on ${inline(whoseWords(problem))}`,
    said.join('<br>\n'),
    ...(mend.commands.length === 0 ? [] : [fence(mend.commands.flatMap(commandLines), 'text')]),
  ];
}

function nodeTable({ nodes }: Preflight, room: Room): string {
  const rows = nodeRows(nodes);
  if (rows.length === 0 || room.rows === 0) return '';
  const shown = rows.slice(0, room.rows);
  const more = nodes.length - shown.reduce((sum, { names }) => sum + names.length, 0);
  const body = table(
    ['Node', 'Result', 'Hosts', 'Lacks'],
    shown.map(({ names, node }) => [
      inline(namesWords(names)),
      node.result,
      inline(node.hosts.join(', ')),
      inline(lacksWords(node)),
    ]),
  );
  return more > 0 ? `${body}\n\n… and ${count(more, 'more node')}.` : body;
}

function passes({ checks }: Preflight, room: Room): string {
  const passed = checks.filter((check) => check.passed > 0);
  if (passed.length === 0 || !room.passes) return '';
  const rows = passed.map((check) => [code(check.check), inline(check.about), inline(passedWords(check))]);
  return folded('What passes', table(['Check', 'Needs', 'Seen'], rows));
}
