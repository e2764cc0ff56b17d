import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openGiteaForge } from '../../../../../reconciler/world/forge/gitea/gitea-forge.ts';
import type { ForgeOptions } from '../../../../../reconciler/world/forge/open-forge.ts';

// What strangers write, and what changes behind our back, is more than a Gitea of a test can be brought to.

type Routes = Readonly<Record<string, (query: URLSearchParams, request: IncomingMessage) => Told>>;
type Told = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown };

/** A Gitea that answers requests by method and path. */
async function giteaAt(routes: Routes, options: Partial<ForgeOptions> = {}) {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://gitea');
    const route = `${request.method} ${pathname.replace('/api/v1/', '').replace('repos/acme/infra/', '')}`;
    asked.push(route);
    request.resume();
    const told = routes[route]?.(searchParams, request) ?? { status: 404, body: { message: 'not found' } };
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
    response.end(JSON.stringify(told.body));
  };
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const forge = await openGiteaForge({
    kind: 'gitea',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository: 'acme/infra',
    userAgent: 'test',
    retryMs: 1,
    credentials: () => Promise.resolve({ token: 'ours' }),
    ...options,
  });
  onTestFinished(async () => {
    await forge[Symbol.asyncDispose]();
    server.close();
    server.closeAllConnections();
  });
  return { forge, asked };
}

const MIB = 1024 * 1024;
const AT = '2026-01-01T00:00:00Z';

function aPullRequest(number: number, body: string): object {
  const repo = { full_name: 'acme/infra' };
  return {
    number,
    title: 't',
    body,
    user: { login: 'ada' },
    html_url: 'u',
    state: 'open',
    merged: false,
    updated_at: AT,
    comments: 0,
    head: { label: 'x', ref: 'x', sha: 'a'.repeat(40), repo_id: 1, repo },
    base: { ref: 'main', repo_id: 1 },
  };
}

function aComment(id: number, login: string, body: string): object {
  return { id, user: { login }, body, html_url: 'u', created_at: AT, updated_at: AT };
}

describe('a pull request with a very long text', () => {
  it('keeps no other one from being read, and is read itself', async () => {
    const bodies = ['fine', 'x'.repeat(17 * MIB)];
    const { forge } = await giteaAt({
      'GET pulls': () => ({ body: bodies.map((body, at) => aPullRequest(at + 1, body)) }),
      'GET pulls/2': () => ({ body: aPullRequest(2, bodies[1] ?? '') }),
    });

    expect((await forge.openPullRequests('main'))?.map(({ number }) => number)).toEqual([1, 2]);
    expect((await forge.pullRequest(2))?.head.branch).toBe('x');
  });

  it('is read in smaller pages where there are many of them', async () => {
    const all = Array.from({ length: 60 }, (_, at) => aPullRequest(at + 1, 'x'.repeat(MIB)));
    const { forge } = await giteaAt(
      {
        'GET pulls': (query) => {
          const limit = Number(query.get('limit'));
          const from = (Number(query.get('page')) - 1) * limit;
          return { headers: { 'x-total-count': `${all.length}` }, body: all.slice(from, from + limit) };
        },
      },
      { limits: { answerBytes: MIB } },
    );

    expect(await forge.openPullRequests('main')).toHaveLength(60);
  });

  it('has comments as long, and ours is found among them as it is', async () => {
    const ours = `<!-- weka-gitops abc -->\n${'The plan\n'.repeat(4_000)}`;
    const { forge } = await giteaAt({
      'GET issues/2/comments': () => ({
        body: [aComment(1, 'eve', `/weka-gitops plan\n${'x'.repeat(17 * MIB)}`), aComment(2, 'robot', ours)],
      }),
    });

    const [first, second] = await forge.comments(2);
    expect(first?.text.split('\n')[0]).toBe('/weka-gitops plan');
    expect(second?.text).toBe(ours);
  });
});

describe('the account that we write as', () => {
  it('is asked for again when the credentials are others', async () => {
    let token = 'old';
    let refused = '';
    const { forge } = await giteaAt(
      {
        'GET user': (_, { headers }) =>
          headers.authorization === refused
            ? { status: 401, body: { message: 'no' } }
            : { body: { login: headers.authorization === 'token old' ? 'robot' : 'new-robot' } },
        'GET pulls/1': (_, { headers }) =>
          headers.authorization === refused
            ? { status: 401, body: { message: 'no' } }
            : { body: aPullRequest(1, '') },
      },
      { credentials: () => Promise.resolve({ token }) },
    );
    expect([await forge.self(), await forge.self()]).toEqual(['robot', 'robot']);

    token = 'new';
    refused = 'token old';
    await forge.pullRequest(1);

    expect(await forge.self()).toBe('new-robot');
  });

  it.each(['comment', 'editComment'] as const)(
    'is who the forge says has written what we wrote: %s',
    async (call) => {
      const warnings: object[] = [];
      const { forge, asked } = await giteaAt(
        {
          'GET user': () => ({ body: { login: 'robot' } }),
          'POST issues/1/comments': () => ({ status: 201, body: aComment(1, 'renamed', 'x') }),
          'PATCH issues/comments/1': () => ({ body: aComment(1, 'renamed', 'x') }),
        },
        { log: { warn: (fields) => void warnings.push(fields) } },
      );
      expect(await forge.self()).toBe('robot');

      await forge[call](1, 'x');
      await forge[call](1, 'x');

      expect(await forge.self()).toBe('renamed');
      expect(warnings).toEqual([{ before: 'robot', now: 'renamed' }]);
      expect(asked.filter((route) => route === 'GET user')).toHaveLength(1);
    },
  );
});

describe('the right to write', () => {
  it('is not believed any more once the repository has gone to an organization', async () => {
    let isOfOrganization = false;
    const { forge } = await giteaAt({
      'GET collaborators/eve/permission': () => ({ status: 403, body: { message: 'no' } }),
      'GET assignees': () => ({ body: [{ login: 'eve' }] }),
      'GET teams': () =>
        isOfOrganization ? { body: [] } : { status: 405, body: { message: 'not an organization' } },
    });
    expect(await forge.permission('eve')).toBe('write');

    isOfOrganization = true;

    await expect(forge.permission('eve')).rejects.toMatchObject({ code: 'FORGE_FORBIDDEN' });
  });
});
