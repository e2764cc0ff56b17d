import { type PassConfig, preparedOnce } from '../assess.ts';
import { isClean, type Report } from '../core/report/report.ts';
import { placesAgainMs } from '../core/schedule/places.ts';
import { ReconcilerError } from '../errors.ts';
import { GoneReports } from '../gone-reports.ts';
import { NODES_GAP, reconcile } from '../reconcile.ts';
import { fenced } from '../world/lease/fenced.ts';
import type { Duty } from './duty.ts';
import type { FollowedRef } from './followed-ref.ts';
import type { ForgeTelling } from './forge-telling.ts';
import { COMMIT_UNREAD, haltFinding } from './halt-finding.ts';
import { KnownGaps } from './known-gaps.ts';
import { KnownWrites } from './known-writes.ts';
import type { Notifying } from './notifying.ts';
import type { Telling } from './telling.ts';
import type { Trouble } from './trouble.ts';

/** What the passes go by, and whom they tell. */
export interface PassesParts {
  readonly ref: FollowedRef;
  readonly trouble: Trouble;
  readonly telling: Telling;
  readonly forgeTelling: ForgeTelling;
  readonly notifying: Notifying;
}

/** The passes of a process that goes on, and what is remembered from one to the next. */
export class UnattendedPasses {
  readonly #duty: Duty;
  readonly #config: PassConfig;
  readonly #ref: FollowedRef;
  readonly #trouble: Trouble;
  readonly #telling: Telling;
  readonly #forgeTelling: ForgeTelling;
  readonly #notifying: Notifying;
  readonly #known: KnownWrites;
  readonly #gaps: KnownGaps;
  readonly #prepare = preparedOnce();
  readonly #goneReports = new GoneReports({ looksTwice: true });
  #last: Report | undefined;

  constructor(duty: Duty, config: PassConfig, parts: PassesParts) {
    const { ref, trouble, telling, forgeTelling, notifying } = parts;
    this.#duty = duty;
    this.#config = config;
    this.#ref = ref;
    this.#trouble = trouble;
    this.#telling = telling;
    this.#forgeTelling = forgeTelling;
    this.#notifying = notifying;
    this.#known = new KnownWrites(duty);
    this.#gaps = new KnownGaps(duty.log);
  }

  /** Whether a pass has ended well enough to have a report. */
  get hasReport(): boolean {
    return this.#last !== undefined;
  }

  /** Whether the last pass found all as it should be, and nothing has been heard of since. */
  isAsAsked(): boolean {
    if (this.#last === undefined || !this.#ref.isCurrent) return false;
    return isClean(this.#last) && this.#duty.cluster.state().synced;
  }

  /** One pass. Returns in how long something that failed is to be tried again; undefined where nothing is. */
  async pass(reasons: ReadonlySet<string>, signal: AbortSignal): Promise<number | undefined> {
    const { log, metrics, time, clock, repository, cluster, lease, fresh, random, registry } = this.#duty;
    const startedAt = time.now();
    log.debug({ reasons: [...reasons] }, 'Pass begins');
    // Telling has a loop of its own.
    const fencedCluster = fenced(cluster, lease);
    const ports = { repository, cluster: fencedCluster, statusBranch: undefined, clock, log, registry };
    let isNews = false;
    try {
      const { report, trouble, askAgainMs } = await reconcile(ports, this.#config, {
        signal,
        time,
        fresh,
        past: this.#known,
        prepare: this.#prepare,
        goneReports: this.#goneReports,
        origin: async (lastCommit, options) => {
          const snapshot = await this.#ref.read(lastCommit, options);
          this.#forgeTelling.begins(snapshot, lastCommit);
          return snapshot;
        },
        isKnownGap: (gap) => this.#gaps.isKnown(gap),
        completed: (each) => this.#withHalt(each),
        isNews: (each) => (isNews = this.#telling.isNews(each)),
      });
      metrics.observePass(report, time.now() - startedAt);
      metrics.setSuspended(report.brake?.state === 'suspended');
      this.#last = report;
      this.#known.ended(report.outcomes);
      const { nodes } = report;
      const hasNodes = nodes === undefined || !('unread' in nodes);
      this.#gaps.ended(hasNodes ? report.unread : [...report.unread, NODES_GAP]);
      this.#telling.offer(report);
      if (isNews) this.#forgeTelling.offer(report);
      if (isNews) this.#notifying.offer(report);
      const stoppedMs = this.#stoppedMs();
      const dueMs = this.#dueMs(report, trouble);
      const placesMs = placesAgainMs(report.changes, random());
      const goneMs = this.#goneReports.dueMs(clock.now());
      return stoppedMs ?? earliest(earliest(dueMs, placesMs), earliest(goneMs, askAgainMs));
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      metrics.observeFailedPass({ endedAt: clock.now(), durationMs: time.now() - startedAt });
      // The poll goes on asking for one, and rings when there is one.
      if (this.#ref.isOurs(error)) {
        this.#tellRefusal();
        return undefined;
      }
      this.#trouble.failed('api', error, 'Pass failed');
      return this.#trouble.remainingMs('api');
    } finally {
      this.#forgeTelling.halted(this.#ref.halt);
      this.#notifying.halted(this.#ref.halt);
    }
  }

  /** Where the API server kept the pass from trying all of its writes, no pass is better off before its turn comes. */
  #stoppedMs(): number | undefined {
    const by = this.#known.stoppedBy;
    if (by === undefined || by.code === 'LEASE_LOST') {
      this.#trouble.ended('api');
      return undefined;
    }
    this.#trouble.wait('api', by.retryAfterMs);
    return this.#trouble.remainingMs('api');
  }

  #dueMs({ outcomes, unread }: Report, trouble: readonly ReconcilerError[]): number | undefined {
    const isHeld =
      outcomes.some(({ result }) => result === 'held') && !outcomes.some(({ result }) => result === 'failed');
    const writesMs = this.#known.dueMs();
    if (!isHeld && unread.length === 0 && trouble.length === 0) {
      this.#trouble.ended('unread');
      return writesMs;
    }
    const asked = [...unread, ...trouble].map(({ retryAfterMs = 0 }) => retryAfterMs);
    this.#trouble.wait('unread', Math.max(0, ...asked));
    for (const error of trouble) {
      this.#trouble.tell('unread', error, 'Pass did its work, but not all that follows');
    }
    return Math.min(this.#trouble.remainingMs('unread'), writesMs ?? Infinity);
  }

  /** Tells that what was found last holds no longer, where the commit that it was found by is not accepted any more. */
  #tellRefusal(): void {
    const last = this.#last;
    if (last === undefined || this.#ref.halt?.commit !== last.commit) return;
    const findings = last.findings.filter(({ rule }) => rule !== COMMIT_UNREAD);
    this.#telling.offer(this.#withHalt({ ...last, findings, outcomes: [] }));
  }

  #withHalt(report: Report): Report {
    const { halt } = this.#ref;
    return halt === undefined
      ? report
      : { ...report, findings: [haltFinding(halt, report), ...report.findings] };
  }
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
