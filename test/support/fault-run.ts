import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import { passConfig } from '../../reconciler/commands/pass-config.ts';
import { openDuty, openProgram } from '../../reconciler/open-program.ts';
import type { Log } from '../../reconciler/ports.ts';
import type { Duty } from '../../reconciler/unattended/duty.ts';
import { Schedule } from '../../reconciler/unattended/schedule.ts';
import type { Lease, LeaseOptions } from '../../reconciler/world/lease/lease.ts';
import type { WatchedCluster } from '../../reconciler/world/live/watched-cluster.ts';
import type { WatchTimes } from '../../reconciler/world/live/watch-times.ts';
import { ManualTime } from '../reconciler/world/lease/manual-time.ts';
import type { World } from './crash-world.ts';
import { ApiServerPace } from './fault-pace.ts';
import { CountedApi, never, type SentCall, Underway } from './fault-calls.ts';
import type { FaultServer } from './fault-server.ts';
import { HandledWatches } from './fault-watches.ts';

/** A line of the log. */
export interface LogLine extends Record<string, unknown> {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** Steady milliseconds. */
  readonly at: number;
}

export interface FaultRunOptions {
  /** What stands before the API server: knows what was sent, and does what only the API server could do at its own pace. */
  readonly faults?: FaultServer;
  /** Whether watches stay open and silent for as long as they are let. */
  readonly isAgeless?: boolean;
  readonly lease?: Pick<LeaseOptions, 'durationMs' | 'renewMs'>;
  readonly watch?: Partial<WatchTimes>;
  readonly pollSeconds?: number;
  readonly host?: string;
  /** Of [0, 1). */
  readonly random?: () => number;
  readonly startsAt?: Date;
}

const MINUTE_MS = 60_000;

/**
 * `weka-gitops run` in this process, with the real schedule, lease, watches, clone and status branch of a world, and time
 * that passes only when a test says so. What the API server does at the pace of its own clock, bookmarks and the
 * end of watches, is done by the proxy at the pace of this one.
 */
export class FaultRun {
  readonly world: World;
  readonly time = new ManualTime();
  readonly lines: LogLine[] = [];
  /** What was asked of the API server, answered or not. */
  readonly calls: SentCall[] = [];
  /** Steady milliseconds at which the repository was asked, for a ref listing, a read or a push. */
  readonly gitCalls: { readonly what: 'tip' | 'read' | 'publish'; readonly at: number }[] = [];
  /** How far the clock on the wall is off. */
  clockShiftMs = 0;
  readonly #options: FaultRunOptions;
  readonly #underway = new Underway();
  readonly #watches = new HandledWatches();
  readonly #stop = new AbortController();
  readonly #startsAt: number;
  readonly #apis: CountedApi[] = [];
  #duty: Duty | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #schedule: Schedule | undefined;
  #pace: ApiServerPace | undefined;
  /** Whether it has written what its watches may not have told of yet. */
  #hasWritten = false;
  #isDead = false;

  constructor(world: World, options: FaultRunOptions = {}) {
    this.world = world;
    this.#options = options;
    this.#startsAt = (options.startsAt ?? new Date()).getTime();
  }

  get lease(): Lease {
    return this.#started().lease;
  }

  get cluster(): WatchedCluster {
    return this.#started().cluster;
  }

