import { sha256Hex } from '../core/kube/hash.ts';
import { nodesNews } from '../core/nodes/nodes-output.ts';
import { didSomething, recordedStatus, statusCommit } from '../core/report/status-page.ts';
import { statusOutput } from '../core/report/json.ts';
import type { Report } from '../core/report/report.ts';
import { ReconcilerError } from '../errors.ts';
import type { StatusBranch } from '../ports.ts';
import { fencedStatusBranch } from '../world/lease/fenced.ts';
import { Bell } from './bell.ts';
import type { Duty } from './duty.ts';
import { isAbortOf } from './ending.ts';
import type { Trouble } from './trouble.ts';
import type { Turns } from './turns.ts';
import { withDone } from './with-done.ts';

/** Least time between two commits on the status branch, save where a new commit was carried out. */
const APART_MS = 10_000;
/** The same where nothing but nodes is another: of thousands there is always one that comes or goes. */
const NODES_APART_MS = 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Without news it is said once a day that somebody still looks. */
const DAY_MS = 24 * HOUR_MS;

type Reason = 'news' | 'due' | 'heartbeat';

/**
 * Tells the status branch of passes. No pass waits for it: the latest report is told when the branch can be written, with
 * what the ones before it did.
 */
export class Telling {
  readonly #duty: Duty;
  readonly #branch: StatusBranch | undefined;
  readonly #trouble: Trouble;
  readonly #turns: Turns;
  #bell: Bell<Reason> | undefined;
  #last: Report | undefined;
  /** A report that the branch has not got yet, and that is not on its way to it. */
  #untold: Report | undefined;
  /** One that is on its way. */
  #telling: Report | undefined;
  /** What the branch was last told, without times; undefined where that is not known. */
  #told: string | undefined;
  /** The same, without what it was told of nodes. */
  #toldBesides: string | undefined;
  #toldCommit: string | undefined;
  /** Steady milliseconds. */
  #toldAt = -Infinity;
  /** When the branch was last written, by the clock on the wall, as it says itself. */
  #recordedAt: number | undefined;

  constructor(duty: Duty, { trouble, turns }: { readonly trouble: Trouble; readonly turns: Turns }) {
    this.#duty = duty;
    const { statusBranch, lease } = duty;
    this.#branch = statusBranch === undefined ? undefined : fencedStatusBranch(statusBranch, lease);
    this.#trouble = trouble;
    this.#turns = turns;
  }

  /** Whether a report says anything that was not told, or is about to be told. */
  isNews(report: Report): boolean {
    const latest = this.#untold ?? this.#telling;
    const told = latest === undefined ? this.#told : words(latest);
    return didSomething(report) || words(report) !== told;
  }

  /** To be told of each pass. */
  offer(report: Report): void {
    this.#last = report;
    if (this.#branch === undefined) {
      // Nobody is told but the log, and that was.
      this.#told = words(report);
      return;
    }
    if (!this.isNews(report)) return;
    this.#untold = withDone(this.#untold, report);
    this.#bell?.ring('news');
  }

  /** Tells what is offered, when it may. `signal` ends a push; `tenure` the loop, once the push under way has ended. */
  async run(tenure: AbortSignal, signal: AbortSignal): Promise<never> {
    const bell = new Bell<Reason>(this.#duty.time, tenure);
    this.#bell = bell;
    // Somebody else may have written to it since.
    this.#told = undefined;
    this.#untold = undefined;
    for (;;) {
      await bell.next();
      const report = this.#untold ?? (this.#heartbeatMs() === 0 ? this.#last : undefined);
      const waitMs = report === undefined ? 0 : this.#waitMs(report);
      if (report !== undefined && waitMs === 0) {
        await this.#turns.during('The telling', () => this.#tell(report, signal));
        if (this.#untold !== undefined) bell.ring('news');
      } else if (report !== undefined) {
        bell.ringAfter(waitMs, 'due');
      }
      bell.ringAfter(Math.min(HOUR_MS, Math.max(MINUTE_MS, this.#heartbeatMs())), 'heartbeat');
    }
  }

  /** Tells what is left to tell, once, however short ago the branch was told something. */
  async finish(signal: AbortSignal): Promise<void> {
    if (this.#untold === undefined || signal.aborted) return;
    try {
      await this.#tell(this.#untold, signal);
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error;
    }
  }

  #waitMs(report: Report): number {
    const isOfNodes = !didSomething(report) && hashesOf(report).besides === this.#toldBesides;
    const dueAt = this.#toldAt + (isOfNodes ? NODES_APART_MS : APART_MS);
    const apartMs = report.commit === this.#toldCommit ? dueAt - this.#duty.time.now() : 0;
    return Math.max(0, apartMs, this.#trouble.remainingMs('status'));
  }

  /** In how long the branch has to be told, whatever there is to tell. */
  #heartbeatMs(): number {
    if (this.#recordedAt === undefined) return DAY_MS;
    // A clock that jumped must not silence it.
    const sinceMs = Math.abs(this.#duty.clock.now().getTime() - this.#recordedAt);
    return Math.max(0, DAY_MS - sinceMs);
  }

  async #tell(report: Report, signal: AbortSignal): Promise<void> {
    const { clock, time, forge } = this.#duty;
    const { history } = report.settings.spec.status;
    // What is offered meanwhile is told by itself, without what this one did.
    if (this.#untold === report) this.#untold = undefined;
    this.#telling = report;
    try {
      await this.#branch?.publish(
        (tip) => {
          const now = clock.now();
          const commit = statusCommit(report, tip, { now, history, pages: forge?.pages });
          const at = commit === undefined ? recordedStatus(tip)?.at : undefined;
          this.#recordedAt = at === undefined ? now.getTime() : Date.parse(at);
          return commit;
        },
        { signal },
      );
      this.#told = words(report);
      this.#toldBesides = hashesOf(report).besides;
      this.#toldCommit = report.commit;
      this.#trouble.ended('status');
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      this.#untold = this.#untold === undefined ? report : withDone(report, this.#untold);
      // It may have been told all the same, where it is the answer that was lost.
      this.#told = undefined;
      this.#trouble.failed('status', error, 'Could not write the status branch');
    } finally {
      this.#telling = undefined;
      this.#toldAt = time.now();
    }
  }
}

/** A hash of what the status branch would be told, save for times and the work that led there. */
function words(report: Report): string {
  return hashesOf(report).all;
}

interface Hashes {
  readonly all: string;
  /** Without nodes. */
  readonly besides: string;
}

function hashesOf(report: Report): Hashes {
  const known = HASHES.get(report);
  if (known !== undefined) return known;
  const status = statusOutput(report, report.finishedAt);
  const { at: _at, lastPass: _lastPass, digest: _digest, nodes, ...rest } = status;
  const besides = sha256Hex(JSON.stringify(rest));
  const all = nodes === undefined ? besides : sha256Hex(`${besides} ${JSON.stringify(nodesNews(nodes))}`);
  HASHES.set(report, { all, besides });
  return { all, besides };
}

const HASHES = new WeakMap<Report, Hashes>();
