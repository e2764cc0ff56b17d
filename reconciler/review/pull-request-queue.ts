import type { PullRequest } from '../forge-port.ts';
import type { CommitSha } from '../ports.ts';

/**
 * Why a pull request is looked at. `head`, `base`, `cluster`: what it is planned from has moved; `said`: somebody wrote
 * something there; `asked`: a person asks for a plan; `time`: what nobody tells of may have moved; `retry`: it failed,
 * and its turn has come.
 */
export type Why = 'head' | 'base' | 'cluster' | 'said' | 'asked' | 'time' | 'retry';

/** One pull request that is to be looked at now. */
export interface Visit {
  readonly pullRequest: PullRequest;
  readonly why: ReadonlySet<Why>;
}

export interface QueueLimits {
  /** Visits at once. */
  readonly concurrency: number;
  /** How long the cluster has to be still before its changes count. */
  readonly settleMs: number;
}

/** All that is kept of an open pull request, however large it is. */
interface Entry {
  pullRequest: PullRequest;
  readonly due: Set<Why>;
  /** The head that a visit under way is about. */
  visited: CommitSha | undefined;
  retryAt: number | undefined;
  /** Visits in a row that failed. */
  failures: number;
  /** When it is looked at once more, for what was written in the same second as what was seen. */
  againAt: number | undefined;
  /** When it is planned once more, though nothing was heard to move. */
  planAt: number | undefined;
}

/** Forges tell times in whole seconds; what is a second older cannot become more. */
const SAME_SECOND_MS = 2_000;
/** A cluster that is never still counts all the same after so many times the time that it should be. */
const MOST_SETTLES = 10;

/**
 * Which pull request is looked at next, and why: the one changed last comes first. It knows no clock and does nothing by
 * itself; times are steady milliseconds.
 */
