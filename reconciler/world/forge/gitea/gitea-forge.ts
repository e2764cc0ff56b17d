import type {
  Annotation,
  Comment,
  CommitStatus,
  FileChange,
  Forge,
  ForgePages,
  Permission,
  PullRequest,
  Review,
} from '../../../forge-port.ts';
import type { CommitSha, Interruptible } from '../../../ports.ts';
import { type ForgeClient, type ForgeParameters, openForgeClient, withTexts } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { KnownSelf } from '../known-self.ts';
import type { ForgeOptions, OpenedForge } from '../open-forge.ts';
import { annotate } from './gitea-annotations.ts';
import {
  Account,
  CombinedStatusAnswer,
  CommentAnswer,
  commentOf,
  PullRequestAnswer,
  pullRequestOf,
  ReviewAnswer,
  reviewOf,
  statusOf,
} from './gitea-answers.ts';
import { commitGiteaFile, giteaFile } from './gitea-files.ts';
import { listAll } from './gitea-list.ts';
import { giteaPages } from './gitea-pages.ts';
import { GiteaPermissions } from './gitea-permissions.ts';
import { isForgeError } from './is-forge-error.ts';

/** Gitea sets none; what is longer than on GitHub nobody reads either. */
const COMMENT_LIMIT = 65_536;

/** Its times are whole seconds, so what changes within one of them looks the same. */
const SETTLED_MS = 2000;

/** Opens a repository on Gitea or Forgejo. Nothing is asked before the first call. */
export async function openGiteaForge(options: ForgeOptions): Promise<OpenedForge> {
  const { kind: _kind, url, repository, log, ...rest } = options;
  const client = await openForgeClient({ ...rest, forge: 'Gitea', api: `${url}/api/v1`, throttle: false });
  return new GiteaForge(client, url, repository, log);
}

/** What was answered the last time that open pull requests were asked for. */
interface SeenBefore {
  readonly fingerprint: string;
  /** Whether all was so long ago that a later change shows in it. */
  readonly isSettled: boolean;
}

class GiteaForge implements Forge, AsyncDisposable {
  readonly name = 'Gitea';
  readonly repository: string;
  readonly commentLimit = COMMENT_LIMIT;
  readonly pages: ForgePages;
  readonly #client: ForgeClient;
  /** Where every route begins. */
  readonly #at: { readonly owner: string; readonly repo: string };
  readonly #permissions: GiteaPermissions;
  readonly #seen = new Map<string, SeenBefore>();
  readonly #self: KnownSelf;

  constructor(client: ForgeClient, url: string, repository: string, log: ForgeOptions['log']) {
    const [owner = '', repo = ''] = repository.split('/');
    this.#client = client;
    this.#at = { owner, repo };
    this.#self = new KnownSelf(log);
    this.#permissions = new GiteaPermissions(client, this.#at);
    this.repository = repository;
    this.pages = giteaPages(`${url}/${repository}`);
  }

