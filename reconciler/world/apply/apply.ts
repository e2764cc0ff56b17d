import { type Brake, brakeReason, isDestructive } from '../../core/plan/brake.ts';
import { type Change, isWrite, type Outcome, type Write } from '../../core/plan/change.ts';
import { Holds } from '../../core/plan/hold.ts';
import { stages } from '../../core/plan/order.ts';
import type { PastWrites } from '../../core/plan/past-writes.ts';
import { withoutValues } from '../../core/report/redact.ts';
import { withoutSealed } from '../../core/spec/sealed.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Cluster, Log } from '../../ports.ts';
import { bounded } from './bounded.ts';
import { InterruptedError } from '../stop-deadline.ts';
import { Circuit } from './circuit.ts';
import { interruptible } from './interruptible.ts';
import { OutcomeLog } from './outcome-log.ts';
import { write } from './write.ts';

/** Writes under way at the same time. More gain nothing: the API server's CPU is the limit. */
const CONCURRENCY = 16;

export interface ApplyOptions {
  readonly concurrency?: number;
  readonly log: Log;
  /** Asked again before each write; `afresh` before one that deletes something: nothing is to be answered from memory. */
  readonly brake?: (how: 'known' | 'afresh') => Promise<Brake | undefined>;
  /** Once it is aborted, writes under way are finished and no other begins. Reads are given up. */
  readonly signal?: AbortSignal | undefined;
  /** Once it is aborted, writes under way are given up too. */
  readonly deadline?: AbortSignal | undefined;
  /** Where set, what has failed is left alone until it is its turn again. */
  readonly past?: PastWrites;
}

/**
 * Carries out a plan stage by stage, and tells what became of each write. What needs an object that failed is held back,
 * and so on from there; the rest goes on.
 */
export async function apply(
  changes: readonly Change[],
  reached: Cluster,
  { concurrency = CONCURRENCY, log, brake, signal, deadline, past }: ApplyOptions,
): Promise<readonly Outcome[]> {
  const cluster = interruptible(reached, { reads: signal, writes: deadline });
  const writes = changes.filter(isWrite);
  const created = new Set(writes.filter(({ op }) => op === 'create').map(({ id }) => id));
  const holds = new Holds(changes);
  const circuit = new Circuit();
  const told = new OutcomeLog(log);
  const outcomes: Outcome[] = [];
  const outcomeOf = async (change: Write): Promise<Outcome> => {
    const reason = () => holds.reason(change) ?? circuit.reason() ?? past?.heldBack(change);
    const why = signal?.aborted === true ? STOPPING : reason();
    if (why !== undefined) return { change, result: 'held', why };
    const note = (error?: ReconcilerError) => {
      circuit.note(error);
      if (error === undefined) past?.worked(change);
      else past?.failed(change, error);
    };
    return await tried({ change, note, signal }, async () => {
      const braked = brakeReason(change, await brake?.(isDestructive(change) ? 'afresh' : 'known'));
      if (signal?.aborted === true) return { held: STOPPING };
      return braked === undefined ? await write(change, cluster, created) : { held: braked };
    });
  };
  for (const stage of stages(writes)) {
    const ended = await inTurn(stage, past, concurrency, async (change) => {
      const standing = past?.standing(change);
      if (standing !== undefined) return standing;
      const outcome = await outcomeOf(change);
      told.note(outcome, past?.isKnown(outcome));
      return outcome;
    });
    for (const outcome of ended) {
      holds.note(outcome);
      outcomes.push(outcome);
    }
  }
  told.end();
  if (circuit.error !== undefined) past?.brokenOff(circuit.error);
  return outcomes;
}

/** As `bounded`; what is tried last is told where it stands in the plan all the same. */
async function inTurn(
  stage: readonly Write[],
  past: PastWrites | undefined,
  limit: number,
  task: (change: Write) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const writes = past?.inTurn(stage) ?? stage;
  const outcomes = await bounded(writes, limit, task);
  if (writes === stage) return outcomes;
  const of = new Map(outcomes.map((outcome) => [outcome.change.id, outcome]));
  return stage.flatMap(({ id }) => of.get(id) ?? []);
}

const STOPPING = 'The program is stopping; the next pass goes on';

/** A failure becomes an outcome, so one bad object cannot hide the rest. A bug is still thrown. */
async function tried(
  {
    change,
    note,
    signal,
  }: {
    readonly change: Write;
    readonly note: (error?: ReconcilerError) => void;
    readonly signal: AbortSignal | undefined;
  },
  carryOut: () => Promise<'done' | 'unchanged' | { readonly held: string }>,
): Promise<Outcome> {
  try {
    const result = await carryOut();
    if (typeof result !== 'string') return { change, result: 'held', why: result.held };
    note();
    return { change, result };
  } catch (error) {
    // A read was given up, before anything was written.
    const isGivenUp = signal?.aborted === true && error === signal.reason;
    if (isGivenUp || (error instanceof InterruptedError && error.isHarmless)) {
      return { change, result: 'held', why: STOPPING };
    }
    if (!(error instanceof ReconcilerError)) throw error;
    note(error);
    const { code, hint } = error;
    // The server may quote what it would not take.
    const object = change.op === 'prune' ? change.live : change.desired;
    const why = withoutSealed(withoutValues(error.message, object), change.sealed?.texts ?? []);
    return { change, result: 'failed', code, why, ...(hint === undefined ? {} : { hint }) };
  }
}
