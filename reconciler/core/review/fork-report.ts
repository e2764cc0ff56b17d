import type { FieldOutput } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { isSecret } from '../report/redact.ts';
import { HIDDEN } from '../spec/sealed.ts';
import { refersToSecret, SecretNames, withoutEntry } from './secret-names.ts';

/** What whoever opened a merged pull request from a fork is shown of a pass: nothing of Secrets, in counts neither. */
export function forkReport(report: Report): Report {
  const ids = [
    ...report.changes.map(({ target }) => target),
    ...report.outcomes.map(({ target }) => target),
    ...report.objects.map(({ target }) => target),
    ...report.findings.flatMap(({ object }) => object ?? []),
  ];
  const clusters = report.changes.flatMap(({ cluster }) =>
    cluster === undefined ? [] : [`v1/Any/${cluster}`],
  );
  const names = new SecretNames(ids.filter(isSecret), [...ids.filter((id) => !isSecret(id)), ...clusters]);
  const said = (text: string) => names.without(text);
  const isShown = ({ target }: { readonly target: string }) => !isSecret(target);

  const changes = report.changes.filter(isShown).map((change) => ({
    ...change,
    fields: change.fields.map((field) => shownField(field, names)),
    ...(change.adds !== undefined && { adds: change.adds.map((field) => shownField(field, names)) }),
    ...(change.reason !== undefined && { reason: said(change.reason) }),
    risks: change.risks.map((risk) => ({
      ...risk,
      reason: said(risk.reason),
      ...(risk.evidence !== undefined && { evidence: said(risk.evidence) }),
    })),
  }));
  const findings = report.findings
    .filter(
      ({ object, rule, message, hint = '' }) =>
        !isSecret(object) && ![rule, message, hint].some(refersToSecret),
    )
    .map(({ excerpt, ...finding }) => ({
      ...finding,
      message: said(finding.message),
      ...(finding.hint !== undefined && { hint: said(finding.hint) }),
      ...(excerpt !== undefined && !refersToSecret(excerpt) && { excerpt: said(excerpt) }),
    }));
  const { pruneBlocked, brake, omitted: _omitted, ...rest } = report;
  const without: Report = {
    ...rest,
    changes,
    findings,
    summary: summaryWithout(report, findings),
    outcomes: report.outcomes.filter(isShown).map((outcome) => ({
      ...outcome,
      ...(outcome.why !== undefined && { why: said(outcome.why) }),
      ...(outcome.hint !== undefined && { hint: said(outcome.hint) }),
    })),
    objects: report.objects.filter(isShown).map((each) => ({ ...each, message: said(each.message) })),
    unread: report.unread
      .filter(({ kind }) => kind !== 'Secret')
      .map((each) => ({ ...each, why: said(each.why) })),
    ...(pruneBlocked !== undefined && { pruneBlocked: names.withoutCount(pruneBlocked) }),
    ...(brake !== undefined && { brake: { ...brake, reason: said(brake.reason) } }),
    documents: Math.max(0, report.documents - report.changes.filter(isSourcedSecret).length),
  };
  return { ...without, digest: `sha256:${sha256Hex(canonicalJson(changes))}` };
}

function isSourcedSecret({ target, source }: Report['changes'][number]): boolean {
  return isSecret(target) && source !== undefined;
}

/** The counts of changes are those of the report less those of Secrets, since the report may leave some out. */
function summaryWithout(
  { summary, changes }: Report,
  findings: readonly { readonly level: 'error' | 'warning' | 'ignored' }[],
): Report['summary'] {
  const secrets = (op: Report['changes'][number]['op']) =>
    changes.filter((change) => change.op === op && isSecret(change.target)).length;
  const of = (level: 'error' | 'warning' | 'ignored') =>
    findings.filter((finding) => finding.level === level).length;
  return {
    create: summary.create - secrets('create'),
    update: summary.update - secrets('update'),
    replace: summary.replace - secrets('replace'),
    prune: summary.prune - secrets('prune'),
    keep: summary.keep - secrets('keep'),
    refuse: summary.refuse - secrets('refuse'),
    wait: summary.wait - secrets('wait'),
    run: summary.run,
    errors: of('error'),
    warnings: of('warning'),
    ignored: of('ignored'),
  };
}

function shownField({ path, from, to, ...rest }: FieldOutput, names: SecretNames): FieldOutput {
  const shown = (value: FieldOutput['from']) =>
    refersToSecret(path) ? HIDDEN : (names.withoutIn(value) as FieldOutput['from']);
  return {
    ...rest,
    path: names.without(withoutEntry(path)),
    ...(from !== undefined && { from: shown(from) }),
    ...(to !== undefined && { to: shown(to) }),
  };
}
