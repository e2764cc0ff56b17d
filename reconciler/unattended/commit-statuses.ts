import {
  type AppliedNews,
  appliedStatus,
  isSameStatus,
  statusContext,
  type StatusPlace,
} from '../core/review/commit-status.ts';
import { apartMs } from '../core/schedule/apart.ts';
import type { CommitStatus, Forge } from '../forge-port.ts';
import type { CommitSha, Interruptible } from '../ports.ts';
import type { SteadyTime } from '../world/steady-time.ts';

/** What we say of a commit that is applied. Of the head of a pull request, which may be the branch's commit after the merge, we say what there is to do. */
const APPLIED = /^(nothing changed|\d+ (created|changed|replaced|pruned))\b/;

/** Commits of which it is known what the forge shows. */
const MOST_TOLD = 8;

export interface CommitStatusesOptions {
  readonly forge: Forge;
  readonly place: StatusPlace;
  readonly time: SteadyTime;
  /** Throws where nothing may be written any more. */
  readonly assertHeld: () => void;
}

/** What the forge shows at commits, and what it should. What it shows already is not written again. */
export class CommitStatuses {
  readonly #options: CommitStatusesOptions;
  #followed: CommitSha | undefined;
  /** Worked out when it is told, since most of it is replaced before. */
  readonly #wanted = new Map<CommitSha, () => AppliedNews>();
  readonly #told = new Map<CommitSha, CommitStatus>();
  /** What the forge showed at the followed commit before it was told anything; undefined before it was asked. */
  #before: 'well' | 'other' | undefined;
  /** Of reports about the followed commit, and when last, in steady milliseconds. */
  #writes = 0;
  #wroteAt = -Infinity;

  constructor(options: CommitStatusesOptions) {
    this.#options = options;
  }

  /** Whether the followed commit was shown to be well before it was told anything here. */
  get wasWell(): boolean {
    return this.#before === 'well';
  }

  /** In how long the next one may be written, for no other reason than that one was lately. */
  get waitMs(): number {
    return Math.max(0, this.#wroteAt + apartMs(this.#writes) - this.#options.time.now());
  }

  /** Whether the forge was told of the commit by this process. */
  hasTold(commit: CommitSha): boolean {
    return this.#told.has(commit);
  }

  /** From now on this is the commit that is carried out. */
  follow(commit: CommitSha): void {
    if (this.#followed !== undefined) this.#wanted.delete(this.#followed);
    this.#followed = commit;
    this.#before = undefined;
    this.#writes = 0;
    this.#wroteAt = -Infinity;
  }

  /** What is to be shown at a commit in place of all that was to be before; undefined where nothing is. */
  want(commit: CommitSha, news: (() => AppliedNews) | undefined): void {
    if (news === undefined) this.#wanted.delete(commit);
    else this.#wanted.set(commit, news);
  }

  /** Looks up what is shown at a commit that another process told of. */
  async recall(commit: CommitSha, options: Interruptible): Promise<void> {
    const { forge, place } = this.#options;
    const shown = await forge.commitStatus(commit, statusContext(place.cluster), options);
    if (shown !== undefined) this.#remember(commit, shown);
  }

  async tell(options: Interruptible): Promise<void> {
    await this.#tellLeft(options);
    for (const [commit, news] of this.#wanted) await this.#show(commit, news(), options);
  }

  /** A commit that another one followed before it was well would be in progress for ever. */
  async #tellLeft(options: Interruptible): Promise<void> {
    for (const [commit, status] of this.#told) {
      if (commit === this.#followed || this.#wanted.has(commit) || status.state !== 'pending') continue;
      const description = `${this.#followed?.slice(0, 7)} followed before it was healthy`;
      if (status.description === description) continue;
      await this.#set(commit, { ...status, description }, options);
      // Once is enough.
      this.#told.delete(commit);
    }
  }

  async #show(commit: CommitSha, news: AppliedNews, options: Interruptible): Promise<void> {
    const { forge, place, time } = this.#options;
    const status = appliedStatus(news, place);
    const known = this.#told.get(commit);
    const shown = known ?? (await forge.commitStatus(commit, statusContext(place.cluster), options));
    const isFirst = commit === this.#followed && this.#before === undefined;
    if (isFirst) this.#before = saysApplied(shown) ? 'well' : 'other';
    // Whoever said before that it is well said with it what had been done.
    const isAsWell = isFirst && this.wasWell && status.state === 'success' && shown?.url === status.url;
    if (isAsWell || isSameStatus(shown, status)) {
      this.#remember(commit, status);
      return;
    }
    await this.#set(commit, status, options);
    if (commit !== this.#followed || news.news !== 'report') return;
    this.#writes += 1;
    this.#wroteAt = time.now();
  }

  async #set(commit: CommitSha, status: CommitStatus, options: Interruptible): Promise<void> {
    const { forge, assertHeld } = this.#options;
    assertHeld();
    // It may be shown all the same, where it is the answer that is lost.
    this.#told.delete(commit);
    await forge.setCommitStatus(commit, status, options);
    this.#remember(commit, status);
  }

  #remember(commit: CommitSha, status: CommitStatus): void {
    this.#told.delete(commit);
    this.#told.set(commit, status);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MOST_TOLD) break;
      this.#told.delete(oldest);
    }
  }
}

function saysApplied(shown: CommitStatus | undefined): boolean {
  return shown?.state === 'success' && APPLIED.test(shown.description);
}
