import { findingsHtml, planHtml, reportHtml, statusHtml } from '../../../../reconciler/core/report/html.ts';
import {
  findingsOutput,
  jsonText,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import {
  findingsMarkdown,
  planMarkdown,
  reportMarkdown,
  statusMarkdown,
} from '../../../../reconciler/core/report/markdown.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import { statusCommit } from '../../../../reconciler/core/report/status-page.ts';
import {
  findingsText,
  planText,
  reportText,
  statusText,
} from '../../../../reconciler/core/report/terminal.ts';

const NOW = new Date('2026-11-25T19:00:00Z');
const STYLE = { colour: false, width: 80 };

/** All that is ever told of a pass. */
export function everyRendering(report: Report): string {
  const plan = planOutput(report);
  const output = reportOutput(report);
  const status = statusOutput(report, NOW);
  const findings = findingsOutput(report.findings, { files: 1, documents: 1 });
  const commit = statusCommit(report, [], { now: NOW, history: 3 });
  return [
    ...[plan, output, status, findings].map(jsonText),
    planText(plan, STYLE),
    reportText(output, STYLE),
    statusText(status, STYLE),
    findingsText(findings, STYLE),
    planMarkdown(plan),
    reportMarkdown(output),
    statusMarkdown(status),
    findingsMarkdown(findings),
    planHtml(plan),
    reportHtml(output),
    statusHtml(status),
    findingsHtml(findings),
    commit?.message ?? '',
    ...(commit?.files ?? []).map(({ text }) => text),
  ].join('\n');
}
