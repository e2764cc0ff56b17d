import { Buffer } from 'node:buffer';
import { explain, ReconcilerError } from '../../reconciler/errors.ts';
import type { NodeReport } from '../../schemas/node-report.ts';
import type { NodeConfigMaps } from '../cluster/node-config-maps.ts';
import type { DriverKeeper, DriverKeeperParts } from '../drivers/driver-keeper.ts';
import { holdFreeSpace } from '../hold-free-space.ts';
import type { Host } from '../host/host.ts';
import { observeNode } from '../host/observe-node.ts';
import { intentAnswer, type IntentSeen } from '../intent.ts';
import type { Log } from '../log.ts';
import { nodeReport, packFitting } from '../node-report.ts';
import { answerOf } from '../plan/drivers-report.ts';
import type { Time } from '../time.ts';
import { Backoff } from './backoff.ts';
import { followIntent } from './follow-intent.ts';
import { Health } from './health.ts';
import { HeldReport } from './held-report.ts';
import { Pulse } from './pulse.ts';
import { type Times, TIMES } from './times.ts';
import { isAway, Turns } from './turns.ts';
import { Wake } from './wake.ts';

export interface AgentParts {
  readonly node: string;
  readonly agentVersion: string;
  /** The same for as long as the process lives: it remembers what never answers. */
  readonly host: Host;
  readonly maps: NodeConfigMaps;
  readonly time: Time;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Where the agent says how it does. */
  readonly health?: Health;
  /** Who keeps the drivers of the node; nobody where unset. */
  readonly drivers?: (told: Pick<DriverKeeperParts, 'changed' | 'turns'>) => Drivers;
  readonly times?: Partial<Times>;
}

/** What the agent needs of who keeps the drivers. */
export type Drivers = Pick<
  DriverKeeper,
  'open' | 'run' | 'wants' | 'look' | 'report' | 'answered' | 'generation'
>;

/**
 * Runs the agent of a node until `signal` is aborted: it observes the node when its intent changes, when the host may
 * have, and now and then, and writes a report where that differs from the one in the cluster. No failure of host or
 * cluster ends it.
 */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const broken = new AbortController();
  const agent = new Agent(parts, AbortSignal.any([signal, broken.signal]));
  try {
    await Promise.all([agent.follow(), agent.listen(), agent.passes(), agent.keepDrivers()]);
  } catch (error) {
    // What is aborted throws the reason of that.
    if (!signal.aborted) throw error;
  } finally {
    broken.abort();
  }
  parts.log.info({}, 'Ended');
}

class Agent {
  readonly #parts: AgentParts;
  readonly #signal: AbortSignal;
  readonly #times: Times;
  readonly #turns: Turns;
  readonly #wake = new Wake();
  readonly #health: Health;
  readonly #held: HeldReport;
  readonly #drivers: Drivers | undefined;
  readonly #said = new Map<string, string>();
  #intent: IntentSeen | undefined;
  #latest: NodeReport | undefined;
  #wroteAt = -Infinity;

