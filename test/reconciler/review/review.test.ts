import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../reconciler/core/kube/object.ts';
import { type PlanMarker, readMarker, writeMarker } from '../../../reconciler/core/review/marker.ts';
import { freePort } from '../../cluster/ports.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { faultProxy } from '../../forge/fault-proxy.ts';
import { sharedGitea } from '../../forge/gitea.ts';
import { configMapFiles } from '../../support/config-maps.ts';
import { configMap, deployment } from '../../support/manifests.ts';
import { type LogLine, ReviewWorld } from '../../support/review-world.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const [cluster, gitea] = await Promise.all([sharedCluster(), sharedGitea()]);

const HOUR_MS = 3_600_000;

/** A world whose base was carried out, with one ConfigMap in it. */
async function aWorld(options?: Parameters<typeof ReviewWorld.open>[2]): Promise<ReviewWorld> {
  const world = await ReviewWorld.open(cluster, gitea, options);
  await world.repository.push({ 'a.yaml': configMap(world.namespace, 'a', { k: '1' }) });
  expect(await world.run('reconcile')).toMatchObject({ exitCode: 0 });
  return world;
}

const changed = ({ namespace }: ReviewWorld, value = '2') => ({
  'a.yaml': configMap(namespace, 'a', { k: value }),
});

/** Writes of the program to the forge, as a proxy saw them. */
function writes(requests: readonly { readonly method: string; readonly url: string }[]): readonly string[] {
  return requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, url }) => `${method} ${url.split('/').slice(6).join('/')}`);
}

