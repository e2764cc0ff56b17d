import { describe, expect, it } from 'vitest';
import { readMarker } from '../../reconciler/core/review/marker.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { sharedGitea } from '../forge/gitea.ts';
import { configMapFiles, configMapNames } from '../support/config-maps.ts';
import { configMap } from '../support/manifests.ts';
import { ReviewWorld } from '../support/review-world.ts';

const [cluster, gitea] = await Promise.all([sharedCluster(), sharedGitea()]);

interface ReviewComment {
  readonly path: string;
  readonly body: string;
}

describe('a change of the cluster, from the branch to the closing comment', () => {
  it('is planned, mended, approved by somebody else, merged, carried out, and told to be', async () => {
    const world = await ReviewWorld.open(cluster, gitea);
    const { repository, namespace, people, name } = world;
    await repository.push(configMapFiles(namespace, 20));
    const reconciler = world.start('run');
    const planner = world.startReview();
    await until('the first pass', async () => (await configMapNames(cluster, namespace)).length === 20);

    // Three of twenty are more than one commit may remove without consent.
    const number = await world.propose('fewer', {
      'c1.yaml': null,
      'c2.yaml': null,
      'c3.yaml': null,
      'c4.yaml': configMap(namespace, 'c4', { changed: 'yes' }),
    });
    const first = await world.plan(number, 'is there');
    expect(first.comment.author).toBe(people.bot.name);
    expect(first.comment.text).toContain(`Plan for ${name}`);
    expect(first.comment.text).toContain('3 objects would go for this commit, and the budget is 2');
    await world.statusOf(first.marker.head, 'pending', /waits for an approval/i);

    // A manifest that is broken.
    const broken = await repository.push(
      { 'c5.yaml': configMap(namespace, 'c5').replace('"ConfigMap"', '"ConfigMapp"') },
      { branch: 'fewer', as: people.author },
    );
    const second = await world.plan(number, 'has the finding', (_, { head }) => head === broken);
    expect(second.comment.id).toBe(first.comment.id);
    expect(second.comment.text).toContain('ConfigMapp');
    expect(second.comment.text).toMatch(/c5\.yaml/);
    await world.statusOf(broken, 'failure', /error/i);
    const annotation = await until('an annotation', async () => {
      const reviews = await people.owner.request<{ id: number }[]>(
        'GET',
        repository.path('pulls', number, 'reviews'),
      );
      const all = await Promise.all(
        reviews.map(({ id }) =>
          people.owner.request<ReviewComment[]>(
            'GET',
            repository.path('pulls', number, 'reviews', id, 'comments'),
          ),
        ),
      );
      return all.flat().find(({ path }) => path === 'c5.yaml');
    });
    expect(annotation.body).toContain('ConfigMapp');

    // Mended by a push.
    const mended = await repository.push(
      { 'c5.yaml': configMap(namespace, 'c5') },
      { branch: 'fewer', as: people.author },
    );
    const third = await world.plan(number, 'is of the mended head', (_, { head }) => head === mended);
    expect(third.comment.id).toBe(first.comment.id);
    expect(third.comment.text).not.toContain('ConfigMapp');
    await world.statusOf(mended, 'pending', /waits for an approval/i);

    // Nobody consents to their own change, and who may not write is not heard.
    const digest = /approvalDigest: (sha256:[0-9a-f]{64})/.exec(third.comment.text)?.[1] ?? '';
    await repository.comment(number, `/weka-gitops approve ${digest}`, people.guest);
    const own = await repository.comment(number, `/weka-gitops approve ${digest}`, people.author);
    const refusal = await answerTo(world, number, own);
    expect(refusal).toContain('Who opened the pull request cannot approve it.');

    const consent = await repository.comment(
      number,
      `/weka-gitops approve ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
      people.mate,
    );
    expect(await answerTo(world, number, consent)).toContain('approvals/prune-budget');
    const approved = await repository.fetch('fewer');
    expect(approved).not.toBe(mended);
    const files = await repository.local.git(['show', '--stat', '--format=%an', approved]);
    expect(files).toContain('approvals/prune-budget');
    const fourth = await world.plan(number, 'is of the approved head', (_, { head }) => head === approved);
    expect(fourth.comment.id).toBe(first.comment.id);
    await world.statusOf(approved, 'success');
    // The guest was not even told so.
    const answers = (await world.comments(number)).filter(({ text }) => readMarker(text)?.kind === 'answer');
    expect(answers).toHaveLength(2);

    // Merged, and carried out.
    const merged = await repository.merge(number);
    await until('it to be carried out', async () => (await configMapNames(cluster, namespace)).length === 17);
    await world.statusOf(merged, 'success');
    const closing = await until('the closing comment', async () => {
      const all = await world.comments(number);
      return all.find(({ text }) => readMarker(text)?.kind === 'closing');
    });
    expect(closing.text).toContain('3 pruned');
    expect(await world.plans(number)).toHaveLength(1);

    for (const process of [planner, reconciler]) {
      expect((await process.stop()).exitCode).toBe(0);
      expect(process.lines.filter(({ level }) => level === 'error')).toEqual([]);
    }
  }, 180_000);
});

/** What is said to the command in a comment. */
async function answerTo(world: ReviewWorld, number: number, command: number): Promise<string> {
  const answer = await until(`an answer to comment ${command}`, async () => {
    const all = await world.comments(number);
    return all.find(({ text }) => {
      const marker = readMarker(text);
      return marker?.kind === 'answer' && marker.answers === command;
    });
  });
  return answer.text;
}
