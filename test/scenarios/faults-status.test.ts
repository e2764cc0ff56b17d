import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { Status } from '../../schemas/output/status.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { FaultRun } from '../support/fault-run.ts';
import { startFaultServer } from '../support/fault-server.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

it('the status branch says that all is well again, though the answer to the push that said otherwise was lost', async () => {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-status-')),
  ]);
  onTestFinished(async () => {
    await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
  });
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  // The pass is tried again before the telling is.
  const run = await new FaultRun(world, { faults, random: () => 0.5 }).start();
  onTestFinished(() => run.stop());
  await run.passUntil('it is calm', () => run.isCalm);

  // A pass that finds nothing to do is told, too, where its commit is a new one.
  await world.repository.commit({ 'README.md': 'A word.\n' });
  await run.pass(90_000);

  // It is done, and taken for a failure.
  faults.rules.add({ method: 'PATCH', path: /\/configmaps\/kept\?/, times: 1, fault: { do: 'lose' } });
  let lost = 0;
  world.server.onRequest(({ method, url }) => {
    const isPush = method === 'POST' && url.includes(world.id) && url.endsWith('git-receive-pack');
    return isPush && lost++ === 0 ? { cutResponseAfter: 0 } : undefined;
  });
  const patch = ['-p', JSON.stringify({ data: { as: 'edited by hand' } })];
  await world.cluster.kubectl(['patch', 'configmap', 'kept', '-n', world.namespace, ...patch]);
  await run.heard();
  await run.passUntil('the answer is lost', () => lost > 0);
  const status = async () =>
    Status.parse(JSON.parse(await world.repository.file('status.json', world.statusRef)));
  await run.quiet();
  expect((await status()).clean).toBe(false);
  await run.pass(60_000);
  expect((await status()).clean).toBe(true);
}, 300_000);
