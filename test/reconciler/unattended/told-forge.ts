import type { Comment, CommitStatus, Forge, PullRequest } from '../../../reconciler/forge-port.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';

type Method =
  | 'pullRequestsOf'
  | 'comments'
  | 'comment'
  | 'editComment'
  | 'deleteComment'
  | 'commitStatus'
  | 'setCommitStatus';

/** A forge that keeps what it is told, at the times of a test. */
export class ToldForge {
  readonly calls: Method[] = [];
  /** All statuses that were ever set, oldest first: `1a2b3c4 pending It is being applied`. */
  readonly statuses: string[] = [];
  readonly comments: Comment[] = [];
  /** Pull requests that were commented on, in that order. */
  readonly commented: number[] = [];
  readonly pullRequests = new Map<CommitSha, readonly PullRequest[]>();
  /** Asked before each call; what it gives is thrown, before or after the work is done. */
  fault: (method: Method) => { readonly error: ForgeError; readonly isDone?: boolean } | undefined = () =>
    undefined;
  /** Whom the forge says that we write as. */
  author = 'robot';
  readonly #shown = new Map<string, CommitStatus>();
  #ids = 0;

  /** A pull request that brought a commit. */
  merged(commit: CommitSha, rest: Partial<PullRequest> = {}): PullRequest {
    const pullRequest: PullRequest = {
      number: 7,
      title: 'Scale the web tier',
      author: 'jane',
      url: 'https://forge.example/acme/storage/pulls/7',
      state: 'merged',
      isDraft: false,
      head: { commit: 'f'.repeat(40) as CommitSha, branch: 'scale', repository: 'acme/storage' },
      base: 'main',
      isFork: false,
      updatedAt: new Date(0),
      mergeCommit: commit,
      ...rest,
    };
    this.pullRequests.set(commit, [...(this.pullRequests.get(commit) ?? []), pullRequest]);
    return pullRequest;
  }

  /** A comment that is there, whoever wrote it. */
  add(author: string, text: string, number = 7): Comment {
    this.#ids += 1;
    const url = `https://forge.example/acme/storage/pulls/${number}#${this.#ids}`;
    const comment = { id: this.#ids, author, text, url, createdAt: new Date(this.#ids), isEdited: false };
    this.comments.push(comment);
    return comment;
  }

  /** How often a method was called since it was asked last. */
  count(method: Method): number {
    const count = this.calls.filter((call) => call === method).length;
    for (let at = this.calls.length - 1; at >= 0; at--)
      if (this.calls[at] === method) this.calls.splice(at, 1);
    return count;
  }

  get port(): Forge {
    const forge: Partial<Forge> = {
      name: 'Gitea',
      repository: 'acme/storage',
      commentLimit: 65_536,
      pages: {
        line: (commit, file, line) => `https://forge.example/${commit}/${file}#L${line}`,
        commit: (commit) => `https://forge.example/commit/${commit}`,
        branch: (name) => `https://forge.example/branch/${name}`,
        pullRequest: (number) => `https://forge.example/pulls/${number}`,
      },
      self: () => Promise.resolve('robot'),
      pullRequestsOf: (commit) => this.#call('pullRequestsOf', () => this.pullRequests.get(commit) ?? []),
      comments: (number) =>
        this.#call('comments', () => this.comments.filter(({ url }) => url.includes(`/pulls/${number}#`))),
      comment: (number, text) =>
        this.#call('comment', () => {
          this.commented.push(number);
          return this.add(this.author, text, number);
        }),
      editComment: (id, text) =>
        this.#call('editComment', () => {
          const at = this.comments.findIndex((comment) => comment.id === id);
          const before = this.comments[at];
          if (before === undefined) throw new ForgeError('FORGE_NOT_FOUND', 'There is no such comment.');
          return (this.comments[at] = { ...before, text, isEdited: true });
        }),
      deleteComment: (id) =>
        this.#call('deleteComment', () => {
          const at = this.comments.findIndex((comment) => comment.id === id);
          if (at !== -1) this.comments.splice(at, 1);
        }),
      commitStatus: (commit, context) =>
        this.#call('commitStatus', () => this.#shown.get(`${commit} ${context}`)),
      setCommitStatus: (commit, status) =>
        this.#call('setCommitStatus', () => {
          this.#shown.set(`${commit} ${status.context}`, status);
          this.statuses.push(`${commit.slice(0, 7)} ${status.state}: ${status.description}`);
        }),
    };
    return forge as Forge;
  }

  // oxlint-disable-next-line typescript/require-await -- as a server does
  async #call<Result>(method: Method, work: () => Result): Promise<Result> {
    this.calls.push(method);
    const fault = this.fault(method);
    if (fault !== undefined && fault.isDone !== true) throw fault.error;
    const result = work();
    if (fault !== undefined) throw fault.error;
    return result;
  }
}
