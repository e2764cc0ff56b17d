import type { FieldExplanation } from '../../../schemas/output/field-explanation.ts';
import type { Findings, FindingOutput } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, FieldOutput, Plan, Summary } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report as ReportOutput } from '../../../schemas/output/report.ts';
import type { LastPass, Made, Status } from '../../../schemas/output/status.ts';
import type { Change, FieldChange, Outcome } from '../plan/change.ts';
import type { Finding } from '../spec/finding.ts';
import { HIDDEN, holdsSealed, withoutSealed } from '../spec/sealed.ts';
import { isSecret, mayShow, withoutValues } from './redact.ts';
import { type Assessment, countChanges, hasWork, isClean, type Report } from './report.ts';

// Every rendering is made of these shapes, so what is hidden here is hidden everywhere.

/** The plan as machines read it, and as every rendering of it starts. */
export function planOutput(assessment: Assessment): Plan {
  const output = {
    ...originOf(assessment),
    kind: 'Plan' as const,
    changes: assessment.changes.map(changeOutput),
  };
  return withoutSealedTexts(output, assessment);
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
  return withoutSealedTexts(output, report);
}

/**
 * How the cluster stands at `at`. An assessment writes nothing, so what failed and when the last pass was is taken
 * from `previous`, the record on the status branch; a report tells it itself.
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
    ],
    refused: seen.changes.flatMap((change) =>
      change.op === 'refuse' ? [{ target: change.id, why: change.reason }] : [],
    ),
    failed,
    ...(lastPass && { lastPass }),
  };
  return withoutSealedTexts(output, seen);
}

/** Sentences and values, whoever wrote them; names of objects, fields and files are none. */
const TOLD: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'excerpt',
  'reason',
  'why',
  'from',
  'to',
  'subject',
  'pruneBlocked',
]);

/** The last net below what the planner has hidden: what stands encrypted in the repository is in no rendering. */
function withoutSealedTexts<Output extends object>(output: Output, { sealedTexts = [] }: Assessment): Output {
  if (sealedTexts.length === 0) return output;
  const clean = (value: unknown, told: boolean): unknown => {
    if (typeof value === 'string') return told ? withoutSealed(value, sealedTexts) : value;
    if (typeof value === 'number') return told && holdsSealed(value, sealedTexts) ? HIDDEN : value;
    if (Array.isArray(value)) return value.map((each) => clean(each, told));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, clean(member, told || TOLD.has(name))]),
    );
  };
  return clean(output, false) as Output;
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
  return {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Findings',
    summary: {
      files: read.files,
      objects: read.documents,
      ...countFindings(findings),
      silenced: read.silenced ?? 0,
    },
    findings: findings.map(findingOutput),
  };
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
export function jsonText(output: Plan | ReportOutput | Status | Findings | FieldExplanation): string {
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
  const { cluster, ref, commit, author, subject, digest, files, documents, pruneBlocked, brake } = assessment;
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

function changeOutput(change: Change): ChangeOutput {
  return {
    op: change.op,
    target: change.id,
    fields: change.fields.map((field) => fieldOutput(change.id, field)),
    flags: [...change.flags],
    ...('reason' in change && { reason: change.reason }),
    ...(change.source !== undefined && { source: change.source }),
  };
}

function fieldOutput(target: string, { path, from, to, manager }: FieldChange): FieldOutput {
  const shown = (value: unknown) => (mayShow(target, path, value) ? jsonValue(value) : HIDDEN);
  return {
    path,
    ...(from !== undefined && { from: shown(from) }),
    ...(to !== undefined && { to: shown(to) }),
    ...(manager !== undefined && { manager }),
  };
}

type Json = NonNullable<FieldOutput['from']> | null;

function jsonValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, jsonValue(entry)]));
  }
  // Nothing else comes out of YAML or JSON.
  return null;
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

/** Sorted, so that two looks at the same cluster read the same. */
function healthOutput({ health }: Assessment): ObjectHealth[] {
  return [...health]
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
