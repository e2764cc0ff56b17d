import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import type { Fault } from '../support/fault-rules.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

/** An installation behind a proxy, with one commit, whose `run` has not begun. */
async function unattended() {
  const [faults, port] = await Promise.all([startFaultServer(cluster), freePort()]);
  onTestFinished(() => faults.stop());
  const installation = await anInstallation(cluster, {
    config: { run: { pollSeconds: 1, listen: `127.0.0.1:${port}` } },
    faults,
  });
  const { repository, namespace, systemNamespace } = installation;
  await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
  const readyz = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return response && { status: response.status, text: await response.text() };
  };
  let seen: Awaited<ReturnType<typeof readyz>>;
  const tells = async (status: number, text: string) => {
    const isTold = async () => {
      seen = await readyz();
      return seen?.status === status && seen.text === text;
    };
    await until('what is waited for', isTold, { timeoutMs: 20_000 }).catch(() => undefined);
    expect(seen).toEqual({ status, text });
  };
  return {
    ...installation,
    faults,
    metrics: async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    name: systemNamespace.replace(/-system$/, ''),
    start() {
      const process = installation.start('run');
      onTestFinished(async () => {
        faults.rules.clear();
        process.stop();
        await process.ended;
      });
    },
    /** Waits until `/readyz` answers exactly so. */
    waitsFor: (...what: readonly string[]) => tells(503, what.map((each) => `${each}\n`).join('')),
    isReady: () => tells(200, 'ok\n'),
  };
}

const FORBIDDEN: Fault = {
  do: 'answer',
  status: 403,
  body: { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' },
};

it('/readyz says that the lease is waited for, by its name', async () => {
  const { faults, start, waitsFor, isReady, systemNamespace, name } = await unattended();
  const give = faults.rules.add({ path: /\/leases/, fault: FORBIDDEN });
  start();
  await waitsFor(`the lease ${systemNamespace}/${name}`);
  give();
  await isReady();
});

it('/readyz says that the first pass is waited for, while the repository cannot be read', async () => {
  const { server, start, waitsFor, isReady } = await unattended();
  const give = server.onRequest(() => ({ refuse: 503 }));
  start();
  await waitsFor('the first pass', 'the first read');
  give();
  await isReady();
});

it('/readyz says which list is waited for, while the API server does not answer it', async () => {
  const { faults, namespace, start, waitsFor, isReady } = await unattended();
  const answered = Promise.withResolvers<void>();
  onTestFinished(() => answered.resolve());
  const path = new RegExp(`/namespaces/${namespace}/configmaps\\?.*labelSelector`);
  faults.rules.add({ path, times: 1, fault: { do: 'wait', until: answered.promise } });
  start();
  await waitsFor('the first pass', 'the first read', `configmaps in namespace ${namespace}`);
  answered.resolve();
  await isReady();
});

it('/readyz says which watch is waited for, once it is lost after all was well', async () => {
  const { faults, namespace, start, waitsFor, isReady } = await unattended();
  start();
  await isReady();
  const path = new RegExp(`/namespaces/${namespace}/configmaps\\?.*watch=true`);
  const give = faults.rules.add({ path, fault: { do: 'drop' } });
  faults.cutWatches();
  await waitsFor(`configmaps in namespace ${namespace}`);
  give();
  await isReady();
});

it('/readyz says which brake or record is waited for', async () => {
  const { faults, systemNamespace, name, start, waitsFor, isReady } = await unattended();
  start();
  await isReady();
  const path = new RegExp(`/namespaces/${systemNamespace}/configmaps\\?.*watch=true.*${name}-suspend`);
  const give = faults.rules.add({ path, fault: { do: 'drop' } });
  faults.cutWatches();
  await waitsFor(`configmaps/${name}-suspend in namespace ${systemNamespace}`);
  give();
  await isReady();
});

it('/metrics counts lists and watches as such, and each watch that is begun anew', async () => {
  const { faults, start, isReady, metrics } = await unattended();
  start();
  await isReady();
  const before = await metrics();
  expect(before).toMatch(/weka_gitops_api_requests_total\{verb="list",code="200"\} [1-9]/);
  expect(before).toMatch(/weka_gitops_api_requests_total\{verb="watch",code="200"\} [1-9]/);
  expect(before).toContain('weka_gitops_watch_restarts_total 0\n');
  const open = faults.openWatches;
  for (const watch of open) watch.end();
  const isCounted = async () =>
    (await metrics()).includes(`weka_gitops_watch_restarts_total ${open.length}\n`);
  await until('all are counted', isCounted, { timeoutMs: 20_000 });
});
