import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../../cluster/scratch.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { faultProxy } from '../../forge/fault-proxy.ts';
import { sharedGitea } from '../../forge/gitea.ts';
import { configMap } from '../../support/manifests.ts';
import { ReviewWorld } from '../../support/review-world.ts';
import { sshKeyPair } from '../../support/signing-keys.ts';

const [cluster, gitea] = await Promise.all([sharedCluster(), sharedGitea()]);
const folder = await scratchFolder(afterAll);

/** A world whose base was carried out. */
async function aWorld(
  files: (world: ReviewWorld) => Readonly<Record<string, string>>,
  options?: Parameters<typeof ReviewWorld.open>[2],
): Promise<ReviewWorld> {
  const world = await ReviewWorld.open(cluster, gitea, options);
  await world.repository.push(files(world));
  expect(await world.run('reconcile')).toMatchObject({ exitCode: 0 });
  return world;
}

const ofOne = ({ namespace }: ReviewWorld) => ({ 'a.yaml': configMap(namespace, 'a', { k: '1' }) });
const changed = ({ namespace }: ReviewWorld) => ({ 'a.yaml': configMap(namespace, 'a', { k: '2' }) });

/** One in plain text, which somebody takes to be right. */
function secret(namespace: string, password: string): string {
  const annotations = { 'weka-gitops.dev/ignore-rule': 'plain-secret: a value of a test' };
  const metadata = { annotations, name: 'login', namespace };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, data: { password: btoa(password) } });
}

function settings(spec: object): string {
  const metadata = { name: 'site' };
  return JSON.stringify({ apiVersion: 'weka-gitops.dev/v1', kind: 'Settings', metadata, spec });
}

async function propose(world: ReviewWorld, branch: string, files: Readonly<Record<string, string | null>>) {
  const number = await world.propose(branch, files);
  return { number, head: (await world.repository.local.resolve(branch))! };
}

describe('a pull request while every pass is suspended', () => {
  it('shows what it would change, that nothing is written now, and what it lets loose if it ends that', async () => {
    const world = await aWorld(ofOne);
    const { repository, namespace } = world;
    await repository.push({
      'settings.yaml': settings({ suspend: 'the hall is flooded' }),
      'b.yaml': configMap(namespace, 'b'),
    });
    world.startReview();
    const change = await propose(world, 'change', changed(world));
    const plan = await world.plan(change.number, 'is there');
    expect(plan.marker.summary).toMatch(/^1 to change/);
    expect(plan.comment.text).toContain('**Every pass is suspended:** the hall is flooded.');
    await world.statusOf(change.head, 'success', /1 to change.*; every pass is suspended$/);

    const resume = await propose(world, 'resume', { 'settings.yaml': null });
    const { comment, marker } = await world.plan(resume.number, 'is there');
    expect(comment.text).toContain('**The merge ends a suspension:** the hall is flooded.');
    // What waits on the base is what this one lets loose.
    expect(marker.summary).toMatch(/^1 to create/);
    expect(comment.text).toContain(`v1/ConfigMap/${namespace}/b`);
    await world.statusOf(resume.head, 'success', /^1 to create/);
  });
});

describe('a planner that may not read Secrets', () => {
  it('plans all else, and says that they could not be compared and which of them the pull request changes', async () => {
    const world = await aWorld((each) => ({
      ...ofOne(each),
      'gone.yaml': configMap(each.namespace, 'gone'),
      'login.yaml': secret(each.namespace, 'correct-horse'),
    }));
    const process = world.startReview();

    const change = await propose(world, 'change', { ...changed(world), 'gone.yaml': null });
    const first = await world.plan(change.number, 'is there');
    expect(first.marker.summary).toMatch(/^1 to change, 1 to prune/);
    expect(first.comment.text.match(/Secrets could not be compared/g)).toHaveLength(1);
    expect(first.comment.text).not.toContain('Pruning is blocked');
    await world.statusOf(change.head, 'success', /^1 to change, 1 to prune/);

    const rotate = await propose(world, 'rotate', {
      ...changed(world),
      'login.yaml': secret(world.namespace, 'battery-staple'),
    });
    const second = await world.plan(rotate.number, 'is there');
    expect(second.comment.text).toContain(`The pull request changes \`v1/Secret/${world.namespace}/login\``);
    expect(second.comment.text).not.toMatch(/correct-horse|battery-staple/);
    await world.statusOf(rotate.head, 'success', /^1 to change.*; Secrets could not be compared$/);
    await until('it is ready', async () => {
      const ran = process.lines.find(({ listen }) => typeof listen === 'string');
      return (await fetch(`${String(ran?.['listen'])}/readyz`)).status === 200;
    });
  });
});

