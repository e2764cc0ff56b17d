import { describe, expect, it } from 'vitest';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import { ForgeError } from '../../../../../reconciler/world/forge/errors.ts';
import { freePort } from '../../../../cluster/ports.ts';
import { faultProxy, type Trouble } from '../../../../forge/fault-proxy.ts';
import { giteaForge } from '../../../../forge/gitea-forge.ts';
import { sharedGitea } from '../../../../forge/gitea.ts';

const gitea = await sharedGitea();
const ada = await gitea.user('ada');
const repository = await gitea.repository(ada, 'cluster', { isPrivate: true });
const first = (await repository.push({ 'a.yaml': 'a: 1\n' })) as CommitSha;
await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
const number = await repository.openPullRequest({ head: 'change' });

/** What a call fails with. It never holds the token. */
async function failure(call: Promise<unknown>, token = ada.token): Promise<ForgeError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ForgeError);
  const { message, hint = '', cause } = error as ForgeError;
  expect(`${message} ${hint} ${JSON.stringify(cause ?? '')}`).not.toContain(token);
  return error as ForgeError;
}

describe('Gitea says no', () => {
  it('to a token that was revoked', async () => {
    const token = await ada.tokenFor('read:repository');
    const forge = await giteaForge(repository, token);
    expect(await forge.openPullRequests('main')).toHaveLength(1);
    await ada.revoke(token);
    expect(await failure(forge.openPullRequests('main'), token)).toMatchObject({
      code: 'FORGE_UNAUTHORIZED',
      retry: 'after-change',
      status: 401,
    });
  });

  it('to a token that lacks a scope, and names the scope', async () => {
    const token = await ada.tokenFor('read:repository');
    const forge = await giteaForge(repository, token);
    const error = await failure(forge.comment(number, 'Hm.'), token);
    expect(error).toMatchObject({ code: 'FORGE_FORBIDDEN', status: 403, retry: 'after-change' });
    expect(`${error.message} ${error.hint}`).toContain('write:issue');
    expect((await failure(forge.self(), token)).hint).toContain('read:user');
    const status = { context: 'a', state: 'success', description: '' } as const;
    expect((await failure(forge.setCommitStatus(first, status), token)).hint).toContain('write:repository');
  });

  it('to somebody who may only read', async () => {
    const bob = await gitea.user('bob');
    await repository.allow(bob, 'read');
    const forge = await giteaForge(repository, bob.token);
    expect(await forge.pullRequest(number)).toMatchObject({ number });
    const status = { context: 'a', state: 'success', description: '' } as const;
    expect(await failure(forge.setCommitStatus(first, status), bob.token)).toMatchObject({
      code: 'FORGE_FORBIDDEN',
    });
    const change = { branch: 'change', path: 'b.yaml', text: 'b: 1\n', message: 'B' };
    expect(await failure(forge.commitFile(change), bob.token)).toMatchObject({ code: 'FORGE_FORBIDDEN' });
  });

  it('to a repository that it does not have, or that others do not see', async () => {
    const eve = await gitea.user('eve');
    const asEve = await giteaForge(repository, eve.token);
    expect(await failure(asEve.openPullRequests('main'), eve.token)).toMatchObject({
      code: 'FORGE_NOT_FOUND',
      status: 404,
    });
    const forge = await giteaForge(repository, ada.token, { repository: `${ada.name}/none` });
    expect(await failure(forge.comment(1, 'Hm.'))).toMatchObject({ code: 'FORGE_NOT_FOUND' });
  });

  it('to what cannot be done', async () => {
    const forge = await giteaForge(repository, ada.token);
    const request = { title: 'None', text: '', head: 'no-such-branch', base: 'main' };
    expect((await failure(forge.createPullRequest(request))).code).toMatch(/^FORGE_(NOT_FOUND|REJECTED)$/);
    const nothing = { ...request, head: 'main' };
    expect((await failure(forge.createPullRequest(nothing))).code).toBe('FORGE_REJECTED');

    const archived = await gitea.repository(ada, 'archived');
    await archived.push({ 'a.yaml': 'a: 1\n' });
    await archived.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const late = await archived.openPullRequest({ head: 'change' });
    await ada.request('PATCH', archived.path(), { archived: true });
    const error = await failure((await giteaForge(archived, ada.token)).comment(late, 'Hm.'));
    expect(error).toMatchObject({ code: 'FORGE_REJECTED', status: 423 });
    expect(error.message).toContain('is archived');
  });
});

