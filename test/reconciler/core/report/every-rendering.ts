import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { Explanation } from '../../../../schemas/output/explanation.ts';
import { withCommit, withRemoval } from '../../../../reconciler/core/explain/complete.ts';
import { explainObject } from '../../../../reconciler/core/explain/explain-object.ts';
import type { Situation } from '../../../../reconciler/core/explain/situation.ts';
import { explanationMarkdown } from '../../../../reconciler/core/report/explanation-markdown.ts';
import { explanationText } from '../../../../reconciler/core/report/explanation-text.ts';
import { findingsHtml, planHtml, reportHtml, statusHtml } from '../../../../reconciler/core/report/html.ts';
import {
  escapedJson,
  findingsOutput,
  jsonText,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import { withoutSecrets } from '../../../../reconciler/core/report/last-net.ts';
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
import type { ParsedSpecs } from '../../../../reconciler/core/spec/spec.ts';

const NOW = new Date('2026-11-25T19:00:00Z');
const STYLE = { colour: false, width: 80 };

const NO_SPECS: ParsedSpecs = {
  specs: [],
  settings: DEFAULT_SETTINGS,
  ownSettings: DEFAULT_SETTINGS,
  findings: [],
  broken: [],
  documents: 0,
  files: 0,
  sealedTexts: [],
  silenced: 0,
};

/** Every change explained, with its commits, as `weka-gitops explain` does. */
function explanations(report: Report): readonly Explanation[] {
  const { cluster, ref, commit, subject, changes, sealedTexts = [] } = report;
  const written = { sha: commit, author: 'Ada', date: NOW, subject };
  return changes.map((change) => {
    const desired =
      'desired' in change ? [{ id: change.id, object: change.desired, source: 'a.yaml:1' }] : [];
    const live = 'live' in change && change.live !== undefined ? [[change.id, change.live] as const] : [];
    const situation: Situation = {
      assessment: { ...report, changes: [change] },
      specs: { ...NO_SPECS, sealedTexts },
      built: { objects: desired, findings: [], broken: new Map() },
      desired,
      live: new Map(live),
      context: { applySet: 'set', image: 'ours:1' },
    };
    const explained = explainObject(change.id, situation, {});
    if ('message' in explained) throw new Error(explained.message);
    const line = { what: 'the manifest', file: 'a.yaml', line: 1 };
    const complete = withRemoval(
      {
        ...explained,
        written: [withCommit(line, { found: 'commit', commit: written, file: 'a.yaml', line: 1 })],
      },
      { found: 'commit', commit: written, before: commit, file: 'a.yaml' },
    );
    const head = { apiVersion: 'weka-gitops.dev/v1', kind: 'Explanation', cluster, ref, commit } as const;
    return withoutSecrets({ ...head, ...complete }, sealedTexts);
  });
}

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
    ...explanations(report).flatMap((each) => [
      escapedJson(each),
      explanationText(each, STYLE),
      explanationMarkdown(each),
    ]),
  ].join('\n');
}