export class PullRequestQueue {
  readonly #limits: QueueLimits;
  readonly #entries = new Map<number, Entry>();
  #isFirst = true;
  #base: CommitSha | undefined;
  #moved: { readonly first: number; readonly last: number } | undefined;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** How many pull requests are known, how many wait for their turn, and how many have it. */
  get counts(): { readonly open: number; readonly due: number; readonly visited: number } {
    const entries = [...this.#entries.values()];
    return {
      open: entries.length,
      due: entries.filter(({ due }) => due.size > 0).length,
      visited: entries.filter(({ visited }) => visited !== undefined).length,
    };
  }

  /**
   * Takes note of all that are open. Gives the numbers of those whose visit is to be given up: they were closed, or have
   * another head by now.
   */
  told(open: readonly PullRequest[], now: number): readonly number[] {
    const numbers = new Set(open.map(({ number }) => number));
    const outdated: number[] = [];
    for (const [number, { visited }] of this.#entries) {
      if (numbers.has(number)) continue;
      this.#entries.delete(number);
      if (visited !== undefined) outdated.push(number);
    }
    for (const pullRequest of open) {
      const { number, head, updatedAt } = pullRequest;
      const entry = this.#entries.get(number);
      if (entry === undefined) {
        this.#entries.set(number, {
          pullRequest,
          due: new Set<Why>(['head']),
          visited: undefined,
          retryAt: undefined,
          failures: 0,
          againAt: this.#isFirst ? undefined : now + SAME_SECOND_MS,
          planAt: undefined,
        });
        continue;
      }
      const before = entry.pullRequest;
      entry.pullRequest = pullRequest;
      if (before.updatedAt.getTime() !== updatedAt.getTime()) entry.againAt = now + SAME_SECOND_MS;
      if (before.head.commit !== head.commit || before.isFork !== pullRequest.isFork) {
        entry.due.add('head');
        entry.retryAt = undefined;
        entry.failures = 0;
        if (entry.visited !== undefined && entry.visited !== head.commit) outdated.push(number);
      } else if (before.updatedAt.getTime() !== updatedAt.getTime()) {
        entry.due.add('said');
      }
    }
    this.#isFirst = false;
    return outdated;
  }

  /** Takes note of where the base is. */
  baseIs(commit: CommitSha): void {
    const isMoved = this.#base !== undefined && this.#base !== commit;
    this.#base = commit;
    if (isMoved) this.#all('base');
  }

  /** Takes note of a change in the cluster, which counts once nothing more has moved for a while. */
  clusterMoved(now: number): void {
    this.#moved = { first: this.#moved?.first ?? now, last: now };
  }

  /** A person asks for a plan of it. */
  ask(number: number): void {
    this.#entries.get(number)?.due.add('asked');
  }

  /** The next that may be looked at; it has its turn until it is `ended`. */
  next(now: number): Visit | undefined {
    this.#settle(now);
    const entries = [...this.#entries.values()];
    if (entries.filter(({ visited }) => visited !== undefined).length >= this.#limits.concurrency) {
      return undefined;
    }
    const ready = entries.filter((entry) => entry.visited === undefined && isReady(entry, now));
    const entry = ready.toSorted(changedLastFirst)[0];
    if (entry === undefined) return undefined;
    entry.visited = entry.pullRequest.head.commit;
    return { pullRequest: entry.pullRequest, why: takeWhy(entry, now) };
  }

  /** Its visit is over. What moved meanwhile makes it due again, and time does at `planAt`. */
  ended({ pullRequest: { number }, why }: Visit, planAt?: number): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    entry.visited = undefined;
    // One that only listened has planned nothing, so that it is not planned any later for it.
    entry.planAt = entry.planAt === undefined ? planAt : Math.min(entry.planAt, planAt ?? Infinity);
    // To have listened says nothing of what failed.
    if ([...why].some((each) => each !== 'said')) entry.failures = 0;
  }

  /**
   * Its visit failed: it is left alone as long as `waitMs` says for so many failures in a row, unless its head moves;
   * what it was about is looked at again then.
   */
  failed({ pullRequest, why }: Visit, now: number, waitMs: (failures: number) => number): void {
    const entry = this.#entries.get(pullRequest.number);
    if (entry === undefined) return;
    entry.visited = undefined;
    entry.failures += 1;
    for (const each of why) if (each !== 'retry') entry.due.add(each);
    const isSame = entry.pullRequest.head.commit === pullRequest.head.commit;
    entry.retryAt = isSame ? now + waitMs(entry.failures) : undefined;
  }

  /** Its visit was given up, since it was about what is so no more. What is so now is looked at. */
  outdated({ pullRequest: { number } }: Visit): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    entry.visited = undefined;
    entry.due.add('head');
  }

  /** When there will be something to do that is not yet; undefined where only news can change that. */
  nextAt(): number | undefined {
    const entries = [...this.#entries.values()];
    const isFull = entries.filter(({ visited }) => visited !== undefined).length >= this.#limits.concurrency;
    // None has its turn before another one's is over, and that is heard of.
    const waiting = (isFull ? [] : entries.filter(({ visited }) => visited === undefined)).flatMap(
      ({ retryAt, againAt, planAt }) => [retryAt ?? planAt ?? [], againAt ?? []].flat(),
    );
    if (this.#moved !== undefined) waiting.push(this.#settledAt(this.#moved));
    return waiting.length === 0 ? undefined : Math.min(...waiting);
  }

  #settle(now: number): void {
    if (this.#moved === undefined || this.#settledAt(this.#moved) > now) return;
    this.#moved = undefined;
    this.#all('cluster');
  }

  #settledAt({ first, last }: { readonly first: number; readonly last: number }): number {
    const { settleMs } = this.#limits;
    return Math.min(last + settleMs, first + MOST_SETTLES * settleMs);
  }

  #all(why: Why): void {
    for (const { due } of this.#entries.values()) due.add(why);
  }
}

function isReady(entry: Entry, now: number): boolean {
  return isWorkReady(entry, now) || hasTalk(entry, now);
}

function isWorkReady({ due, retryAt, planAt = Infinity }: Entry, now: number): boolean {
  if (retryAt !== undefined) return retryAt <= now;
  return planAt <= now || [...due].some((why) => why !== 'said');
}

/** What people say is listened to whatever failed before. */
function hasTalk({ due, againAt }: Entry, now: number): boolean {
  return due.has('said') || (againAt !== undefined && againAt <= now);
}

/** Takes what an entry is to be looked at for now. */
function takeWhy(entry: Entry, now: number): ReadonlySet<Why> {
  const why = new Set<Why>();
  if (isWorkReady(entry, now)) {
    for (const each of entry.due) why.add(each);
    if (entry.retryAt !== undefined) why.add('retry');
    if (entry.planAt !== undefined && entry.planAt <= now) why.add('time');
    entry.due.clear();
    entry.retryAt = undefined;
    // It is planned now.
    entry.planAt = undefined;
  }
  if (hasTalk(entry, now)) why.add('said');
  entry.due.delete('said');
  if (entry.againAt !== undefined && entry.againAt <= now) entry.againAt = undefined;
  return why;
}

function changedLastFirst(one: Entry, other: Entry): number {
  const apart = other.pullRequest.updatedAt.getTime() - one.pullRequest.updatedAt.getTime();
  return apart === 0 ? other.pullRequest.number - one.pullRequest.number : apart;
}
