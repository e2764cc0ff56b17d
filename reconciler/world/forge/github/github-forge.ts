import * as z from 'zod';
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
import type { ForgeCredentials } from '../client-options.ts';
import { ForgeError } from '../errors.ts';
import { KnownSelf, keyOf } from '../known-self.ts';
import type { ForgeOptions, OpenedForge } from '../open-forge.ts';
import { githubAuthentication } from './app-octokit.ts';
import { annotateByCheck } from './check-run.ts';
import { apiOf, graphqlBaseOf, pagesOf } from './github-address.ts';
import {
  GithubComment,
  GithubPermission,
  GithubPullRequest,
  GithubReview,
  GithubStatus,
} from './github-answers.ts';
import { commitGithubFile, readGithubFile } from './github-files.ts';
import { type GithubRepository, githubRepository } from './github-repository.ts';
import { OpenList } from './open-list.ts';
import { annotateByReview } from './review-comments.ts';
import { selfOf } from './self.ts';

/** The version of the API that this is written for; GitHub Enterprise servers know it since 3.9. */
const API_VERSION = '2022-11-28';

const PER_PAGE = 100;

/** GitHub, as a service or as a server of one's own. */
export async function openGithubForge(options: Omit<ForgeOptions, 'kind'>): Promise<OpenedForge> {
  const { url, repository, log, ...reach } = options;
  const client = await openForgeClient({
    throttle: true,
    ...reach,
    forge: 'GitHub',
    api: apiOf(url),
    headers: { 'x-github-api-version': API_VERSION },
    authenticate: githubAuthentication(githubRepository(repository)),
  });
  return new GithubForge(client, url, repository, log);
}

class GithubForge implements Forge, AsyncDisposable {
  readonly name = 'GitHub';
  readonly repository: string;
  readonly commentLimit = 65_536;
  readonly pages: ForgePages;
  readonly #client: ForgeClient;
  readonly #log: ForgeOptions['log'];
  readonly #repo: GithubRepository;
  readonly #open: OpenList;
  readonly #graphql: string;
  readonly #self: KnownSelf;
  /** Credentials that checks were refused to. */
  readonly #unchecked = new Set<string>();

