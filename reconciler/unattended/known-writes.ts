import type { ObjectId } from '../core/kube/object.ts';
import { type Change, isWrite, type Outcome, unmade, type Write } from '../core/plan/change.ts';
import { withHolds } from '../core/plan/hold.ts';
import type { PastWrites } from '../core/plan/past-writes.ts';
import { rivalOf } from '../core/plan/rival.ts';
import { prose } from '../core/report/plain.ts';
import { OBJECT_PACES, waitMs } from '../core/schedule/backoff.ts';
import { afterCorrection, type Fight, isOver } from '../core/schedule/fights.ts';
import type { ReconcilerError } from '../errors.ts';
import type { Duty } from './duty.ts';

/** A write that failed the last time it was tried. */
interface FailedWrite {
  readonly code: string;
  /** In a row, of the same code. */
  readonly failures: number;
  readonly until: number;
  readonly outcome?: Outcome;
}

/**
 * What a process that goes on knows of the objects it writes: which of them failed, and which somebody else sets back
 * each time. Both are left alone for a while, each at its own pace, whatever it is that the passes are run for. Nothing
 * of it outlives the process.
 */
export class KnownWrites implements PastWrites {
  readonly #duty: Pick<Duty, 'time' | 'random' | 'log'>;
  readonly #failed = new Map<ObjectId, FailedWrite>();
  readonly #fights = new Map<ObjectId, Fight>();
  /** What the log said last of an object that is not as it should be. */
  readonly #told = new Map<ObjectId, string>();
  #commit: string | undefined;
  #isFirstOfCommit = true;
  /** When the pass began. What is tried in it does not change under way. */
  #now = 0;
  /** Of the pass, so that what fails together is tried again together. */
  #chance = 0;

  constructor(duty: Pick<Duty, 'time' | 'random' | 'log'>) {
    this.#duty = duty;
  }

  calmed(changes: readonly Change[], commit: string): readonly Change[] {
    this.#now = this.#duty.time.now();
    this.#chance = this.#duty.random();
    this.#isFirstOfCommit = commit !== this.#commit;
    this.#commit = commit;
    if (this.#isFirstOfCommit) this.#tryAll();
    const left = changes.map((change) => (isWrite(change) ? this.#calmed(change) : change));
    return left.every((change, index) => change === changes[index]) ? changes : withHolds(left);
  }

  standing(write: Write): Outcome | undefined {
    const failed = this.#failed.get(write.id);
    if (failed?.outcome === undefined || failed.until <= this.#now) return undefined;
    return { ...failed.outcome, change: write };
  }

  failed({ id }: Write, { code, retry, retryAfterMs }: ReconcilerError): void {
    const before = this.#failed.get(id);
    const failures = before?.code === code ? before.failures + 1 : 1;
    const pauseMs = waitMs(failures, { random: this.#chance, retryAfterMs }, OBJECT_PACES[retry]);
    this.#failed.set(id, { code, failures, until: this.#duty.time.now() + Math.max(1, pauseMs) });
  }

  isKnown(outcome: Outcome): boolean {
    const { id } = outcome.change;
    const news = troubleOf(outcome);
    if (news === undefined) {
      this.#told.delete(id);
      return false;
    }
    const isKnown = this.#told.get(id) === news;
    this.#told.set(id, news);
    return isKnown;
  }

  /** To be told how a pass ended. */
  ended(outcomes: readonly Outcome[]): void {
    const open = new Map(outcomes.map((outcome) => [outcome.change.id, outcome]));
    for (const [id, failed] of this.#failed) {
      const outcome = open.get(id);
      if (outcome?.result === 'failed') this.#failed.set(id, { ...failed, outcome });
      // What another one holds back may have failed before, and is as it was.
      else if (outcome?.result !== 'held') this.#failed.delete(id);
    }
    for (const id of this.#told.keys()) if (!open.has(id)) this.#told.delete(id);
    const now = this.#duty.time.now();
    for (const [id, fight] of this.#fights) if (isOver(fight, now)) this.#fights.delete(id);
    if (this.#isFirstOfCommit) return;
    for (const { change, result } of outcomes) if (result === 'done') this.#corrected(change, now);
  }

  /** In how long something that is left alone has its turn; undefined where nothing is. */
  dueMs(): number | undefined {
    const now = this.#duty.time.now();
    let next = Infinity;
    for (const { until } of [...this.#failed.values(), ...this.#fights.values()]) {
      // Whose turn had come was tried, or is held back by another one.
      if (until > this.#now) next = Math.min(next, until);
    }
    return next === Infinity ? undefined : Math.max(0, next - now);
  }

  /** A commit may mend anything. What it does not mend is left alone as long as it would have been. */
  #tryAll(): void {
    for (const [id, failed] of this.#failed) this.#failed.set(id, { ...failed, until: this.#now });
    for (const [id, fight] of this.#fights) this.#fights.set(id, { ...fight, until: this.#now });
  }

  #calmed(write: Write): Change {
    const fight = this.#fights.get(write.id);
    if (fight === undefined || fight.until <= this.#now) return write;
    return unmade(write, 'wait', reasonOf(write));
  }

  #corrected(write: Write, now: number): void {
    const { id } = write;
    const fight = afterCorrection(this.#fights.get(id), now);
    this.#fights.set(id, fight);
    if (fight.rounds === 0) return;
    const rival = rivalOf(write);
    const fields = {
      id,
      ...(rival === undefined ? {} : { rival: prose(rival, 100) }),
      corrections: fight.corrections.length,
      pauseMs: fight.until - now,
    };
    this.#duty.log[fight.rounds === 1 ? 'warn' : 'debug'](
      fields,
      'Somebody undoes each correction; leaving the object alone for a while',
    );
  }
}

function troubleOf(outcome: Outcome): string | undefined {
  switch (outcome.result) {
    case 'failed':
      return `failed ${outcome.code}`;
    case 'held':
      return `held ${outcome.why}`;
    default:
      return undefined;
  }
}

/** Without figures, so that it is news once and not with every round. */
function reasonOf(write: Write): string {
  const rival = rivalOf(write);
  const who = rival === undefined ? 'Somebody' : prose(rival, 100);
  const what = write.op === 'create' ? 'deletes it each time it is made' : 'undoes each correction of it';
  return `${who} ${what}, so it is set right ever more seldom; find out who it is, or remove the manifest`;
}