describe('a pull request from a fork', () => {
  it('is never said to be well where it changes Secrets, and has failed where those are wrong', async () => {
    const world = await aWorld(
      (each) => ({ ...ofOne(each), 'login.yaml': secret(each.namespace, 'correct-horse') }),
      { review: { forks: 'plan' } },
    );
    const { repository, people, namespace } = world;
    const fork = await repository.fork(people.guest);
    const open = async (branch: string, files: Readonly<Record<string, string | null>>) => {
      const head = await fork.pushBranch(branch, files);
      const from = `${people.guest.name}:${branch}`;
      return { head, number: await repository.openPullRequest({ head: from, as: people.guest }) };
    };
    const rotated = await open('rotated', { 'login.yaml': secret(namespace, 'battery-staple') });
    const wrong = await open('wrong', {
      's.yaml': secret(namespace, 'x')
        .replace('login', 'bare')
        .replace(/"annotations":\{.*?\},?/, ''),
    });
    const other = await open('other', changed(world));
    world.startReview();
    await world.statusOf(rotated.head, 'pending', /^It changes what is not shown to forks/);
    await world.statusOf(wrong.head, 'failure', /not shown to forks: look at the files$/);
    await world.statusOf(other.head, 'success', /^1 to change/);
    const { comment } = await world.plan(rotated.number, 'is there');
    expect(comment.text).toContain('It changes what is not shown to forks: look at the files.');
    expect(comment.text).not.toMatch(/login|battery-staple|correct-horse/);
  });
});

describe('where only signed commits are applied', () => {
  it('a head that nobody signed is planned, and it is said that it would not be applied as it is', async () => {
    const world = await aWorld(ofOne);
    const ada = await sshKeyPair(folder);
    const allowedSignersFile = join(folder, 'signers');
    await writeFile(allowedSignersFile, `ada@example.com ${ada.publicKey}\n`);
    const { url } = world.repository;
    const username = world.people.bot.name;
    world.beside({ repository: { url, username, verify: { allowedSignersFile } } }).startReview();
    const { number, head } = await propose(world, 'change', changed(world));
    const { comment } = await world.plan(number, 'is there');
    expect(comment.text).toContain('**The head’s commit would not be applied as it is.** `COMMIT_UNSIGNED`');
    expect(comment.text).toContain('What the merge makes of it must be signed by an allowed key, too.');
    await world.statusOf(
      head,
      'success',
      /^1 to change.*; the head would not be applied as it is \(COMMIT_UNSIGNED\)$/,
    );
  });
});

describe('a base whose history was rewritten', () => {
  it('is no base: the head says why, until what was applied is part of it again', async () => {
    const world = await aWorld(ofOne);
    const { repository } = world;
    const applied = (await repository.local.resolve('main'))!;
    const { number, head } = await propose(world, 'change', changed(world));
    world.startReview();
    await world.plan(number, 'is there');
    await world.statusOf(head, 'success');
    const force = async (commit: string) => {
      const url = repository.urlFor(repository.owner);
      await repository.local.git(['push', '--quiet', '--force', url, `${commit}:refs/heads/main`]);
    };
    const anew = await repository.local.git(['commit-tree', `${applied}^{tree}`, '-m', 'Anew']);
    await force(anew.trim());
    await world.statusOf(head, 'error', /^HISTORY_REWRITTEN/);
    await force(applied);
    await world.statusOf(head, 'success');
  });
});

describe('a forge that does not tell what people may do', () => {
  it('has nobody listened to, and the plan is told as it is now all the same', async () => {
    const world = await aWorld(ofOne);
    const { repository, people, namespace } = world;
    await repository.push({ 'b.yaml': configMap(namespace, 'b') });
    await world.run('reconcile');
    const proxy = await faultProxy(gitea.url);
    proxy.trouble = ({ url }) => (/\/(permission|assignees)(\?|$)/.test(url) ? { answer: 403 } : undefined);
    const process = world.through(proxy.url).startReview();
    const { number, head } = await propose(world, 'without-b', { 'b.yaml': null });
    await world.plan(number, 'is there');
    await world.statusOf(head, 'success');
    await repository.review(number, { verdict: 'APPROVED', as: people.mate });
    await repository.comment(number, '/weka-gitops plan', people.mate);
    await repository.push({ 'settings.yaml': settings({ prune: { enabled: false } }) });
    await world.statusOf(head, 'pending', /the base moved/);
    expect(process.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(process.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', login: people.mate.name, code: 'FORGE_FORBIDDEN' }),
    );
  });
});
