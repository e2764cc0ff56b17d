import type { FindingOutput, Findings } from '../../../schemas/output/finding.ts';
import type {
  AwaitedOutput,
  ForecastOutput,
  ForecastPassOutput,
  Plan,
} from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { driversTable } from './drivers-html.ts';
import { approvalWords, fileLines, SHOWN_APPROVALS } from './approvals.ts';
import { forecastWords, leftOutWords, writeWords } from './forecast.ts';
import { ended, madeGroups, openGroups, plannedSections } from './groups.ts';
import {
  box,
  findingList,
  folded,
  groupOf,
  guards,
  healthTable,
  nodesTable,
  obstacleList,
  outcomeList,
  preformatted,
  riskList,
  sectionOf,
  unreadList,
} from './html-sections.ts';
import { STYLE } from './html-style.ts';
import { type Html, markup, NOTHING } from './html-text.ts';
import { obstaclesByNodes, writesByNodes } from './node-changes.ts';
import { afterFindings, afterPlan, afterReport } from './next-steps.ts';
import { count, prose, timeWords } from './plain.ts';
import {
  findingWords,
  healthWords,
  lastPassWords,
  passWords,
  plannedWords,
  reportWords,
  statusWords,
  SYMBOLS,
  whereOf,
} from './words.ts';

/** Characters that the changes of a page may take, so that a browser still opens it. */
const CHANGES = 32_000_000;
/** Writes and waits of a forecast. */
const FORECAST = 500;

/** The plan as a page of its own: no script, nothing loaded from elsewhere. */
export function planHtml(plan: Plan): string {
  const room = { left: CHANGES };
  const [errors, others] = byLevel(plan.findings);
  return page(`Plan for ${prose(plan.cluster, 200)}`, [
    origin(plan),
    summary(plannedWords(plan.summary)),
    riskList(plan),
    guards(plan),
    findingList('Errors', errors),
    unreadList(plan.unread),
    ...openGroups(plan).map((group) => groupOf(group, room)),
    ...plannedSections(plan).map((section) => sectionOf(section, room)),
    driversTable(plan.drivers),
    approvalList(plan.approvals),
    plan.forecast === undefined ? NOTHING : forecastOf(plan.forecast),
    ...findingLists(others),
    next(afterPlan(plan)),
    footer(plan),
  ]);
}

/** A finished pass as a page of its own. */
export function reportHtml(report: Report): string {
  const room = { left: CHANGES };
  const [errors, others] = byLevel(report.findings);
  return page(passWords(report), [
    origin(report),
    summary(reportWords(report)),
    guards(report),
    findingList('Errors', errors),
    outcomeList('Failed', ended(report.outcomes, 'failed')),
    outcomeList('Held back', ended(report.outcomes, 'held')),
    ...openGroups(report).map((group) => groupOf(group, room)),
    unreadList(report.unread),
    healthTable(
      'Not ready',
      report.objects.filter(({ state }) => state !== 'current'),
    ),
    driversTable(report.drivers),
    ...madeGroups(report).map((group) => groupOf(group, room)),
    ...findingLists(others),
    next(afterReport(report)),
    footer(report),
  ]);
}

/** How the cluster stands, as a page of its own. */
export function statusHtml(status: Status): string {
  const [errors, others] = byLevel(status.findings);
  return page(statusWords(status), [
    origin(status),
    summary(`${healthWords(status.objects)}, seen ${timeWords(status.at)}`),
    guards(status),
    findingList('Errors', errors),
    outcomeList('Failed in the last pass', status.failed),
    obstacleList('Refused: a person has to decide', 'bad', status.refused),
    obstacleList('Waiting', 'note', status.waiting),
    unreadList(status.unread),
    healthTable('Objects', status.objects),
    nodesTable(status.nodes),
    driversTable(status.drivers),
    ...findingLists(others),
    next(lastPassWords(status)),
    footer(status),
  ]);
}

/** Findings as a page of their own. */
export function findingsHtml(findings: Findings): string {
  const { files, objects } = findings.summary;
  const [errors, others] = byLevel(findings.findings);
  return page(findingWords(findings.summary) || 'No findings', [
    summary(`${count(objects, 'object')} in ${count(files, 'file')}`),
    findingList('Errors', errors),
    ...findingLists(others),
    next(afterFindings(findings)),
  ]);
}

