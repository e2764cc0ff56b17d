import type { ObjectId } from '../kube/object.ts';
import type { DesiredObject } from '../desired/desired.ts';
import type { AwaitedApproval } from '../plan/approvals/awaited.ts';
import { type Change, isWrite, type Write } from '../plan/change.ts';
import { decide, type DecideInput, type Decision } from '../plan/decide.ts';
import { isDriverWork } from '../plan/driver-objects.ts';
import { withHolds } from '../plan/hold.ts';
import { stages } from '../plan/order.ts';
import { ModelCluster } from './model.ts';

/** One pass that would be made: its writes by stage, and what would wait while it is made. */
export interface ForecastPass {
  readonly stages: readonly (readonly Write[])[];
  readonly waits: readonly Waiting[];
}

type Waiting = Extract<Change, { op: 'wait' | 'refuse' }>;

/** The whole way to where nothing changes any more. */
export interface Forecast {
  readonly passes: readonly ForecastPass[];
  /** What is left then, and needs a person. */
  readonly left: readonly Waiting[];
  /** What is left then, and goes on once something has come about by itself: how, nobody can tell before. */
  readonly pending: readonly Waiting[];
  /** What each consent would set free, from there on. */
  readonly unlocks: readonly {
    readonly approval: AwaitedApproval;
    readonly passes: readonly ForecastPass[];
  }[];
  /** Consents beyond those, whose effect was not worked out. */
  readonly unlocksLeftOut: number;
  /** False where more passes follow: no end was in sight after as many as are looked at, or something is pending. */
  readonly settled: boolean;
}

/** Passes that are looked at; a way that is longer is told as one without an end. */
const MOST_PASSES = 25;
/** Consents whose effect is worked out. */
const MOST_UNLOCKS = 20;

/**
 * Runs passes forward on a model of the cluster until nothing changes: each decides as a real one would, all of its
 * writes succeed, and what is deleted is gone at the next. `first` is the first pass as it was proved; what the API
 * server refuses in it stays refused. What is consented to beside changes is no part of it: what follows, nobody can tell before.
 */
export function forecast({ beside: _, ...input }: DecideInput, first: readonly Change[]): Forecast {
  const refused = new Map(first.flatMap((change) => (change.op === 'refuse' ? [[change.id, change]] : [])));
  const base = run(input, refused, first);
  const unlocks = base.decision.awaited.slice(0, MOST_UNLOCKS).map((approval) => {
    const assumed = new Set([approval.request.digest]);
    // An approval is a commit, and the budget is each commit's.
    const prune = { ...input.prune, alreadyPruned: 0, begun: new Set<string>() };
    const after = { ...input, prune, book: input.book.assuming(assumed), live: base.cluster.objects };
    return { approval, passes: run(after, refused).passes };
  });
  const waiting = base.changes.filter(isWaiting);
  // Where no end is in sight, nobody can tell what waits for what.
  const pending = base.settled ? waiting.filter(({ passing }) => passing === true) : [];
  return {
    passes: base.passes,
    left: waiting.filter((each) => !pending.includes(each)),
    pending,
    unlocks,
    unlocksLeftOut: base.decision.awaited.length - unlocks.length,
    settled: base.settled && pending.length === 0,
  };
}

interface Way {
  readonly passes: readonly ForecastPass[];
  readonly cluster: ModelCluster;
  readonly decision: Decision;
  /** What the last pass would find. */
  readonly changes: readonly Change[];
  readonly settled: boolean;
}

function run(input: DecideInput, refused: ReadonlyMap<ObjectId, Change>, first?: readonly Change[]): Way {
  const cluster = new ModelCluster(input.live);
  const passes: ForecastPass[] = [];
  let { alreadyPruned } = input.prune;
  let { desired } = input;
  for (let known = first; ; known = undefined) {
    const prune = { ...input.prune, alreadyPruned };
    const decision = decide({ ...input, desired, live: cluster.objects, prune });
    const changes = known ?? without(decision.changes, refused);
    const writes = changes.filter(isWrite);
    const way = { passes, cluster, decision, changes };
    if (writes.length > 0 && passes.length >= MOST_PASSES) return { ...way, settled: false };
    const isMoving = cluster.settle();
    if (writes.length === 0) {
      if (isMoving) continue;
      return { ...way, settled: true };
    }
    const inOrder = stages(writes);
    passes.push({ stages: inOrder, waits: changes.filter(isWaiting) });
    for (const write of inOrder.flat()) cluster.apply(write);
    alreadyPruned += writes.filter((write) => write.op === 'prune' && !isDriverWork(write.live)).length;
    // What was to be made anew was made anew.
    if (writes.some((write) => write.op === 'replace' && write.again === true))
      desired = desired.map(onceMade);
  }
}

function onceMade(wanted: DesiredObject): DesiredObject {
  if (wanted.again === undefined) return wanted;
  const { again: _, ...rest } = wanted;
  return rest;
}

/** `changes` with what the API server has refused before refused again, and with what needs it waiting. */
function without(changes: readonly Change[], refused: ReadonlyMap<ObjectId, Change>): readonly Change[] {
  if (refused.size === 0) return changes;
  return withHolds(changes.map((change) => (isWrite(change) ? (refused.get(change.id) ?? change) : change)));
}

function isWaiting(change: Change): change is Waiting {
  return change.op === 'wait' || change.op === 'refuse';
}
