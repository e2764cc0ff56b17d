import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openTransport } from '../../../../../reconciler/world/git/wire/transport.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { expectNoSecret, failure, thrown, told } from '../failure.ts';

const PASSWORD = 'tr0ub4dor-and-3';
let open: GitServer;
let closed: GitServer;

beforeAll(async () => {
  open = await startGitServer();
  closed = await startGitServer({ users: { ada: PASSWORD, 'x-access-token': 'token-of-access' } });
  await closed.createRepository('specs');
});

afterAll(async () => {
  await open.stop();
  await closed.stop();
});

function list(url: string, rest: Partial<GitConfig> = {}): Promise<Uint8Array> {
  return openTransport({ url, ref: 'main', path: '', cacheDir: '', ...rest }).get('git-upload-pack');
}

/** A repository of its own, so that a hook for it troubles nobody else. */
async function repositoryNamed(name: string): Promise<string> {
  await open.createRepository(name);
  return `${open.url}/${name}.git`;
}

describe('credentials', () => {
  it('sends user and password at once', async () => {
    const before = closed.requests.length;
    await list(`${closed.url}/specs.git`, { username: 'ada', password: PASSWORD });
    expect(closed.requests.slice(before).map(({ user, status }) => [user, status])).toEqual([['ada', 200]]);
  });

  it('takes them from the address', async () => {
    await list(`${closed.url.replace('//', `//ada:${PASSWORD}@`)}/specs.git`);
  });

  it('sends a token as the password of x-access-token', async () => {
    await list(`${closed.url}/specs.git`, { token: 'token-of-access' });
  });

  it('says that there are none', async () => {
    expect(await failure(list(`${closed.url}/specs.git`))).toBe(
      'REPOSITORY_AUTH: http://SERVER/specs.git asks for credentials, and none are configured.\n' +
        '  hint: Set WEKA_GITOPS_TOKEN, or WEKA_GITOPS_USERNAME and WEKA_GITOPS_PASSWORD.',
    );
  });

  it('says that they are refused, and never which they were', async () => {
    const wrong = { username: 'ada', password: 'wr0ng-password' };
    const error = await thrown(list(`${closed.url}/specs.git`, wrong));
    expect(told(error)).toBe(
      'REPOSITORY_AUTH: http://SERVER/specs.git refuses the credentials of user ada.\n' +
        '  hint: The password or token is wrong, has expired or was revoked: configure a new one.',
    );
    expect(error.retry).toBe('after-change');
    expectNoSecret(error, 'wr0ng-password');
  });

  it('keeps those of the address out of every message', async () => {
    const error = await thrown(list(`${closed.url.replace('//', '//ada:wr0ng-password@')}/specs.git`));
    expectNoSecret(error, 'wr0ng-password');
    const unreachable = await thrown(list('http://ada:wr0ng-password@127.0.0.1:1/specs.git'));
    expectNoSecret(unreachable, 'wr0ng-password');
  });

  it('tells being forbidden from being unknown', async () => {
    const url = await repositoryNamed('forbidden');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/forbidden') ? { refuse: 403 } : undefined,
    );
    expect(await failure(list(url, { username: 'ada', password: PASSWORD }))).toBe(
      'REPOSITORY_AUTH: http://SERVER/forbidden.git forbids this to user ada.\n' +
        '  hint: Give it access to the repository: reading for the specs, pushing for the status branch.',
    );
    quiet();
  });
});