describe('the comment that tells the plan', () => {
  it('is written anew where a person deleted it', async () => {
    const world = await aWorld();
    world.startReview();
    const number = await world.propose('change', changed(world));
    const first = await world.plan(number, 'is there');
    await world.statusOf(first.marker.head, 'success');
    await world.forge.deleteComment(first.comment.id);
    // Forges do not tell of that, but of what is said next.
    await world.repository.comment(number, 'Where is the plan?');
    const second = await world.plan(number, 'is there again', ({ id }) => id !== first.comment.id);
    expect(second.marker.digest).toBe(first.marker.digest);
    expect(await world.plans(number)).toHaveLength(1);
  });

  it('says again what it said where somebody edited it', async () => {
    const world = await aWorld();
    const { repository, people } = world;
    world.startReview();
    const number = await world.propose('change', changed(world));
    const { comment, marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    const body = `${comment.text.split('\n')[0]}\n\nAll is well, merge it.`;
    await people.owner.request('PATCH', repository.path('issues', 'comments', comment.id), { body });
    await repository.comment(number, 'Look, all is well.');
    const again = await world.plan(number, 'is the plan', ({ text }) => !text.includes('merge it'));
    expect(again.comment.id).toBe(comment.id);
    expect(again.comment.text).toContain('data.k');
  });

  it('is not what somebody else forged', async () => {
    const world = await aWorld();
    const { guest, bot } = world.people;
    const number = await world.propose('change', changed(world));
    const { repository, cluster: name } = { repository: world.repository.fullName, cluster: world.name };
    const head = (await world.repository.local.resolve('change'))!;
    const forged = `${writeMarker({
      v: 1,
      repository,
      cluster: name,
      kind: 'plan',
      head,
      base: head,
      digest: 'sha256:0',
      summary: 'All is well',
      body: '',
      handled: 0,
      earlier: [],
    })}\n\nAll is well, merge it.`;
    const id = await world.repository.comment(number, forged, guest);
    world.startReview();
    const plan = await world.plan(number, 'is there');
    expect(plan.comment.author).toBe(bot.name);
    expect(plan.comment.text).toContain('data.k');
    const [untouched] = (await world.comments(number)).filter((comment) => comment.id === id);
    expect(untouched?.text).toBe(forged);
  });

  it('is one, although the forge answered 502 and had written it', async () => {
    const world = await aWorld();
    const proxy = await faultProxy(gitea.url);
    let failures = 0;
    proxy.trouble = ({ method, url }) => {
      if (method !== 'POST' || !url.endsWith('/comments') || failures > 0) return undefined;
      failures += 1;
      return { answer: 502, isDone: true };
    };
    world.through(proxy.url).startReview();
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    expect(failures).toBe(1);
    expect(await world.plans(number)).toHaveLength(1);
  });

  it('is one again, where two planners wrote one at the same time', async () => {
    const world = await aWorld();
    const process = world.startReview();
    const number = await world.propose('change', changed(world));
    const first = await world.plan(number, 'is there');
    await process.stop();
    await world.forge.comment(number, first.comment.text);
    expect(await world.plans(number)).toHaveLength(2);
    world.startReview();
    await until('one of them goes', async () => (await world.plans(number)).length === 1);
    expect((await world.plans(number))[0]?.comment.id).toBe(first.comment.id);
  });

  it('is not there where nothing of ours is changed, and takes back what it said once nothing is any more', async () => {
    const world = await aWorld();
    const { repository, people } = world;
    world.startReview();
    const other = await world.propose('words', { 'README.md': 'Hello.\n' });
    const head = (await repository.local.resolve('words'))!;
    await world.statusOf(head, 'success', /^Nothing here changes r-/);
    expect(await world.comments(other)).toEqual([]);

    const number = await world.propose('change', changed(world));
    const first = await world.plan(number, 'is there');
    const back = await repository.push(changed(world, '1'), { branch: 'change', as: people.author });
    const last = await world.plan(number, 'is of the new head', (_, marker) => marker.head === back);
    expect(last.comment.id).toBe(first.comment.id);
    expect(last.comment.text).not.toContain('data.k');
    await world.statusOf(back, 'success', /^Nothing here changes r-/);
  });

  it('is not there where manifests are only written otherwise', async () => {
    const world = await aWorld();
    const { namespace, repository } = world;
    world.startReview();
    const yaml = `# Nothing but words.\napiVersion: v1\nkind: ConfigMap\nmetadata: { namespace: ${namespace}, name: a }\ndata: { k: "1" }\n`;
    const number = await world.propose('words', { 'a.yaml': null, 'sub/a.yml': yaml });
    const head = (await repository.local.resolve('words'))!;
    await world.statusOf(head, 'success', /^Nothing here changes r-/);
    expect(await world.comments(number)).toEqual([]);
  });

  it('is of the new head where that was forced while the one before was planned', async () => {
    const world = await aWorld();
    const { repository, people } = world;
    const proxy = await faultProxy(gitea.url);
    let forced: Promise<string> | undefined;
    const number = await world.propose('change', changed(world));
    const old = (await repository.local.resolve('change'))!;
    proxy.trouble = ({ url }) => {
      // The plan of the old head begins with its conversation.
      if (forced === undefined && url.includes(`/issues/${number}/comments`)) {
        forced = repository.push(changed(world, '3'), { branch: 'change', onto: 'main', as: people.author });
      }
      return undefined;
    };
    world.through(proxy.url).startReview();
    const head = await until('the push', () => forced);
    const plan = await world.plan(number, 'is of the new head', (_, marker) => marker.head === head);
    expect(plan.comment.text).toContain('`"1"` → `"3"`');
    await world.statusOf(head, 'success');
    expect(await world.plans(number)).toHaveLength(1);
    expect(old).not.toBe(head);
  });

  it('says which Settings change with the merge, and is planned under those of the base', async () => {
    const world = await aWorld();
    const { name } = world;
    world.startReview();
    const number = await world.propose('lax', {
      'settings.yaml': settings({ drift: 'report' }),
      'a.yaml': null,
    });
    const { comment } = await world.plan(number, 'is there');
    expect(comment.text).toContain('spec.drift');
    expect(comment.text).toContain(`Plan for ${name}`);
  });

  it('leaves out what a pass does without the merge as well', async () => {
    const world = await aWorld();
    const { namespace, repository } = world;
    await repository.push({ 'b.yaml': configMap(namespace, 'b', { late: 'yes' }) });
    world.startReview();
    const number = await world.propose('change', changed(world));
    const { comment, marker } = await world.plan(number, 'is there');
    expect(marker.summary).toMatch(/^1 to change/);
    expect(comment.text).toContain(`v1/ConfigMap/${namespace}/a`);
    expect(comment.text).toMatch(/without (this pull request|the merge)/i);
  });
});

describe('the status of a head', () => {
  it('is pending once the plan is another than was looked at, until somebody who may write looks again', async () => {
    const world = await aWorld();
    const { repository, people, namespace } = world;
    await repository.push({ 'b.yaml': configMap(namespace, 'b', { k: '1' }) });
    await world.run('reconcile');
    world.startReview();
    const number = await world.propose('change', {
      ...changed(world),
      'b.yaml': configMap(namespace, 'b', { k: '2' }),
    });
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');

    // Somebody changes in the cluster what the pull request changes.
    const patch = JSON.stringify({ data: { k: 'by hand' } });
    await cluster.kubectl(['patch', 'configmap', 'b', '-n', namespace, '--type=merge', '-p', patch]);
    await world.statusOf(marker.head, 'pending', /the cluster changed/);
    await nextSecond();
    await repository.comment(number, '/weka-gitops plan', people.guest);
    await repository.comment(number, '/weka-gitops plan', people.mate);
    await world.statusOf(marker.head, 'success');
  });

  it('is pending once the base has moved so that the plan is another, until somebody else approves', async () => {
    const world = await aWorld();
    const { repository, people, namespace } = world;
    await repository.push({ 'b.yaml': configMap(namespace, 'b') });
    await world.run('reconcile');
    world.startReview();
    const number = await world.propose('without-b', { 'b.yaml': null });
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    await repository.review(number, { verdict: 'APPROVED', as: people.mate });

    // What was approved before is no consent to what is planned now.
    await repository.push({ 'settings.yaml': settings({ prune: { enabled: false } }) });
    await world.statusOf(marker.head, 'pending', /the base moved/);
    await nextSecond();
    await repository.review(number, { verdict: 'APPROVED', as: people.guest });
    await repository.review(number, { verdict: 'APPROVED', as: people.mate });
    await world.statusOf(marker.head, 'success');

    // It is as it was again, and then as it was looked at.
    await repository.push({ 'settings.yaml': null });
    await world.statusOf(marker.head, 'pending', /the base moved/);
  });

  it('says that there is a conflict', async () => {
    const world = await aWorld();
    const { repository } = world;
    world.startReview();
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await repository.push(changed(world, '5'));
    await world.statusOf(marker.head, 'failure', /a\.yaml/);
    await world.plan(number, 'says it', ({ text }) => /conflict|cannot be merged/i.test(text));
  });
});

describe('what is watched by nobody', () => {
  it('moves the status all the same: consent that a plan counts on runs out', async () => {
    const world = await aWorld();
    const { repository, people, namespace } = world;
    await repository.push(configMapFiles(namespace, 20));
    expect(await world.run('reconcile')).toMatchObject({ exitCode: 0 });
    world.startReview();
    const number = await world.propose('fewer', { 'c1.yaml': null, 'c2.yaml': null, 'c3.yaml': null });
    const { comment } = await world.plan(number, 'is there');
    const digest = /approvalDigest: (sha256:[0-9a-f]{64})/.exec(comment.text)?.[1] ?? '';
    const asked = await repository.comment(number, `/weka-gitops approve ${digest}`, people.mate);
    expect(await answer(world, number, asked)).toContain('approvals/');
    await repository.fetch('fewer');
    const path = (await repository.local.git(['ls-tree', '-r', '--name-only', 'fewer', 'approvals'])).trim();
    const text = await repository.local.file(path, 'fewer');
    const expires = new Date(Date.now() + 12_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const soon = text.replace(/expires: \S+/, `expires: ${expires}`);
    expect(soon).not.toBe(text);
    const head = await repository.push({ [path]: soon }, { branch: 'fewer', as: people.author });
    await world.statusOf(head, 'success');
    await world.statusOf(head, 'pending', /waits for an approval|the cluster changed/i);
    expect(Date.now()).toBeGreaterThan(Date.parse(expires));
  }, 120_000);
});

describe('a base that moves', () => {
  it('costs no request where the plan is as it was, and is told where it is not', async () => {
    const world = await aWorld();
    const proxy = await faultProxy(gitea.url);
    const process = world.through(proxy.url).startReview();
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    const looks = (why: string) =>
      process.lines.filter((line) => Array.isArray(line['why']) && line['why'].includes(why)).length;
    let [lines, since] = [0, Date.now()];
    await until('it has seen what it said itself, and all is still', () => {
      if (lines !== process.lines.length) [lines, since] = [process.lines.length, Date.now()];
      return looks('said') > 0 && Date.now() - since > 4_000;
    });
    const asked = () =>
      proxy.requests.filter(({ url }) => /\/(?:comments|statuses)\b/.test(url)).map(({ url }) => url);
    const before = asked();
    await world.repository.push({ 'README.md': 'Hello.\n' });
    await until('it has planned it again', () => looks('base') === 1);
    expect(asked()).toEqual(before);
    await world.repository.push({ 'a.yaml': configMap(world.namespace, 'a', { k: '5' }) });
    await world.statusOf(marker.head, 'failure', /a\.yaml/);
  });

  it('is the same by its full name; what is no branch is no base', async () => {
    const world = await aWorld();
    const { url } = world.repository;
    const repository = { url, username: world.people.bot.name, ref: 'refs/heads/main' };
    world.beside({ repository }).startReview();
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    const tagged = world.beside({ repository: { ...repository, ref: 'refs/tags/v1' } });
    for (const args of [
      ['run', '--only', 'review'],
      ['plan', '--post-comment', '--pull-request', String(number)],
    ]) {
      const { exitCode, stderr } = await tagged.run(...args);
      expect([args[0], exitCode]).toEqual([args[0], 2]);
      expect(stderr).toMatch(
        /CONFIG: Pull requests go to branches, and refs\/tags\/v1 is none\.\n {2}hint: Set/,
      );
    }
  });
});

describe('commands', () => {
  it('explain what is as it is, suspend, and resume, for those who may write, and for nobody else', async () => {
    const world = await aWorld();
    const { repository, people, namespace, name } = world;
    world.startReview();
    const number = await world.propose('change', changed(world));
    await world.plan(number, 'is there');
    await repository.comment(number, '/weka-gitops suspend by a stranger', people.guest);
    const asked = await repository.comment(
      number,
      `/weka-gitops explain configmap/${namespace}/a data.k`,
      people.mate,
    );
    const explained = await answer(world, number, asked);
    expect(explained).toContain(`ConfigMap/${namespace}/a`);
    expect(explained).toContain('a.yaml');

    const nothing = await repository.comment(number, '/weka-gitops explain configmap/none', people.mate);
    expect(await answer(world, number, nothing)).toContain('was not followed');

    const stop = await repository.comment(number, '/weka-gitops suspend the hall is flooded', people.mate);
    expect(await answer(world, number, stop)).toMatch(/suspending it is proposed/);
    const proposals = await people.owner.request<
      { number: number; title: string; user: { login: string } }[]
    >('GET', repository.path('pulls'));
    const proposal = proposals.find(({ title }) => title === `Suspend ${name}`);
    expect(proposal?.user.login).toBe(people.bot.name);
    await repository.merge(proposal!.number);
    await repository.fetch();
    expect(await repository.local.git(['show', 'main:settings.yaml'])).toContain(
      'suspend: the hall is flooded',
    );

    const go = await repository.comment(number, '/weka-gitops resume', people.mate);
    expect(await answer(world, number, go)).toMatch(/resuming it is proposed/);
    const open = await people.owner.request<{ number: number; title: string }[]>(
      'GET',
      repository.path('pulls'),
    );
    await repository.merge(open.find(({ title }) => title === `Resume ${name}`)!.number);
    await repository.fetch();
    expect(await repository.local.git(['show', 'main:settings.yaml'])).not.toContain('suspend');
    const answers = (await world.comments(number)).filter(({ text }) => readMarker(text)?.kind === 'answer');
    expect(answers).toHaveLength(4);
  }, 120_000);
});

describe('a pull request from a fork', () => {
  it('is left alone where the configuration says nothing of forks', async () => {
    const world = await aWorld();
    const { repository, people } = world;
    const fork = await repository.fork(people.guest);
    const head = await fork.pushBranch('change', changed(world));
    const foreign = await repository.openPullRequest({
      head: `${people.guest.name}:change`,
      as: people.guest,
    });
    world.startReview();
    // Of other content, since equal commits of one second are one commit.
    const number = await world.propose('change', changed(world, '3'));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    expect(await world.comments(foreign)).toEqual([]);
    expect(await world.status(head)).toBeUndefined();
  });

  it('is planned where the configuration says so, without Secrets', async () => {
    const world = await aWorld({ review: { forks: 'plan' } });
    const { repository, people, namespace } = world;
    const secret = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'quiet', namespace },
      stringData: { password: 'correct-horse' },
    });
    const fork = await repository.fork(people.guest);
    await fork.pushBranch('change', { ...changed(world), 's.yaml': secret });
    const number = await repository.openPullRequest({
      head: `${people.guest.name}:change`,
      as: people.guest,
    });
    world.startReview();
    const { comment, marker } = await world.plan(number, 'is there');
    expect(comment.text).toContain('data.k');
    expect(comment.text).toContain('Secrets are not shown to forks');
    expect(comment.text).not.toMatch(/quiet|correct-horse|stringData/);
    expect(marker.summary).toMatch(/^1 to change/);
  });
});

