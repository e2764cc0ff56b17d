import type { ObjectId } from '../core/kube/object.ts';
import { type Change, isWrite, type Outcome, unmade, type Write } from '../core/plan/change.ts';
import { withHolds } from '../core/plan/hold.ts';
import type { PastWrites } from '../core/plan/past-writes.ts';
import { OBJECT_PACES, waitMs } from '../core/schedule/backoff.ts';
import { fightReason, foughtFields, rivalWords } from '../core/schedule/fight-words.ts';
import { afterCorrection, type Fight, isOver } from '../core/schedule/fights.ts';
import type { ReconcilerError } from '../errors.ts';
import type { Metrics } from '../world/server/metrics.ts';
import type { Duty } from './duty.ts';
import { StruckKinds } from './struck-kinds.ts';
import { ToldWrites } from './told-writes.ts';

interface Sources extends Pick<Duty, 'time' | 'random' | 'log'> {
  readonly metrics: Pick<Metrics, 'observeError'>;
}

/** A write that failed the last time it was tried. */
interface FailedWrite {
  /** In a row, whatever they were. */
  readonly failures: number;
  readonly pauseMs: number;
  readonly until: number;
  readonly outcome?: Outcome;
}

/** Objects of which the log tells that the same befell them, where time may mend it. The rest is for whoever looks closely. */
const MOST_TOLD = 10;

/**
 * What a process that goes on knows of the objects it writes: which of them failed, and which somebody else sets back
 * each time. Both are left alone for a while, each at its own pace, whatever it is that the passes are run for. Nothing
 * of it outlives the process.
 */
export class KnownWrites implements PastWrites {
  readonly #duty: Sources;
  readonly #failed = new Map<ObjectId, FailedWrite>();
  readonly #fights = new Map<ObjectId, Fight>();
  readonly #kinds = new StruckKinds();
  /** Those that failed in this pass. */
  readonly #tried = new Set<ObjectId>();
  readonly #told = new ToldWrites();
  /** Codes of what time may mend. */
  readonly #passing = new Set<string>();
  #brokenOff: ReconcilerError | undefined;
  #commit: string | undefined;
  #isFirstOfCommit = true;
  /** When the pass began. What is tried in it does not change under way. */
  #now = 0;
  /** Of the pass, so that what fails together is tried again together. */
  #chance = 0;

  constructor(duty: Sources) {
    this.#duty = duty;
  }

  /** What kept the last pass from trying all of its writes. */
  get stoppedBy(): ReconcilerError | undefined {
    return this.#brokenOff;
  }

