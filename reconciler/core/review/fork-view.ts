import { isRecord } from '../kube/json.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import { anchoredCluster } from '../desired/anchor.ts';
import { wekaClusterOf } from '../desired/weka-cluster-of.ts';
import type { Forecast, ForecastPass } from '../forecast/forecast.ts';
import type { AwaitedApproval } from '../plan/approvals/awaited.ts';
import type { Change, FieldChange, Write } from '../plan/change.ts';
import { decide, type DecideInput } from '../plan/decide.ts';
import { planDigest } from '../plan/digest.ts';
import { isSecret } from '../report/redact.ts';
import type { Assessment } from '../report/report.ts';
import type { Finding } from '../spec/finding.ts';
import { HIDDEN } from '../spec/sealed.ts';
import { refersToSecret, SecretNames, withoutEntry } from './secret-names.ts';

// Whoever opens a pull request from a fork may put into it what they like, and reads its plan. So that the plan answers no
// question about Secrets of the cluster, it is decided as if there were none, and then told without naming any.

/** The assessment decided anew as if neither manifests nor cluster held a Secret, and what it was decided by. */
export function forkAssessment(
  assessment: Assessment,
  input: DecideInput,
): { readonly assessment: Assessment; readonly input: DecideInput } {
  const without: DecideInput = {
    ...input,
    desired: input.desired.filter(({ id }) => !isSecret(id)),
    live: new Map([...input.live].filter(([id]) => !isSecret(id))),
    unread: input.unread.filter(({ kind }) => kind !== 'Secret'),
    broken: new Map([...input.broken].filter(([id]) => !isSecret(id))),
  };
  const { findings: _consent, ...decision } = decide(without);
  const { pruneBlocked: _with, ...rest } = assessment;
  return { assessment: { ...rest, ...decision }, input: without };
}

/** What whoever reads the plan of a fork is shown of it: nothing of Secrets, in counts and digest neither. */
export function forkView(
  assessment: Assessment,
  forecast?: Forecast,
): { readonly assessment: Assessment; readonly forecast?: Forecast } {
  const view = new ForkView(assessment, forecast);
  return {
    assessment: view.assessment(assessment),
    ...(forecast === undefined ? {} : { forecast: view.forecast(forecast) }),
  };
}

class ForkView {
  readonly #names: SecretNames;

  constructor({ changes, health, findings, awaited = [] }: Assessment, forecast?: Forecast) {
    const passes = [
      ...(forecast?.passes ?? []),
      ...(forecast?.unlocks ?? []).flatMap((unlock) => unlock.passes),
    ];
    const all = [
      ...changes,
      ...passes.flatMap(({ stages, waits }) => [...stages.flat(), ...waits]),
      ...(forecast?.left ?? []),
      ...(forecast?.pending ?? []),
    ];
    const ids = [
      ...all.flatMap((change) => [change.id, ...objectsOf(change).flatMap((each) => [...references(each)])]),
      ...health.keys(),
      ...findings.flatMap(({ object }) => (object === undefined ? [] : [object as ObjectId])),
      ...awaited.flatMap(({ targets }) => targets),
    ];
    const clusters = all.flatMap(objectsOf).flatMap((object) => wekaClusterOf(object) ?? []);
    this.#names = new SecretNames(ids.filter(isSecret), [...ids.filter((id) => !isSecret(id)), ...clusters]);
  }

