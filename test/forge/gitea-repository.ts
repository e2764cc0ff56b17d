import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type CommitOptions, type Entry, GitRepository } from '../support/git-repository.ts';
import { until } from '../cluster/until.ts';
import type { GiteaAddress } from './gitea-server.ts';
import type { GiteaUser } from './gitea-user.ts';

export interface PushOptions extends CommitOptions {
  /** Who pushes; the owner where unset. */
  readonly as?: GiteaUser;
}

export interface PullRequestOptions {
  readonly title?: string;
  readonly text?: string;
  /** The branch, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base?: string;
  readonly as?: GiteaUser;
}

export interface ReviewOptions {
  readonly verdict: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';
  readonly text?: string;
  readonly as: GiteaUser;
}

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
}

/** A repository on Gitea, and a bare one on this machine that its commits are made in. */
export class GiteaRepository {
  readonly owner: GiteaUser;
  readonly name: string;
  /** What is pushed, by git itself. */
  readonly local: GitRepository;
  readonly #address: GiteaAddress;

  /** Makes an empty one. */
  static async create(
    address: GiteaAddress,
    owner: GiteaUser,
    name: string,
    { isPrivate = false }: { readonly isPrivate?: boolean } = {},
  ): Promise<GiteaRepository> {
    await owner.request('POST', '/user/repos', { name, private: isPrivate, default_branch: 'main' });
    const path = join(address.folder, 'clones', randomBytes(6).toString('hex'));
    return new GiteaRepository(address, owner, name, await GitRepository.create(path));
  }

  constructor(address: GiteaAddress, owner: GiteaUser, name: string, local: GitRepository) {
    this.#address = address;
    this.owner = owner;
    this.name = name;
    this.local = local;
  }

  /** `owner/name` */
  get fullName(): string {
    return `${this.owner.name}/${this.name}`;
  }

  /** Where git finds it, without a credential. */
  get url(): string {
    return `${this.#address.url}/${this.fullName}.git`;
  }

  /** The same with somebody's credential in it. */
  urlFor(user: GiteaUser): string {
    return this.url.replace('//', `//${user.name}:${user.token}@`);
  }

  /** Commits on top of what the branch holds here, and pushes it over HTTP. Gives the commit. */
  async push(
    files: Readonly<Record<string, Entry>>,
    { as = this.owner, ...options }: PushOptions = {},
  ): Promise<string> {
    const branch = options.branch ?? 'main';
    const commit = await this.local.commit(files, options);
    const force = options.onto === undefined ? [] : ['--force'];
    await this.local.git([
      'push',
      '--quiet',
      ...force,
      this.urlFor(as),
      `refs/heads/${branch}:refs/heads/${branch}`,
    ]);
    return commit;
  }

  /** Makes a branch of what another one holds here, and commits to it: what a pull request is made of. */
  async pushBranch(
    branch: string,
    files: Readonly<Record<string, Entry>>,
    options: Omit<PushOptions, 'branch' | 'onto'> & { readonly from?: string } = {},
  ): Promise<string> {
    const { from = 'main', ...others } = options;
    await this.local.branch(branch, from);
    return this.push(files, { ...others, branch });
  }

  /** Takes over what the branch holds on the server. */
  async fetch(branch = 'main'): Promise<string> {
    await this.local.git([
      'fetch',
      '--quiet',
      this.urlFor(this.owner),
      `+refs/heads/${branch}:refs/heads/${branch}`,
    ]);
    return (await this.local.resolve(branch))!;
  }

  /** Opens a pull request, and gives its number. */
  async openPullRequest(options: PullRequestOptions): Promise<number> {
    const { title = `Merge ${options.head}`, text = '', head, base = 'main', as = this.owner } = options;
    const opened = await as.request<{ number: number }>('POST', this.path('pulls'), {
      title,
      body: text,
      head,
      base,
    });
    return opened.number;
  }

  /** Merges a pull request as its page does, and gives the commit that came of it. */
  async merge(
    number: number,
    {
      as = this.owner,
      by = 'merge',
    }: { readonly as?: GiteaUser; readonly by?: 'merge' | 'squash' | 'rebase' } = {},
  ): Promise<string> {
    // Gitea finds out in the background whether it can be merged.
    await until(`pull request ${number} can be merged`, async () => {
      const { mergeable } = await as.request<{ mergeable: boolean }>('GET', this.path('pulls', number));
      return mergeable;
    });
    await as.request('POST', this.path('pulls', number, 'merge'), { Do: by });
    const merged = await as.request<{ merge_commit_sha: string }>('GET', this.path('pulls', number));
    return merged.merge_commit_sha;
  }

  async close(number: number, as: GiteaUser = this.owner): Promise<void> {
    await as.request('PATCH', this.path('pulls', number), { state: 'closed' });
  }

  /** Comments on the page of a pull request, and gives the comment's id. */
  async comment(number: number, text: string, as: GiteaUser = this.owner): Promise<number> {
    const { id } = await as.request<{ id: number }>('POST', this.path('issues', number, 'comments'), {
      body: text,
    });
    return id;
  }

  async review(number: number, { verdict, text = 'Seen.', as }: ReviewOptions): Promise<number> {
    const body = { event: verdict, body: text };
    const { id } = await as.request<{ id: number }>('POST', this.path('pulls', number, 'reviews'), body);
    return id;
  }

  /** What a user may do here from now on. */
  async allow(user: GiteaUser, permission: 'read' | 'write' | 'admin'): Promise<void> {
    await this.owner.request('PUT', this.path('collaborators', user.name), { permission });
  }

  /** A copy that belongs to another user, with all commits that are here. */
  async fork(as: GiteaUser): Promise<GiteaRepository> {
    await as.request('POST', this.path('forks'), {});
    const path = join(this.#address.folder, 'clones', randomBytes(6).toString('hex'));
    const local = await GitRepository.create(path);
    await local.git(['fetch', '--quiet', this.local.path, '+refs/heads/*:refs/heads/*']);
    return new GiteaRepository(this.#address, as, this.name, local);
  }

  /** Has Gitea call an address of this machine. */
  async createWebhook({ url, secret, events }: WebhookOptions): Promise<void> {
    const config = { url, secret, content_type: 'json' };
    await this.owner.request('POST', this.path('hooks'), { type: 'gitea', active: true, events, config });
  }

  /** Of something of it in the API: `path('pulls', 7)`. */
  path(...parts: readonly (string | number)[]): string {
    return ['/repos', this.owner.name, this.name, ...parts].join('/');
  }
}
