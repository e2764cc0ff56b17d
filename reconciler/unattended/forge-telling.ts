import { reportOutput } from '../core/report/json.ts';
import type { Report } from '../core/report/report.ts';
import { appliedVerdict } from '../core/review/commit-status.ts';
import { ReconcilerError } from '../errors.ts';
import type { Forge } from '../forge-port.ts';
import type { CommitSha, Interruptible, Snapshot } from '../ports.ts';
import { Bell } from './bell.ts';
import { ClosingComments, type ReportNews } from './closing-comments.ts';
import { CommitStatuses } from './commit-statuses.ts';
import type { Duty } from './duty.ts';
import { isAbortOf } from './ending.ts';
import type { Halt } from './followed-ref.ts';
import { COMMIT_UNREAD } from './halt-finding.ts';
import { manifestsHash } from './manifests-hash.ts';
import { statusAddress } from './status-address.ts';
import { Trouble } from './trouble.ts';
import type { Turns } from './turns.ts';
import { withDone } from './with-done.ts';

/** Most passes over a new commit are done before anybody could look. */
const APPLYING_MS = 2_000;

type Reason = 'news' | 'due';

/** Something that the forge is told. One that fails, for a right that is missing, keeps the other from nothing. */
interface Job {
  readonly what: string;
  readonly trouble: Trouble;
  isUntold: boolean;
  /** In how long it may be told. */
  waitMs(): number;
  tell(options: Interruptible): Promise<void>;
}

/** The commit that a pass goes by. */
interface Begun {
  readonly commit: CommitSha;
  /** It, and those that came with it. */
  readonly commits: () => Promise<readonly CommitSha[]>;
  /** Hash of its manifests. */
  readonly manifests: string | undefined;
  /** Whether they are known to be those of the commit before. */
  readonly isUntouched: boolean;
}

/** The commit that is carried out. */
interface Standing {
  readonly commit: CommitSha;
  /** Undefined while the first pass over it goes on. */
  report: Report | undefined;
  /** What is told of it; worked out once, and only where it is told. */
  news: (() => ReportNews) | undefined;
  readonly comments: ClosingComments;
  /** Whether all is well and was told: what comes later is no news of the merge any more. */
  isClosed: boolean;
}

/**
 * Tells the forge what became of commits: a status at each, and one comment on the pull request that brought it. No pass waits
 * for it: the latest report is told when the forge can be reached, with what the ones before it did.
 */
export class ForgeTelling {
  readonly #duty: Duty;
  readonly #forge: Forge | undefined;
  readonly #place: { readonly cluster: string; readonly url: string | undefined };
  readonly #turns: Turns;
  readonly #jobs: { readonly statuses: Job; readonly comments: Job } | undefined;
  #statuses: CommitStatuses | undefined;
  #bell: Bell<Reason> | undefined;
  #standing: Standing | undefined;
  #halt: Halt | undefined;
  /** The commit that the last pass went by, and what came with it. */
  #begun: Begun | undefined;