describe('trouble on the way to Gitea', () => {
  const html = { 'content-type': 'text/html' };
  it.each<[string, Trouble, Partial<ForgeError>]>([
    [
      'a conflict',
      { answer: 409, body: '{"message":"It is locked."}' },
      { code: 'FORGE_REJECTED', retry: 'after-change' },
    ],
    ['bad input', { answer: 422, body: '{"message":"Too long."}' }, { code: 'FORGE_REJECTED', status: 422 }],
    [
      'too many requests',
      { answer: 429, headers: { 'retry-after': '17' } },
      { code: 'FORGE_RATE_LIMIT', retryAfterMs: 17_000, retry: 'next-pass' },
    ],
    [
      'a server in trouble',
      { answer: 500, body: '{"message":""}' },
      { code: 'FORGE_UNREACHABLE', retry: 'next-pass' },
    ],
    [
      'a gateway without a server',
      { answer: 502, body: '<html>', headers: html },
      { code: 'FORGE_UNREACHABLE' },
    ],
    [
      'a server that is down for a while',
      { answer: 503, headers: { 'retry-after': '60' } },
      { code: 'FORGE_UNREACHABLE', retryAfterMs: 60_000 },
    ],
    [
      'a page in place of an answer',
      { answer: 200, body: '<html>Log in</html>', headers: html },
      { code: 'FORGE_ANSWER' },
    ],
    ['a page that is not found', { answer: 404, body: '<html>', headers: html }, { code: 'FORGE_ANSWER' }],
    ['half an answer', { answer: 200, body: '[{"number":' }, { code: 'FORGE_ANSWER' }],
    [
      'another answer',
      { answer: 200, body: '[{"number":"seven"}]' },
      { code: 'FORGE_ANSWER', retry: 'next-pass' },
    ],
    [
      'a way elsewhere',
      { answer: 302, headers: { location: 'https://example.com/' } },
      { code: 'FORGE_ANSWER' },
    ],
    ['a connection that is cut', { cut: true }, { code: 'FORGE_UNREACHABLE' }],
    ['a server that says nothing', { silent: true }, { code: 'FORGE_UNREACHABLE' }],
  ])('has a name: %s', async (_, trouble, expected) => {
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url, limits: { timeoutMs: 500 } });
    proxy.trouble = () => trouble;
    const error = await failure(forge.openPullRequests('main'));
    expect(error).toMatchObject(expected);
    expect(error.message).toMatch(/^[^\n]{10,300}\.$/);
  });

  it('has a name: nobody there', async () => {
    const forge = await giteaForge(repository, ada.token, { url: `http://127.0.0.1:${await freePort()}` });
    expect(await failure(forge.openPullRequests('main'))).toMatchObject({ code: 'FORGE_UNREACHABLE' });
  });

  it('is over when it is over: nothing is remembered of it', async () => {
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });
    proxy.trouble = () => ({ answer: 502 });
    await failure(forge.openPullRequests('main'));
    proxy.trouble = () => undefined;
    expect(await forge.openPullRequests('main')).toHaveLength(1);
  });

  it('never makes two comments of one', async () => {
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });
    proxy.trouble = () => ({ answer: 502, isDone: true });
    expect(await failure(forge.comment(number, 'Only once.'))).toMatchObject({ code: 'FORGE_UNREACHABLE' });
    proxy.trouble = () => undefined;
    const texts = (await forge.comments(number)).map(({ text }) => text);
    expect(texts.filter((text) => text === 'Only once.')).toHaveLength(1);
  });

  it('ends at once when whoever asked gives up', async () => {
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });
    const asker = new AbortController();
    proxy.trouble = () => {
      asker.abort(new Error('It is no longer needed.'));
      return { silent: true };
    };
    await expect(forge.openPullRequests('main', { signal: asker.signal })).rejects.toThrow(
      'It is no longer needed.',
    );
  });

  it('is none where Gitea is reached by another address than it thinks', async () => {
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });
    expect(await forge.openPullRequests('main')).toHaveLength(1);
    expect(forge.pages.commit(first)).toBe(`${proxy.url}/${repository.fullName}/commit/${first}`);
  });
});
