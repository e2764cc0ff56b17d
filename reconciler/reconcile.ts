import { assess, proved, type Origin, type Pass, type PassConfig, type Prepare } from './assess.ts';
import type { Notified } from '../schemas/output/notified.ts';
import { certificatesOf } from './core/drivers/certificates.ts';
import type { Health } from './core/health/health.ts';
import { notifiedCommit } from './core/notify/notified.ts';
import { groupKind, type ObjectId } from './core/kube/object.ts';
import type { NodesSeen, NodesUnread } from './core/nodes/nodes-seen.ts';
import { isWrite, type Outcome } from './core/plan/change.ts';
import { healthOfAll } from './core/plan/health-of-all.ts';
import { planDigest } from './core/plan/digest.ts';
import type { PastWrites } from './core/plan/past-writes.ts';
import { countOutcomes } from './core/report/json.ts';
import { countChanges, isClean, type Report } from './core/report/report.ts';
import { statusCommit } from './core/report/status-page.ts';
import { ReconcilerError } from './errors.ts';
import type { ForgePages } from './forge-port.ts';
import { GoneReports } from './gone-reports.ts';
import { recordAfter, recordBefore } from './pass-record.ts';
import { pinned } from './pin-drivers.ts';
import type { Cluster, CommitSha, Interruptible, Live, Log, Ports, StatusFile, Unread } from './ports.ts';
import { Recorder } from './recorder.ts';
import { apply } from './world/apply/apply.ts';
import { interruptible } from './world/apply/interruptible.ts';
import { authorityPlace, issuing } from './world/drivers/issuing-cluster.ts';
import type { SteadyTime } from './world/steady-time.ts';
import { stopDeadline } from './world/stop-deadline.ts';
import { WatchedBrake } from './watched-brake.ts';

/** A finished pass, and whether it could be told on the status branch. */
export interface Reconciled {
  readonly report: Report;
  readonly published: Published;
  /** What went wrong when all was written: the cluster could not be looked at again, or the record not be brought up to date. */
  readonly trouble: readonly ReconcilerError[];
  /** In how long more may be known of drivers than now; undefined where only an event tells. */
  readonly askAgainMs?: number | undefined;
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
   * Once it is aborted, reads are given up, writes under way are finished and no other begins; what was done is told all
   * the same, as far as the deadline after a stop lets it. Where nothing was begun, its reason is thrown.
   */
  readonly signal?: AbortSignal;
  /** What that deadline goes by. */
  readonly time?: SteadyTime;
  /** The digest of the one plan that may be carried out; a StalePlanError where it is another one by now. */
  readonly planDigest?: string | undefined;
  /** Asked before anything is written; what it throws ends the pass. */
  readonly claim?: () => Promise<void>;
  /** Reads that go to the API server itself, where the cluster's are answered from memory. */
  readonly fresh?: Pick<Cluster, 'get'>;
  /** What was written before by the same process, and how that went. */
  readonly past?: PastWrites;
  /** Whether the log has said the same of a gap already. */
  readonly isKnownGap?: (gap: Unread) => boolean;
  /** What is known of nodes that were missed before by the same process. */
  readonly goneReports?: GoneReports;
  /** Adds what is known beside the pass, before anything is told of how that ended. */
  readonly completed?: (report: Report) => Report;
  /** Whether the status branch has to be looked at for this report; always where unset. */
  readonly isNews?: (report: Report) => boolean;
}

