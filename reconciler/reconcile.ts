import {
  assess,
  healthOfAll,
  type Origin,
  type Pass,
  type PassConfig,
  type Prepare,
  readBrake,
} from './assess.ts';
import { PART_OF } from './core/desired/ownership.ts';
import type { Health } from './core/health/health.ts';
import type { KubeObject, ObjectId } from './core/kube/object.ts';
import { isWrite, type Outcome } from './core/plan/change.ts';
import { EMPTY_RECORD, type InstallationRecord, withObjects } from './core/plan/record.ts';
import { countOutcomes } from './core/report/json.ts';
import { countChanges, isClean, type Report } from './core/report/report.ts';
import { statusCommit } from './core/report/status-page.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, CommitSha, Live, Log, Ports } from './ports.ts';
import { Recorder } from './recorder.ts';
import { apply } from './world/apply/apply.ts';

/** A finished pass, and whether it could be told on the status branch. */
export interface Reconciled {
  readonly report: Report;
  readonly published: Published;
  /** What went wrong when all was written: the cluster could not be looked at again, or the record not be brought up to date. */
  readonly trouble: readonly ReconcilerError[];
}

/** `commit` is absent where there was nothing new to tell, or where the status branch is switched off. */
export type Published =
  | { readonly ref?: string; readonly commit?: CommitSha }
  | { readonly ref: string; readonly error: ReconcilerError };

export interface PassOptions {
  /** In place of the repository's tip. */
  readonly origin?: Origin;
  readonly prepare?: Prepare;
  /**
   * Once it is aborted, writes under way are finished and no other begins; what was done is told all the same. Where
   * nothing was begun, its reason is thrown.
   */
  readonly signal?: AbortSignal;
  /** Reads that go to the API server itself, where the cluster's are answered from memory. */
  readonly fresh?: Pick<Cluster, 'get'>;
  /** Whether the status branch has to be looked at for this report; always where unset. */
  readonly isNews?: (report: Report) => boolean;
}

/** One pass: what the repository asks for, made true in the cluster and told on the status branch. */
export async function reconcile(
  ports: Ports,
  config: PassConfig,
  options: PassOptions = {},
): Promise<Reconciled> {
  const { repository, cluster, clock, log } = ports;
  const { signal, origin = (lastCommit) => repository.read(lastCommit) } = options;
  const startedAt = clock.now();
  const pass = await assess(origin, cluster, config, options.prepare);
  signal?.throwIfAborted();
  const { assessment } = pass;
  const writes = assessment.changes.filter(isWrite).length;
  for (const gap of assessment.unread) log.warn({ ...gap }, 'Could not read all objects');
  const { commit, digest } = assessment;
  // A process that goes on has many passes that find nothing to do.
  const isQuiet = writes === 0 && options.isNews !== undefined;
  log[isQuiet ? 'debug' : 'info']({ commit, digest, writes }, 'Planned');

  // Recorded first, so that a crash midway leaves no object untracked and no deletion uncounted.
  const { installation: set, version } = config;
  const recorder = new Recorder(cluster, { set, version }, pass);
  const before = recordBefore(pass);
  await recorder.write(before);

  const outcomes = await apply(assessment.changes, cluster, {
    log,
    // What stands between us and a deletion is never answered from memory.
    brake: () => readBrake(options.fresh ?? cluster, set),
    ...(signal === undefined ? {} : { signal }),
  });

  // From here on the cluster is changed, so whatever fails is told beside the report and does not take its place.
  const trouble: ReconcilerError[] = [];
  const live = writes === 0 ? pass.live : await unlessTroubled(cluster.read(pass.scope), trouble);
  await unlessTroubled(recorder.write(recordAfter(pass, before, outcomes, live)), trouble);
  const report: Report = {
    ...assessment,
    health: live === undefined ? healthUnseen(pass, outcomes) : healthOfAll(pass.desired, live),
    outcomes,
    startedAt,
    finishedAt: clock.now(),
  };
  const isNews = options.isNews?.(report) ?? true;
  logEnd(report, log, isNews ? 'info' : 'debug');
  const published = isNews ? await publish(ports, report) : {};
  return { report, published, trouble };
}

