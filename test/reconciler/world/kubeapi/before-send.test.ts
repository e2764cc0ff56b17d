import { describe, expect, it, onTestFinished } from 'vitest';
import { ReconcilerError } from '../../../../reconciler/errors.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { startFaultServer } from '../../../support/fault-server.ts';

const cluster = await sharedCluster();
const account = await accountOfFile(cluster);

class TooLate extends ReconcilerError {
  readonly code = 'LEASE_LOST';
  readonly retry = 'next-pass';
}

/** A cluster behind faults, whose writes may be forbidden at any moment. */
async function guarded() {
  const faults = await startFaultServer(cluster);
  onTestFinished(() => faults.stop());
  const kubeconfig = await faults.kubeconfig(`${await scratchFolder()}/config`, account);
  const guard = { closed: false };
  const beforeWrite = () => {
    if (guard.closed) throw new TooLate('It is too late.');
  };
  const kube = await openKubeCluster({ kubeconfig, env: {}, beforeWrite });
  onTestFinished(() => kube.close());
  return { faults, guard, kube };
}

function configMap(namespace: string, name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

describe('a write', () => {
  it('is asked for again before each try, and not sent once it may not be', async () => {
    const namespace = await cluster.namespace();
    const { faults, guard, kube } = await guarded();
    const patches = () => faults.requests.filter(({ method }) => method === 'PATCH').length;
    faults.rules.add({
      method: 'PATCH',
      fault: { do: 'answer', status: 429, headers: { 'retry-after': '1' }, body: '{}' },
    });
    const write = kube.apply(configMap(namespace, 'a'), { force: false });
    const ended = write.catch((error: unknown) => error);
    await expect.poll(patches).toBe(1);
    guard.closed = true;
    expect(await ended).toBeInstanceOf(TooLate);
    expect(patches()).toBe(1);
  });

  it('that waits for its turn is not sent once it may not be', async () => {
    const namespace = await cluster.namespace();
    const { faults, guard, kube } = await guarded();
    faults.rules.add({ method: 'PATCH', fault: { do: 'delay', ms: 300 } });
    const writes = Array.from({ length: 60 }, (_, index) =>
      kube.apply(configMap(namespace, `c${index}`), { force: false }),
    );
    const ended = Promise.allSettled(writes);
    await expect.poll(() => faults.requests.length).toBeGreaterThan(0);
    guard.closed = true;
    const results = await ended;
    // Those that were under way have landed, at most one for each connection.
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(16);
    expect(faults.requests.length).toBeLessThanOrEqual(16);
  });

  it('that is no write at all is not asked for', async () => {
    const namespace = await cluster.namespace();
    const { guard, kube } = await guarded();
    guard.closed = true;
    expect(await kube.get(configMap(namespace, 'a'))).toBeUndefined();
    expect((await kube.dryRun(configMap(namespace, 'a'), { force: false })).result).toBe('accepted');
  });
});
