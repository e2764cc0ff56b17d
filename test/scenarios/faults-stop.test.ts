import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { FaultRun } from '../support/fault-run.ts';
import { startFaultServer } from '../support/fault-server.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

describe('run that is asked to end while it writes', () => {
  it('finishes that write, tells of it, and gives its lease back only then', async () => {
    const [world, faults, folder] = await Promise.all([
      aWorldInChange(ground),
      startFaultServer(ground.cluster),
      mkdtemp(join(tmpdir(), 'weka-gitops-stop-')),
    ]);
    onTestFinished(async () => {
      await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
    });
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'));
    const written = Promise.withResolvers<void>();
    const changed = /\/configmaps\/changed\?/;
    faults.rules.add({ method: 'PATCH', path: changed, fault: { do: 'wait', until: written.promise } });
    const run = await new FaultRun(world).start();
    const isWriting = () => faults.requests.some(({ url }) => changed.test(url));
    await until('it writes', isWriting);
    const before = faults.requests.length;
    const stopped = run.stop();
    const since = faults.requests.slice(before);
    const returned = since.filter(({ method, url }) => method === 'PUT' && url.includes('/leases'));
    expect(returned).toEqual([]);
    written.resolve();
    await stopped;
    expect(faults.requests.at(-1)).toMatchObject({
      method: 'PUT',
      url: expect.stringContaining('/leases') as string,
    });
    expect(run.warnings.map(({ message }) => message)).toEqual(['Held changes back']);
    const told = await world.repository.git(['log', '--format=%s', world.statusRef]);
    expect(told.split('\n')).toHaveLength(2);
  }, 300_000);
});