/** One pass: what the repository asks for, made true in the cluster and told on the status branch. */
export async function reconcile(
  ports: Ports,
  config: PassConfig,
  options: PassOptions = {},
): Promise<Reconciled> {
  const { repository, cluster, clock, log, registry } = ports;
  const { signal, prepare } = options;
  const origin: Origin = options.origin ?? ((lastCommit, how) => repository.read(lastCommit, undefined, how));
  const startedAt = clock.now();
  const assessed = await assess(origin, cluster, config, { prepare, registry, signal, now: startedAt });
  const planned = calmed(await asPlanned(assessed, cluster, options.planDigest), options.past);
  signal?.throwIfAborted();
  const writes = planned.assessment.changes.filter(
    (change) => isWrite(change) && options.past?.standing(change) === undefined,
  ).length;
  // Of a gap that does not matter to the plan nothing is said.
  for (const gap of planned.live.unread.filter((each) => planned.assessment.unread.includes(each))) {
    log[options.isKnownGap?.(gap) === true ? 'debug' : 'warn']({ ...gap }, 'Could not read all objects');
  }
  const { commit, digest } = planned.assessment;
  // A process that goes on has many passes that find nothing to do.
  const isQuiet = writes === 0 && options.isNews !== undefined;
  log[isQuiet ? 'debug' : 'info']({ commit, digest, writes }, 'Planned');

  let claimed: Promise<void> | undefined;
  // Once and no more: what is lost in the course of a pass is not taken again by it.
  const claim = async () => await (claimed ??= options.claim?.());
  using last = stopDeadline(signal ?? new AbortController().signal, options.time);
  const deadline = { signal: last.signal };

  // Recorded first, so that a crash midway leaves no object untracked and no deletion uncounted.
  const { installation: set, version } = config;
  const noted = interruptible(cluster, { reads: last.signal, writes: last.signal });
  const recorder = new Recorder(
    noted,
    {
      set,
      version,
    },
    planned,
  );
  const brakes = new WatchedBrake(cluster, set, { pass: planned, fresh: options.fresh });
  const before = recordBefore(planned, startedAt);
  const pins = planned.drivers?.lock !== undefined;
  if ((writes > 0 || pins) && !brakes.isSuspended) {
    await claim();
    await recorder.write(before);
  }

  // What goes wrong beside the writes of the plan is told beside the report and does not take its place.
  const trouble: ReconcilerError[] = [];
  // Pinned first, so that no node is told of a package that might be another one later.
  const pass = pins && !brakes.isSuspended ? await pinned(planned, noted, set, trouble) : planned;
  const { assessment } = pass;

  const outcomes = await apply(
    assessment.changes,
    issuing(cluster, authorityPlace(set), clock, certificatesOf(pass.desired)),
    {
      log,
      brake: (how) => brakes.read(how, signal),
      signal,
      deadline: last.signal,
      ...(options.past === undefined ? {} : { past: options.past }),
    },
  );

  const live = writes === 0 ? pass.live : await unlessTroubled(readAgain(pass, cluster, signal), trouble);
  const after = recordAfter(pass, before, outcomes, live);
  if (!brakes.isSuspended && !recorder.has(after)) {
    const recording = async () => {
      await claim();
      await recorder.write(after);
    };
    await unlessTroubled(recording(), trouble);
  }
  const isTold = ports.statusBranch !== undefined || options.isNews !== undefined;
  const isKnown = (gap: Unread) => options.isKnownGap?.(gap) === true;
  const nodes =
    nodesKnown(pass) ?? (isTold ? await nodesUnlessTroubled(cluster, { log, signal, isKnown }) : undefined);
  await (options.goneReports ?? new GoneReports({ looksTwice: false })).remove(nodes, {
    cluster,
    log,
    signal,
    deadline: last.signal,
    now: startedAt,
    mayDelete: async () => {
      if ((await brakes.read('afresh', signal)) !== undefined) return false;
      await claim();
      return true;
    },
  });
  const ended: Report = {
    ...assessment,
    ...(nodes !== undefined && { nodes }),
    health: live === undefined ? healthUnseen(pass, outcomes) : healthOfAll(pass.desired, live),
    outcomes,
    startedAt,
    finishedAt: clock.now(),
  };
  const report = options.completed?.(ended) ?? ended;
  const isNews = options.isNews?.(report) ?? true;
  logEnd(report, log, isNews ? 'info' : 'debug');
  const published = isNews ? await publish(ports, report, deadline) : {};
  return { report, published, trouble, askAgainMs: pass.drivers?.askAgainMs };
}

