import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { PullRequest } from '../../../forge-port.ts';
import type { Interruptible } from '../../../ports.ts';
import { type ForgeClient, hasNextPage, withTexts } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { GithubPullRequest } from './github-answers.ts';
import type { GithubRepository } from './github-repository.ts';

const ROUTE = 'GET /repos/{owner}/{repo}/pulls';
const Page = z.array(GithubPullRequest);

/** So many pages of 100 are read at most. */
const MOST_PAGES = 50;
/** A list that never holds still is told as it was found, and read again the next time. */
const MOST_ROUNDS = 3;

interface KnownPage {
  readonly etag: string | undefined;
  readonly pulls: readonly PullRequest[];
  readonly hasNext: boolean;
}

/** The open pull requests of a repository. What has not changed since it was asked before costs no rate limit. */
export class OpenList {
  readonly #client: ForgeClient;
  readonly #repository: GithubRepository;
  readonly #known = new Map<string, readonly KnownPage[]>();

  constructor(client: ForgeClient, repository: GithubRepository) {
    this.#client = client;
    this.#repository = repository;
  }

  /** Undefined where nothing has changed. What was read is remembered only once all of it has been. */
  async read(base: string, options?: Interruptible): Promise<readonly PullRequest[] | undefined> {
    const first = await this.#round(base, this.#known.get(base) ?? [], options);
    if (!first.isChanged) return undefined;
    let found = first.pages;
    const seen = found.flatMap(({ pulls }) => pulls);
    // One that changes while pages are read moves to the front, and makes another one slip from page to page unseen.
    let isStill = found.length === 1;
    for (let round = 1; !isStill && round < MOST_ROUNDS; round++) {
      const { pages, isChanged } = await this.#round(base, found, options);
      seen.push(...pages.flatMap(({ pulls }) => pulls));
      found = pages;
      isStill = !isChanged;
    }
    if (isStill) this.#known.set(base, found);
    else this.#known.delete(base);
    return newestOfEach(isStill ? found.flatMap(({ pulls }) => pulls) : seen);
  }

  async #round(
    base: string,
    before: readonly KnownPage[],
    options: Interruptible | undefined,
  ): Promise<{ readonly pages: readonly KnownPage[]; readonly isChanged: boolean }> {
    const pages: KnownPage[] = [];
    do {
      if (pages.length === MOST_PAGES) {
        throw new ForgeError('FORGE_ANSWER', `More than ${MOST_PAGES * 100} pull requests are open.`, {
          hint: 'Close what is no longer needed.',
        });
      }
      pages.push(await this.#page(base, pages.length + 1, before[pages.length], options));
    } while (pages.at(-1)?.hasNext);
    // Not by the ETags alone: a new token gives new ones for the same list.
    const isChanged = !isDeepStrictEqual(
      pages.map(({ pulls }) => pulls),
      before.map(({ pulls }) => pulls),
    );
    return { pages, isChanged: isChanged || before.length === 0 };
  }

  async #page(
    base: string,
    page: number,
    known: KnownPage | undefined,
    options: Interruptible | undefined,
  ): Promise<KnownPage> {
    const parameters = {
      ...this.#repository,
      state: 'open',
      base,
      sort: 'updated',
      direction: 'desc',
      per_page: 100,
      page,
      ...(known?.etag === undefined ? {} : { headers: { 'if-none-match': known.etag } }),
    };
    const answer = await this.#client.request(ROUTE, parameters, withTexts(options));
    if (known !== undefined && answer.status === 304) return known;
    return {
      etag: answer.headers['etag'],
      pulls: this.#client.parse(Page, answer.data, ROUTE),
      hasNext: hasNextPage(answer),
    };
  }
}

/** Each once, those changed last first. */
function newestOfEach(pulls: readonly PullRequest[]): readonly PullRequest[] {
  const oldestFirst = pulls.toSorted((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime());
  const byNumber = new Map(oldestFirst.map((each) => [each.number, each]));
  return [...byNumber.values()].sort(
    (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime() || b.number - a.number,
  );
}
