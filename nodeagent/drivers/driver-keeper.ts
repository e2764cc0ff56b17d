import { join } from 'node:path';
import { explain } from '../../reconciler/errors.ts';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import type { DriverHands } from '../host/driver-hands.ts';
import type { Host } from '../host/host.ts';
import type { Log } from '../log.ts';
import { type DriversPlan, planDrivers } from '../plan/drivers.ts';
import type { DriverInput } from '../plan/way.ts';
import { answerOf, heldReport } from '../plan/drivers-report.ts';
import { type DriversState, NO_STATE, withIntent } from '../plan/drivers-state.ts';
import { type Failure, StepFailedError } from '../plan/fault.ts';
import { foreseen } from '../plan/foresee.ts';
import { type Step, stepKey } from '../plan/step.ts';
import { Backoff } from '../run/backoff.ts';
import { Wake } from '../run/wake.ts';
import type { Time } from '../time.ts';
import { doStep } from './do-step.ts';
import { NodeFacts } from './node-facts.ts';
import { PackageCache } from './package-cache.ts';
import { StateFile } from './state-file.ts';
import { type Locked, StateLock } from './state-lock.ts';
import { subjectOf } from './step-subject.ts';

export interface DriverKeeperParts {
  readonly host: Host;
  readonly hands: DriverHands;
  /** Folder of the node that keeps what has to be there after a reboot. */
  readonly state: string;
  readonly time: Time;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** The report of the drivers is another than before. */
  readonly changed: () => void;
  /** It is alive, and will be heard of again within so long. */
  readonly turns: (waitMs: number) => void;
}

const MINUTE = 60_000;

/** It looks again so often, though nobody told that anything changed. */
const SLOW_MS = 5 * MINUTE;
/** What was told to let go of a driver is told again so much later. */
const DRAIN_EVERY_MS = MINUTE;
/** What a person has to mend is tried again so often, in case that somebody has. */
const REFUSED_MS = 10 * MINUTE;
/** A folder that another process has is tried again so often. */
const LOCK_EVERY_MS = 10_000;
/** A disk that does not give what was written down is asked so often, and so many times. */
const READ_EVERY_MS = 10_000;
const MOST_READS = 7;

/** What takes away, which another process may need. */
const TAKING: ReadonlySet<Step['do']> = new Set(['drain', 'unload', 'tidy', 'drop']);

interface Tried {
  readonly failure: Omit<Failure, 'dueInMs'>;
  readonly dueAt: number;
}

/**
 * Keeps the drivers of a node as the latest intent asks: looks, decides on one step, does it, and looks again. It begins with what
 * was written down before, so that the drivers are there after a reboot whether the API server is or not.
 */
export class DriverKeeper {
  readonly #parts: DriverKeeperParts;
  readonly #cache: PackageCache;
  readonly #facts: NodeFacts;
  readonly #file: StateFile;
  readonly #lock: StateLock;
  /** How often the disk did not give what was written down. */
  #unreadTimes = 0;
  /** What was last said of the lock. */
  #saidOfLock: string | undefined;
  readonly #wake = new Wake();
  readonly #tried = new Map<string, Tried>();
  readonly #backoffs = new Map<string, Backoff>();
  /** The most that came of a package that is not whole yet, by the step that downloads it. */
  readonly #mostCame = new Map<string, number>();
  #state: DriversState | undefined;
  #intent: NodeIntent | undefined;
  #report: DriversReport | undefined;
  /** What was last worth telling. */
  #told: DriversReport | undefined;
  /** Highest generation that the report is of; undefined until it has looked once. */
  #answered: number | undefined;
  #drainedAt = -Infinity;
  #downloading: AbortController | undefined;

  constructor(parts: DriverKeeperParts) {
    this.#parts = parts;
    const folder = join(parts.state, 'drivers');
    this.#cache = new PackageCache(folder);
    this.#facts = new NodeFacts({ ...parts, cache: this.#cache });
    this.#file = new StateFile(folder);
    this.#lock = new StateLock(folder, parts.hands);
  }

  /** How far it is; undefined where no intent asks for drivers. */
  get report(): DriversReport | undefined {
    return this.#report;
  }

  /** The generation that the report answers: a step that takes long keeps it behind. Undefined until there is a report. */
  get answered(): number | undefined {
    return this.#answered;
  }