  calmed(changes: readonly Change[], commit: string): readonly Change[] {
    this.#now = this.#duty.time.now();
    this.#chance = this.#duty.random();
    this.#tried.clear();
    this.#brokenOff = undefined;
    this.#isFirstOfCommit = commit !== this.#commit;
    this.#commit = commit;
    if (this.#isFirstOfCommit) this.#tryAll();
    this.#kinds.begin(this.#now);
    const left = changes.map((change) => (isWrite(change) ? this.#calmed(change) : change));
    return left.every((change, index) => change === changes[index]) ? changes : withHolds(left);
  }

  standing(write: Write): Outcome | undefined {
    const failed = this.#failed.get(write.id);
    if (failed?.outcome !== undefined && failed.until > this.#now)
      return { ...failed.outcome, change: write };
    const why = this.#kinds.isWaiting(write.id, this.#now) ? this.#kinds.reason(write.id) : undefined;
    return why === undefined ? undefined : { change: write, result: 'held', why };
  }

  /** Those that failed before come last, so that none of them keeps another one from being tried. */
  inTurn(writes: readonly Write[]): readonly Write[] {
    if (this.#failed.size === 0) return writes;
    const hasFailed = ({ id }: Write) => this.#failed.has(id);
    return [...writes.filter((write) => !hasFailed(write)), ...writes.filter(hasFailed)];
  }

  heldBack({ id }: Write): string | undefined {
    return this.#kinds.reason(id);
  }

  worked({ id }: Write): void {
    this.#kinds.worked(id);
  }

  failed({ id }: Write, error: ReconcilerError): void {
    const { code, retry, retryAfterMs } = error;
    this.#duty.metrics.observeError(code);
    this.#kinds.failed(id, error);
    if (retry === 'next-pass') this.#passing.add(code);
    const failures = (this.#failed.get(id)?.failures ?? 0) + 1;
    const asked = { random: this.#chance, retryAfterMs };
    const pauseMs = Math.max(1, waitMs(failures, asked, OBJECT_PACES[retry]));
    this.#tried.add(id);
    this.#failed.set(id, { failures, pauseMs, until: this.#duty.time.now() + pauseMs });
  }

  brokenOff(error: ReconcilerError): void {
    this.#brokenOff = error;
  }

  isKnown(outcome: Outcome): boolean {
    const { id } = outcome.change;
    switch (outcome.result) {
      case 'failed': {
        const most = this.#passing.has(outcome.code) ? MOST_TOLD : Infinity;
        return this.#told.isKnown(id, `failed ${outcome.code}`, most);
      }
      case 'held':
        return this.#told.isKnown(id, `held ${outcome.why}`);
      default:
        this.#told.forget(id);
        return false;
    }
  }

  /** To be told how a pass ended. */
  ended(outcomes: readonly Outcome[]): void {
    const now = this.#duty.time.now();
    const open = new Map(outcomes.map((outcome) => [outcome.change.id, outcome]));
    for (const [id, failed] of this.#failed) {
      const outcome = open.get(id);
      if (outcome?.result === 'failed') {
        // From one moment on, so that what failed together is tried again together.
        const until = this.#tried.has(id) ? now + failed.pauseMs : failed.until;
        this.#failed.set(id, { ...failed, until, outcome });
      }
      // What another one holds back may have failed before, and is as it was.
      else if (outcome?.result !== 'held') this.#failed.delete(id);
    }
    this.#told.keep((id) => open.has(id));
    this.#kinds.ended(now, this.#chance, open.keys());
    for (const [id, fight] of this.#fights) if (isOver(fight, now)) this.#fights.delete(id);
    if (this.#isFirstOfCommit) return;
    for (const { change, result } of outcomes) if (result === 'done') this.#corrected(change, now);
  }

  /** In how long something that is left alone has its turn; undefined where nothing is. */
  dueMs(): number | undefined {
    const now = this.#duty.time.now();
    const turns = [...this.#failed.values(), ...this.#fights.values()].map(({ until }) => until);
    let next = Infinity;
    for (const turn of [...turns, ...this.#kinds.turns()]) {
      // Whose turn had come was tried, or is held back by another one.
      if (turn > this.#now) next = Math.min(next, turn);
    }
    return next === Infinity ? undefined : Math.max(0, next - now);
  }

  /** A commit may mend anything. What it does not mend is left alone as long as it would have been. */
  #tryAll(): void {
    for (const [id, failed] of this.#failed) this.#failed.set(id, { ...failed, until: this.#now });
    for (const [id, fight] of this.#fights) this.#fights.set(id, { ...fight, until: this.#now });
    this.#kinds.tryAll(this.#now);
  }

  #calmed(write: Write): Change {
    const fight = this.#fights.get(write.id);
    if (fight === undefined || fight.until <= this.#now) return write;
    return unmade(write, 'wait', fightReason(write));
  }

  #corrected(write: Write, now: number): void {
    const { id } = write;
    const fight = afterCorrection(this.#fights.get(id), now);
    this.#fights.set(id, fight);
    if (fight.rounds === 0) return;
    const rival = rivalWords(write);
    const fought = foughtFields(write);
    const fields = {
      id,
      ...(rival === undefined ? {} : { rival }),
      ...(fought === undefined ? {} : { fields: fought }),
      corrections: fight.corrections.length,
      pauseMs: fight.until - now,
    };
    this.#duty.log[fight.rounds === 1 ? 'warn' : 'debug'](
      fields,
      'Somebody undoes each correction; leaving the object alone for a while',
    );
  }
}
