import { describe, expect, it } from 'vitest';
import type { Annotation, PullRequest } from '../../../../../reconciler/forge-port.ts';
import type { OpenedForge } from '../../../../../reconciler/world/forge/open-forge.ts';
import { faultProxy } from '../../../../forge/fault-proxy.ts';
import { giteaForge } from '../../../../forge/gitea-forge.ts';
import type { GiteaRepository } from '../../../../forge/gitea-repository.ts';
import type { GiteaUser } from '../../../../forge/gitea-user.ts';
import { sharedGitea } from '../../../../forge/gitea.ts';

const gitea = await sharedGitea();
const NAME = 'weka-gitops/east';

interface Place {
  readonly ada: GiteaUser;
  readonly bot: GiteaUser;
  readonly repository: GiteaRepository;
  readonly forge: OpenedForge;
  readonly pullRequest: PullRequest;
}

/** A pull request that changes `a.yaml`, and the account that annotates it. */
async function aPullRequest(): Promise<Place> {
  const [ada, bot] = await Promise.all([gitea.user('ada'), gitea.user('bot')]);
  const repository = await gitea.repository(ada, 'cluster');
  await repository.push({ 'a.yaml': lines(20, 'old'), 'b.yaml': lines(5, 'b') });
  await repository.allow(bot, 'write');
  await repository.pushBranch('change', { 'a.yaml': lines(20, 'new') });
  const number = await repository.openPullRequest({ head: 'change' });
  const forge = await giteaForge(repository, bot.token);
  return { ada, bot, repository, forge, pullRequest: (await forge.pullRequest(number))! };
}

const lines = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `line${index + 1}: ${word}\n`).join('');

const finding = (line: number, more: Partial<Annotation> = {}): Annotation => ({
  file: 'a.yaml',
  line,
  level: 'error',
  title: 'Out of memory',
  text: `The node has too little for \`line${line}\`.`,
  ...more,
});

interface ReviewComment {
  readonly id: number;
  readonly path: string;
  readonly position: number;
  readonly body: string;
  readonly pull_request_review_id: number;
  readonly user: { readonly login: string };
  readonly resolver: { readonly login: string } | null;
}

/** All review comments that are shown, in the order they were written. */
async function shown({ ada, repository, pullRequest }: Place): Promise<readonly ReviewComment[]> {
  const path = repository.path('pulls', pullRequest.number, 'reviews');
  const reviews = await ada.request<{ id: number }[]>('GET', path);
  const comments = await Promise.all(
    reviews.map(({ id }) => ada.request<ReviewComment[]>('GET', `${path}/${id}/comments`)),
  );
  return comments.flat().toSorted((a, b) => a.id - b.id);
}