/** Nodes that the pass has seen already. */
function nodesKnown({ drivers }: Pass): NodesSeen | undefined {
  const nodes = drivers?.nodes;
  return nodes === undefined || 'unread' in nodes ? undefined : nodes;
}

/** The repository or the cluster has changed since somebody looked at a plan. */
export class StalePlanError extends ReconcilerError {
  readonly code = 'PLAN_STALE';
  readonly retry = 'after-change';

  constructor(asked: string, now: string) {
    super(`The plan is another one by now: ${asked} was asked for, and it is ${now}. Nothing was written.`, {
      hint: 'Look at weka-gitops plan again, and give the digest that it prints.',
    });
  }
}

/** The pass with its plan proved, as whoever gave its digest saw it. */
async function asPlanned(pass: Pass, cluster: Cluster, asked: string | undefined): Promise<Pass> {
  if (asked === undefined) return pass;
  const assessment = await proved(pass, cluster);
  if (assessment.digest !== asked) throw new StalePlanError(asked, assessment.digest);
  return { ...pass, assessment };
}

function calmed(pass: Pass, past: PastWrites | undefined): Pass {
  const { assessment } = pass;
  const changes = past?.calmed(assessment.changes, assessment.commit) ?? assessment.changes;
  if (changes === assessment.changes) return pass;
  return { ...pass, assessment: { ...assessment, changes, digest: planDigest(changes) } };
}

/** What is there after the writes; undefined where the program is stopping, and nobody waits for that any more. */
async function readAgain(
  { scope }: Pass,
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<Live | undefined> {
  try {
    return await cluster.read(scope, { signal });
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) return undefined;
    throw error;
  }
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

/** What a pass that cannot read what agents report has not read. */
export const NODES_GAP = { kind: groupKind({ apiVersion: 'v1', kind: 'Node' }) } as const;

/** What agents tell of nodes. Nothing that a pass does waits for it, so that where it cannot be read, only it is missing. */
async function nodesUnlessTroubled(
  cluster: Cluster,
  { log, signal, isKnown }: Interruptible & { readonly log: Log; readonly isKnown: (gap: Unread) => boolean },
): Promise<NodesSeen | NodesUnread | undefined> {
  try {
    return await cluster.seeNodes({ signal });
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) {
      return { unread: 'The program was stopped before it had read them.', isPassing: true };
    }
    if (!(error instanceof ReconcilerError)) throw error;
    const gap = { ...NODES_GAP, code: error.code, why: error.message };
    log[isKnown(gap) ? 'debug' : 'warn'](gap, 'Could not read what agents report of nodes');
    return { unread: error.message, isPassing: error.retry === 'next-pass' };
  }
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

export interface PublishOptions extends Interruptible {
  /** Where commits and pull requests are shown that the status branch links to. */
  readonly pages?: ForgePages | undefined;
  /** What receivers were told, to be recorded beside the report. */
  readonly notified?: Notified | undefined;
}

/** The pass is over when this begins, so a failure is told beside its report and does not take its place. */
export async function publish(
  { statusBranch, clock }: Pick<Ports, 'statusBranch' | 'clock'>,
  report: Report,
  { pages, notified, ...options }: PublishOptions = {},
): Promise<Published> {
  if (statusBranch === undefined) return {};
  const { ref } = statusBranch;
  const { history } = report.settings.spec.status;
  try {
    const build = (tip: readonly StatusFile[]) => {
      const told = statusCommit(report, tip, { now: clock.now(), history, pages });
      return notified === undefined ? told : notifiedCommit(notified, tip, told);
    };
    const commit = await statusBranch.publish(build, options);
    return { ref, ...(commit === undefined ? {} : { commit }) };
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    return { ref, error };
  }
}
