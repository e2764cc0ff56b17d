import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aReportMap } from '../reconciler/core/nodes/build-reports.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { FaultRun } from '../support/fault-run.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { installedReconciler } from '../support/installed-account.ts';

const control = await sharedCluster();
const ground = await prepareGround(control);

const MINUTE = 60_000;
const DELETED = 'Deleted the report of a node that is gone';

it('weka-gitops run deletes the report of a node that is gone by itself, ten minutes after it missed the node', async () => {
  onTestFinished(() => ground.server.stop());
  const [faults, agentNamespace, world] = await Promise.all([
    startFaultServer(control),
    control.namespace(),
    aWorldInChange(ground),
  ]);
  onTestFinished(() => faults.stop());
  onTestFinished(() => world[Symbol.asyncDispose]());
  const name = `w-${world.id}`;
  const account = await installedReconciler(control, {
    name,
    namespace: world.systemNamespace,
    agentNamespace,
  });
  onTestFinished(account.remove);
  world.kubeconfig = await faults.kubeconfig(join(await scratchFolder(), 'config'), account);
  const config = world.config();
  world.config = () => ({
    ...config,
    installation: { name, namespace: world.systemNamespace, agentNamespace },
  });
  const gone = `gone-${randomBytes(4).toString('hex')}`;
  const map = aReportMap(gone, undefined, agentNamespace);
  const path = `/api/v1/namespaces/${agentNamespace}/configmaps`;
  await control.api.json('POST', path, map);

  const startsAt = new Date(Date.now() + 120 * MINUTE);
  const run = await new FaultRun(world, { faults, startsAt, random: () => 0.5 }).start();
  onTestFinished(() => run.stop());
  const deleted = () => run.lines.find(({ message, node }) => message === DELETED && node === gone);
  await run.passUntil('it is calm', () => run.isCalm);
  const calmAt = run.time.now();
  await run.passUntil('the report is deleted', () => deleted() !== undefined, 12 * MINUTE);
  expect(run.time.now() - calmAt).toBeGreaterThan(9 * MINUTE);
  await expect(control.api.json('GET', `${path}/${map.metadata.name}`)).rejects.toThrow('404');
});
