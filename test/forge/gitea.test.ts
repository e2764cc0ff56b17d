import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { verify } from '@octokit/webhooks-methods';
import { describe, expect, it, onTestFinished } from 'vitest';
import { descendants, isRunning } from '../cluster/processes.ts';
import { until } from '../cluster/until.ts';
import type { GiteaAddress } from './gitea-server.ts';
import { sharedGitea } from './gitea.ts';

const gitea = await sharedGitea();

describe('the Gitea that tests run against', () => {
  it('takes commits by git, and pull requests through their life', async () => {
    const [ada, bob] = await Promise.all([gitea.user('ada'), gitea.user('bob')]);
    const repository = await gitea.repository(ada, 'cluster');
    const first = await repository.push({ 'a.yaml': 'a: 1\n' }, { message: 'One' });
    await repository.allow(bob, 'write');
    const head = await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' }, { as: bob });
    const number = await repository.openPullRequest({ head: 'change', title: 'Two', as: bob });

    const comment = await repository.comment(number, 'Why?', ada);
    await repository.review(number, { verdict: 'APPROVED', as: ada });
    const merged = await repository.merge(number);

    expect(await repository.fetch()).toBe(merged);
    expect(await repository.local.git(['rev-list', '--parents', '--max-count=1', 'main'])).toBe(
      `${merged} ${first} ${head}`,
    );
    const comments = await bob.request<{ id: number; body: string; user: { login: string } }[]>(
      'GET',
      repository.path('issues', number, 'comments'),
    );
    expect(comments).toMatchObject([{ id: comment, body: 'Why?', user: { login: ada.name } }]);
  });

  it('takes pull requests from forks by those who may only read', async () => {
    const [ada, eve] = await Promise.all([gitea.user('ada'), gitea.user('eve')]);
    const repository = await gitea.repository(ada, 'cluster');
    await repository.push({ 'a.yaml': 'a: 1\n' });
    const fork = await repository.fork(eve);
    const head = await fork.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    await expect(repository.pushBranch('mine', { 'a.yaml': 'a: 3\n' }, { as: eve })).rejects.toThrow(
      'permission denied',
    );

    const number = await repository.openPullRequest({ head: `${eve.name}:change`, as: eve });
    const opened = await ada.request('GET', repository.path('pulls', number));
    expect(opened).toMatchObject({
      head: { sha: head, repo: { full_name: fork.fullName } },
      base: { repo: { full_name: repository.fullName } },
    });
  });

  it('gives tokens for no more than what was asked', async () => {
    const ada = await gitea.user('ada');
    const repository = await gitea.repository(ada, 'secret', { isPrivate: true });
    const token = await ada.tokenFor('read:repository');
    const ask = (method: string, path: string) =>
      fetch(`${gitea.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } });

    expect((await ask('GET', repository.path())).status).toBe(200);
    const refused = await ask('DELETE', repository.path());
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('required=[write:repository]');

    await ada.revoke(token);
    expect((await ask('GET', repository.path())).status).toBe(401);
  });

  it('calls webhooks on this machine, signed', async () => {
    const ada = await gitea.user('ada');
    const repository = await gitea.repository(ada, 'cluster');
    await repository.push({ 'a.yaml': 'a: 1\n' });
    await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const heard = await listen();
    await repository.createWebhook({ url: heard.url, secret: 'quiet', events: ['push', 'pull_request'] });

    await repository.openPullRequest({ head: 'change' });
    // It tells of the push too, since it does so when it finds the time.
    const call = await until('Gitea calls', () =>
      heard.calls.find(({ headers }) => headers['x-github-event'] === 'pull_request'),
    );
    expect(JSON.parse(call.body)).toMatchObject({ action: 'opened', number: 1 });
    expect(await verify('quiet', call.body, String(call.headers['x-hub-signature-256']))).toBe(true);
  });

  it('shows what its pages make of Markdown', async () => {
    const html = await gitea.renderMarkdown(
      '<!-- ours -->\n**bold**\n\n<details><summary>More</summary>\n\n`code`\n\n</details>\n\n<script>1</script>',
    );
    expect(html).toContain('<strong>bold</strong>');
    expect(html).toContain('<summary>More</summary>');
    expect(html).not.toMatch(/ours|<script/);
  });

  it('is gone, with all that it had, when the process that started it is killed', async () => {
    const module = new URL('gitea-server.ts', import.meta.url).href;
    const program = `
      const { startGitea } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify((await startGitea()).address));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { folder, pid } = JSON.parse(line) as GiteaAddress;
    const held = [pid, ...descendants(child.pid!)];
    expect(held.every(isRunning) && existsSync(folder)).toBe(true);

    child.kill('SIGKILL');
    await until('it is gone', () => !held.some(isRunning) && !existsSync(folder));
  });
});

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that takes what it is sent. */
async function listen(): Promise<{ readonly url: string; readonly calls: readonly Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      calls.push({ headers: request.headers, body });
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, calls };
}
