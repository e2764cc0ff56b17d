import { closingComment } from '../core/review/closing-comment.ts';
import type { AppliedNews } from '../core/review/commit-status.ts';
import { forkReport } from '../core/review/fork-report.ts';
import { ownComments } from '../core/review/marker.ts';
import { apartMs } from '../core/schedule/apart.ts';
import type { Comment, Forge, PullRequest } from '../forge-port.ts';
import type { CommitSha, Interruptible } from '../ports.ts';
import type { SteadyTime } from '../world/steady-time.ts';

/** A forge needs a moment to see which pull request brought a commit. */
const LOOK_AGAIN_MS = [10_000, 30_000, 120_000];
/** Commits that are looked at, the newest first: more of them came at once where nobody looked for hours. */
const MOST_COMMITS = 20;
const MOST_PULL_REQUESTS = 20;

/** What a pass over the commit came to. */
export type ReportNews = Extract<AppliedNews, { news: 'report' }>;

export interface ClosingCommentsOptions {
  readonly forge: Forge;
  readonly time: SteadyTime;
  /** Throws where nothing may be written any more. */
  readonly assertHeld: () => void;
  readonly statusUrl?: string | undefined;
  /** Whether the manifests are known to be those of the commit before: only who was shown a plan is told of it then. */
  readonly isUntouched?: boolean;
}

/** The one comment that each pull request gets that brought a commit: found again by its marker, and kept up to date. */
export class ClosingComments {
  readonly #options: ClosingCommentsOptions;
  /** The commit that is carried out, and those that came with it. */
  readonly #commits: () => Promise<readonly CommitSha[]>;
  /** By their numbers. */
  readonly #pullRequests = new Map<number, PullRequest>();
  #looks = 0;
  /** When to look again, in steady milliseconds. */
  #lookAt = 0;
  /** What the comment on each pull request says, by its number. */
  readonly #bodies = new Map<number, string>();
  /** Comments that we wrote and that the forge shows as somebody else's, by pull request. */
  readonly #misnamed = new Map<number, Comment['id']>();
  /** Pull requests that changed nothing of ours. */
  readonly #untouched = new Set<number>();
  #writes = 0;
  #wroteAt = -Infinity;

  constructor(commits: () => Promise<readonly CommitSha[]>, options: ClosingCommentsOptions) {
    this.#commits = commits;
    this.#options = options;
  }

  /** In how long the next one may be written, for no other reason than that one was lately. */
  get waitMs(): number {
    return Math.max(0, this.#wroteAt + apartMs(this.#writes) - this.#options.time.now());
  }

  /** In how long the forge is to be asked again for pull requests of the commit; undefined where it is not. */
  get lookAgainMs(): number | undefined {
    const isOver = this.#pullRequests.size > 0 || this.#looks > LOOK_AGAIN_MS.length;
    return isOver || this.#looks === 0 ? undefined : Math.max(0, this.#lookAt - this.#options.time.now());
  }

  /** Writes what differs from what is there. `mayEdit`: what is there from before may be brought up to date. */
  async write(news: ReportNews, mayEdit: boolean, options: Interruptible): Promise<void> {
    await this.#look(options);
    for (const pullRequest of this.#pullRequests.values()) {
      await this.#writeTo(pullRequest, news, mayEdit, options);
    }
  }

  async #look(options: Interruptible): Promise<void> {
    if (this.#looks > 0 && this.lookAgainMs !== 0) return;
    const { forge, time } = this.#options;
    const commits = (await this.#commits()).slice(0, MOST_COMMITS);
    for (const commit of commits) {
      for (const pullRequest of await forge.pullRequestsOf(commit, options)) {
        const { number, state, mergeCommit = commit } = pullRequest;
        const isOurs = state === 'merged' && commits.includes(mergeCommit);
        if (isOurs && this.#pullRequests.size < MOST_PULL_REQUESTS)
          this.#pullRequests.set(number, pullRequest);
      }
    }
    this.#lookAt = time.now() + (LOOK_AGAIN_MS[this.#looks] ?? 0);
    this.#looks += 1;
  }

  async #writeTo(
    { number, isFork }: PullRequest,
    { report, approvals }: ReportNews,
    mayEdit: boolean,
    options: Interruptible,
  ): Promise<void> {
    if (this.#untouched.has(number)) return;
    const { forge, assertHeld, statusUrl, time, isUntouched = false } = this.#options;
    const { repository, pages, commentLimit: limit } = forge;
    const frame = { repository, pages, limit, approvals, statusUrl };
    const { text, marker } = closingComment(isFork ? forkReport(report) : report, frame);
    const known = this.#bodies.get(number);
    if (known === marker.body) return;

    // Listed before each write: the answer to the one before may have been lost, or a person have deleted it.
    const self = await forge.self(options);
    const comments = await forge.comments(number, undefined, options);
    const ours = { self, repository, cluster: report.cluster };
    const [first, ...others] = ownComments(comments, { ...ours, kind: 'closing' });
    const wasShown = first !== undefined || ownComments(comments, { ...ours, kind: 'plan' }).length > 0;
    if (isUntouched && !wasShown) {
      this.#untouched.add(number);
      return;
    }
    for (const { comment } of others) {
      assertHeld();
      await forge.deleteComment(comment.id, options);
    }
    assertHeld();
    const misnamed = comments.find(({ id }) => id === this.#misnamed.get(number));
    if (first === undefined && misnamed !== undefined) {
      await forge.editComment(misnamed.id, text, options);
    } else if (first === undefined) {
      const { id, author } = await forge.comment(number, text, options);
      if (author !== self) this.#misnamed.set(number, id);
    } else if (first.marker.body !== marker.body || first.marker.commit !== marker.commit) {
      const isOurs = known !== undefined;
      if (mayEdit || isOurs) await forge.editComment(first.comment.id, text, options);
    }
    this.#bodies.set(number, marker.body);
    this.#writes += 1;
    this.#wroteAt = time.now();
  }
}
