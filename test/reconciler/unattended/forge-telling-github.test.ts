import { expect, it } from 'vitest';
import type { Health } from '../../../reconciler/core/health/health.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { until } from '../../cluster/until.ts';
import { githubFixture } from '../../forge/github/fixture.ts';
import { aReport, health } from '../core/report/samples.ts';
import { ManualTime } from '../world/lease/manual-time.ts';
import { tellingProcess } from './telling-process.ts';

const { standIn, forgeAt } = await githubFixture();
const ID = 'apps/v1/Deployment/weka/exporter';
const READY: Health = { state: 'current', message: '1 of 1 pods are ready' };
const COMMENTED = /^POST .*\/issues\/\d+\/comments$/;
const STATUSES = /^POST .*\/statuses\//;

/** GitHub with a merged pull request, a process that tells it, and the report of a pass over what came of it. */
async function merged() {
  const github = await standIn();
  github.state.pull(7);
  const commit = github.state.merge(7) as CommitSha;
  const time = new ManualTime();
  // Nothing is tried again within the client: what is, is the loop's doing.
  const forge = await forgeAt(github, { retries: 0, time });
  const told = tellingProcess(forge, time);
  const bodies = () => [...github.state.comments.values()].map(({ body }) => body);
  const status = () => forge.commitStatus(commit, 'weka-gitops/production');
  const report = aReport({ commit, health: health({ [ID]: READY }) });
  const pass = async (what: string, is: () => Promise<boolean> | boolean) =>
    await until(what, async () => {
      told.time.pass(10_000);
      return await is();
    });
  return { github, ...told, bodies, status, report, pass };
}

it('GitHub shows at a commit and in one comment what became of it, by its own description', async () => {
  const { loop, bodies, status, report, pass, failures } = await merged();
  loop.offer(report);
  await pass('it is told', async () => bodies().length > 0 && (await status())?.state === 'success');
  expect(bodies()).toEqual([expect.stringContaining('applied and healthy')]);
  expect(failures).toEqual([]);
});

it('GitHub that fails in mid-post has the comment once', async () => {
  const { github, loop, bodies, report, pass, failures } = await merged();
  github.plan({ at: COMMENTED, isDone: true, how: { status: 502, body: '{"message":"Server Error"}' } });
  loop.offer(report);
  await pass('it fails', () => failures.length > 0);
  const asked = () => github.heard.filter(({ line }) => /^GET .*\/issues\/\d+\/comments/.test(line)).length;
  const before = asked();
  await pass('it looks again', () => asked() > before);
  expect(failures).toEqual(['FORGE_UNREACHABLE']);
  expect(bodies()).toHaveLength(1);
});

it('GitHub that wants to be left alone is, and is told afterwards', async () => {
  const { github, loop, status, report, pass, time, failures } = await merged();
  const headers = { 'retry-after': '600' };
  const body = '{"message":"You have exceeded a secondary rate limit. Please wait."}';
  github.plan({ at: STATUSES, how: { status: 403, headers, body } });
  loop.offer(report);
  await until('it is limited', () => failures.length > 0);
  expect(failures[0]).toBe('FORGE_RATE_LIMIT');
  const before = github.heard.length;
  loop.offer(report);
  time.pass(590_000);
  await expect(status()).rejects.toThrow('asks for fewer requests');
  expect(github.heard.length).toBe(before);
  await pass('it is told', async () => {
    const shown = await status().catch(() => undefined);
    return shown?.state === 'success';
  });
});