  constructor(duty: Duty, { cluster, turns }: { readonly cluster: string; readonly turns: Turns }) {
    this.#duty = duty;
    this.#forge = duty.forge;
    this.#place = { cluster, url: statusAddress(duty) };
    this.#turns = turns;
    // Each by itself, so that it waits for nothing but what it fails of.
    this.#jobs = duty.forge && {
      statuses: {
        what: 'Could not set the commit status',
        trouble: new Trouble(duty),
        isUntold: false,
        waitMs: () => this.#statuses?.waitMs ?? 0,
        tell: async (options) => await this.#statuses?.tell(options),
      },
      comments: {
        what: 'Could not write the closing comment',
        trouble: new Trouble(duty),
        isUntold: false,
        waitMs: () => this.#standing?.comments.waitMs ?? 0,
        tell: (options) => this.#tellMerge(options),
      },
    };
  }

  /**
   * To be told when a pass goes by a commit, `lastCommit` being the one that was carried out before. A pass that lasts is
   * told before it has ended.
   */
  begins(
    { commit, history, files, findings }: Pick<Snapshot, 'commit'> & Partial<Snapshot>,
    lastCommit?: CommitSha,
  ): void {
    const before = this.#begun;
    if (this.#forge !== undefined && before?.commit !== commit) {
      const since = async () => (lastCommit === undefined ? [] : await history?.().commitsSince(lastCommit));
      const manifests = files && manifestsHash({ files, findings: findings ?? [] });
      this.#begun = {
        commit,
        commits: async () => [...new Set([commit, ...((await since()) ?? [])])],
        manifests,
        isUntouched:
          manifests !== undefined && before?.manifests === manifests && before.commit === lastCommit,
      };
    }
    const { report } = this.#standing ?? {};
    // Whether the repository wants it told is known from the commit before.
    if (report?.settings.spec.report.commitStatus !== true || report.commit === commit) return;
    this.#follow(commit);
    this.#statuses?.want(commit, () => ({ news: 'applying' }));
    if (this.#jobs !== undefined) this.#jobs.statuses.isUntold = true;
    this.#bell?.ringAfter(APPLYING_MS, 'due');
  }

  /** To be told of each pass that is news. */
  offer(report: Report): void {
    const standing = this.#follow(report.commit);
    if (this.#jobs === undefined || standing === undefined) return;
    const { commitStatus, comment } = report.settings.spec.report;
    const told = withDone(standing.report, withoutHalt(report));
    let news: ReportNews | undefined;
    standing.report = told;
    standing.news = () => (news ??= newsOf(told));
    // What was begun is brought to its end, though it is this commit that wants no more of it.
    const isTold = commitStatus || this.#statuses?.hasTold(report.commit) === true;
    this.#statuses?.want(report.commit, isTold ? standing.news : undefined);
    this.#jobs.statuses.isUntold = true;
    this.#jobs.comments.isUntold = comment && !standing.isClosed;
    this.#bell?.ring('news');
  }

  /** To be told after each pass: a commit that is wanted and cannot be read, or that there is none. */
  halted(halt: Halt | undefined): void {
    const before = this.#halt;
    this.#halt = halt;
    if (halt?.commit === before?.commit && halt?.error.message === before?.error.message) return;
    const isStanding = before?.commit === this.#standing?.commit;
    if (before !== undefined && !isStanding) this.#statuses?.want(before.commit, undefined);
    // What time mends is no news of the commit.
    if (this.#jobs === undefined || halt?.error.retry !== 'after-change') return;
    if (this.#standing?.report?.settings.spec.report.commitStatus === false) return;
    const { code, message } = halt.error;
    this.#statuses?.want(halt.commit, () => ({ news: 'error', error: { code, message } }));
    this.#jobs.statuses.isUntold = true;
    this.#bell?.ring('news');
  }

  /** Tells what is offered, when it may. `signal` ends a request; `tenure` the loop, once the request under way has ended. */
  async run(tenure: AbortSignal, signal: AbortSignal): Promise<never> {
    const bell = new Bell<Reason>(this.#duty.time, tenure);
    this.#bell = bell;
    // Somebody else may have told other things since.
    this.#forget();
    for (;;) {
      await bell.next();
      const { comments } = this.#jobs ?? {};
      if (comments !== undefined && this.#lookMs === 0) comments.isUntold = true;
      for (const job of this.#allJobs) {
        if (isDue(job)) await this.#turns.during('Telling the forge', () => this.#attempt(job, signal));
      }
      const waits = this.#allJobs.filter(({ isUntold }) => isUntold).map(remainingMs);
      if (this.#lookMs !== undefined) waits.push(this.#lookMs);
      if (waits.length > 0) bell.ringAfter(Math.min(...waits), 'due');
    }
  }

  /** Tells what is left to tell, once, however short ago something was told. */
  async finish(signal: AbortSignal): Promise<void> {
    try {
      for (const job of this.#allJobs) {
        const isLeft = job.isUntold && job.trouble.remainingMs('forge') === 0;
        if (isLeft && !signal.aborted) await this.#attempt(job, signal);
      }
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error;
    }
  }

  get #allJobs(): readonly Job[] {
    // The status comes first: what the forge showed before says whether a comment is from long ago.
    return this.#jobs === undefined ? [] : [this.#jobs.statuses, this.#jobs.comments];
  }

  /** In how long the forge is to be asked again which pull request brought the commit; undefined where it is not. */
  get #lookMs(): number | undefined {
    return this.#standing?.isClosed === false ? this.#standing.comments.lookAgainMs : undefined;
  }

  #forget(): void {
    const { time, lease } = this.#duty;
    const forge = this.#forge;
    const assertHeld = () => lease.assertHeld();
    this.#standing = undefined;
    this.#halt = undefined;
    this.#statuses = forge && new CommitStatuses({ forge, place: this.#place, time, assertHeld });
    for (const job of this.#allJobs) job.isUntold = false;
  }

  #follow(commit: CommitSha): Standing | undefined {
    const forge = this.#forge;
    if (this.#standing?.commit === commit || forge === undefined) return this.#standing;
    const { time, lease } = this.#duty;
    const assertHeld = () => lease.assertHeld();
    const { commits, isUntouched } =
      this.#begun?.commit === commit
        ? this.#begun
        : { commits: () => Promise.resolve([commit]), isUntouched: false };
    this.#statuses?.follow(commit);
    this.#standing = {
      commit,
      report: undefined,
      news: undefined,
      comments: new ClosingComments(commits, {
        forge,
        time,
        assertHeld,
        statusUrl: this.#place.url,
        isUntouched,
      }),
      isClosed: false,
    };
    return this.#standing;
  }

  async #attempt(job: Job, signal: AbortSignal): Promise<void> {
    // What is offered meanwhile is told by itself.
    job.isUntold = false;
    try {
      await job.tell({ signal });
      job.trouble.ended('forge');
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      job.isUntold = true;
      this.#duty.metrics.observeForgeError(error.code);
      job.trouble.failed('forge', error, job.what);
    }
  }

  async #tellMerge(options: Interruptible): Promise<void> {
    const standing = this.#standing;
    if (standing?.news === undefined || standing.isClosed) return;
    const { comments } = standing;
    const news = standing.news();
    // What was well when this process began was told by the one before it, with what that had done.
    await comments.write(news, this.#statuses?.wasWell !== true, options);
    standing.isClosed = appliedVerdict(news).state === 'success' && comments.lookAgainMs === undefined;
  }
}

function isDue(job: Job): boolean {
  return job.isUntold && remainingMs(job) === 0;
}

function remainingMs(job: Job): number {
  return Math.max(job.waitMs(), job.trouble.remainingMs('forge'));
}

function newsOf(report: Report): ReportNews {
  return { news: 'report', report: reportOutput(report), approvals: report.awaited?.length ?? 0 };
}

/** A commit that stands is not worse for one that came after it and cannot be read. */
function withoutHalt(report: Report): Report {
  const findings = report.findings.filter(({ rule }) => rule !== COMMIT_UNREAD);
  return findings.length === report.findings.length ? report : { ...report, findings };
}
