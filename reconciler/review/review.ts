import type { ReviewConfig } from '../config/forge-config.ts';
import { type Pace, PACES, waitMs } from '../core/schedule/backoff.ts';
import { ReconcilerError } from '../errors.ts';
import type { PullRequest } from '../forge-port.ts';
import { Bell } from '../unattended/bell.ts';
import { isAbortOf } from '../unattended/ending.ts';
import { Trouble } from '../unattended/trouble.ts';
import { Turns } from '../unattended/turns.ts';
import type { Hint } from '../world/forge/webhook-hint.ts';
import { PullRequestQueue, type Visit } from './pull-request-queue.ts';
import type { ReviewDuty } from './review-duty.ts';
import { ReviewMetrics } from './review-metrics.ts';
import { Reviewer, type ReviewerConfig, type VisitOptions } from './reviewer.ts';
import { VisitCauses } from './visit-causes.ts';

export interface ReviewOptions extends ReviewerConfig {
  readonly review: ReviewConfig;
  readonly pollSeconds: number;
}

/** Deliveries of a webhook that belong together come within this time. */
const GATHER_MS = 100;
/** Least time between two polls that a webhook leads to, however often it calls. */
const HINTS_APART_MS = 1_000;
/** For what fails of itself, and not of the forge or the cluster: each try is a plan. */
const VISIT_PACES: Readonly<Record<ReconcilerError['retry'], Pace>> = {
  'next-pass': PACES.commit,
  'after-change': { baseMs: 5_000, capMs: 3_600_000 },
};

type PollReason = 'start' | 'due' | 'hint';
type WorkReason = 'news' | 'due';

/** Visits under way. */
interface Running {
  readonly off: AbortController;
  readonly end: Promise<void>;
}

/**
 * Plans open pull requests for as long as it lives: each when it is new, when its head, its base or the cluster has moved,
 * when somebody asks, and every few minutes, since not all that a plan goes by is watched. What fails of one keeps none of
 * the others back; where the forge or the cluster cannot be reached, all wait.
 */
export class Review {
  readonly #duty: ReviewDuty;
  readonly #options: ReviewOptions;
  readonly #queue: PullRequestQueue;
  readonly #reviewer: Reviewer;
  readonly #metrics: ReviewMetrics;
  readonly #trouble: Trouble;
  readonly #turns: Turns;
  readonly #running = new Map<number, Running>();
  readonly #causes = new VisitCauses();
  #moves = 0;
  #hasList = false;
  #hasBase = false;
  #pollBell: Bell<PollReason> | undefined;
  #hintedAt = -Infinity;
  #onBug: (error: unknown) => void = () => undefined;

  constructor(duty: ReviewDuty, options: ReviewOptions) {
    const { concurrency, settleSeconds } = options.review;
    this.#duty = duty;
    this.#options = options;
    this.#queue = new PullRequestQueue({ concurrency, settleMs: settleSeconds * 1000 });
    this.#reviewer = new Reviewer(duty, options, () => this.#moves);
    this.#metrics = new ReviewMetrics(duty.metrics.registry, () => this.#queue.counts);
    this.#trouble = new Trouble(duty);
    this.#turns = new Turns(duty.time);
  }

  /** Returns once `signal` is aborted and what was under way is given up. Nothing but a bug ends it before. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, time } = this.#duty;
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    const work = new Bell<WorkReason>(time, until);
    const hearing = cluster.onChange(({ status }) => {
      this.#moves += 1;
      // How pods do changes all the time, and plans seldom with it.
      if (status === true) return;
      this.#queue.clusterMoved(time.now());
      work.ring('news');
    });
    const bugs: unknown[] = [];
    this.#onBug = (error) => {
      bugs.push(error);
      ended.abort();
    };
    const loops = [this.#poll(work, until), this.#work(work, until)].map((loop) =>
      loop.catch((error: unknown) => {
        if (!isAbortOf(until, error)) bugs.push(error);
        // One that ends takes the other with it.
        ended.abort();
      }),
    );
    await Promise.all(loops);
    hearing[Symbol.dispose]();
    for (const { off } of this.#running.values()) off.abort();
    await Promise.all([...this.#running.values()].map(({ end }) => end));
    if (bugs.length > 0) throw bugs[0];
  }

  /** Hears of what may have happened on the forge: it is looked at then, and not only when it is its turn. */
  hint(_hint: Hint): void {
    const sinceMs = this.#duty.time.now() - this.#hintedAt;
    this.#pollBell?.ringWithin(Math.max(GATHER_MS, HINTS_APART_MS - sinceMs), 'hint');
  }

