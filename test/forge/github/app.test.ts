import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { ForgeCredentials } from '../../../reconciler/world/forge/client-options.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { githubFixture } from './fixture.ts';

const { standIn, forgeAt } = await githubFixture();

const keys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
const first = keys();
const second = keys();
let installations = Math.floor(Math.random() * 1e9);

async function installed() {
  const github = await standIn();
  github.state.pull(7);
  // Tokens are kept by installation, so that each test has one of its own.
  const installation = ++installations;
  const app = {
    id: 42,
    slug: 'weka-planner',
    publicKey: first.publicKey,
    installations: new Map([['acme/infra', installation]]),
  };
  github.state.apps.push(app);
  const credentials: ForgeCredentials = { app: { id: 42, privateKey: first.privateKey } };
  return { github, state: github.state, app, installation, credentials };
}

const tokenLines = (lines: readonly string[]) => lines.filter((line) => line.includes('access_tokens'));

describe('a GitHub App', () => {
  it('finds its installation by the repository, and writes as its bot', async () => {
    const { github, state, installation, credentials } = await installed();
    const forge = await forgeAt(github, { credentials: () => Promise.resolve(credentials) });

    expect(await forge.self()).toBe('weka-planner[bot]');
    expect(await forge.comment(7, 'The plan')).toMatchObject({ author: 'weka-planner[bot]' });

    expect(github.lines()).toEqual([
      'GET /repos/acme/infra/installation 200',
      'GET /app 200',
      `POST /app/installations/${installation}/access_tokens 201`,
      'POST /repos/acme/infra/issues/7/comments 201',
    ]);
    expect(state.comments.size).toBe(1);
  });

  it('uses the installation that is configured, and one token for many requests', async () => {
    const { github, installation, credentials } = await installed();
    const app = { ...credentials.app!, installation };
    const forge = await forgeAt(github, { credentials: () => Promise.resolve({ app }) });

    await Promise.all([forge.openPullRequests('main'), forge.comments(7), forge.pullRequest(7)]);

    expect(tokenLines(github.lines())).toHaveLength(1);
    expect(github.lines()).not.toContain('GET /repos/acme/infra/installation 200');
  });

  it('gets a new token where GitHub takes the old one no more, and does what was asked for once', async () => {
    const { github, state, credentials } = await installed();
    const forge = await forgeAt(github, { credentials: () => Promise.resolve(credentials) });
    await forge.comment(7, 'One');

    // What tokens of an installation do after an hour. Only young ones may be unknown to GitHub for a while.
    for (const [token, { kind }] of state.tokens) if (kind === 'installation') state.tokens.delete(token);
    await inSixSeconds(() => forge.comment(7, 'Two'));

    expect([...state.comments.values()].map(({ body }) => body)).toEqual(['One', 'Two']);
    expect(tokenLines(github.lines())).toHaveLength(2);
  });

  it('goes on with a new key once the old one is refused', async () => {
    const { github, app, credentials } = await installed();
    let { privateKey } = first;
    const read = () => Promise.resolve({ app: { ...credentials.app!, privateKey } });
    const forge = await forgeAt(github, { credentials: read });
    await forge.self();

    Object.assign(app, { publicKey: second.publicKey });
    const refused: unknown = await forge.comment(7, 'The plan').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'FORGE_UNAUTHORIZED', status: 401 });
    ({ privateKey } = second);

    expect(await forge.comment(7, 'The plan')).toMatchObject({ author: 'weka-planner[bot]' });
  });

  it('that is not installed on the repository is told so', async () => {
    const { github, app, credentials } = await installed();
    app.installations.clear();
    const forge = await forgeAt(github, { credentials: () => Promise.resolve(credentials) });

    const error: unknown = await forge.openPullRequests('main').catch((each: unknown) => each);

    expect(error).toBeInstanceOf(ForgeError);
    expect(error).toMatchObject({
      code: 'FORGE_NOT_FOUND',
      message: 'The GitHub App 42 is not installed on acme/infra.',
    });
  });

  it('that cannot get a token now is told by what GitHub answered', async () => {
    const { github, credentials } = await installed();
    const forge = await forgeAt(github, { credentials: () => Promise.resolve(credentials) });
    github.plan({
      at: /access_tokens$/,
      times: 99,
      how: { status: 502, body: '{"message":"Server Error"}' },
    });

    await expect(forge.comment(7, 'The plan')).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
      status: 502,
    });
    // A token more does no harm, so that it is asked for three times, and nothing else is.
    expect(github.lines().slice(1)).toEqual(Array(3).fill(expect.stringMatching(/access_tokens 502$/)));
    await expect(forge.openPullRequests('main')).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
      status: 502,
    });
  });
});

/** As if a token had been made six seconds ago: young ones are given time by Octokit. */
async function inSixSeconds<Result>(work: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6000 });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}
