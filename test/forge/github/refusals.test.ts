import { describe, expect, it } from 'vitest';
import type { ForgeCredentials } from '../../../reconciler/world/forge/client-options.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { githubFixture } from './fixture.ts';
import { shaOf } from './stand-in-state.ts';

const { standIn, forgeAt } = await githubFixture();
type Options = NonNullable<Parameters<typeof forgeAt>[1]>;

async function opened(options: Options = {}) {
  const github = await standIn();
  github.state.pull(7);
  return { github, state: github.state, forge: await forgeAt(github, options) };
}

const POSTED = /^POST .*\/comments$/;

async function failureOf(work: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await work.then(
    () => 'nothing failed',
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(ForgeError);
  return error as ForgeError;
}

describe('limits of GitHub', () => {
  it('are told with the time until they are renewed, and nothing is asked before', async () => {
    let now = 1_000_000;
    const { github, forge } = await opened({ time: { now: () => now } });
    github.rate = { limit: 60, used: 60, resetAt: Math.floor(Date.now() / 1000) + 900 };

    const error = await failureOf(forge.openPullRequests('main'));
    expect(error).toMatchObject({ code: 'FORGE_RATE_LIMIT', retry: 'next-pass', status: 403 });
    expect(error.message).toMatch(/^The rate limit of 60 an hour of GitHub at .* is used up\.$/);
    expect(error.retryAfterMs).toBeGreaterThan(895_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(902_000);

    github.rate.used = 0;
    now += 800_000;
    const again = await failureOf(forge.comment(7, 'The plan'));
    expect(again).toMatchObject({ code: 'FORGE_RATE_LIMIT', retryAfterMs: error.retryAfterMs! - 800_000 });
    expect(github.heard).toHaveLength(1);

    now += 110_000;
    expect(await forge.openPullRequests('main')).toHaveLength(1);
  });

  it.each([
    ['with a time', 403, { 'retry-after': '17' }, 'You have exceeded a secondary rate limit.', 17_000],
    ['without a time', 403, {}, 'You have exceeded a secondary rate limit. Please wait.', 60_000],
    ['of many at once', 429, {}, 'Too many requests', 60_000],
    ['of abuse', 403, {}, 'You have triggered an abuse detection mechanism.', 60_000],
  ])(
    'on what is done too fast %s are no missing right',
    async (_name, status, headers, message, retryAfterMs) => {
      const { github, state, forge } = await opened();
      github.plan({ at: POSTED, how: { status, headers, body: JSON.stringify({ message }) } });

      expect(await failureOf(forge.comment(7, 'The plan'))).toMatchObject({
        code: 'FORGE_RATE_LIMIT',
        retryAfterMs,
      });
      expect(github.heard).toHaveLength(1);
      expect(state.comments.size).toBe(0);
    },
  );
});

describe('credentials of GitHub', () => {
  it('are read again when they are refused, and what was asked for is done once', async () => {
    let token = 'ghp_old';
    let reads = 0;
    const credentials = (): Promise<ForgeCredentials> => {
      reads++;
      return Promise.resolve({ token });
    };
    const { github, state, forge } = await opened({ credentials });
    state.tokens.set('ghp_old', { login: 'weka-bot', kind: 'user' });
    await forge.comment(7, 'One');
    state.tokens.delete('ghp_old');
    token = 'ghp_ours';

    await Promise.all([forge.comment(7, 'Two'), forge.comment(7, 'Three')]);

    expect([...state.comments.values()].map(({ body }) => body).sort()).toEqual(['One', 'Three', 'Two']);
    expect(reads).toBeLessThanOrEqual(4);
    expect(github.lines().filter((line) => line.endsWith('401'))).not.toEqual([]);
  });

  it('that nobody has replaced are told as refused, by one request', async () => {
    const { github, state, forge } = await opened();
    state.tokens.clear();

    const error = await failureOf(forge.openPullRequests('main'));

    expect(error).toMatchObject({ code: 'FORGE_UNAUTHORIZED', retry: 'after-change', status: 401 });
    expect(error.message).not.toContain('ghp_');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('ghp_');
    expect(github.heard).toHaveLength(1);
  });

  it.each([
    [
      'of a fine-grained token',
      { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
      'Resource not accessible by personal access token',
      'GitHub forbids POST /api/v3/repos/acme/infra/issues/7/comments: our account lacks issues=write or pull_requests=write.',
    ],
    [
      'of a classic token',
      { 'x-accepted-oauth-scopes': 'repo, public_repo', 'x-oauth-scopes': 'read:org' },
      'Must have write rights.',
      'GitHub forbids POST /api/v3/repos/acme/infra/issues/7/comments: our account lacks the scope repo or public_repo.',
    ],
    [
      'that no header names',
      {},
      'Repository was archived so is read-only.',
      'GitHub forbids POST /api/v3/repos/acme/infra/issues/7/comments (403): Repository was archived so is read-only.',
    ],
    [
      'of single sign-on',
      { 'x-github-sso': 'required; url=https://github.example/orgs/acme/sso' },
      'Resource protected by organization SAML enforcement.',
      'The organization asks for single sign-on, and our token has none.',
    ],
  ])('that lack a right %s are told with its name', async (_name, headers, message, sentence) => {
    const { github, forge } = await opened();
    github.plan({ at: POSTED, how: { status: 403, headers, body: JSON.stringify({ message }) } });

    const error = await failureOf(forge.comment(7, 'The plan'));

    expect(error).toMatchObject({ code: 'FORGE_FORBIDDEN', retry: 'after-change', message: sentence });
  });

  it('of another repository find nothing there', async () => {
    const github = await standIn();
    const forge = await forgeAt(github, { repository: 'acme/secret' });

    const commit = shaOf('c') as CommitSha;
    const status = { context: 'x', state: 'success', description: 'y' } as const;
    expect(await failureOf(forge.setCommitStatus(commit, status))).toMatchObject({
      code: 'FORGE_NOT_FOUND',
      hint: expect.stringContaining('forge.repository') as string,
    });
  });

  it('are sent to nobody without any', async () => {
    const { github, forge } = await opened({ credentials: () => Promise.resolve({}) });

    expect(await failureOf(forge.self())).toMatchObject({ code: 'FORGE_UNAUTHORIZED' });
    expect(github.heard).toEqual([]);
  });
});