  async self(options?: Interruptible): Promise<string> {
    const credentials = await this.#client.credentials();
    const ask = async () => (await this.#client.ask(Account, 'GET /user', {}, options)).login;
    return await this.#self.of(credentials, ask);
  }

  async openPullRequests(base: string, options?: Interruptible): Promise<readonly PullRequest[] | undefined> {
    const { elements, at } = await this.#listOpen(base, options);
    const fingerprint = JSON.stringify(
      elements.map(({ comments, review_comments: reviewed, ...each }) => [
        comments,
        reviewed,
        pullRequestOf(each as PullRequestAnswer),
      ]),
    );
    const newest = Math.max(0, ...elements.map(({ updated_at: updated }) => updated.getTime()));
    const before = this.#seen.get(base);
    this.#seen.set(base, { fingerprint, isSettled: newest <= at.getTime() - SETTLED_MS });
    if (before?.isSettled && before.fingerprint === fingerprint) return undefined;
    return elements.map(pullRequestOf).filter((each) => each !== undefined);
  }

  async pullRequest(number: number, options?: Interruptible): Promise<PullRequest | undefined> {
    const route = 'GET /repos/{owner}/{repo}/pulls/{index}';
    const parameters = { ...this.#at, index: number };
    const found = await this.#client.find(PullRequestAnswer, route, parameters, withTexts(options));
    return found && pullRequestOf(found);
  }

  async pullRequestsOf(commit: CommitSha, options?: Interruptible): Promise<readonly PullRequest[]> {
    const route = 'GET /repos/{owner}/{repo}/commits/{sha}/pull';
    const parameters = { ...this.#at, sha: commit };
    const found = await this.#client.find(PullRequestAnswer, route, parameters, withTexts(options));
    const pullRequest = found && pullRequestOf(found);
    return pullRequest === undefined ? [] : [pullRequest];
  }

  async comments(number: number, since?: Date, options?: Interruptible): Promise<readonly Comment[]> {
    const found = await this.#client.ask(
      CommentAnswer.array(),
      'GET /repos/{owner}/{repo}/issues/{index}/comments',
      { ...this.#at, index: number, ...(since === undefined ? {} : { since: since.toISOString() }) },
      withTexts(options),
    );
    return found.map(commentOf).toSorted((a, b) => a.id - b.id);
  }

  async comment(number: number, text: string, options?: Interruptible): Promise<Comment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{index}/comments';
    return await this.#written(route, { index: number, body: text }, options);
  }

  async editComment(id: number, text: string, options?: Interruptible): Promise<Comment> {
    const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{id}';
    return await this.#written(route, { id, body: text }, options);
  }

  async deleteComment(id: number, options?: Interruptible): Promise<void> {
    try {
      await this.#client.request(
        'DELETE /repos/{owner}/{repo}/issues/comments/{id}',
        { ...this.#at, id },
        options,
      );
    } catch (error) {
      if (!isForgeError(error, 'FORGE_NOT_FOUND')) throw error;
    }
  }

  async reviews(number: number, options?: Interruptible): Promise<readonly Review[]> {
    const route = 'GET /repos/{owner}/{repo}/pulls/{index}/reviews';
    const { elements } = await listAll(
      this.#client,
      ReviewAnswer,
      route,
      { ...this.#at, index: number },
      options,
    );
    return elements.map(reviewOf).filter((each) => each !== undefined);
  }

  async commitStatus(
    commit: CommitSha,
    context: string,
    options?: Interruptible,
  ): Promise<CommitStatus | undefined> {
    // The list of all that were ever written says only to the second which one is the newest.
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
    const parameters = { ...this.#at, ref: commit, limit: 50 };
    for await (const page of this.#client.pages(CombinedStatusAnswer, route, parameters, options)) {
      const found = page.statuses?.find((status) => status.context === context);
      if (found !== undefined) return statusOf(found);
    }
    return undefined;
  }

  async setCommitStatus(commit: CommitSha, status: CommitStatus, options?: Interruptible): Promise<void> {
    const { context, state, description, url = '' } = status;
    await this.#client.request(
      'POST /repos/{owner}/{repo}/statuses/{sha}',
      { ...this.#at, sha: commit, context, state, description, target_url: url },
      options,
    );
  }

  async annotate(
    pullRequest: PullRequest,
    name: string,
    annotations: readonly Annotation[],
    options?: Interruptible,
  ): Promise<void> {
    const self = await this.self(options);
    const place = { client: this.#client, repository: this.#at, self, pullRequest, name };
    await annotate(place, annotations, options);
  }

  async permission(login: string, options?: Interruptible): Promise<Permission> {
    return this.#permissions.of(login, options);
  }

  async file(branch: string, path: string, options?: Interruptible): Promise<string | undefined> {
    return (await giteaFile(this.#client, this.#at, branch, path, options))?.text;
  }

  async commitFile(change: FileChange, from?: CommitSha, options?: Interruptible): Promise<CommitSha> {
    return commitGiteaFile(this.#client, this.#at, change, from, options);
  }

  async createPullRequest(
    { title, text, head, base }: { title: string; text: string; head: string; base: string },
    options?: Interruptible,
  ): Promise<PullRequest> {
    const parameters = { ...this.#at, title, body: text, head, base };
    try {
      const route = 'POST /repos/{owner}/{repo}/pulls';
      const made = pullRequestOf(await this.#client.ask(PullRequestAnswer, route, parameters, options));
      if (made !== undefined) return made;
      throw new ForgeError('FORGE_ANSWER', `Gitea says of no commit that it is the head of ${head}.`);
    } catch (error) {
      if (!isForgeError(error, 'FORGE_REJECTED', 409)) throw error;
      // There is one already, made before the connection was cut, or by a person.
      const { elements } = await this.#listOpen(base, options);
      const found = elements
        .map(pullRequestOf)
        .find((each) => each !== undefined && !each.isFork && each.head.branch === head);
      if (found === undefined) throw error;
      return found;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async #written(route: string, parameters: ForgeParameters, options?: Interruptible): Promise<Comment> {
    const answer = await this.#client.ask(CommentAnswer, route, { ...this.#at, ...parameters }, options);
    const comment = commentOf(answer);
    this.#self.learn(await this.#client.credentials(), comment);
    return comment;
  }

  async #listOpen(base: string, options?: Interruptible) {
    const route = 'GET /repos/{owner}/{repo}/pulls';
    const parameters = { ...this.#at, state: 'open', sort: 'recentupdate', base_branch: base };
    const { elements, at } = await listAll(this.#client, PullRequestAnswer, route, parameters, options);
    // While pages are asked for, one that is changed moves to the first, and the last of a page to the next.
    const byNumber = new Map(elements.map((each) => [each.number, each]));
    // Forgejo and older ones do not know the parameter.
    return { elements: [...byNumber.values()].filter((each) => each.base.ref === base), at };
  }
}
