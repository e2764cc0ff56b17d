import { describe, expect, it } from 'vitest';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { githubFixture } from './fixture.ts';

const { standIn, forgeAt } = await githubFixture();
type Options = NonNullable<Parameters<typeof forgeAt>[1]>;

async function opened(options: Options = {}) {
  const github = await standIn();
  github.state.pull(7);
  return { github, state: github.state, forge: await forgeAt(github, options) };
}

const POSTED = /^POST .*\/comments$/;
const PULLS = /^GET .*\/pulls$/;
const HTML = '<html><head><title>Sign in</title></head></html>';

async function failureOf(work: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await work.then(
    () => 'nothing failed',
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(ForgeError);
  return error as ForgeError;
}

describe('a GitHub that fails', () => {
  it('is asked again where that does no harm, twice at most', async () => {
    const { github, forge } = await opened();
    github.plan({ at: PULLS, times: 2, how: { status: 503, body: 'Unicorn' } });

    expect(await forge.openPullRequests('main')).toHaveLength(1);
    github.plan({ at: PULLS, times: 9, how: { status: 502, body: '{"message":"Server Error"}' } });
    expect(await failureOf(forge.openPullRequests('main'))).toMatchObject({
      code: 'FORGE_UNREACHABLE',
      retry: 'next-pass',
      status: 502,
    });
    expect(github.lines().map((line) => line.split(' ').at(-1))).toEqual([
      '503',
      '503',
      '200',
      '502',
      '502',
      '502',
    ]);
  });

  it('in mid-post gets the comment once, and no second time', async () => {
    const { github, state, forge } = await opened();
    github.plan({ at: POSTED, isDone: true, how: { status: 502, body: HTML } });

    expect(await failureOf(forge.comment(7, 'The plan'))).toMatchObject({ code: 'FORGE_UNREACHABLE' });

    expect(github.heard).toHaveLength(1);
    expect([...state.comments.values()].map(({ body }) => body)).toEqual(['The plan']);
  });

  it('by a connection that is cut is asked again, save for what may be done by then', async () => {
    const { github, state, forge } = await opened();
    github.plan({ at: PULLS, how: 'cut' });
    github.plan({ at: PULLS, how: 'half' });
    github.plan({ at: POSTED, isDone: true, how: 'cut' });

    expect(await forge.openPullRequests('main')).toHaveLength(1);
    expect((await failureOf(forge.comment(7, 'The plan'))).message).toMatch(
      /^GitHub at 127\.0\.0\.1:\d+ cannot be reached: the connection was cut\.$/,
    );

    expect(github.lines().filter((line) => line.startsWith('GET'))).toHaveLength(3);
    expect(state.comments.size).toBe(1);
  });

  it.each(['silent', 'stalled'] as const)(
    'by being %s is given up after the time limit, and not asked again',
    async (how) => {
      const { github, forge } = await opened({ limits: { timeoutMs: 200 } });
      github.plan({ at: PULLS, times: 9, how });

      expect((await failureOf(forge.openPullRequests('main'))).message).toMatch(
        /does not answer within 0\.2 s\.$/,
      );
      expect(github.heard).toHaveLength(1);
    },
  );

  it('is given up at once when whoever asks ends', async () => {
    const { github, forge } = await opened();
    github.plan({ at: PULLS, how: 'silent' });
    const stop = new AbortController();

    const asking = forge.openPullRequests('main', { signal: stop.signal });
    stop.abort(new Error('The process ends.'));

    await expect(asking).rejects.toThrow('The process ends.');
    await expect(forge.self({ signal: stop.signal })).rejects.toThrow('The process ends.');
  });

  it('is given up at once between two tries, too', async () => {
    const { github, forge } = await opened({ retryMs: 60_000 });
    github.plan({ at: PULLS, how: { status: 503, body: 'Unicorn' } });
    const stop = new AbortController();
    const asking = forge.openPullRequests('main', { signal: stop.signal });
    github.plan({ at: /never/, how: 'silent' });
    await expect.poll(() => github.heard.length).toBe(1);

    stop.abort(new Error('The process ends.'));

    await expect(asking).rejects.toThrow('The process ends.');
  });

  it.each([200, 404, 302, 418])(
    'by a page of a proxy (%i) is told apart from one that has nothing',
    async (status) => {
      const { github, forge } = await opened();
      const headers = { 'content-type': 'text/html; charset=utf-8', location: 'https://login.example/' };
      github.plan({ at: /pulls\/7$/, how: { status, headers, body: HTML } });

      const error = await failureOf(forge.pullRequest(7));

      expect(error).toMatchObject({ code: 'FORGE_ANSWER', retry: 'next-pass' });
      expect(error.message).not.toContain('html');
      expect(error.hint).toMatch(/forge\.url/);
    },
  );

  it('by JSON of another shape is told with the place', async () => {
    const { github, forge } = await opened();
    github.plan({ at: /pulls\/7$/, how: { status: 200, body: '{"number":"seven"}' } });
    github.plan({
      at: /pulls\/7$/,
      how: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"number":' },
    });

    expect((await failureOf(forge.pullRequest(7))).message).toMatch(
      /answers GET \/repos\/\{owner\}\/\{repo\}\/pulls\/\{pull_number\} otherwise than GitHub does: number is not as described\.$/,
    );
    expect((await failureOf(forge.pullRequest(7))).code).toBe('FORGE_ANSWER');
  });

  it('by an answer without end is read up to the limit', async () => {
    const { github, forge } = await opened({ limits: { answerBytes: 100_000 } });
    github.plan({ at: PULLS, times: 9, how: { status: 200, body: `[${'0,'.repeat(100_000)}0]` } });

    expect((await failureOf(forge.openPullRequests('main'))).message).toMatch(
      /answers with more than 100000 bytes\.$/,
    );
  });

  it('is followed where it has moved within itself, never to somebody else', async () => {
    const { github, state, forge } = await opened();
    const to = (location: string, status = 307) => ({ status, headers: { location }, body: '{}' });
    github.plan({ at: /pulls\/7$/, how: to('/api/v3/repos/acme/infra/pulls/7', 301) });
    github.plan({ at: POSTED, how: to('/api/v3/repos/acme/infra/issues/7/comments') });
    expect(await forge.pullRequest(7)).toMatchObject({ number: 7 });
    await forge.comment(7, 'The plan');
    expect(state.comments.size).toBe(1);

    const other = await standIn();
    github.plan({ at: POSTED, how: to(`${other.url}/api/v3/repos/acme/infra/issues/7/comments`) });
    // A write that is sent on like that would become a read.
    github.plan({ at: POSTED, how: to('/api/v3/repos/acme/infra/issues/7/comments', 302) });
    expect((await failureOf(forge.comment(7, 'The plan'))).code).toBe('FORGE_ANSWER');
    expect((await failureOf(forge.comment(7, 'The plan'))).code).toBe('FORGE_ANSWER');
    expect(other.heard).toEqual([]);
    expect(state.comments.size).toBe(1);
  });

  it('is named where nobody is there', async () => {
    const { github, forge } = await opened({ retries: 0 });
    await github[Symbol.asyncDispose]().catch(() => undefined);

    expect(await failureOf(forge.self())).toMatchObject({
      code: 'FORGE_UNREACHABLE',
      message: expect.stringMatching(/cannot be reached: it refuses connections\.$/) as string,
    });
  });
});