  /** The highest generation of an intent that it goes by; 0 where it knows none. */
  get generation(): number {
    return Math.max(this.#state?.generation ?? 0, this.#intent?.generation ?? 0);
  }

  /** The intent as the cluster has it now. */
  wants(intent: NodeIntent): void {
    // Whoever asks anew may have mended what failed.
    if (intent.generation !== this.#intent?.generation) this.#tried.clear();
    const before = this.#askedFor();
    this.#intent = intent;
    // What is slow to come, and not wanted any more or not from there, is not waited for. What came of it stays.
    if (this.#askedFor() !== before) this.#downloading?.abort(new Error('Something else is asked for.'));
    this.#wake.call();
  }

  #askedFor(): string {
    const { wanted } = withIntent(this.#state ?? NO_STATE, this.#intent);
    return JSON.stringify([wanted?.package.sha256, wanted?.from]);
  }

  /** Something about the host may have changed. */
  look(): void {
    this.#wake.call();
  }

  /** Knows what was written down. To be called before anything else is. */
  async open(): Promise<void> {
    const state = await this.#file.read();
    this.#state = this.#file.unread === undefined ? state : { ...state, lost: true };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { time, turns } = this.#parts;
    let begun: 'not' | 'unlocked' | 'locked' = 'not';
    try {
      while (!signal.aborted) {
        turns(0);
        const locked = await this.#lock.take();
        this.#sayOfLock(locked);
        // Whoever had the folder may have written there since it was read.
        if (locked.is === 'taken') begun = 'not';
        else if (begun === 'not' || (begun === 'unlocked' && locked.is === 'ours'))
          begun = (await this.#begin(locked)) ? (locked.is === 'ours' ? 'locked' : 'unlocked') : 'not';
        const waitMs =
          locked.is === 'taken'
            ? this.#wait(locked.by)
            : begun === 'not'
              ? READ_EVERY_MS
              : await this.#pass(locked, signal);
        if (waitMs === 0) continue;
        turns(waitMs);
        await this.#wake.wait(time, waitMs, signal);
      }
    } finally {
      await this.#lock.release();
    }
  }

  /** Now that nobody else writes there, what is there counts. False where a disk that does not give it is to be asked again. */
  async #begin(locked: Locked): Promise<boolean> {
    await this.open();
    const { unread } = this.#file;
    if (unread !== undefined) {
      const { why: reason, aside, mayPass } = unread;
      if (mayPass === true && (this.#unreadTimes += 1) < MOST_READS) {
        this.#parts.log.warn({ reason }, 'Waits for the disk that keeps what was written down');
        return false;
      }
      this.#parts.log.warn({ reason, aside }, 'Begins without what was written down, and keeps it aside');
    }
    if (locked.is === 'ours') await this.#cache.sweep(partsOf(this.#state));
    return true;
  }

  /** Another process keeps the drivers of this node: tells so, and does nothing. */
  #wait(by: string): number {
    const { wanted, generation } = withIntent(this.#state ?? NO_STATE, this.#intent);
    this.#tell(
      wanted === undefined ? undefined : heldReport(wanted, this.#parts.state, by),
      generation,
      true,
    );
    return LOCK_EVERY_MS;
  }

  #sayOfLock(locked: Locked): void {
    const said = JSON.stringify(locked);
    if (said === this.#saidOfLock) return;
    const isFirst = this.#saidOfLock === undefined;
    this.#saidOfLock = said;
    const { log, state: folder } = this.#parts;
    if (locked.is === 'taken')
      log.warn({ folder, by: locked.by }, 'Another process keeps the drivers of this node');
    else if (locked.is === 'unknown')
      log.warn(
        { folder, reason: locked.why },
        'Cannot tell whether another process keeps the drivers of this node',
      );
    else if (!isFirst) log.info({ folder }, 'Keeps the drivers of this node');
  }

  /** What it would do next and tells, without doing it. */
  async foresee(): Promise<{
    readonly report: DriversReport | undefined;
    readonly steps: readonly Step[];
    readonly state: DriversState;
  }> {
    const seen = await this.#input();
    const input =
      planDrivers(seen).needsUsers === true ? { ...seen, facts: await this.#facts.read(seen, true) } : seen;
    return { report: planDrivers(input).report, steps: foreseen(input), state: input.state };
  }

  /** Looks, and does one step; gives how long to wait for the next look. */
  async #pass(locked: Locked, signal: AbortSignal): Promise<number> {
    const seen = await this.#plan();
    const plan =
      locked.is === 'unknown' && seen.step !== undefined && TAKING.has(seen.step.do)
        ? { ...withheld(seen, this.#parts.state, locked.why), generation: seen.generation }
        : seen;
    this.#tell(plan.report, plan.generation, plan.step === undefined);
    if (plan.step === undefined) return plan.waitMs ?? SLOW_MS;
    await this.#do(plan.step, signal);
    return 0;
  }

  async #plan(): Promise<DriversPlan & { readonly generation: number }> {
    const input = await this.#input();
    const { generation } = withIntent(input.state, input.intent);
    const plan = planDrivers(input);
    if (plan.needsUsers !== true) return { ...plan, generation };
    return { ...planDrivers({ ...input, facts: await this.#facts.read(input, true) }), generation };
  }

  async #input(): Promise<DriverInput> {
    const now = this.#parts.time.now();
    const partial = {
      intent: this.#intent,
      state: this.#state ?? NO_STATE,
      cache: await this.#cache.list(),
      failures: new Map(
        [...this.#tried].map(
          ([key, { failure, dueAt }]) => [key, { ...failure, dueInMs: Math.max(0, dueAt - now) }] as const,
        ),
      ),
      drainInMs: Math.max(0, this.#drainedAt + DRAIN_EVERY_MS - now),
    };
    return { ...partial, facts: await this.#facts.read(partial, false) };
  }

  async #do(step: Step, signal: AbortSignal): Promise<void> {
    const { hands, log, turns } = this.#parts;
    const key = stepKey(step);
    const about = { step: step.do, why: step.why, ...subjectOf(step) };
    const leave = new AbortController();
    if (step.do === 'download') this.#downloading = leave;
    try {
      await doStep(step, {
        cache: this.#cache,
        hands,
        signal: AbortSignal.any([signal, leave.signal]),
        remember: async (state) => {
          await this.#file.write(state);
          this.#state = state;
        },
        wanted: () => partsOf(withIntent(this.#state ?? NO_STATE, this.#intent)),
        progress: () => turns(0),
      });
      this.#tried.delete(key);
      this.#backoffs.delete(key);
      this.#mostCame.delete(key);
      if (step.do === 'drain') this.#drainedAt = this.#parts.time.now();
      log.info(about, 'Did a step for drivers');
    } catch (error) {
      if (signal.aborted || leave.signal.aborted) return;
      if (!(error instanceof StepFailedError)) throw error;
      this.#failed(key, error, error.hasProgressed && (await this.#isFurther(step)));
      log.warn({ ...about, code: error.code, reason: explain(error) }, 'A step for drivers failed');
    } finally {
      this.#downloading = undefined;
    }
  }

  /** Whether more came of a package than ever before: what comes once more, since the rest cannot be had, is no progress. */
  async #isFurther(step: Step): Promise<boolean> {
    if (step.do !== 'download') return true;
    const key = stepKey(step);
    const came = (await this.#cache.parts()).get(step.package.sha256) ?? 0;
    const most = this.#mostCame.get(key) ?? 0;
    this.#mostCame.set(key, Math.max(most, came));
    return came > most;
  }

  #failed(key: string, error: StepFailedError, hasProgressed: boolean): void {
    const { time, random } = this.#parts;
    const backoff = this.#backoffs.get(key) ?? new Backoff(random);
    if (hasProgressed) backoff.reset();
    this.#backoffs.set(key, backoff);
    const waitMs = backoff.next(error.retryAfterMs);
    const least = error.fault.state === 'refused' ? REFUSED_MS : 0;
    this.#tried.set(key, { failure: error.fault, dueAt: time.now() + Math.max(waitMs, least) });
  }

  /** Not each module that comes or goes is worth a look at all of the node. */
  #tell(report: DriversReport | undefined, generation: number, isResting: boolean): void {
    const before = this.#told;
    const isSame = isResting
      ? JSON.stringify(report) === JSON.stringify(before)
      : JSON.stringify(answerOf(report)) === JSON.stringify(answerOf(before));
    const isAnswered = generation === this.#answered;
    this.#report = report;
    this.#answered = generation;
    if (isSame && isAnswered) return;
    this.#told = report;
    this.#parts.changed();
  }
}

/** The packages of which what came is kept: they are still asked for. */
function partsOf(state: DriversState | undefined): readonly string[] {
  const { wanted } = state ?? NO_STATE;
  return wanted === undefined
    ? []
    : [wanted.package.sha256, ...(wanted.next === undefined ? [] : [wanted.next.package.sha256])];
}

/** The plan, where another process may keep the drivers as well: what is there stays. */
function withheld({ step, report }: DriversPlan, folder: string, why: string): DriversPlan {
  const isQuiet = step?.do === 'tidy' || step?.do === 'drop';
  if (isQuiet || report === undefined || report.code !== undefined) return { waitMs: LOCK_EVERY_MS, report };
  const { state } = report;
  return {
    waitMs: LOCK_EVERY_MS,
    report: {
      ...report,
      state: state === 'loaded' ? state : 'failed',
      code: 'UNKNOWN',
      message:
        `It cannot be told whether another process keeps drivers of this node by ${folder}, and until then none is unloaded: ${why}`.slice(
          0,
          400,
        ),
      hint: 'Look whether the folder of the agent on this node can be written to, and its files locked.',
    },
  };
}