  constructor(client: ForgeClient, url: string, repository: string, log: ForgeOptions['log']) {
    this.repository = repository;
    this.pages = pagesOf(url, repository);
    this.#client = client;
    this.#log = log;
    this.#self = new KnownSelf(log);
    this.#repo = githubRepository(repository);
    this.#open = new OpenList(client, this.#repo);
    this.#graphql = graphqlBaseOf(apiOf(url));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async self(options?: Interruptible): Promise<string> {
    const credentials = await this.#client.credentials();
    const reach = { client: this.#client, graphql: this.#graphql };
    return await this.#self.of(credentials, () => selfOf(reach, credentials, options));
  }

  async openPullRequests(base: string, options?: Interruptible): Promise<readonly PullRequest[] | undefined> {
    return await this.#open.read(base, options);
  }

  async pullRequest(number: number, options?: Interruptible): Promise<PullRequest | undefined> {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const parameters = { ...this.#repo, pull_number: number };
    return await this.#client.find(GithubPullRequest, route, parameters, withTexts(options));
  }

  async pullRequestsOf(commit: CommitSha, options?: Interruptible): Promise<readonly PullRequest[]> {
    const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
    const parameters = { ...this.#repo, commit_sha: commit, per_page: PER_PAGE };
    try {
      const all = await this.#client.list(GithubPullRequest, route, parameters, withTexts(options));
      return all.filter(({ state }) => state === 'merged');
    } catch (error) {
      // A commit that GitHub does not know.
      if (error instanceof ForgeError && (error.status === 404 || error.status === 422)) return [];
      throw error;
    }
  }

  async comments(pullRequest: number, since?: Date, options?: Interruptible): Promise<readonly Comment[]> {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
    const parameters = {
      ...this.#repo,
      issue_number: pullRequest,
      per_page: PER_PAGE,
      // GitHub counts in whole seconds, and means changes by it.
      ...(since === undefined ? {} : { since: since.toISOString().replace(/\.\d+Z$/, 'Z') }),
    };
    const all = await this.#client.list(GithubComment, route, parameters, withTexts(options));
    return since === undefined
      ? all
      : all.filter(({ createdAt }) => createdAt.getTime() + 999 >= since.getTime());
  }

  async comment(pullRequest: number, text: string, options?: Interruptible): Promise<Comment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    return await this.#written(route, { issue_number: pullRequest, body: text }, options);
  }

  async editComment(id: number, text: string, options?: Interruptible): Promise<Comment> {
    const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
    return await this.#written(route, { comment_id: id, body: text }, options);
  }

  async deleteComment(id: number, options?: Interruptible): Promise<void> {
    const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
    try {
      await this.#client.request(route, { ...this.#repo, comment_id: id }, options);
    } catch (error) {
      if (!(error instanceof ForgeError) || error.code !== 'FORGE_NOT_FOUND') throw error;
    }
  }

  async reviews(pullRequest: number, options?: Interruptible): Promise<readonly Review[]> {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
    const parameters = { ...this.#repo, pull_number: pullRequest, per_page: PER_PAGE };
    const all = await this.#client.list(GithubReview, route, parameters, withTexts(options));
    return all.filter((review) => review !== undefined);
  }

  async commitStatus(
    commit: CommitSha,
    context: string,
    options?: Interruptible,
  ): Promise<CommitStatus | undefined> {
    // The combined one has only the newest of each name.
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
    const parameters = { ...this.#repo, ref: commit, per_page: PER_PAGE };
    for await (const { statuses } of this.#client.pages(CombinedStatus, route, parameters, options)) {
      const found = statuses.find((each) => each.context === context);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async setCommitStatus(commit: CommitSha, status: CommitStatus, options?: Interruptible): Promise<void> {
    const { context, state, description, url } = status;
    const target = url === undefined ? {} : { target_url: url };
    const parameters = { ...this.#repo, sha: commit, context, state, description, ...target };
    await this.#client.request('POST /repos/{owner}/{repo}/statuses/{sha}', parameters, options);
  }

  async annotate(
    pullRequest: PullRequest,
    name: string,
    annotations: readonly Annotation[],
    options?: Interruptible,
  ): Promise<void> {
    const credentials = await this.#client.credentials();
    const key = keyOf(credentials);
    const reach = { client: this.#client, repository: this.#repo, self: await this.self(options) };
    if (mayCheck(credentials) && !this.#unchecked.has(key)) {
      try {
        await annotateByCheck(reach, pullRequest.head.commit, name, annotations, options);
        return;
      } catch (error) {
        if (!(error instanceof ForgeError) || error.code !== 'FORGE_FORBIDDEN') throw error;
        const { code, message: why, hint } = error;
        this.#log?.warn(
          { code, why, hint },
          'Showing annotations as review comments, since checks are refused',
        );
        this.#unchecked.clear();
        this.#unchecked.add(key);
      }
    }
    await annotateByReview(reach, pullRequest, name, annotations, options);
  }

  async permission(login: string, options?: Interruptible): Promise<Permission> {
    const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
    const found = await this.#client.find(
      GithubPermission,
      route,
      { ...this.#repo, username: login },
      options,
    );
    return found ?? 'none';
  }

  async file(branch: string, path: string, options?: Interruptible): Promise<string | undefined> {
    const reach = { client: this.#client, repository: this.#repo };
    return (await readGithubFile(reach, branch, path, options))?.text;
  }

  async commitFile(change: FileChange, from?: CommitSha, options?: Interruptible): Promise<CommitSha> {
    return await commitGithubFile({ client: this.#client, repository: this.#repo }, change, from, options);
  }

  async createPullRequest(
    { title, text, head, base }: Parameters<Forge['createPullRequest']>[0],
    options?: Interruptible,
  ): Promise<PullRequest> {
    const parameters = { ...this.#repo, title, body: text, head, base };
    try {
      const route = 'POST /repos/{owner}/{repo}/pulls';
      return await this.#client.ask(GithubPullRequest, route, parameters, options);
    } catch (error) {
      if (!(error instanceof ForgeError) || error.status !== 422) throw error;
      // There may be one already, made before the connection was cut, or by a person.
      const found = await this.#openOf(head, base, options);
      if (found === undefined) throw error;
      return found;
    }
  }

  async #openOf(branch: string, base: string, options?: Interruptible): Promise<PullRequest | undefined> {
    const parameters = { ...this.#repo, state: 'open', base, head: `${this.#repo.owner}:${branch}` };
    const route = 'GET /repos/{owner}/{repo}/pulls';
    const found = await this.#client.list(GithubPullRequest, route, parameters, withTexts(options));
    return found.find(({ isFork, head }) => !isFork && head.branch === branch);
  }

  async #written(route: string, parameters: ForgeParameters, options?: Interruptible): Promise<Comment> {
    const comment = await this.#client.ask(GithubComment, route, { ...this.#repo, ...parameters }, options);
    this.#self.learn(await this.#client.credentials(), comment);
    return comment;
  }
}

const CombinedStatus = z.object({ statuses: z.array(GithubStatus) });

/** Only apps have checks; what a workflow is given is a token of an app’s installation. */
function mayCheck({ app, token }: ForgeCredentials): boolean {
  return app !== undefined || (token?.startsWith('ghs_') ?? false);
}