describe('the forge', () => {
  it('may be gone for a while: what was missed is said when it is back', async () => {
    const world = await aWorld();
    const proxy = await faultProxy(gitea.url);
    let isDown = true;
    proxy.trouble = () => (isDown ? { cut: true } : undefined);
    const process = world.through(proxy.url).startReview();
    const number = await world.propose('change', changed(world));
    await until('it is missed', () => process.lines.some(({ code }) => code === 'FORGE_UNREACHABLE'));
    isDown = false;
    await world.plan(number, 'is there');
    expect(process.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('may be gone for an hour, in which it is asked seldom', async () => {
    const world = await aWorld({ config: { run: { pollSeconds: 30, listen: '127.0.0.1:0' } } });
    const proxy = await faultProxy(gitea.url);
    let isDown = true;
    proxy.trouble = () => (isDown ? { answer: 503 } : undefined);
    const time = new ManualTime();
    const lines: LogLine[] = [];
    const paces = { time, random: () => 0.999, forge: { retries: 0 } };
    const { duty, review } = await world.through(proxy.url).review(paces, lines);
    onTestFinished(() => duty[Symbol.asyncDispose]());
    const stop = new AbortController();
    const ended = review.run(stop.signal);
    const number = await world.propose('change', changed(world));
    while (time.now() < HOUR_MS) {
      // One that looks after watches, and the poll once it is done.
      await time.asleep(2);
      time.passToNext();
    }
    await time.asleep(2);
    expect(proxy.requests.length).toBeGreaterThan(10);
    expect(proxy.requests.length).toBeLessThan(25);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ code: 'FORGE_UNREACHABLE' }]);
    isDown = false;
    const plan = world.plan(number, 'is there');
    let isTold = false;
    plan.then(
      () => (isTold = true),
      () => (isTold = true),
    );
    await until('the plan', async () => {
      if (time.untilNext < Infinity) time.passToNext();
      return isTold;
    });
    expect((await plan).comment.text).toContain('data.k');
    expect(lines.filter(({ message }) => message === 'Works again')).toHaveLength(1);
    stop.abort();
    await ended;
  }, 120_000);

  it('has a pull request planned at once where it calls the webhook', async () => {
    const port = await freePort();
    const folder = await scratchFolder();
    const webhookSecretFile = join(folder, 'secret');
    await writeFile(webhookSecretFile, 'a secret of the hook\n');
    const world = await aWorld({
      config: {
        run: { pollSeconds: 3600, listen: `127.0.0.1:${port}` },
        forge: { kind: 'gitea', webhookSecretFile },
      },
    });
    const process = world.startReview();
    await until('it listens and has looked', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      return answer?.status === 200;
    });
    const url = `http://127.0.0.1:${port}/webhook`;
    const secret = 'a secret of the hook';
    await world.repository.createWebhook({ url, secret, events: ['pull_request', 'issue_comment'] });
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    expect(process.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('may give the program less than it asks for: that is named, and the rest is done', async () => {
    const world = await aWorld();
    const { bot, mate } = world.people;
    await world.repository.push(configMapFiles(world.namespace, 20));
    await world.run('reconcile');
    const token = await bot.tokenFor('read:user', 'read:repository', 'write:issue');
    const process = world.withForgeToken(token).startReview();
    const number = await world.propose('fewer', { 'c1.yaml': null, 'c2.yaml': null, 'c3.yaml': null });
    const { comment, marker } = await world.plan(number, 'is there');
    const warning = await until('it is named', () =>
      process.lines.find(({ code }) => code === 'FORGE_FORBIDDEN'),
    );
    expect(`${String(warning['why'])} ${String(warning['hint'])}`).toContain('write:repository');
    expect(await world.status(marker.head)).toBeUndefined();

    const digest = /approvalDigest: (sha256:[0-9a-f]{64})/.exec(comment.text)?.[1] ?? '';
    const asked = await world.repository.comment(number, `/weka-gitops approve ${digest}`, mate);
    const said = await answer(world, number, asked);
    expect(said).toContain('Commit `approvals/prune-budget');
    expect(said).toContain(digest);
    expect(await world.repository.fetch('fewer')).toBe(marker.head);
  });

  it('may take the token away: all waits, and goes on with another one', async () => {
    const tokenFile = join(await scratchFolder(), 'token');
    const opened = await aWorld({ config: { forge: { kind: 'gitea', tokenFile } } });
    const world = opened.withForgeToken('');
    const { bot } = world.people;
    const scopes = ['read:user', 'write:repository', 'write:issue'] as const;
    const token = await bot.tokenFor(...scopes);
    await writeFile(tokenFile, `${token}\n`);
    const process = world.startReview();
    const first = await world.propose('one', changed(world));
    await world.plan(first, 'is there');
    await bot.revoke(token);
    const second = await world.propose('other', changed(world, '3'));
    await until('it is refused', () => process.lines.some(({ code }) => code === 'FORGE_UNAUTHORIZED'));
    await writeFile(tokenFile, `${await bot.tokenFor(...scopes)}\n`);
    const { marker } = await world.plan(second, 'is there');
    await world.statusOf(marker.head, 'success');
    expect(process.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(JSON.stringify(process.lines)).not.toContain(token);
  });

  it('is written to no more once all is said', async () => {
    const world = await aWorld();
    const proxy = await faultProxy(gitea.url);
    const process = world.through(proxy.url).startReview();
    const number = await world.propose('change', changed(world));
    const { marker } = await world.plan(number, 'is there');
    await world.statusOf(marker.head, 'success');
    const looks = () => process.lines.filter(({ message }) => message === 'Looked at a pull request').length;
    const before = looks();
    await world.repository.comment(number, 'Looks good.');
    const said = writes(proxy.requests);
    await until('it has looked again', () => looks() > before);
    expect(writes(proxy.requests)).toEqual(said);
    expect(said).toEqual([`POST issues/${number}/comments`, `POST statuses/${marker.head}`]);

    // And it is asked for nothing but what is open.
    const from = proxy.requests.length;
    await until('five polls', () => proxy.requests.length >= from + 10);
    const asked = proxy.requests
      .slice(from)
      .map(({ url }) => url.split('/').slice(6).join('/').split('?')[0]);
    const polls = asked.filter((path) => path === 'pulls').length;
    expect(polls).toBeGreaterThan(3);
    expect(asked.length).toBeLessThanOrEqual(3 * polls);
  });

  it.each([
    ['it refuses to be told of', 422],
    ['it stumbles over', 500],
  ])('may have one pull request that %s, and the others are told', async (_, status) => {
    const world = await aWorld();
    const proxy = await faultProxy(gitea.url);
    const wrong = await world.propose('one', changed(world));
    const right = await world.propose('other', changed(world, '3'));
    proxy.trouble = ({ method, url }) =>
      method === 'POST' && url.endsWith(`/issues/${wrong}/comments`) ? { answer: status } : undefined;
    const process = world.through(proxy.url).startReview();
    const { marker } = await world.plan(right, 'is there');
    await world.statusOf(marker.head, 'success');
    await until('it is told in the log', () =>
      process.lines.some(({ level, pullRequest }) => level === 'warn' && pullRequest === wrong),
    );
    expect(await world.plans(wrong)).toEqual([]);
    // Nobody can have looked at what is not there.
    await world.statusOf((await world.repository.local.resolve('one'))!, 'pending', /could not be written/);
    expect(process.lines.filter(({ message }) => message === 'Could not ask the forge')).toEqual([]);
    const { listen } = process.lines.find((line) => typeof line['listen'] === 'string')!;
    const metrics = await (await fetch(`${String(listen)}/metrics`)).text();
    expect(metrics).toMatch(/^weka_gitops_forge_errors_total\{code="FORGE_\w+"\} [1-9]/m);
    proxy.trouble = () => undefined;
    await world.plan(wrong, 'is there once it can be');
  });
});

describe('a pull request with 3,000 files', () => {
  it('is planned as any other, with a finding shown at its line', async () => {
    const world = await aWorld();
    const { namespace, repository } = world;
    const pages = Object.fromEntries(
      Array.from({ length: 2_999 }, (_, index) => [`docs/${index % 60}/page-${index}.md`, `Page ${index}\n`]),
    );
    const odd = configMap(namespace, 'b').replace('"ConfigMap"', '"ConfigMapp"');
    const process = world.startReview();
    const number = await world.propose('pages', { ...pages, ...changed(world), 'z.yaml': odd });
    const head = (await repository.local.resolve('pages'))!;
    await world.statusOf(head, 'failure', /z\.yaml/);
    const { comment } = await world.plan(number, 'is there');
    expect(comment.text).toContain('`"1"` → `"2"`');
    expect(comment.text).not.toContain('page-');
    await until('the annotation', async () => {
      const path = repository.path('pulls', number, 'reviews');
      const reviews = await world.people.owner.request<{ comments_count: number }[]>('GET', path);
      return reviews.some(({ comments_count: count }) => count > 0);
    });
    expect(process.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  }, 120_000);
});

describe('fifty open pull requests', () => {
  it('are all planned, again when the base moves, and forgotten when they are closed', async () => {
    const world = await aWorld({ review: { concurrency: 4 } });
    const { repository, namespace, people } = world;
    const heads: string[] = [];
    for (let index = 0; index < 50; index++) {
      await repository.local.branch(`p${index}`, 'main');
      heads.push(
        await repository.local.commit(
          { 'p.yaml': configMap(namespace, `p${index}`) },
          { branch: `p${index}` },
        ),
      );
    }
    await repository.local.git([
      'push',
      '--quiet',
      repository.urlFor(people.author),
      'refs/heads/p*:refs/heads/p*',
    ]);
    const numbers: number[] = [];
    for (let index = 0; index < 50; index++) {
      numbers.push(await repository.openPullRequest({ head: `p${index}`, as: people.author }));
    }
    const process = world.startReview();
    const all = async (is: (marker: PlanMarker) => boolean) => {
      const plans = await Promise.all(numbers.map((number) => world.plans(number)));
      return plans.every((each) => each.length === 1 && each.every(({ marker }) => is(marker)));
    };
    const patience = { timeoutMs: 120_000, everyMs: 500 };
    await until('all plans', () => all(({ summary }) => summary.startsWith('1 to create')), patience);
    for (const head of heads) expect(await world.status(head)).toMatchObject({ state: 'success' });

    const base = await repository.push({ 'README.md': 'Hello.\n' });
    const looks = () => process.lines.filter(({ why }) => Array.isArray(why) && why.includes('base')).length;
    await until('all to be planned again', () => looks() === 50, patience);
    // Nothing of what they say is another for it.
    expect(await all((marker) => marker.base !== base)).toBe(true);
    for (const number of numbers) await repository.close(number);
    await until('they are forgotten', async () => {
      const ran = process.lines.find(({ listen }) => typeof listen === 'string');
      const metrics = await (await fetch(`${String(ran?.['listen'])}/metrics`)).text();
      return metrics.includes('weka_gitops_review_pull_requests{state="open"} 0');
    });
    expect(process.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  }, 300_000);
});

describe('the account of the planner', () => {
  it('takes no right to write', async () => {
    const world = await aWorld();
    const process = world.startReview();
    const number = await world.propose('change', {
      ...changed(world),
      'app.yaml': deployment(world.namespace, 'app'),
    });
    const { marker, comment } = await world.plan(number, 'is there');
    expect(marker.summary).toMatch(/^1 to create, 1 to change/);
    expect(comment.text).not.toContain('not proven');
    await world.statusOf(marker.head, 'success');

    // Whatever somebody asks for is answered, and the next head is planned all the same.
    const node = `${world.namespace}-node`;
    await cluster.kubectl(['create', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } }),
    });
    onTestFinished(async () => void (await cluster.kubectl(['delete', 'node', node])));
    const { repository, people } = world;
    const ask = async (what: string) =>
      await answer(
        world,
        number,
        await repository.comment(number, `/weka-gitops explain ${what}`, people.mate),
      );
    expect(await ask(`node/${node}`)).toContain(node);
    const unread = await ask(`secret/${world.namespace}/login`);
    expect(unread).toContain('was not followed');
    expect(unread).toMatch(/may not get secrets/);
    const head = await repository.push(changed(world, '3'), { branch: 'change', as: people.author });
    await world.plan(number, 'is of the new head', (_, seen) => seen.head === head);
    await world.statusOf(head, 'success');
    expect(process.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('is not even asked for one', async () => {
    const world = await aWorld();
    const { duty } = await world.review();
    onTestFinished(() => duty[Symbol.asyncDispose]());
    const object = JSON.parse(configMap(world.namespace, 'never')) as KubeObject;
    for (const each of [duty.cluster, duty.fresh]) {
      await expect(each.apply(object, { force: true })).rejects.toMatchObject({ code: 'REVIEW_WRITE' });
      expect(await each.dryRun(object, { force: false })).toMatchObject({ result: 'accepted' });
    }
    expect(await duty.fresh.get(object)).toBeUndefined();
    const live = await duty.fresh.get(JSON.parse(configMap(world.namespace, 'a')) as KubeObject);
    await expect(duty.fresh.delete(live!)).rejects.toMatchObject({ code: 'REVIEW_WRITE' });
  });
});

describe('plan --post-comment', () => {
  it('says once what run --only review would go on saying', async () => {
    const world = await aWorld();
    const number = await world.propose('change', changed(world));
    const ran = await world.run('plan', '--post-comment', '--pull-request', String(number));
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toContain(`${world.context}: success.`);
    const first = await world.plan(number, 'is there');
    expect((await world.run('plan', '--post-comment', '--pull-request', String(number))).exitCode).toBe(0);
    expect((await world.plans(number)).map(({ comment }) => comment.id)).toEqual([first.comment.id]);

    const none = await world.run('plan', '--post-comment', '--pull-request', '999');
    expect(none).toMatchObject({ exitCode: 2 });
    expect(none.stderr).toContain('has no open pull request 999');
  });
});

/** Forges tell times in whole seconds, so what is said within the second of a plan may be older than it. */
async function nextSecond(): Promise<void> {
  const now = Date.now();
  await until('the next second', () => Date.now() - now > 1_000);
}

async function answer(world: ReviewWorld, number: number, command: number): Promise<string> {
  const said = await until(`an answer to comment ${command}`, async () => {
    const all = await world.comments(number);
    return all.find(({ text }) => {
      const marker = readMarker(text);
      return marker?.kind === 'answer' && marker.answers === command;
    });
  });
  return said.text;
}

function settings(spec: object): string {
  return JSON.stringify({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    metadata: { name: 'site' },
    spec,
  });
}
