import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Notification } from '../../schemas/output/notification.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { faultProxy } from '../forge/fault-proxy.ts';
import { sharedGitea } from '../forge/gitea.ts';
import { configMap } from '../support/manifests.ts';
import { ReviewWorld } from '../support/review-world.ts';
import { sshKeyPair } from '../support/signing-keys.ts';

const [cluster, gitea] = await Promise.all([sharedCluster(), sharedGitea()]);

/** A receiver of notifications, and what it was sent. */
async function aReceiver() {
  const folder = await scratchFolder();
  const urlFile = join(folder, 'url');
  const sent: Notification[] = [];
  const receiver = { isDown: false };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (receiver.isDown) return void response.writeHead(503).end();
      sent.push(Notification.parse(JSON.parse(body)));
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await writeFile(urlFile, `http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
  const config = { kind: 'webhook', urlFile, on: ['healthy', 'failed'] };
  const states = () => sent.map(({ state, recovered }) => (recovered ? `${state} again` : state));
  return Object.assign(receiver, { config, sent, states });
}

describe('a pass that is run once', () => {
  it('tells the commit and the pull request that brought it, once, and links to both', async () => {
    const receiver = await aReceiver();
    const world = await ReviewWorld.open(cluster, gitea, { config: { notifications: [receiver.config] } });
    const { repository, namespace } = world;
    await repository.push({ 'README.md': 'Storage\n' });
    const number = await world.propose('change', { 'a.yaml': configMap(namespace, 'a') });
    await repository.merge(number);
    const commit = await repository.fetch();

    const proxy = await faultProxy(gitea.url);
    const told = world.through(proxy.url);
    expect(await told.run('reconcile')).toMatchObject({ exitCode: 0, stderr: '' });
    const status = await world.status(commit);
    expect(status).toMatchObject({ state: 'success', description: '1 created; 1 object: 1 ready' });
    const [comment, ...more] = await world.comments(number);
    expect(more).toEqual([]);
    expect(comment?.text).toContain('applied and healthy');
    expect(comment?.text).toContain('1 created');
    expect(receiver.states()).toEqual(['healthy']);
    const branch = `weka-gitops/status/${world.name}`;
    const page = await repository.local.git(['show', `${await repository.fetch(branch)}:README.md`]);
    expect(page).toMatch(new RegExp(`\\]\\(http\\S+/commit/${commit}\\)`));
    expect(page).toMatch(new RegExp(`#${number}\`\\]\\(http\\S+/pulls/${number}\\)`));

    // As a CronJob does.
    proxy.requests.length = 0;
    expect(await told.run('run', '--once')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(proxy.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await world.comments(number)).toEqual([comment]);
    expect(await world.status(commit)).toEqual(status);
    expect(receiver.states()).toEqual(['healthy']);
  });

  it('tells a failure once, and when it is over', async () => {
    const receiver = await aReceiver();
    const world = await ReviewWorld.open(cluster, gitea, { config: { notifications: [receiver.config] } });
    const { repository, namespace } = world;
    const broken = await repository.push({ 'a.yaml': `${configMap(namespace, 'a')}metdata: {}\n` });
    for (let pass = 0; pass < 2; pass += 1) expect((await world.run('reconcile')).exitCode).toBe(1);
    expect(await world.status(broken)).toMatchObject({ state: 'failure' });
    expect(receiver.states()).toEqual(['failed']);
    const mended = await repository.push({ 'a.yaml': configMap(namespace, 'a') });
    expect((await world.run('reconcile')).exitCode).toBe(0);
    expect(await world.status(mended)).toMatchObject({ state: 'success' });
    expect(receiver.states()).toEqual(['failed', 'healthy again']);
  });

  it('tells of a commit that it does not accept', async () => {
    const receiver = await aReceiver();
    const folder = await scratchFolder();
    const { publicKey } = await sshKeyPair(folder);
    const allowedSignersFile = join(folder, 'signers');
    await writeFile(allowedSignersFile, `ada@example.com ${publicKey}\n`);
    const open = await ReviewWorld.open(cluster, gitea, { config: { notifications: [receiver.config] } });
    const { repository, namespace, people } = open;
    const world = open.beside({
      repository: { url: repository.url, username: people.bot.name, verify: { allowedSignersFile } },
    });
    const unsigned = await repository.push({ 'a.yaml': configMap(namespace, 'a') });
    for (let pass = 0; pass < 2; pass += 1) {
      const { exitCode, stderr } = await world.run('reconcile');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('is not signed');
    }
    expect(await world.status(unsigned)).toMatchObject({
      state: 'error',
      description: expect.stringContaining('signed'),
    });
    expect(receiver.states()).toEqual(['failed']);
    // Whoever may lets it be applied.
    expect((await open.run('reconcile')).exitCode).toBe(0);
    expect(receiver.states()).toEqual(['failed', 'healthy again']);
  });

  it('tells what a receiver did not take at the next pass', async () => {
    const receiver = await aReceiver();
    receiver.isDown = true;
    const world = await ReviewWorld.open(cluster, gitea, { config: { notifications: [receiver.config] } });
    await world.repository.push({ 'a.yaml': configMap(world.namespace, 'a') });
    const untold = await world.run('reconcile');
    expect(untold.exitCode).toBe(2);
    expect(untold.stderr).toContain('NOTIFY_');
    receiver.isDown = false;
    for (let pass = 0; pass < 2; pass += 1) expect((await world.run('reconcile')).exitCode).toBe(0);
    expect(receiver.states()).toEqual(['healthy']);
  });

  it('does its work though nobody can be told, and says so', async () => {
    const world = await ReviewWorld.open(cluster, gitea);
    const commit = await world.repository.push({ 'a.yaml': configMap(world.namespace, 'a') });
    const proxy = await faultProxy(gitea.url);
    proxy.trouble = () => ({ cut: true });
    const { exitCode, stdout, stderr } = await world.through(proxy.url).run('reconcile');
    expect(exitCode).toBe(2);
    expect(stdout).toContain('1 created');
    expect(stderr).toContain('Not everybody could be told of this pass');
    expect(stderr).toContain('FORGE_UNREACHABLE');
    expect(await world.status(commit)).toBeUndefined();
    expect((await world.run('reconcile')).exitCode).toBe(0);
    expect(await world.status(commit)).toMatchObject({ description: '1 created; 1 object: 1 ready' });
  });
});