  /** Why the process is of no use any more. */
  health(): string | undefined {
    return this.#turns.stalled();
  }

  /** What is waited for before pull requests are planned. */
  waitsFor(): readonly string[] {
    const { waitingFor, blocked } = this.#duty.cluster.state();
    return [
      ...(this.#hasList ? [] : ['the open pull requests']),
      ...(this.#hasBase ? [] : ['the base branch']),
      // Nothing is watched before there is something to plan.
      ...(this.#queue.counts.open === 0 ? [] : [...waitingFor, ...blocked.filter(isMissed)]),
    ];
  }

  async #poll(work: Bell<WorkReason>, signal: AbortSignal): Promise<never> {
    const { time, random } = this.#duty;
    const pollMs = this.#options.pollSeconds * 1000;
    const bell = new Bell<PollReason>(time, signal);
    this.#pollBell = bell;
    for (;;) {
      await this.#turns.during('The poll', async () => {
        // Neither keeps the other back.
        await this.#asked('repository', signal, () => this.#lookAtBase(signal));
        await this.#asked('forge', signal, () => this.#lookAtForge(signal));
      });
      work.ring('news');
      this.#duty.metrics.observeWatches(this.#duty.cluster.state());
      bell.ringAfter(pollMs * (0.9 + 0.2 * random()), 'due');
      for (const cause of ['repository', 'forge'] as const) {
        const ms = this.#trouble.remainingMs(cause);
        if (ms > 0) bell.ringWithin(ms, 'due');
      }
      const reasons = await bell.next();
      if (reasons.has('hint')) this.#hintedAt = time.now();
    }
  }

  /** Asks a server that is not being left alone. */
  async #asked(cause: 'repository' | 'forge', signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
    if (this.#trouble.remainingMs(cause) > 0) return;
    const { metrics } = this.#duty;
    try {
      await ask();
      this.#trouble.ended(cause);
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      metrics.observePoll('failed');
      if (error.code.startsWith('FORGE_')) metrics.observeForgeError(error.code);
      const what = cause === 'forge' ? 'Could not ask the forge' : 'Could not ask the repository';
      this.#trouble.failed(cause, error, what);
    }
  }