/** All of a pass in one line. */
function logEnd(report: Report, log: Log, level: 'info' | 'debug'): void {
  const { commit, changes, outcomes, startedAt, finishedAt } = report;
  const made = countOutcomes(outcomes.map(({ change: { op }, result }) => ({ op, result })));
  const { keep: unchanged, refuse: refused, wait: waiting } = countChanges(changes);
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1000;
  log[level]({ commit, clean: isClean(report), ...made, unchanged, refused, waiting, seconds }, 'Pass ended');
}

async function unlessTroubled<Result>(
  work: Promise<Result>,
  trouble: ReconcilerError[],
): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    trouble.push(error);
    return undefined;
  }
}

/** Covers all that there is and will be, and names what is about to be deleted. */
function recordBefore({ assessment, record, desired, spent }: Pass): InstallationRecord {
  const prunes = assessment.changes.filter((change) => change.op === 'prune');
  return {
    ...withObjects(
      record,
      desired.map(({ object }) => object),
    ),
    lastCommit: assessment.commit,
    pruned: spent.pruned,
    pruning: [...new Set([...spent.pruning, ...prunes.map(({ live }) => live.metadata.uid ?? '')])],
  };
}

/** Covers what is left, where all of it could be seen. */
function recordAfter(
  { assessment, record, desired, spent, scope }: Pass,
  before: InstallationRecord,
  outcomes: readonly Outcome[],
  live: Live | undefined,
): InstallationRecord {
  // Until it is seen which of the deletions took place, they stay open.
  if (live === undefined) return before;
  // One that is gone all the same was deleted by a pass before this one, if that had begun to; its answer was lost.
  const begun = record.lastCommit === assessment.commit ? record.pruning : [];
  const pruned = outcomes.filter(
    ({ change, result }) =>
      change.op === 'prune' &&
      (result === 'done' || (result === 'unchanged' && begun.includes(change.live.metadata.uid ?? ''))),
  ).length;
  // One that failed may have been done all the same, where it is the answer that was lost.
  const open = outcomes.flatMap(({ change, result }) =>
    change.op === 'prune' && result === 'failed' ? [change.live.metadata.uid ?? ''] : [],
  );
  const members = [...live.objects.values()].filter(
    ({ metadata }) => metadata.labels?.[PART_OF] === scope.applySet,
  );
  const tracked: readonly KubeObject[] = [...desired.map(({ object }) => object), ...members];
  return {
    ...(live.unread.length > 0 ? before : withObjects(EMPTY_RECORD, tracked)),
    lastCommit: assessment.commit,
    pruned: spent.pruned + pruned,
    pruning: [...new Set([...spent.pruning, ...open])],
  };
}

/** How objects did before the pass, and for those that it wrote, that this is not known. */
function healthUnseen({ assessment }: Pass, outcomes: readonly Outcome[]): ReadonlyMap<ObjectId, Health> {
  const health = new Map(assessment.health);
  for (const { change, result } of outcomes) {
    if (result !== 'done' || !health.has(change.id)) continue;
    health.set(change.id, { state: 'progressing', message: 'It was written; how it does could not be seen' });
  }
  return health;
}

/** The pass is over when this begins, so a failure is told beside its report and does not take its place. */
export async function publish(
  { statusBranch, clock }: Pick<Ports, 'statusBranch' | 'clock'>,
  report: Report,
): Promise<Published> {
  if (statusBranch === undefined) return {};
  const { ref } = statusBranch;
  const { history } = report.settings.spec.status;
  try {
    const commit = await statusBranch.publish((tip) =>
      statusCommit(report, tip, { now: clock.now(), history }),
    );
    return { ref, ...(commit === undefined ? {} : { commit }) };
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    return { ref, error };
  }
}