  assessment(whole: Assessment): Assessment {
    const { findings, awaited, brake, pruneBlocked, health, unread, files, documents, ...rest } = whole;
    const changes = whole.changes.filter(isShown).map((change) => this.#change(change));
    const secrets = whole.changes.filter(({ id }) => isSecret(id)).flatMap(({ source }) => source ?? []);
    return {
      ...rest,
      ...countsWithout(secrets, whole),
      changes,
      digest: planDigest(changes),
      findings: findings.flatMap((finding) => this.#finding(finding)),
      ...(awaited === undefined ? {} : { awaited: this.#awaited(awaited) }),
      ...(brake === undefined ? {} : { brake: { ...brake, reason: this.#names.without(brake.reason) } }),
      ...(pruneBlocked === undefined ? {} : { pruneBlocked: this.#names.withoutCount(pruneBlocked) }),
      unread: unread
        .filter(({ kind }) => kind !== 'Secret')
        .map((each) => ({ ...each, why: this.#names.without(each.why) })),
      health: new Map(
        [...health]
          .filter(([id]) => !isSecret(id))
          .map(([id, each]) => [id, { ...each, message: this.#names.without(each.message) }]),
      ),
    };
  }

  forecast({ passes, left, pending, unlocks, ...rest }: Forecast): Forecast {
    return {
      ...rest,
      passes: this.#passes(passes),
      left: left.filter(isShown).map((each) => this.#change(each)),
      pending: pending.filter(isShown).map((each) => this.#change(each)),
      unlocks: unlocks.flatMap(({ approval, passes: after }) =>
        this.#awaited([approval]).map((shown) => ({ approval: shown, passes: this.#passes(after) })),
      ),
    };
  }

  #passes(passes: readonly ForecastPass[]): readonly ForecastPass[] {
    return passes
      .map(({ stages, waits }) => ({
        stages: stages
          .map((writes) => writes.filter(isShown).map((write) => this.#change(write)))
          .filter(({ length }) => length > 0),
        waits: waits.filter(isShown).map((each) => this.#change(each)),
      }))
      .filter(({ stages }) => stages.length > 0);
  }

  #change<Each extends Change>(change: Each): Each {
    const { fields, adds, risks, unplaced } = change;
    return {
      ...change,
      fields: fields.map((field) => this.#field(field)),
      ...(adds === undefined ? {} : { adds: adds.map((field) => this.#field(field)) }),
      ...(risks === undefined
        ? {}
        : {
            risks: risks.map(({ name, reason, evidence, bound }) => ({
              name,
              reason: this.#names.without(reason),
              ...(evidence === undefined ? {} : { evidence: this.#names.without(evidence) }),
              ...(bound === undefined ? {} : { bound: this.#names.without(bound) }),
            })),
          }),
      ...('reason' in change ? { reason: this.#names.without(change.reason) } : {}),
      ...('desired' in change ? { desired: this.#desired(change.desired) } : {}),
      ...(unplaced === undefined ? {} : { unplaced: this.#desired(unplaced) }),
      ...('live' in change && change.live !== undefined ? { live: identity(change.live) } : {}),
      ...('pending' in change && change.pending !== undefined
        ? { pending: this.#change<Write>(change.pending) }
        : {}),
    };
  }

  #field(field: FieldChange): FieldChange {
    const { path, from, to, by, ...rest } = field;
    const isReference = refersToSecret(path);
    const shown = (value: unknown) => (isReference ? HIDDEN : this.#names.withoutIn(value));
    return {
      ...rest,
      path: this.#names.without(withoutEntry(path)),
      ...(from === undefined ? {} : { from: shown(from) }),
      ...(to === undefined ? {} : { to: shown(to) }),
      ...(by === undefined ? {} : { by: this.#names.without(by) }),
    };
  }

  /** What the digest is over. */
  #desired({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
    const { annotations } = metadata;
    const shown = annotations === undefined ? {} : { annotations: this.#names.withoutIn(annotations) };
    const body = this.#names.withoutIn(rest);
    return {
      ...(isRecord(body) ? body : {}),
      apiVersion,
      kind,
      metadata: { ...metadata, ...shown } as KubeObject['metadata'],
    };
  }

  #finding(finding: Finding): Finding[] {
    const { rule, message, hint, excerpt, ...rest } = finding;
    // That nothing is decrypted for a fork is our doing, and no fault of its.
    if (isSecret(finding.object) || rule === 'not-decrypted') return [];
    if ([rule, message, hint ?? ''].some(refersToSecret)) return [];
    return [
      {
        ...rest,
        rule,
        message: this.#names.without(message),
        ...(hint === undefined ? {} : { hint: this.#names.without(hint) }),
        ...(excerpt === undefined || refersToSecret(excerpt)
          ? {}
          : { excerpt: this.#names.without(excerpt) }),
      },
    ];
  }

  #awaited(awaited: readonly AwaitedApproval[]): readonly AwaitedApproval[] {
    return awaited.flatMap((approval) => {
      const targets = approval.targets.filter((id) => !isSecret(id));
      return targets.length === 0 || approval.request.target.kind === 'Secret'
        ? []
        : [{ ...approval, targets }];
    });
  }
}

function isShown({ id }: Change): boolean {
  return !isSecret(id);
}

function objectsOf(change: Change): readonly KubeObject[] {
  return [
    ...('desired' in change ? [change.desired] : []),
    ...(change.unplaced === undefined ? [] : [change.unplaced]),
    ...('live' in change && change.live !== undefined ? [change.live] : []),
    ...('pending' in change && change.pending !== undefined ? objectsOf(change.pending) : []),
  ];
}

/** Of what is there, what says which object it is. */
function identity(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, labels } = metadata;
  const cluster = anchoredCluster(object);
  return {
    ...(cluster === undefined ? {} : { data: { name: cluster } }),
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
    },
  };
}

/** Objects and files that were read, without the Secrets that stand at these places, and files of nothing else. */
function countsWithout(
  secrets: readonly string[],
  { changes, files, documents }: Assessment,
): Pick<Assessment, 'files' | 'documents'> {
  const fileOf = (source: string) => source.replace(/:\d+$/, '');
  const others = new Set(
    changes.flatMap(({ id, source }) => (source === undefined || isSecret(id) ? [] : [fileOf(source)])),
  );
  const only = new Set(secrets.map(fileOf).filter((file) => !others.has(file)));
  return { files: Math.max(0, files - only.size), documents: Math.max(0, documents - secrets.length) };
}