  async #lookAtBase(signal: AbortSignal): Promise<void> {
    this.#queue.baseIs(await this.#duty.merges.base({ signal }));
    this.#hasBase = true;
  }

  async #lookAtForge(signal: AbortSignal): Promise<void> {
    const { forge, metrics, time } = this.#duty;
    const open = await forge.openPullRequests(this.#options.pass.ref, { signal });
    metrics.observePoll(open === undefined ? 'unchanged' : 'moved');
    this.#hasList = true;
    if (open === undefined) {
      this.#causes.listed(undefined, time.now());
      return;
    }
    const planned = open.filter((each) => this.#isPlanned(each));
    for (const number of this.#queue.told(planned, time.now()))
      this.#running.get(number)?.off.abort(OUTDATED);
    const numbers = new Set(planned.map(({ number }) => number));
    this.#reviewer.keepOnly(numbers);
    this.#causes.listed(numbers, time.now());
  }

  #isPlanned({ isFork, isDraft }: PullRequest): boolean {
    const { forks, drafts } = this.#options.review;
    return (!isFork || forks === 'plan') && (!isDraft || drafts);
  }

  async #work(bell: Bell<WorkReason>, signal: AbortSignal): Promise<never> {
    const { time } = this.#duty;
    for (;;) {
      const waitMs = Math.max(this.#trouble.remainingMs('forge'), this.#trouble.remainingMs('api'));
      if (waitMs > 0) {
        bell.ringAfter(waitMs, 'due');
      } else {
        for (
          let visit = this.#queue.next(time.now());
          visit !== undefined;
          visit = this.#queue.next(time.now())
        ) {
          this.#start(visit, bell, signal);
        }
        const nextAt = this.#queue.nextAt();
        if (nextAt !== undefined) bell.ringAfter(Math.max(0, nextAt - time.now()), 'due');
      }
      await bell.next();
    }
  }

  #start(visit: Visit, bell: Bell<WorkReason>, signal: AbortSignal): void {
    const { number } = visit.pullRequest;
    const off = new AbortController();
    const before = this.#running.get(number)?.end;
    const until = AbortSignal.any([signal, off.signal]);
    const end = (async () => {
      // One that was closed and opened again may be visited still.
      await before;
      await this.#turns.during(`The plan of pull request ${number}`, () =>
        this.#visit(visit, { signal: until, stop: signal }),
      );
    })().then(
      () => this.#over(number, off, bell),
      (error: unknown) => {
        this.#over(number, off, bell);
        if (!isAbortOf(until, error)) this.#onBug(error);
      },
    );
    this.#running.set(number, { off, end });
  }

  #over(number: number, off: AbortController, bell: Bell<WorkReason>): void {
    if (this.#running.get(number)?.off === off) this.#running.delete(number);
    bell.ring('news');
  }

  async #visit(visit: Visit, options: Required<VisitOptions>): Promise<void> {
    const { signal } = options;
    const { log, time } = this.#duty;
    const { pullRequest, why } = visit;
    const { number, head } = pullRequest;
    const startedAt = time.now();
    try {
      await this.#reviewer.visit(visit, options);
      this.#queue.ended(visit, time.now() + this.#reviewer.planAgainMs(number));
      this.#causes.visited(number);
      this.#trouble.ended('api');
      this.#metrics.observeVisit('done', time.now() - startedAt);
      log.debug({ pullRequest: number, head: head.commit, why: [...why] }, 'Looked at a pull request');
    } catch (error) {
      if (signal.aborted) {
        this.#queue.outdated(visit);
        this.#metrics.observeVisit('outdated', time.now() - startedAt);
        return;
      }
      if (!(error instanceof ReconcilerError)) throw error;
      this.#metrics.observeVisit('failed', time.now() - startedAt);
      this.#failed(visit, error);
    }
  }

  #failed(visit: Visit, error: ReconcilerError): void {
    const { time, random, log, metrics } = this.#duty;
    if (error.code.startsWith('FORGE_')) metrics.observeForgeError(error.code);
    const cause = this.#causes.of(visit.pullRequest.number, error, time.now());
    if (cause !== undefined) {
      this.#trouble.failed(cause, error, cause === 'forge' ? 'Could not ask the forge' : 'Could not plan');
      // All wait for the same, and this one no longer.
      this.#queue.failed(visit, time.now(), () => this.#trouble.remainingMs(cause));
      return;
    }
    const { code, message, hint, retryAfterMs } = error;
    metrics.observeError(code);
    this.#queue.failed(visit, time.now(), (failures) => {
      const retryMs = waitMs(failures, { random: random(), retryAfterMs }, VISIT_PACES[error.retry]);
      const { number } = visit.pullRequest;
      const fields = { pullRequest: number, code, why: message, hint, retryMs: Math.round(retryMs) };
      // The same again is no news.
      log[failures === 1 ? 'warn' : 'debug'](fields, 'Could not review a pull request');
      return retryMs;
    });
  }
}

/** Without the right to read Secrets all else is planned. */
function isMissed(list: string): boolean {
  return !/^secrets\b/.test(list);
}

/** Why a visit is given up: its pull request is another one by now. */
const OUTDATED = new Error('The pull request has moved.');
