import { join } from 'node:path';
import { explain } from '../../reconciler/errors.ts';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import { isKnown, unknown } from '../../schemas/node/observed.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import type { DriverHands } from '../host/driver-hands.ts';
import type { Host } from '../host/host.ts';
import { type DriverQuestions, readDriverFacts } from '../host/read-driver-facts.ts';
import { readKernelParts } from '../host/read-kernel-parts.ts';
import type { Log } from '../log.ts';
import { type DriversPlan, planDrivers } from '../plan/drivers.ts';
import type { DriverInput } from '../plan/way.ts';
import type { DriverFacts } from '../plan/driver-facts.ts';
import { answerOf } from '../plan/drivers-report.ts';
import { type DriversState, NO_STATE, withIntent } from '../plan/drivers-state.ts';
import { type Failure, StepFailedError } from '../plan/fault.ts';
import { foreseen } from '../plan/foresee.ts';
import { neededOfKernel } from '../plan/load-order.ts';
import { type Step, stepKey } from '../plan/step.ts';
import { Backoff } from '../run/backoff.ts';
import { Wake } from '../run/wake.ts';
import type { Time } from '../time.ts';
import { doStep } from './do-step.ts';
import { PackageCache } from './package-cache.ts';
import { readState, writeState } from './state-file.ts';

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
/** Modules that WEKA is better off with. */
const BESIDE = ['arp_tables', 'vfio_pci'];
/** What the vendor's command loads, which is looked at as well. */
const OF_VENDOR = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];

/** For so long what there is of a kernel's modules is taken to stay so. */
const PARTS_FOR_MS = MINUTE;

const UNASKED = unknown('It was not asked for.');
const NOTHING_ASKED: DriverFacts = {
  bootId: UNASKED,
  kernel: UNASKED,
  os: UNASKED,
  modules: UNASKED,
  moduleLoading: UNASKED,
  signedOnly: UNASKED,
  iommu: 'no',
  kernelParts: new Map(),
  freeBytes: UNASKED,
};

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
  readonly #stateFile: string;
  readonly #wake = new Wake();
  readonly #tried = new Map<string, Tried>();
  readonly #backoffs = new Map<string, Backoff>();
  #state: DriversState | undefined;
  #intent: NodeIntent | undefined;
  #report: DriversReport | undefined;
  /** What was last worth telling. */
  #told: DriversReport | undefined;
  /** Highest generation that the report is of; undefined until it has looked once. */
  #answered: number | undefined;
  #drainedAt = -Infinity;
  #downloading: AbortController | undefined;
  #kernelParts:
    { readonly of: string; readonly at: number; readonly parts: DriverFacts['kernelParts'] } | undefined;
  #vermagic: { readonly bootId: string; readonly text: string | undefined } | undefined;

  constructor(parts: DriverKeeperParts) {
    this.#parts = parts;
    const folder = join(parts.state, 'drivers');
    this.#cache = new PackageCache(folder);
    this.#stateFile = join(folder, 'state.json');
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
    this.#state = await readState(this.#stateFile);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { time, turns } = this.#parts;
    await this.#cache.sweep(this.#state?.wanted?.package.sha256);
    while (!signal.aborted) {
      turns(0);
      const waitMs = await this.#pass(signal);
      if (waitMs === 0) continue;
      turns(waitMs);
      await this.#wake.wait(time, waitMs, signal);
    }
  }

  /** What it would do next and tells, without doing it. */
  async foresee(): Promise<{
    readonly report: DriversReport | undefined;
    readonly steps: readonly Step[];
    readonly state: DriversState;
  }> {
    const seen = await this.#input();
    const input =
      planDrivers(seen).needsUsers === true ? { ...seen, facts: await this.#facts(seen, true) } : seen;
    return { report: planDrivers(input).report, steps: foreseen(input), state: input.state };
  }

  /** Looks, and does one step; gives how long to wait for the next look. */
  async #pass(signal: AbortSignal): Promise<number> {
    const plan = await this.#plan();
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
    return { ...planDrivers({ ...input, facts: await this.#facts(input, true) }), generation };
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
    return { ...partial, facts: await this.#facts(partial, false) };
  }

  async #facts(
    { cache, state, intent }: Pick<DriverInput, 'cache' | 'state' | 'intent'>,
    withUsers: boolean,
  ): Promise<DriverFacts> {
    const { host, hands } = this.#parts;
    if (withIntent(state, intent).wanted === undefined) return NOTHING_ASKED;
    const packages = [
      ...[...cache.values()].map((each) => each.modules ?? []),
      ...state.good.map((each) => each.modules),
    ];
    const modules = packages.flat();
    const facts = await readDriverFacts(host, {
      modules: new Set([...OF_VENDOR, ...modules.map(({ name }) => name)]),
      ofKernel: [...new Set([...BESIDE, ...packages.flatMap(neededOfKernel)])],
      readParts: this.#readParts,
      vermagic: this.#vermagic?.text,
      withUsers,
      freeBytes: await this.#cache.freeBytes(),
    });
    const { bootId, kernel } = facts;
    if (modules.length === 0 || !isKnown(bootId) || !isKnown(kernel) || this.#vermagic?.bootId === bootId)
      return facts;
    // Asked once: it is another program's work, and stays the same until the next boot.
    const text = await hands.vermagic(kernel.release);
    this.#vermagic = { bootId, text };
    return text === undefined ? facts : { ...facts, vermagic: text };
  }

  /** Its lists are long, and change only when somebody installs a kernel. */
  readonly #readParts: DriverQuestions['readParts'] = async (kernel, names) => {
    const now = this.#parts.time.now();
    const of = JSON.stringify([kernel, names]);
    if (this.#kernelParts?.of !== of || now - this.#kernelParts.at >= PARTS_FOR_MS) {
      this.#kernelParts = { of, at: now, parts: await readKernelParts(this.#parts.host, kernel, names) };
    }
    return this.#kernelParts.parts;
  };

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
          await writeState(this.#stateFile, state);
          this.#state = state;
        },
        progress: () => turns(0),
      });
      this.#tried.delete(key);
      this.#backoffs.delete(key);
      if (step.do === 'drain') this.#drainedAt = this.#parts.time.now();
      log.info(about, 'Did a step for drivers');
    } catch (error) {
      if (signal.aborted || leave.signal.aborted) return;
      if (!(error instanceof StepFailedError)) throw error;
      this.#failed(key, error);
      log.warn({ ...about, code: error.code, reason: explain(error) }, 'A step for drivers failed');
    } finally {
      this.#downloading = undefined;
    }
  }

  #failed(key: string, error: StepFailedError): void {
    const { time, random } = this.#parts;
    const backoff = this.#backoffs.get(key) ?? new Backoff(random);
    if (error.hasProgressed) backoff.reset();
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

function subjectOf(step: Step): Readonly<Record<string, unknown>> {
  switch (step.do) {
    case 'download':
    case 'unpack':
      return { file: step.package.file, sha256: step.package.sha256 };
    case 'load':
      return { module: step.module.name, sha256: step.sha256 };
    case 'load-of-kernel':
    case 'unload':
      return { module: step.module };
    case 'verify':
    case 'drop':
      return { sha256: step.sha256 };
    case 'remember':
    case 'drain':
    case 'tidy':
      return {};
  }
}