  constructor(parts: AgentParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#times = { ...TIMES, ...parts.times };
    this.#turns = new Turns(parts.time, parts.random);
    this.#health = parts.health ?? new Health(parts.time);
    this.#held = new HeldReport({ ...parts, turns: this.#turns });
    this.#drivers = parts.drivers?.({
      changed: () => this.#wake.call(),
      turns: (waitMs) => this.#health.turns('The loader of drivers', waitMs),
    });
  }

  /** Begins with what was written down before the cluster is heard of, so that a node needs no API server for its drivers. */
  async keepDrivers(): Promise<void> {
    await this.#drivers?.open();
    await this.#drivers?.run(this.#signal);
  }

  async follow(): Promise<void> {
    const { maps, time, random, log } = this.#parts;
    const turns = (): void => this.#health.turns('The watch of the intent', 2 * this.#times.watchForMs);
    turns();
    await followIntent(
      {
        maps,
        turns: this.#turns,
        time,
        times: this.#times,
        random,
        opened: () => {
          // Somebody may have removed or changed the report meanwhile.
          this.#held.forget();
          this.#wake.call();
        },
        answered: () => {
          turns();
          this.#health.answered();
        },
        read: ({ seen }) => {
          this.#recovered('intent');
          if (JSON.stringify(seen) === JSON.stringify(this.#intent)) return;
          if (seen.state === 'refused') log.warn({ reason: seen.why }, 'Goes by no intent');
          else log.info(intentAnswer(seen), 'Read the intent');
          this.#intent = seen;
          if (seen.state === 'read') this.#drivers?.wants(seen.intent);
          this.#wake.call();
        },
        failed: (error) => {
          turns();
          this.#complain('intent', error, 'Cannot follow the intent');
          if (this.#intent !== undefined || isAway(error)) return;
          // The report need not wait for it, and says why it answers none.
          this.#intent = { state: 'refused', why: `The intent cannot be read. ${error.message}` };
          this.#wake.call();
        },
      },
      this.#signal,
    );
  }

  /** Wakes the pass where the host may have changed. */
  async listen(): Promise<void> {
    const { host, time } = this.#parts;
    const pulse = new Pulse(host);
    while (!this.#signal.aborted) {
      this.#health.turns('The watch of the host', this.#times.pulseEveryMs);
      if (await pulse.changed(this.#latest)) {
        this.#wake.call();
        this.#drivers?.look();
      }
      await time.sleep(this.#times.pulseEveryMs, this.#signal);
    }
  }

  async passes(): Promise<void> {
    const { time, random } = this.#parts;
    const { settleMs, passEveryMs, slowEveryMs } = this.#times;
    const backoff = new Backoff(random);
    let waitMs = slowEveryMs;
    let passedAt = -Infinity;
    let notBefore = -Infinity;
    while (!this.#signal.aborted) {
      this.#health.turns('The next pass', Math.max(waitMs, notBefore - time.now()));
      await this.#wake.wait(time, waitMs, this.#signal);
      waitMs = slowEveryMs * (0.75 + random() / 2);
      // What wakes it ends no wait after a failure.
      const earliest = Math.max(passedAt + passEveryMs, notBefore);
      await time.sleep(Math.max(settleMs, earliest - time.now()), this.#signal);
      // Until the first intent is known, and what there is of drivers, a report would have to be written twice.
      const isKnown = this.#drivers === undefined || this.#drivers.answered !== undefined;
      if (this.#signal.aborted || this.#intent === undefined || !isKnown) continue;
      passedAt = time.now();
      try {
        waitMs = Math.min(waitMs, await this.#pass());
        backoff.reset();
        notBefore = -Infinity;
        this.#recovered('report');
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!(error instanceof ReconcilerError)) throw error;
        this.#complain('report', error, 'Cannot write the report');
        this.#health.untold(error.message);
        waitMs = isAway(error) ? this.#turns.waitMs : backoff.next(error.retryAfterMs);
        // Where the server is away, the turns wait for it.
        notBefore = isAway(error) ? -Infinity : time.now() + waitMs;
      }
    }
  }

  /** One pass; gives how long to wait at most for the next. */
  async #pass(): Promise<number> {
    const { node, agentVersion, host, time, log } = this.#parts;
    const held = await this.#held.read(this.#signal);
    const observed = holdFreeSpace(await observeNode(host), held.report);
    const answer = this.#answer();
    const drivers = this.#drivers?.report;
    const { report, packed } = packFitting(nodeReport({ node, agentVersion, ...answer, observed, drivers }));
    this.#latest = report;
    if (held.packed !== undefined && Buffer.compare(held.packed, packed) === 0) {
      this.#held.agrees();
      this.#health.told();
      return Infinity;
    }
    // Looked at afresh when it may be written, since an hour may pass until then.
    const waitMs = Math.max(this.#turns.waitMs, isSameAnswer(report, held.report) ? this.#spacingMs : 0);
    if (waitMs > 0) {
      this.#health.untold('The next waits for its turn.');
      return waitMs;
    }
    await this.#held.write(packed, report, this.#signal);
    this.#wroteAt = time.now();
    this.#health.answered();
    this.#health.told();
    log.info({ bytes: packed.length, ...answer }, 'Wrote the report');
    return Infinity;
  }

  /** Which intent is answered. While the drivers are still busy with the one before, it is that. */
  #answer(): ReturnType<typeof intentAnswer> {
    const answer = intentAnswer(this.#intent ?? { state: 'none' }, this.#drivers?.generation);
    const intentGeneration = Math.min(answer.intentGeneration, this.#drivers?.answered ?? Infinity);
    return { ...answer, intentGeneration };
  }

  get #spacingMs(): number {
    return this.#wroteAt + this.#times.writeEveryMs - this.#parts.time.now();
  }

  /** Says a failure once, however often it comes again. */
  #complain(of: string, error: ReconcilerError, message: string): void {
    const reason = explain(error);
    if (this.#said.get(of) === reason) return;
    this.#said.set(of, reason);
    this.#parts.log.warn({ code: error.code, reason: error.message, hint: error.hint }, message);
  }

  #recovered(of: string): void {
    if (this.#said.delete(of))
      this.#parts.log.info({}, of === 'intent' ? 'Follows the intent again' : 'Can write the report again');
  }
}

function isSameAnswer(one: NodeReport, other: NodeReport | undefined): boolean {
  return (
    one.intentGeneration === other?.intentGeneration &&
    one.intentRefused === other.intentRefused &&
    JSON.stringify(answerOf(one.drivers)) === JSON.stringify(answerOf(other.drivers))
  );
}
