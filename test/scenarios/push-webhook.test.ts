import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { Notification } from '../../schemas/output/notification.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { sharedGitea } from '../forge/gitea.ts';
import { configMapFiles, configMapNames } from '../support/config-maps.ts';
import { configMap } from '../support/manifests.ts';
import { ReviewWorld } from '../support/review-world.ts';

const [cluster, gitea] = await Promise.all([sharedCluster(), sharedGitea()]);

it('a push is carried out as soon as Gitea tells of it, and shown at its commit and to whoever wants to know', async () => {
  const folder = await scratchFolder();
  const secretFile = join(folder, 'webhook-secret');
  const urlFile = join(folder, 'url');
  const signingFile = join(folder, 'signing');
  const told = await listen();
  await Promise.all([
    writeFile(secretFile, 'quiet\n'),
    writeFile(urlFile, `${told.url}/hooks/T0KEN\n`),
    writeFile(signingFile, 'signed\n'),
  ]);
  const world = await ReviewWorld.open(cluster, gitea, {
    config: {
      // Nobody waits for that.
      run: { pollSeconds: 3_600, listen: '127.0.0.1:0' },
      forge: { kind: 'gitea', webhookSecretFile: secretFile },
      notifications: [{ kind: 'webhook', urlFile, secretFile: signingFile, on: ['healthy'] }],
    },
  });
  const { repository, namespace } = world;
  await repository.push(configMapFiles(namespace, 1));
  const process = world.start('run');
  const started = await until('it listens', () => process.lines.find(({ message }) => message === 'Started'));
  const listening = started['listen'] as string;
  await until('the first pass', async () => (await configMapNames(cluster, namespace)).length === 1);
  // Two pull requests that the process does not hear of before the push that comes after them. Gitea tells of a push when it
  // finds the time, and then asks whom to tell: so the process is made known only after others were told.
  const others = await listen();
  await repository.createWebhook({ url: others.url, secret: 'loud', events: ['push'] });
  const numbers: number[] = [];
  for (const name of ['one', 'two']) {
    const number = await world.propose(name, { [`${name}.yaml`]: configMap(namespace, name) });
    await repository.merge(number);
    await repository.fetch();
    numbers.push(number);
  }
  const merged = () =>
    others.sent.filter(({ body }) => (JSON.parse(body) as { ref: string }).ref === 'refs/heads/main');
  await until('others are told of the merges', () => merged().length === 2);
  await repository.createWebhook({ url: `${listening}/webhook`, secret: 'quiet', events: ['push'] });

  const commit = await repository.push(configMapFiles(namespace, 3));
  await until('it is carried out', async () => (await configMapNames(cluster, namespace)).length === 5);
  await world.statusOf(commit, 'success', /4 created/);
  for (const number of numbers) {
    const closing = async () =>
      (await world.comments(number)).filter(({ text: said }) => said.includes('4 created'));
    await until(`a closing comment on ${number}`, async () => (await closing()).length === 1);
  }
  const of = (sha: string) =>
    told.sent.find(({ body }) => Notification.parse(JSON.parse(body)).commit === sha);
  const { body, headers } = await until('it is notified', () => of(commit));
  expect(JSON.parse(body)).toMatchObject({ state: 'healthy', recovered: false, made: { created: 4 } });
  const digits = createHmac('sha256', 'signed').update(
    `${String(headers['x-weka-gitops-timestamp'])}.${body}`,
  );
  expect(headers['x-weka-gitops-signature']).toBe(`sha256=${digits.digest('hex')}`);

  const metrics = await (await fetch(`${listening}/metrics`)).text();
  // Our own push of the status branch is told of as well, and leads to nothing.
  const polls = (result: string) =>
    Number(
      new RegExp(`^weka_gitops_repository_polls_total{result="${result}"} (\\d+)$`, 'm').exec(metrics)?.[1],
    );
  expect([polls('moved'), polls('failed')]).toEqual([2, 0]);
  expect(polls('unchanged')).toBeLessThanOrEqual(1);
  expect(metrics).toMatch(/^weka_gitops_webhook_requests_total\{result="heard"\} [1-9]/m);
  expect(metrics).toMatch(/^weka_gitops_notifications_total\{result="sent"\} [12]$/m);
  expect((await process.stop()).exitCode).toBe(0);
  expect(process.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  expect(JSON.stringify(process.lines)).not.toMatch(/T0KEN|quiet/);
}, 120_000);

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that takes what it is sent. */
async function listen(): Promise<{ readonly url: string; readonly sent: readonly Sent[] }> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      sent.push({ headers: request.headers, body });
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}
