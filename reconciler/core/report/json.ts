import type { FieldExplanation } from '../../../schemas/output/field-explanation.ts';
import type { Findings, FindingOutput } from '../../../schemas/output/finding.ts';
import type { Notified } from '../../../schemas/output/notified.ts';
import type { AwaitedOutput, ChangeOutput, Plan, Summary } from '../../../schemas/output/plan.ts';
import type { Preflight } from '../../../schemas/output/preflight.ts';
import type { ObjectHealth, OutcomeOutput, Report as ReportOutput } from '../../../schemas/output/report.ts';
import type { LastPass, Made, Status } from '../../../schemas/output/status.ts';
import type { Forecast } from '../forecast/forecast.ts';
import { nodesOutput } from '../nodes/nodes-output.ts';
import type { AwaitedApproval } from '../plan/approvals/awaited.ts';
import { type Change, isWrite, type Outcome } from '../plan/change.ts';
import type { Finding } from '../spec/finding.ts';
import { withoutSealed } from '../spec/sealed.ts';
import { changeOutput } from './change-output.ts';
import { commitEnd } from './commit-end.ts';
import { driversOutput, isAboutAny } from './drivers-output.ts';
import { forecastOutput } from './forecast-output.ts';
import { withoutSecrets } from './last-net.ts';
import { nodeOfIntent } from './node-changes.ts';
import { isSecret, withoutValues } from './redact.ts';
import { type Assessment, countChanges, hasWork, isClean, type Report } from './report.ts';

// Every rendering is made of these shapes, so what is hidden here is hidden everywhere.

/** The plan as machines read it, and as every rendering of it starts. */
export function planOutput(assessment: Assessment, forecast?: Forecast): Plan {
  const output = {
    ...originOf(assessment),
    kind: 'Plan' as const,
    changes: assessment.changes.map(changeOutput),
    approvals: (assessment.awaited ?? []).map(awaitedOutput),
    ...(forecast !== undefined && { forecast: forecastOutput(forecast) }),
  };
  return withoutSecrets(output, assessment.sealedTexts);
}

/** A finished pass as machines read it, and as every rendering of it starts. */
export function reportOutput(report: Report): ReportOutput {
  const output = {
    ...originOf(report),
    kind: 'Report' as const,
    startedAt: report.startedAt.toISOString(),
    finishedAt: report.finishedAt.toISOString(),
    clean: isClean(report),
    changes: report.changes.map(changeOutput),
    outcomes: report.outcomes.map(outcomeOutput),
    objects: healthOutput(report),
  };
  return withoutSecrets(output, report.sealedTexts);
}

/**
 * How the cluster stands at `at`. An assessment writes nothing, so what failed, what is left alone for a while and when the
 * last pass was is taken from `previous`, the record on the status branch; a report tells it itself.
 */
export function statusOutput(seen: Assessment | Report, at: Date, previous?: Status): Status {
  const report = 'outcomes' in seen ? seen : undefined;
  const after = report === undefined ? seen : { ...seen, changes: leftAfter(report) };
  const pending = new Set<string>(after.changes.flatMap(({ op, id }) => (op === 'keep' ? [] : [id])));
  const failed =
    report === undefined
      ? (previous?.failed ?? []).filter(({ target }) => pending.has(target))
      : report.outcomes.filter(({ result }) => result === 'failed').map(outcomeOutput);
  const lastPass = report === undefined ? previous?.lastPass : lastPassOf(report);
  const end = report && commitEnd(report);
  // A commit has everything tried again; until then, what the loop leaves alone stays as it was left.
  const writes = new Set<string>(seen.changes.filter(isWrite).map(({ id }) => id));
  const leftAlone =
    report === undefined && previous?.commit === seen.commit
      ? previous.waiting.filter(({ target }) => writes.has(target))
      : [];
  const output = {
    ...originOf(after),
    kind: 'Status' as const,
    at: at.toISOString(),
    clean: !hasWork(after),
    objects: healthOutput(seen),
    waiting: [
      ...seen.changes.flatMap((change) =>
        change.op === 'wait' ? [{ target: change.id, why: change.reason }] : [],
      ),
      ...(report?.outcomes ?? []).flatMap((outcome) =>
        outcome.result === 'held' ? [{ target: outcome.change.id, why: outcome.why }] : [],
      ),
      ...leftAlone,
    ],
    refused: seen.changes.flatMap((change) =>
      change.op === 'refuse' ? [{ target: change.id, why: change.reason }] : [],
    ),
    failed,
    ...(lastPass && { lastPass }),
    ...(seen.nodes !== undefined && { nodes: nodesOutput(seen.nodes) }),
    ...(end && { end: { state: end.state, detail: end.detail } }),
  };
  return withoutSecrets(output, seen.sealedTexts);
}

