import { createHash } from 'node:crypto';

export interface StandInFile {
  readonly filename: string;
  readonly patch?: string;
}

export interface StandInPull {
  readonly number: number;
  title: string;
  readonly author: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  readonly head: { branch: string; sha: string; repository: string | null };
  base: string;
  readonly createdAt: Date;
  updatedAt: Date;
  mergedAt: Date | null;
  mergeCommit: string | null;
  files: readonly StandInFile[];
}

export interface StandInComment {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  body: string;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface StandInReviewComment {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  readonly body: string;
  readonly path: string;
  /** None once the pull request shows it no more. */
  line: number | null;
  readonly commit: string;
  readonly replyTo?: number;
}

export interface StandInReview {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  readonly commit: string;
  readonly submittedAt: Date;
  readonly body: string;
}

export interface StandInStatus {
  readonly id: number;
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly description: string | null;
  readonly target_url: string | null;
}

export interface StandInCheck {
  readonly id: number;
  readonly name: string;
  readonly sha: string;
  readonly app: string;
  status: string;
  conclusion: string | null;
  externalId: string | null;
  title: string | null;
  summary: string | null;
  annotations: unknown[];
}

/** Whom a token is of. */
export interface Account {
  readonly login: string;
  /** That of an app’s installation may have checks, and is no user’s. */
  readonly kind: 'user' | 'installation';
  readonly expiresAt?: Date;
}

/** A GitHub App, known by its public key. */
export interface StandInApp {
  readonly id: number;
  readonly slug: string;
  /** PEM. */
  readonly publicKey: string;
  /** Repositories that it is installed on. */
  readonly installations: Map<string, number>;
}

/** What GitHub remembers of one repository. Its time goes on by a second with each thing that happens. */
export class StandInState {
  readonly repository: string;
  readonly pulls = new Map<number, StandInPull>();
  readonly comments = new Map<number, StandInComment>();
  readonly reviewComments = new Map<number, StandInReviewComment>();
  readonly reviews: StandInReview[] = [];
  readonly statuses = new Map<string, StandInStatus[]>();
  readonly checks: StandInCheck[] = [];
  /** Files by branch and path. */
  readonly branches = new Map<string, { sha: string; readonly files: Map<string, string> }>();
  /** Of accounts that have any. */
  readonly permissions = new Map<string, 'admin' | 'maintain' | 'write' | 'triage' | 'read'>();
  readonly tokens = new Map<string, Account>();
  readonly apps: StandInApp[] = [];
  #now = Date.UTC(2026, 2, 1, 9);
  #lastId = 1000;

  constructor(repository: string) {
    this.repository = repository;
    this.branches.set('main', { sha: shaOf('main'), files: new Map() });
  }

  tick(): Date {
    this.#now += 1000;
    return new Date(this.#now);
  }

  id(): number {
    return ++this.#lastId;
  }

  /** Opens a pull request. */
  pull(number: number, given: Partial<StandInPull> = {}): StandInPull {
    const at = this.tick();
    const pull: StandInPull = {
      number,
      title: `Change ${number}`,
      author: 'anna',
      state: 'open',
      draft: false,
      head: { branch: `change-${number}`, sha: shaOf(`change ${number}`), repository: this.repository },
      base: 'main',
      createdAt: at,
      updatedAt: at,
      mergedAt: null,
      mergeCommit: shaOf(`trial ${number}`),
      files: [],
      ...given,
    };
    this.pulls.set(number, pull);
    return pull;
  }

  touch(number: number): void {
    this.pulls.get(number)!.updatedAt = this.tick();
  }

  merge(number: number): string {
    const pull = this.pulls.get(number)!;
    const at = this.tick();
    const sha = shaOf(`merge ${number}`);
    Object.assign(pull, { state: 'closed', mergedAt: at, updatedAt: at, mergeCommit: sha });
    return sha;
  }

  comment(pull: number, author: string, body: string): StandInComment {
    const at = this.tick();
    const comment = { id: this.id(), pull, author, body, createdAt: at, updatedAt: at };
    this.comments.set(comment.id, comment);
    this.pulls.get(pull)!.updatedAt = at;
    return comment;
  }

  review(pull: number, author: string, state: StandInReview['state'], body = ''): StandInReview {
    const { head } = this.pulls.get(pull)!;
    const review = { id: this.id(), pull, author, state, commit: head.sha, submittedAt: this.tick(), body };
    this.reviews.push(review);
    return review;
  }

  reviewComment(given: Omit<StandInReviewComment, 'id'>): StandInReviewComment {
    const comment = { ...given, id: this.id() };
    this.reviewComments.set(comment.id, comment);
    return comment;
  }
}

/** 40 digits that stand for `text`. */
export function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
