import { type Brake, brakeReason, isDestructive } from '../../core/plan/brake.ts';
import { type Change, isWrite, type Outcome, type Write } from '../../core/plan/change.ts';
import { Holds } from '../../core/plan/hold.ts';
import { stages } from '../../core/plan/order.ts';
import { withoutValues } from '../../core/report/redact.ts';
import { withoutSealed } from '../../core/spec/sealed.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Cluster, Log } from '../../ports.ts';
import { bounded } from './bounded.ts';
import { Circuit } from './circuit.ts';
import { OutcomeLog } from './outcome-log.ts';
import { write } from './write.ts';

/** Writes under way at the same time. More gain nothing: the API server's CPU is the limit. */
const CONCURRENCY = 16;

export interface ApplyOptions {
  readonly concurrency?: number;
  readonly log: Log;
  /** Asked again before each write that deletes something. */
  readonly brake?: () => Promise<Brake | undefined>;
  /** Once it is aborted, writes under way are finished and no other begins. */
  readonly signal?: AbortSignal;
}

/**
 * Carries out a plan stage by stage, and tells what became of each write. What needs an object that failed is held back,
 * and so on from there; the rest goes on.
 */
export async function apply(
  changes: readonly Change[],
  cluster: Cluster,
  { concurrency = CONCURRENCY, log, brake, signal }: ApplyOptions,
): Promise<readonly Outcome[]> {
  const writes = changes.filter(isWrite);
  const created = new Set(writes.filter(({ op }) => op === 'create').map(({ id }) => id));
  const holds = new Holds(changes);
  const circuit = new Circuit();
  const told = new OutcomeLog(log);
  const outcomes: Outcome[] = [];
  const outcomeOf = async (change: Write): Promise<Outcome> => {
    const why = signal?.aborted === true ? STOPPING : (holds.reason(change) ?? circuit.reason());
    if (why !== undefined) return { change, result: 'held', why };
    return await tried(change, circuit, async () => {
      const braked = isDestructive(change) ? brakeReason(change, await brake?.()) : undefined;
      return braked === undefined ? await write(change, cluster, created) : { held: braked };
    });
  };
  for (const stage of stages(writes)) {
    const ended = await bounded(stage, concurrency, async (change) => {
      const outcome = await outcomeOf(change);
      told.note(outcome);
      return outcome;
    });
    for (const outcome of ended) holds.note(outcome);
    outcomes.push(...ended);
  }
  told.end();
  return outcomes;
}

const STOPPING = 'The program is stopping; the next pass goes on';

/** A failure becomes an outcome, so one bad object cannot hide the rest. A bug is still thrown. */
async function tried(
  change: Write,
  circuit: Circuit,
  carryOut: () => Promise<'done' | 'unchanged' | { readonly held: string }>,
): Promise<Outcome> {
  try {
    const result = await carryOut();
    circuit.note(undefined);
    return typeof result === 'string' ? { change, result } : { change, result: 'held', why: result.held };
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    circuit.note(error);
    const { code, hint } = error;
    // The server may quote what it would not take.
    const object = change.op === 'prune' ? change.live : change.desired;
    const why = withoutSealed(withoutValues(error.message, object), change.sealed?.texts ?? []);
    return { change, result: 'failed', code, why, ...(hint === undefined ? {} : { hint }) };
  }
}