  /** Whether every request is tried once and no more: what is tried again is not what is counted then. */
  set isHasty(hasty: boolean) {
    for (const api of this.#apis) api.isHasty = hasty;
  }

  /** Whether it holds the lease, has passed, and watches all. */
  get isCalm(): boolean {
    return this.#schedule?.waitsFor().length === 0 && this.lease.isHeld();
  }

  /** What `/readyz` would say. */
  get waitsFor(): readonly string[] {
    return this.#schedule?.waitsFor() ?? [];
  }

  /** What `/healthz` would say. */
  get health(): string | undefined {
    return this.#schedule?.health();
  }

  get warnings(): readonly LogLine[] {
    return this.lines.filter(({ level }) => level === 'warn' || level === 'error');
  }

  /** Starts it. It is stopped by whoever starts it. */
  async start(): Promise<this> {
    const { world, time } = this;
    const { watch = {}, lease = {}, random = Math.random, pollSeconds = 60 } = this.#options;
    const process = {
      version: packageJson.version,
      host: this.#options.host ?? 'test',
      stopSignal: () => this.#stop.signal,
      env: world.environment('config'),
      readFile: () => Promise.resolve(JSON.stringify(world.config())),
      log: this.#log(),
      console: { print: () => undefined, complain: () => undefined, colour: false, width: 100 },
    };
    const program = openProgram(process);
    const config = await program.config({});
    const counters = {
      underway: this.#underway,
      watches: this.#watches,
      note: (call: Omit<SentCall, 'at'>) => {
        this.calls.push({ ...call, at: time.now() });
        this.#hasWritten ||= call.method !== 'GET' && !call.path.includes('/leases');
      },
    };
    const duty = await openDuty(config, process, {
      clock: { now: () => new Date(this.#startsAt + time.now() + this.clockShiftMs) },
      time,
      random,
      lease,
      watch,
      git: { limits: { idleMs: MINUTE_MS } },
      cluster: { Api: CountedApi.by(counters, (api) => void this.#apis.push(api)) },
    });
    this.#duty = duty;
    const { faults } = this.#options;
    this.#pace = faults && new ApiServerPace(world.cluster, faults);
    this.#schedule = new Schedule(this.#withNotes(duty), passConfig(config, program), { pollSeconds });
    this.#ended = this.#runToItsEnd(this.#schedule, duty);
    this.#ended.catch(() => undefined);
    return this;
  }

  /**
   * Lets so much time pass, from one sleeper to the next, or in steps of that size where these are larger. It goes on
   * only when all that was sent before has arrived and been dealt with, however long that takes.
   */
  async pass(ms: number, { stepMs = 0 }: { readonly stepMs?: number } = {}): Promise<void> {
    const end = this.time.now() + ms;
    await this.quiet();
    while (this.time.now() < end && !this.#isDead) {
      this.time.pass(Math.min(Math.max(1, stepMs, this.time.untilNext), end - this.time.now()));
      await this.quiet();
      if (this.#options.isAgeless === true || this.#isDead) continue;
      if (await this.#pace?.keep(this.time.now())) await this.quiet();
    }
  }

  /** Lets time pass until something is so; gives up after so much of it. */
  async passUntil(
    what: string,
    isSo: () => boolean | Promise<boolean>,
    mostMs = 10 * MINUTE_MS,
  ): Promise<number> {
    const start = this.time.now();
    await this.quiet();
    while (!(await isSo())) {
      const passed = this.time.now() - start;
      if (passed > mostMs) throw new Error(`${passed / 1000} s passed in vain: ${what}.\n${this.#story()}`);
      await this.pass(Math.max(1, Math.min(1000, this.time.untilNext)));
    }
    return this.time.now() - start;
  }

  /** Waits until nothing is under way, and all is heard of that its own writes led to: only time would bring more. */
  async quiet(): Promise<void> {
    await this.#still();
    while (this.#hasWritten && !this.#isDead) await this.heard();
  }

  /** Waits until it has heard from its watches all that has happened by now, by whomever. */
  async heard(): Promise<void> {
    this.#hasWritten = false;
    if (!this.#isDead) await this.#pace?.told();
    await this.#still();
  }

  /** Ends it as SIGTERM does. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('SIGTERM'));
    await this.#ended;
  }

  /** Ends it as SIGKILL does: what it has sent is sent, nothing more goes out, and no answer comes in. */
  kill(): void {
    this.#isDead = true;
    for (const api of this.#apis) api.isDead = true;
  }

  /** Nothing is under way but watches, and what these were sent is handled. */
  async #still(): Promise<void> {
    const { faults } = this.#options;
    const isBusy = () =>
      this.#underway.count > 0 ||
      (faults !== undefined && !this.#isDead && !this.#watches.areUpTo(faults.openWatches));
    for (let still = 0; still < 3;) {
      await (isBusy() ? delay(1) : turn());
      still = isBusy() ? 0 : still + 1;
    }
  }

  #started() {
    if (this.#duty === undefined) throw new Error('It was not started.');
    return this.#duty;
  }

  /** The same, and each call of git is noted. */
  #withNotes(duty: Duty): Duty {
    const { repository, statusBranch } = duty;
    const noted = async <Result>(
      what: 'tip' | 'read' | 'publish',
      work: () => Promise<Result>,
    ): Promise<Result> => {
      if (this.#isDead) return never();
      this.gitCalls.push({ what, at: this.time.now() });
      const result = await this.#underway.during(work());
      return this.#isDead ? await never() : result;
    };
    return {
      ...duty,
      repository: {
        tip: (...args) => noted('tip', () => repository.tip(...args)),
        read: (...args) => noted('read', () => repository.read(...args)),
      },
      statusBranch: statusBranch && {
        ref: statusBranch.ref,
        read: () => statusBranch.read(),
        publish: (...args) => noted('publish', () => statusBranch.publish(...args)),
      },
    };
  }

  async #runToItsEnd(schedule: Schedule, duty: AsyncDisposable): Promise<void> {
    try {
      await schedule.run(this.#stop.signal);
    } finally {
      await duty[Symbol.asyncDispose]();
    }
  }

  #log(): Log {
    const at = (level: LogLine['level']) => (fields: object, message: string) =>
      void this.lines.push({ ...fields, level, message, at: this.time.now() });
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  #story(): string {
    return this.lines
      .slice(-30)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }
}