describe('a server that does not answer as it should', () => {
  it('has no such repository', async () => {
    expect(await failure(list(`${open.url}/nothing.git`))).toBe(
      'REPOSITORY_NOT_FOUND: There is no repository at http://SERVER/nothing.git that somebody without credentials may see.\n' +
        '  hint: Check the address. Many servers also say so when the credentials may not see a private repository.',
    );
  });

  it('serves something else', async () => {
    const url = await repositoryNamed('page');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/page')
        ? { refuse: 200, body: '<html>', headers: { 'content-type': 'text/html' } }
        : undefined,
    );
    expect(await failure(list(url))).toContain(
      'REPOSITORY_NOT_FOUND: http://SERVER/page.git answers, but not as a git',
    );
    quiet();
  });

  it.each([
    [503, 'next-pass'],
    [429, 'next-pass'],
  ])('answers %i', async (status, retry) => {
    const url = await repositoryNamed(`status-${status}`);
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith(`/status-${status}`) ? { refuse: status, body: PASSWORD } : undefined,
    );
    const error = await thrown(list(url));
    expect(told(error)).toMatch(
      new RegExp(`^REPOSITORY_UNREACHABLE: http://SERVER/status-${status}.git .*${status}`),
    );
    expect(error.retry).toBe(retry);
    expectNoSecret(error, PASSWORD);
    quiet();
  });

  it('refuses connections', async () => {
    expect((await failure(list('http://127.0.0.1:1/specs.git'))).replaceAll('127.0.0.1:1', 'SERVER')).toBe(
      'REPOSITORY_UNREACHABLE: http://SERVER/specs.git cannot be reached: SERVER refuses connections.\n' +
        '  hint: Is the server running, and is this its port?',
    );
  });

  it('has a name that nobody knows', async () => {
    expect(await failure(list('http://git.invalid/specs.git'))).toMatch(
      /^REPOSITORY_UNREACHABLE: http:\/\/git\.invalid\/specs\.git cannot be reached: the name git\.invalid is not known\./,
    );
  });

  it('stays silent', async () => {
    const url = await repositoryNamed('silent');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/silent') ? new Promise<undefined>(() => {}) : undefined,
    );
    const error = await thrown(list(url, { limits: { idleMs: 200 } }));
    expect(told(error)).toBe(
      'REPOSITORY_TIMEOUT: http://SERVER/silent.git sent nothing for 0.2 s.\n' +
        '  hint: It is asked again in the next pass; look at the server and the network if this stays.',
    );
    expect(error.retry).toBe('next-pass');
    quiet();
  });

  it('falls silent in the middle of an answer', async () => {
    const url = await repositoryNamed('stalled');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/stalled') ? { stallResponseAfter: 10 } : undefined,
    );
    expect(await failure(list(url, { limits: { idleMs: 300 } }))).toContain('sent nothing for 0.3 s.');
    quiet();
  });

  it('takes longer in all than it may', async () => {
    const url = await repositoryNamed('slow');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/slow') ? new Promise<undefined>(() => {}) : undefined,
    );
    expect(await failure(list(url, { limits: { totalMs: 200 } }))).toContain('was not done after 0.2 s.');
    quiet();
  });

  it('cuts the connection', async () => {
    const url = await repositoryNamed('cut');
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/cut') ? { cutResponseAfter: 10 } : undefined,
    );
    const error = await thrown(list(url));
    expect(told(error)).toBe(
      'REPOSITORY_UNREACHABLE: http://SERVER/cut.git cannot be reached: the connection was cut.\n' +
        '  hint: It is tried again in the next pass.',
    );
    quiet();
  });

  it('does not speak HTTP', async () => {
    const server = createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await failure(list(`http://127.0.0.1:${port}/specs.git`))).toBe(
      'REPOSITORY_UNREACHABLE: http://SERVER/specs.git answers, but not by HTTP.\n' +
        '  hint: Check the port, and whether the address should begin with https://.',
    );
    server.close();
  });

  it('sends more than it may', async () => {
    const url = await repositoryNamed('wordy');
    expect(await failure(list(url, { limits: { listingBytes: 16 } }))).toBe(
      'REPOSITORY_TOO_LARGE: The answer of http://SERVER/wordy.git is too large; at most 16 bytes are read.\n' +
        '  hint: Keep manifests in a repository of their own, or raise the limit.',
    );
  });
});

describe('a server that asks to be left alone', () => {
  it.each([429, 503])('is told of with how long, when it answers %i', async (status) => {
    const url = await repositoryNamed(`busy-${status}`);
    onTestFinished(
      open.onRequest(({ url: asked }) =>
        asked.includes(`busy-${status}`) ? { refuse: status, headers: { 'retry-after': '60' } } : undefined,
      ),
    );
    const error: unknown = await list(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REPOSITORY_UNREACHABLE', retryAfterMs: 60_000 });
  });
});

describe('redirects', () => {
  async function redirected(name: string, target: (path: string) => string): Promise<Promise<Uint8Array>> {
    await open.createRepository(`${name}-new`);
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith(`/${name}.git`) ? { refuse: 301, headers: { location: target(path) } } : undefined,
    );
    return list(`${open.url}/${name}.git`, { username: 'ada', password: PASSWORD }).finally(quiet);
  }

  it('are followed on the same host', async () => {
    await expect(
      redirected('moved', (path) => path.replace('moved.git', 'moved-new.git')),
    ).resolves.toBeInstanceOf(Uint8Array);
  });

  it('are not followed to another host, which sees no credentials', async () => {
    const before = closed.requests.length;
    const attempt = redirected('away', (path) => `${closed.url}${path}`);
    const error = await thrown(attempt);
    expect(told(error)).toBe(
      'REPOSITORY_URL: http://SERVER/away.git is not followed: it redirects to http://SERVER.\n' +
        '  hint: Configure the address that the repository has now; credentials are sent to no other host.',
    );
    expectNoSecret(error, PASSWORD);
    expect(closed.requests.length).toBe(before);
  });

  it('end somewhere', async () => {
    expect(await failure(redirected('circle', (path) => path))).toContain('it redirects in circles');
  });

  it('lead to a repository', async () => {
    expect(await failure(redirected('login', () => '/login'))).toContain(
      'it redirects to what is not a git repository',
    );
  });
});