/** Answers a review comment as its page does, since the API has no way to. */
async function answer({ ada, repository, pullRequest }: Place, comment: ReviewComment): Promise<void> {
  const post = (path: string, form: Readonly<Record<string, string>>, cookie = '') =>
    fetch(`${gitea.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(form),
    });
  const login = await post('/user/login', { user_name: ada.name, password: ada.password });
  // Logging in gives a session in place of the one that was just begun.
  const cookie = login.headers
    .getSetCookie()
    .findLast((each) => each.startsWith('i_like_gitea='))!
    .split(';')[0];
  const answered = await post(
    `/${repository.fullName}/pulls/${pullRequest.number}/files/reviews/comments`,
    {
      origin: 'timeline',
      side: 'proposed',
      content: 'I know.',
      path: comment.path,
      line: String(comment.position),
      reply: String(comment.pull_request_review_id),
      single_review: 'true',
      latest_commit_id: pullRequest.head.commit,
    },
    cookie,
  );
  expect(answered.status).toBe(200);
}

const places = (comments: readonly ReviewComment[]) =>
  comments.map(({ path, position }) => `${path}:${position}`);

describe('annotations on Gitea', () => {
  it('stand at their lines, also where the pull request changes nothing', async () => {
    const place = await aPullRequest();
    const { forge, pullRequest, bot } = place;
    await forge.annotate(pullRequest, NAME, [
      finding(3),
      finding(2, { file: 'b.yaml', level: 'warning', title: '@ada closes #1 <img>' }),
    ]);
    const comments = await shown(place);
    expect(places(comments)).toEqual(['a.yaml:3', 'b.yaml:2']);
    expect(comments.every(({ user }) => user.login === bot.name)).toBe(true);
    const html = await Promise.all(comments.map(({ body }) => gitea.renderMarkdown(body, place.repository)));
    expect(html[0]).toContain('<strong>Error:</strong> Out of memory');
    expect(html[1]).toContain('<strong>Warning:</strong>');
    expect(html.join('')).not.toMatch(/<img|<a |weka-gitops-annotation/);
  });

  it('are written once, and taken away when they no longer hold', async () => {
    const place = await aPullRequest();
    const { forge, pullRequest } = place;
    await forge.annotate(pullRequest, NAME, [finding(3), finding(5)]);
    const before = await shown(place);
    await forge.annotate(pullRequest, NAME, [finding(5), finding(3)]);
    expect(await shown(place)).toEqual(before);

    await forge.annotate(pullRequest, NAME, [finding(5), finding(7)]);
    const after = await shown(place);
    expect(places(after)).toEqual(['a.yaml:5', 'a.yaml:7']);
    expect(after[0]!.id).toBe(before[1]!.id);

    await forge.annotate(pullRequest, NAME, []);
    expect(await shown(place)).toEqual([]);
    expect(await forge.reviews(pullRequest.number)).toEqual([]);
  });

  it('stay where those of another name go, and never touch what others wrote', async () => {
    const place = await aPullRequest();
    const { ada, forge, pullRequest, repository } = place;
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    await forge.annotate(pullRequest, 'weka-gitops/west', [finding(3), finding(4)]);
    const [, forged] = await shown(place);
    await ada.request('POST', repository.path('pulls', pullRequest.number, 'reviews'), {
      event: 'COMMENT',
      comments: [{ path: 'a.yaml', new_position: 9, body: forged!.body }],
    });
    await forge.annotate(pullRequest, 'weka-gitops/west', []);
    const left = await shown(place);
    expect(left.map(({ user, position }) => [user.login, position])).toEqual([
      [place.bot.name, 3],
      [ada.name, 9],
    ]);
  });

  it('are few: the gravest ones', async () => {
    const place = await aPullRequest();
    const { forge, pullRequest } = place;
    const notices = Array.from({ length: 12 }, (_, index) => finding(index + 1, { level: 'notice' }));
    await forge.annotate(pullRequest, NAME, [...notices, finding(15), finding(14, { level: 'warning' })]);
    const comments = await shown(place);
    expect(comments).toHaveLength(10);
    expect(places(comments)).toEqual([15, 14, 1, 2, 3, 4, 5, 6, 7, 8].map((line) => `a.yaml:${line}`));
  });

  it('are kept when a person has resolved them', async () => {
    const place = await aPullRequest();
    const { ada, forge, pullRequest, repository } = place;
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    const [comment] = await shown(place);
    await ada.request('POST', repository.path('pulls', 'comments', comment!.id, 'resolve'));
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    expect(await shown(place)).toMatchObject([{ id: comment!.id, resolver: { login: ada.name } }]);
  });

  it('are resolved in place of deleted where somebody has answered, and open again when they hold again', async () => {
    const place = await aPullRequest();
    const { ada, bot, forge, pullRequest } = place;
    await forge.annotate(pullRequest, NAME, [finding(3), finding(5)]);
    const [comment] = await shown(place);
    await answer(place, comment!);
    const told = async () =>
      (await shown(place)).map(({ user, position, resolver }) => [user.login, position, resolver?.login]);
    const both = [
      [bot.name, 3, undefined],
      [bot.name, 5, undefined],
      [ada.name, 3, undefined],
    ];
    expect(await told()).toEqual(both);

    await forge.annotate(pullRequest, NAME, []);
    const left = [
      [bot.name, 3, bot.name],
      [ada.name, 3, undefined],
    ];
    expect(await told()).toEqual(left);
    await forge.annotate(pullRequest, NAME, []);
    expect(await told()).toEqual(left);
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    expect(await told()).toEqual([both[0], both[2]]);
  });

  it('survive a push that leaves them true', async () => {
    const place = await aPullRequest();
    const { forge, pullRequest, repository } = place;
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    const before = await shown(place);
    await repository.push({ 'c.yaml': 'c: 1\n' }, { branch: 'change' });
    const moved = (await forge.pullRequest(pullRequest.number))!;
    expect(moved.head.commit).not.toBe(pullRequest.head.commit);
    await forge.annotate(moved, NAME, [finding(3)]);
    expect(places(await shown(place))).toEqual(places(before));
  });

  it('are written once also where the answer to the first attempt is lost', async () => {
    const place = await aPullRequest();
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(place.repository, place.bot.token, { url: proxy.url });
    proxy.trouble = ({ method }) => (method === 'POST' ? { answer: 502, isDone: true } : undefined);
    await expect(forge.annotate(place.pullRequest, NAME, [finding(3)])).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
    });
    proxy.trouble = () => undefined;
    await forge.annotate(place.pullRequest, NAME, [finding(3)]);
    expect(places(await shown(place))).toEqual(['a.yaml:3']);
  });

  it('leave nothing begun behind: what was not handed in goes first', async () => {
    const place = await aPullRequest();
    const { bot, forge, pullRequest, repository } = place;
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    const [{ body }] = (await shown(place)) as [ReviewComment];
    await forge.annotate(pullRequest, NAME, []);
    // As Gitea leaves it when it fails between the comments and the review.
    await bot.request('POST', repository.path('pulls', pullRequest.number, 'reviews'), {
      body: 'begun',
      comments: [{ path: 'a.yaml', new_position: 3, body }],
    });
    await forge.annotate(pullRequest, NAME, [finding(3)]);
    expect(places(await shown(place))).toEqual(['a.yaml:3']);
  });

  it('are left out where the head has no such line, as when it stands in the base only', async () => {
    const place = await aPullRequest();
    const { forge, pullRequest } = place;
    await forge.annotate(pullRequest, NAME, [finding(3), finding(999), finding(1, { file: 'gone.yaml' })]);
    expect(places(await shown(place))).toEqual(['a.yaml:3']);
  });
});
