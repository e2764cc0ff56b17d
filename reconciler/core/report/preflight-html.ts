import type { CheckResult, Preflight, PreflightProblem } from '../../../schemas/output/preflight.ts';
import { page } from './html.ts';
import { box, folded, preformatted } from './html-sections.ts';
import { type Html, markup, NOTHING } from './html-text.ts';
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

/** Lacks of one grade, and rows of nodes, on a page. */
const PROBLEMS = 1000;
const ROWS = 5000;

const TONES = { fail: 'bad', unknown: 'note', warn: 'warn', pass: 'good' } as const satisfies Record<
  CheckResult,
  string
>;

/** Whether the cluster is fit, as a page of its own. */
export function preflightHtml(preflight: Preflight): string {
  return page(preflightTitle(preflight), [
    markup`<p class="quiet">${preflightBasis(preflight).map((line) => markup`<bdi>${line}</bdi> `)}</p>`,
    markup`<p class="summary">${preflightSummary(preflight)}</p>`,
    ...(['fail', 'unknown', 'warn'] as const).map((result) => section(preflight, result)),
    nodeTable(preflight),
    passes(preflight),
    markup`<p class="next">${afterPreflight(preflight)}</p>`,
  ]);
}

function section({ problems }: Preflight, result: CheckResult): Html {
  const its = problems.filter((problem) => problem.result === result);
  if (its.length === 0) return NOTHING;
  const more = its.length - PROBLEMS;
  return markup`<section><h2>${RESULT_TITLES[result]} (${its.length})</h2>
    ${its.slice(0, PROBLEMS).map(problemBox)}${more > 0 ? markup`<p>… and ${more} more</p>` : NOTHING}</section>`;
}

function problemBox(problem: PreflightProblem): Html {
  const { result, mend } = problem;
  return box(
    TONES[result],
    markup`<p><code class="target ${TONES[result]}-text">${checksWords(problem)}</code> on <bdi>${whoseWords(problem)}</bdi></p>
      ${stateLines(problem).map((line) => markup`<p><bdi>${line}</bdi></p>`)}
      <p><bdi>${mend.words}</bdi></p>
      ${mend.commands.length === 0 ? NOTHING : preformatted(mend.commands.flatMap(commandLines), 'lines')}`,
  );
}

function nodeTable({ nodes }: Preflight): Html {
  const rows = nodeRows(nodes);
  if (rows.length === 0) return NOTHING;
  const shown = rows.slice(0, ROWS).map(
    ({ names, node }) =>
      markup`<tr>
        <td><bdi>${namesWords(names)}</bdi></td>
        <td class="${TONES[node.result]}-text">${node.result}</td>
        <td><bdi>${node.hosts.join(', ')}</bdi></td>
        <td><bdi>${lacksWords(node)}</bdi></td>
      </tr>`,
  );
  return markup`<section><h2>Nodes (${nodes.length})</h2>
    <table><thead><tr><th>Node</th><th>Result</th><th>Hosts</th><th>Lacks</th></tr></thead>
    <tbody>${shown}</tbody></table></section>`;
}

function passes({ checks }: Preflight): Html {
  const passed = checks.filter((check) => check.passed > 0);
  if (passed.length === 0) return NOTHING;
  const rows = passed.map(
    (check) =>
      markup`<tr><td><code>${check.check}</code></td><td>${check.about}</td><td><bdi>${passedWords(check)}</bdi></td></tr>`,
  );
  return markup`<section><h2>Passes (${passed.length})</h2>${folded(
    `Show ${count(passed.length, 'check')}`,
    markup`<table><thead><tr><th>Check</th><th>Needs</th><th>Seen</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</section>`;
}
