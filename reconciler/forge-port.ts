import type { CommitSha, Interruptible, Snapshot } from './ports.ts';

/** A pull request as the forge tells it. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  /** Login. */
  readonly author: string;
  /** Its page. */
  readonly url: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly isDraft: boolean;
  readonly head: {
    readonly commit: CommitSha;
    readonly branch: string;
    /** `owner/name`; absent where that repository is gone. */
    readonly repository?: string;
  };
  /** Branch that it shall go to. */
  readonly base: string;
  /** Whether its commits come from another repository than the one they shall go to. */
  readonly isFork: boolean;
  readonly updatedAt: Date;
  /** What it became on its base branch. */
  readonly mergeCommit?: CommitSha;
}

/** A comment on the page of a pull request. */
export interface Comment {
  readonly id: number;
  /** Login. */
  readonly author: string;
  /** As it was written, in Markdown. */
  readonly text: string;
  readonly url: string;
  readonly createdAt: Date;
  /** When it was written last. */
  readonly updatedAt?: Date;
  readonly isEdited: boolean;
}

/** A review of a pull request that was handed in. */
export interface Review {
  readonly author: string;
  readonly verdict: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  readonly commit: CommitSha;
  readonly at: Date;
}

/** One of the marks that a forge shows at a commit. */
export interface CommitStatus {
  /** Its name among those of the commit. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** One sentence, at most 140 characters. */
  readonly description: string;
  /** Where more is told. */
  readonly url?: string;
}

/** Something to say at a line of a file of a pull request. */
export interface Annotation {
  readonly file: string;
  readonly line: number;
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

/** A file to be committed by the forge. */
export interface FileChange {
  readonly branch: string;
  readonly path: string;
  readonly text: string;
  readonly message: string;
}

/** What an account may do with the repository. */
export type Permission = 'none' | 'read' | 'write' | 'admin';

/** Addresses of pages of the forge, without asking it. */
export interface ForgePages {
  /** Of a line of a file at a commit. */
  line(commit: CommitSha, file: string, line: number): string;
  commit(commit: CommitSha): string;
  /** Of the files of a branch. */
  branch(name: string): string;
  pullRequest(number: number): string;
}

/**
 * Where the repository's pull requests are. Every failure is a ReconcilerError with a code that begins with `FORGE_`; one
 * that says when to ask again has `retryAfterMs`.
 */
export interface Forge {
  readonly name: 'GitHub' | 'Gitea';
  /** `owner/name`. */
  readonly repository: string;
  /** Characters that a comment may have. */
  readonly commentLimit: number;
  readonly pages: ForgePages;
  /** Login of the account that we write as. */
  self(options?: Interruptible): Promise<string>;
  /**
   * All open pull requests that shall go to `base`, those changed last first; `undefined` where nothing has changed since
   * it was asked before. A comment on one is a change of it.
   */
  openPullRequests(base: string, options?: Interruptible): Promise<readonly PullRequest[] | undefined>;
  /** Undefined where there is none. */
  pullRequest(number: number, options?: Interruptible): Promise<PullRequest | undefined>;
  /** Pull requests that brought this commit to the branch that it is on. */
  pullRequestsOf(commit: CommitSha, options?: Interruptible): Promise<readonly PullRequest[]>;
  /** All comments of a pull request, oldest first, or those written since. */
  comments(pullRequest: number, since?: Date, options?: Interruptible): Promise<readonly Comment[]>;
  comment(pullRequest: number, text: string, options?: Interruptible): Promise<Comment>;
  editComment(id: number, text: string, options?: Interruptible): Promise<Comment>;
  /** One that is gone already is fine. */
  deleteComment(id: number, options?: Interruptible): Promise<void>;
  reviews(pullRequest: number, options?: Interruptible): Promise<readonly Review[]>;
  /** The newest of that name at a commit. */
  commitStatus(
    commit: CommitSha,
    context: string,
    options?: Interruptible,
  ): Promise<CommitStatus | undefined>;
  setCommitStatus(commit: CommitSha, status: CommitStatus, options?: Interruptible): Promise<void>;
  /**
   * Shows `annotations` at the lines of a pull request's head, in place of those of `name` that it showed before: as a
   * check where the forge and our account have checks, else as few review comments.
   */
  annotate(
    pullRequest: PullRequest,
    name: string,
    annotations: readonly Annotation[],
    options?: Interruptible,
  ): Promise<void>;
  permission(login: string, options?: Interruptible): Promise<Permission>;
  /** The text of a file at a branch; undefined where there is none. */
  file(branch: string, path: string, options?: Interruptible): Promise<string | undefined>;
  /** Commits a file onto a branch, which it makes of `from` where it is given. */
  commitFile(change: FileChange, from?: CommitSha, options?: Interruptible): Promise<CommitSha>;
  createPullRequest(
    request: { readonly title: string; readonly text: string; readonly head: string; readonly base: string },
    options?: Interruptible,
  ): Promise<PullRequest>;
}

/** Why a commit would not be applied, in the words of the error that the reconciler would give. */
export interface Unaccepted {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What merging a pull request would make of the repository. */
export type MergePreview =
  /** `files` are all that differ between both, wherever in the repository they are. */
  | {
      readonly result: 'merged';
      readonly base: Snapshot;
      /** Its `commit` is the pull request's head, since the merge is no commit yet. */
      readonly merged: Snapshot;
      readonly files: readonly string[];
      /** Why the head's commit itself would not be applied, where the configuration asks for signatures. */
      readonly unaccepted?: Unaccepted;
    }
  /** Nothing can be said before a person has merged these files. */
  | { readonly result: 'conflict'; readonly base: CommitSha; readonly files: readonly string[] };

/** A commit that shall be merged. */
export interface MergeHead {
  readonly commit: CommitSha;
  /** Where the server has it: `refs/pull/7/head`. */
  readonly ref: string;
  /** Whether whoever wrote it may write to the repository itself. */
  readonly isTrusted: boolean;
}

/** Merges without writing anything to the repository. */
export interface Merges {
  /** The tip of the branch that pull requests go to: one ref listing, nothing else. */
  base(options?: Interruptible): Promise<CommitSha>;
  /**
   * The merge of a pull request's head into the base's tip. What is encrypted in one that is not trusted stays so: its
   * author might have it printed. `lastApplied` must be an ancestor of the base, as where the base itself is read.
   */
  preview(
    head: MergeHead,
    options?: Interruptible & { readonly lastApplied?: CommitSha | undefined },
  ): Promise<MergePreview>;
}