/** Nothing is loaded and nothing runs, whatever a browser or an extension thinks of the content. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A page of its own: no script, nothing loaded from elsewhere. */
export function page(title: string, parts: readonly Html[]): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1><bdi>${title}</bdi></h1>
${parts.map((part) => markup`${part}\n`)}</main>
</body>
</html>
`.toString();
}

function origin(of: Pick<Plan, 'ref' | 'commit' | 'author' | 'subject'>): Html {
  const author = of.author === '' ? NOTHING : markup`, by <bdi>${prose(of.author, 100)}</bdi>`;
  return markup`<p class="quiet"><code>${whereOf(of)}</code>: <bdi>${prose(of.subject, 200)}</bdi>${author}</p>`;
}

function summary(words: string): Html {
  return markup`<p class="summary">${words}</p>`;
}

function next(words: string): Html {
  return markup`<p class="next">${words}</p>`;
}

function footer({ documents, files, digest }: Pick<Plan, 'documents' | 'files' | 'digest'>): Html {
  return markup`<p class="quiet">
    ${count(documents, 'object')} in ${count(files, 'file')}. Plan <code>${prose(digest, 100)}</code>
  </p>`;
}

function findingLists(findings: readonly FindingOutput[]): readonly Html[] {
  return [
    findingList(
      'Warnings',
      findings.filter(({ level }) => level === 'warning'),
    ),
    findingList(
      'Ignored fields',
      // These want nothing of anybody.
      findings.filter(({ level }) => level === 'ignored').map(({ excerpt: _excerpt, ...finding }) => finding),
    ),
  ];
}

function byLevel(
  findings: readonly FindingOutput[],
): readonly [errors: FindingOutput[], others: FindingOutput[]] {
  return [
    findings.filter(({ level }) => level === 'error'),
    findings.filter(({ level }) => level !== 'error'),
  ];
}

function approvalList(approvals: readonly AwaitedOutput[]): Html {
  if (approvals.length === 0) return NOTHING;
  const shown = approvals.slice(0, SHOWN_APPROVALS);
  const more = approvals.length - shown.length;
  const boxes = shown.map((approval) =>
    box(
      'note',
      markup`<p><code class="target">${prose(approval.path, 300)}</code>: <bdi>${approvalWords(approval)}</bdi></p>
        ${preformatted(fileLines(approval))}`,
    ),
  );
  return markup`<section><h2>Approvals to commit, if this is what you want (${approvals.length})</h2>
    ${boxes}${more > 0 ? markup`<p>… and ${more} more; --output json has them all.</p>` : NOTHING}</section>`;
}

function forecastOf(forecast: ForecastOutput): Html {
  const passes = forecast.passes.map((each, index) => passOf(each, `Pass ${index + 1}`));
  const left =
    forecast.left.length === 0
      ? NOTHING
      : markup`<h3>After that these still wait</h3>${waits(forecast.left)}`;
  const pending =
    forecast.pending.length === 0
      ? NOTHING
      : markup`<h3>After that these go on once this has come about</h3>${waits(forecast.pending)}`;
  const unlocks = forecast.unlocks.map(
    (each) =>
      markup`<h3>With <code>${prose(each.approval, 300)}</code> committed: ${count(each.passes.length, 'pass', 'passes')} more</h3>
        ${each.passes.map((pass) => stagesOf(pass))}`,
  );
  const leftOut = leftOutWords(forecast).map((words) => markup`<p>${words}</p>`);
  return markup`<section><h2>${forecastWords(forecast)}</h2>
    ${folded('Show the way', markup`${passes}${pending}${left}${unlocks}${leftOut}`)}</section>`;
}

function passOf(pass: ForecastPassOutput, title: string): Html {
  const meanwhile =
    pass.waits.length === 0 ? NOTHING : markup`<p>Meanwhile these wait:</p>${waits(pass.waits)}`;
  return markup`<h3>${title}</h3>${stagesOf(pass)}${meanwhile}`;
}

function stagesOf({ stages }: ForecastPassOutput): Html {
  const items = stages.map(writesByNodes).map((stage) => {
    const writes = stage
      .slice(0, FORECAST)
      .map(
        ({ op, restarts, ...write }) =>
          markup`<li><code>${SYMBOLS[op]} ${prose(writeWords(write), 300)}</code>${restarts.map((pods) => markup`<br>stops <bdi>${prose(pods)}</bdi>`)}</li>`,
      );
    return markup`<li>Stage<ul class="fields">${writes}${more(stage.length)}</ul></li>`;
  });
  return markup`<ol>${items}</ol>`;
}

function waits(those: ForecastPassOutput['waits']): Html {
  const all = obstaclesByNodes(those);
  const items = all
    .slice(0, FORECAST)
    .map(({ target, why }) => markup`<li><code>${prose(target, 300)}</code>: <bdi>${prose(why)}</bdi></li>`);
  return markup`<ul class="fields">${items}${more(all.length)}</ul>`;
}

function more(all: number): Html {
  return all > FORECAST ? markup`<li>… and ${all - FORECAST} more</li>` : NOTHING;
}