/** The plan's changes as they stand after the pass: what was done is as it should be, the rest still to do. */
function leftAfter({ changes, outcomes }: Report): Change[] {
  const done = new Set(
    outcomes.flatMap(({ change, result }) =>
      result === 'done' || result === 'unchanged' ? [change.id] : [],
    ),
  );
  return changes.flatMap((change): Change[] => {
    if (!done.has(change.id)) return [change];
    return change.op === 'prune' ? [] : [{ op: 'keep', id: change.id, fields: [], flags: [] }];
  });
}

/** Findings of files that were read without a cluster. */
export function findingsOutput(
  findings: readonly Finding[],
  read: { readonly files: number; readonly documents: number; readonly silenced?: number },
): Findings {
  return withoutSecrets({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Findings',
    summary: {
      files: read.files,
      objects: read.documents,
      ...countFindings(findings),
      silenced: read.silenced ?? 0,
    },
    findings: findings.map(findingOutput),
  });
}

/** How many writes ended how. */
export function countOutcomes(
  outcomes: readonly { readonly op: ChangeOutput['op']; readonly result: OutcomeOutput['result'] }[],
): Made {
  const ended = (result: OutcomeOutput['result'], op?: ChangeOutput['op']) =>
    outcomes.filter((outcome) => outcome.result === result && (op === undefined || outcome.op === op)).length;
  return {
    created: ended('done', 'create'),
    changed: ended('done', 'update'),
    replaced: ended('done', 'replace'),
    pruned: ended('done', 'prune'),
    failed: ended('failed'),
    held: ended('held'),
  };
}

/** JSON for a file or a terminal. */
export function jsonText(
  output: Plan | ReportOutput | Status | Findings | FieldExplanation | Preflight | Notified,
): string {
  return `${escapedJson(output)}\n`;
}

/** Indented JSON in which characters that a terminal obeys are escaped even where JSON lets them stand. */
export function escapedJson(value: object): string {
  return JSON.stringify(value, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu, asUtf16);
}

function asUtf16(character: string): string {
  return Array.from(
    character.split(''),
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ).join('');
}

function originOf(assessment: Assessment) {
  const { cluster, ref, commit, author, subject, digest, files, documents } = assessment;
  const { pruneBlocked, brake, drivers } = assessment;
  return {
    apiVersion: 'weka-gitops.dev/v1' as const,
    cluster,
    ref,
    commit,
    author,
    subject,
    digest,
    files,
    documents,
    summary: summaryOf(assessment),
    ...(pruneBlocked !== undefined && { pruneBlocked }),
    ...(brake !== undefined && { brake }),
    unread: assessment.unread.map(({ kind, namespace, why }) => ({
      kind,
      ...(namespace !== undefined && { namespace }),
      why,
    })),
    findings: assessment.findings.map(findingOutput),
    ...(drivers !== undefined && isAboutAny(drivers) && { drivers: driversOutput(drivers) }),
  };
}

function summaryOf({ changes, findings }: Assessment): Summary {
  return { ...countChanges(changes), run: 0, ...countFindings(findings) };
}

function countFindings(findings: readonly Finding[]) {
  const of = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  return { errors: of('error'), warnings: of('warning'), ignored: of('ignored') };
}

/** The line of a Secret's manifest may be the secret. */
function findingOutput(finding: Finding): FindingOutput {
  if (!isSecret(finding.object)) return finding;
  const { excerpt: _hidden, ...rest } = finding;
  return rest;
}

function awaitedOutput({ request, targets, file }: AwaitedApproval): AwaitedOutput {
  const { action, target, digest } = request;
  const name = target.namespace === undefined ? target.name : `${target.namespace}/${target.name}`;
  return {
    action,
    target: `${target.kind} ${name}`,
    digest,
    changes: [...targets],
    path: file.path,
    file: file.text,
  };
}

function outcomeOutput(outcome: Outcome): OutcomeOutput {
  const { change, result } = outcome;
  const head = { op: change.op, target: change.id, result };
  const shown = (words: string) =>
    withoutSealed(
      withoutValues(words, 'desired' in change ? change.desired : change.live),
      change.sealed?.texts ?? [],
    );
  switch (outcome.result) {
    case 'done':
    case 'unchanged':
      return head;
    case 'failed':
      return {
        ...head,
        code: outcome.code,
        why: shown(outcome.why),
        ...(outcome.hint !== undefined && { hint: shown(outcome.hint) }),
      };
    case 'held':
      return { ...head, why: shown(outcome.why) };
  }
}

/** Sorted, so that two looks at the same cluster read the same. How a node is with what it is asked stands with its drivers. */
function healthOutput({ health }: Assessment): ObjectHealth[] {
  return [...health]
    .filter(([target]) => nodeOfIntent(target) === undefined)
    .map(([target, { state, message }]) => ({ target, state, message }))
    .sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
}

function lastPassOf(report: Report): LastPass {
  return {
    startedAt: report.startedAt.toISOString(),
    finishedAt: report.finishedAt.toISOString(),
    commit: report.commit,
    digest: report.digest,
    clean: isClean(report),
    made: countOutcomes(report.outcomes.map(({ change: { op }, result }) => ({ op, result }))),
  };
}