describe('TLS', () => {
  let server: GitServer;
  beforeAll(async () => {
    server = await startGitServer({ tls: true });
    await server.createRepository('specs');
  });
  afterAll(() => server.stop());

  it('trusts the CA that is configured', async () => {
    await list(`${server.url}/specs.git`, { ca: server.ca });
  });

  it('trusts no other', async () => {
    expect(await failure(list(`${server.url}/specs.git`))).toMatch(
      /^REPOSITORY_UNREACHABLE: https:\/\/SERVER\/specs\.git cannot be reached: the certificate of 127\.0\.0\.1 is not trusted \([A-Z_]+\)\.\n {2}hint: Configure the CA that signed it as repository\.caFile/,
    );
  });
});

describe('a server that has moved to TLS', () => {
  let secure: GitServer;
  beforeAll(async () => {
    secure = await startGitServer({ tls: true, users: { ada: PASSWORD } });
    await secure.createRepository('specs');
  });
  afterAll(() => secure.stop());

  it('is followed from http to https, with the credentials', async () => {
    const quiet = open.onRequest(({ url: path }) =>
      path.startsWith('/specs.git')
        ? { refuse: 308, headers: { location: `${secure.url}${path}` } }
        : undefined,
    );
    await list(`${open.url}/specs.git`, { username: 'ada', password: PASSWORD, ca: secure.ca });
    expect(secure.requests.map(({ user, status }) => [user, status])).toEqual([['ada', 200]]);
    quiet();
  });

  it('is not followed back', async () => {
    const before = open.requests.length;
    const quiet = secure.onRequest(({ url: path }) => ({
      refuse: 302,
      headers: { location: `${open.url}${path}` },
    }));
    expect(
      await failure(list(`${secure.url}/specs.git`, { username: 'ada', password: PASSWORD, ca: secure.ca })),
    ).toContain('is not followed: it redirects to http://SERVER.');
    expect(open.requests.length).toBe(before);
    quiet();
  });
});

describe('a proxy that the environment names', () => {
  it('is used for other hosts, and not for this machine', async () => {
    await repositoryNamed('proxied');
    const { port } = new URL(open.url);
    const asked: string[] = [];
    const proxy = createHttpServer();
    // Wherever it is asked to go, it leads to the git server.
    proxy.on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      const target = connect(Number(port), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      target.pipe(socket).pipe(target);
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    proxy.on('request', (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { pathname, search } = new URL(request.url ?? '');
      const forwarded = httpRequest(`${open.url}${pathname}${search}`, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.end();
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const proxyEnv = { HTTP_PROXY: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, NO_PROXY: '.local' };
    try {
      await list(`${open.url}/proxied.git`, { proxyEnv });
      expect(asked).toEqual([]);
      await list('http://git.invalid/proxied.git', { proxyEnv });
      expect(asked).toHaveLength(1);
      expect(asked[0]).toContain('git.invalid');
      const direct = await failure(list('http://git.local/proxied.git', { proxyEnv }));
      expect(direct).toMatch(/^REPOSITORY_UNREACHABLE: .* the name git\.local is not known/);
      expect(asked).toHaveLength(1);
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  it('is never taken from the environment of this process itself', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await failure(list('http://git.invalid/specs.git'))).toMatch(/the name git\.invalid is not known/);
  });

  it('is refused where it is of another kind, without a word of its password', async () => {
    const proxyEnv = { HTTPS_PROXY: 'socks5://me:s3cr3t@proxy:1080' };
    const error = await thrown(list('https://git.invalid/specs.git', { proxyEnv }));
    expect(told(error)).toBe(
      'REPOSITORY_URL: HTTPS_PROXY names a proxy of the kind socks5, which is not supported.\n' +
        '  hint: Use an http:// or https:// proxy that lets CONNECT through.',
    );
    expectNoSecret(error, 's3cr3t');
  });
});
