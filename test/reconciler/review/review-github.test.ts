import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scratchFolder } from '../../cluster/scratch.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { githubFixture } from '../../forge/github/fixture.ts';
import { anInstallation } from '../../support/installation.ts';
import { configMap } from '../../support/manifests.ts';

const cluster = await sharedCluster();
const { standIn } = await githubFixture();

/** A repository on a real git server, which the stand-in for GitHub shows. */
async function onGithub() {
  const github = await standIn();
  github.state.tokens.set('ghs_app', { login: 'weka-planner[bot]', kind: 'installation' });
  const tokenFile = join(await scratchFolder(), 'token');
  await writeFile(tokenFile, 'ghs_app\n');
  const installation = await anInstallation(cluster, {
    config: {
      forge: { kind: 'github', url: github.url, repository: github.state.repository, tokenFile },
      run: { pollSeconds: 1, listen: '127.0.0.1:0' },
    },
  });
  const { repository, namespace } = installation;
  await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '1' }) });
  expect((await installation.run('reconcile')).exitCode).toBe(0);

  /** What somebody pushes to a pull request, which GitHub has below `refs/pull` too. */
  const push = async (number: number, files: Readonly<Record<string, string>>): Promise<string> => {
    const branch = `change-${number}`;
    if ((await repository.resolve(branch)) === undefined) await repository.branch(branch);
    const sha = await repository.commit(files, { branch });
    await repository.git(['update-ref', `refs/pull/${number}/head`, sha]);
    const { pulls } = github.state;
    const head = { branch, sha, repository: github.state.repository };
    const changed = Object.keys(files).map((filename) => ({ filename, patch: '@@ -1 +1,10 @@\n+a' }));
    if (pulls.get(number) === undefined) github.state.pull(number, { head, files: changed });
    else {
      Object.assign(pulls.get(number)!, { head, files: changed });
      github.state.touch(number);
    }
    return sha;
  };
  return { github, installation, namespace, push };
}

describe('run --only review on GitHub', () => {
  it('says what a merge would do in a comment, a check and a status, and asks once a poll while nothing happens', async () => {
    const { github, installation, namespace, push } = await onGithub();
    const { state } = github;
    const wrong = configMap(namespace, 'b').replace('"ConfigMap"', '"ConfigMapp"');
    const head = await push(7, { 'a.yaml': configMap(namespace, 'a', { k: '2' }), 'b.yaml': wrong });
    const process = installation.start('run', '--only', 'review');
    onTestFinished(async () => {
      process.stop();
      await process.ended;
    });
    const status = (sha: string) => state.statuses.get(sha)?.at(-1);
    await until('the status', () => status(head)?.state === 'failure');
    const [comment, second] = [...state.comments.values()];
    expect(second).toBeUndefined();
    expect(comment).toMatchObject({ pull: 7, author: 'weka-planner[bot]' });
    expect(comment?.body).toContain('`"1"` → `"2"`');
    await until('the check', () => state.checks[0]?.annotations.length === 1);
    expect(state.checks).toMatchObject([{ sha: head, annotations: [{ path: 'b.yaml' }] }]);

    const mended = await push(7, { 'b.yaml': configMap(namespace, 'b') });
    await until('the status of the next head', () => status(mended)?.state === 'success');
    expect([...state.comments.values()].map(({ id }) => id)).toEqual([comment?.id]);
    expect(state.comments.get(comment!.id)?.body).not.toContain('ConfigMapp');

    // Its own comment is looked at, twice, and then there is nothing more.
    const quiet = () => github.heard.slice(-5).every(({ status: answer }) => answer === 304);
    await until('polls that find nothing', quiet);
    const from = github.heard.length;
    await until('five more', () => github.heard.length >= from + 5);
    expect(
      github
        .lines()
        .slice(from)
        .every((line) => line.endsWith(' 304')),
    ).toBe(true);
  }, 120_000);
});
