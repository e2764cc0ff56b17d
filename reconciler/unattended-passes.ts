import { type PassConfig, preparedOnce } from './assess.ts';
import { statusOutput } from './core/report/json.ts';
import type { Report } from './core/report/report.ts';
import { isClean } from './core/report/report.ts';
import { ReconcilerError } from './errors.ts';
import type { FollowedRef } from './followed-ref.ts';
import type { Duty } from './schedule.ts';
import { publish, type Published, reconcile } from './reconcile.ts';
import type { Trouble } from './trouble.ts';
import { fenced, fencedStatusBranch } from './world/lease/fenced.ts';

/** What is due again once a pass has ended, and in how long. */
export interface Due {
  readonly reason: 'retry' | 'tell';
  readonly ms: number;
}

/** The passes of a process that goes on, and what is remembered from one to the next. */
export class UnattendedPasses {
  readonly #duty: Duty;
  readonly #config: PassConfig;
  readonly #ref: FollowedRef;
  readonly #trouble: Trouble;
  readonly #prepare = preparedOnce();
  #last: Report | undefined;
  /** A report that the status branch has not got yet. */
  #untold: Report | undefined;
  /** What the status branch was last told, without times. */
  #told: string | undefined;

  constructor(duty: Duty, config: PassConfig, { ref, trouble }: { ref: FollowedRef; trouble: Trouble }) {
    this.#duty = duty;
    this.#config = config;
    this.#ref = ref;
    this.#trouble = trouble;
  }

  /** Whether a pass has ended well enough to have a report. */
  get hasReport(): boolean {
    return this.#last !== undefined;
  }

  /** Whether the last pass found all as it should be, and nothing has been heard of since. */
  isAsAsked(): boolean {
    return this.#last !== undefined && isClean(this.#last) && this.#duty.cluster.state().synced;
  }

  /** Lets the next pass write to the status branch whatever it finds. */
  tellAnew(): void {
    this.#told = undefined;
  }

  async pass(reasons: ReadonlySet<string>, tenure: AbortSignal): Promise<readonly Due[]> {
    const { log, metrics, time, clock } = this.#duty;
    const startedAt = time.now();
    log.debug({ reasons: [...reasons] }, 'Pass begins');
    try {
      const { report, published, trouble } = await reconcile(this.#ports(), this.#config, {
        signal: tenure,
        fresh: this.#duty.fresh,
        prepare: this.#prepare,
        origin: (lastCommit) => this.#ref.read(lastCommit),
        isNews: (each) => this.#isNews(each),
      });
      metrics.observePass(report, time.now() - startedAt);
      metrics.setSuspended(report.brake?.state === 'suspended');
      this.#last = report;
      return [...this.#afterWrites(report, trouble), ...this.#afterTelling(report, published)];
    } catch (error) {
      tenure.throwIfAborted();
      if (!(error instanceof ReconcilerError)) throw error;
      metrics.observeFailedPass(error.code, { endedAt: clock.now(), durationMs: time.now() - startedAt });
      this.#trouble.failed('api', error, 'Pass failed');
      return [{ reason: 'retry', ms: this.#trouble.remainingMs('api') }];
    }
  }

  /** Tells the status branch what it could not be told before. */
  async tell(): Promise<readonly Due[]> {
    const report = this.#untold;
    if (report === undefined) return [];
    return this.#afterTelling(report, await publish(this.#ports(), report));
  }

  #ports() {
    const { repository, cluster, statusBranch, lease, clock, log } = this.#duty;
    return {
      repository,
      cluster: fenced(cluster, lease),
      statusBranch: statusBranch === undefined ? undefined : fencedStatusBranch(statusBranch, lease),
      clock,
      log,
    };
  }

  #afterWrites({ outcomes, unread }: Report, trouble: readonly ReconcilerError[]): readonly Due[] {
    const open = outcomes.some(({ result }) => result === 'failed' || result === 'held');
    if (!open && unread.length === 0 && trouble.length === 0) {
      this.#trouble.ended('api');
      return [];
    }
    this.#trouble.wait('api');
    for (const error of trouble) {
      this.#trouble.tell('api', error, 'Pass did its work, but not all that follows');
    }
    return [{ reason: 'retry', ms: this.#trouble.remainingMs('api') }];
  }

  #isNews(report: Report): boolean {
    return report.outcomes.length > 0 || this.#told !== words(report);
  }

  #afterTelling(report: Report, published: Published): readonly Due[] {
    if (!('error' in published)) {
      this.#untold = undefined;
      this.#told = words(report);
      this.#trouble.ended('status');
      return [];
    }
    this.#untold = report;
    // It may have been told all the same, where it is the answer that was lost.
    this.#told = undefined;
    this.#trouble.failed('status', published.error, 'Could not write the status branch');
    return [{ reason: 'tell', ms: this.#trouble.remainingMs('status') }];
  }
}

/** What the status branch would be told, save for times. */
function words(report: Report): string {
  const { at: _at, lastPass: _lastPass, ...rest } = statusOutput(report, report.finishedAt);
  return JSON.stringify(rest);
}
