import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { freePort } from '../cluster/ports.ts';
import { until } from '../cluster/until.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

const HOUR = 3600;

/** An installation whose `run` polls so often and listens on a port of its own. */
async function unattended({ pollSeconds = 1, faults }: { pollSeconds?: number; faults?: FaultServer } = {}) {
  const port = await freePort();
  const installation = await anInstallation(cluster, {
    config: { run: { pollSeconds, listen: `127.0.0.1:${port}` } },
    ...(faults === undefined ? {} : { faults }),
  });
  return { ...installation, ...running(installation, port) };
}

function running(installation: Installation, port: number) {
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return {
    page,
    /** Starts it; it is stopped as by SIGTERM, at the end of the test at the latest. */
    start() {
      const process = installation.start('run');
      onTestFinished(async () => {
        process.stop();
        await process.ended;
      });
      return process;
    },
    ready: () =>
      until('readiness', async () => (await page('/readyz').catch(() => undefined))?.status === 200),
  };
}

async function value(namespace: string, name: string, key = 'k'): Promise<string> {
  const path = `jsonpath={.data.${key}}`;
  return (await cluster.kubectl(['get', 'configmap', name, '-n', namespace, '-o', path])).stdout;
}

describe('run', () => {
  it('makes what is pushed, without being asked', async () => {
    const { repository, namespace, start, ready } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '1' }) });
    start();
    await ready();
    expect(await value(namespace, 'a')).toBe('1');
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '2' }) });
    await until('the second commit', async () => (await value(namespace, 'a')) === '2');
  });

  it('lists the refs once for a push, and fetches once', async () => {
    const { repository, namespace, server, start, ready } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '1' }) });
    start();
    await ready();
    const [LISTING, FETCH] = ['GET refs?service=git-upload-pack', 'POST git-upload-pack'];
    const asked = () => server.requests.map(({ method, url }) => `${method} ${url.split('/').at(-1)}`);
    const polled = () =>
      asked()
        .slice(-2)
        .every((each) => each === LISTING);
    await until('polls that find nothing', polled);

    server.clearRequests();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '2' }) });
    await until('the second commit', async () => (await value(namespace, 'a')) === '2');
    await until('polls that find nothing', polled);
    const fetched = asked().indexOf(FETCH);
    // Polls that found nothing, the one that did, and what it led to.
    expect(
      asked()
        .slice(0, fetched)
        .every((each) => each === LISTING),
    ).toBe(true);
    expect(asked().filter((each) => each === FETCH)).toHaveLength(1);
  });

  it('lists the refs once as it starts', async () => {
    const { repository, namespace, server, start, ready } = await unattended({ pollSeconds: HOUR });
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    start();
    await ready();
    const listings = server.requests.filter(({ url }) => url.endsWith('service=git-upload-pack'));
    expect(listings).toHaveLength(1);
  });

  it('corrects a hand edit and a deletion when they happen, and not at the next poll', async () => {
    const { repository, namespace, start, ready } = await unattended({ pollSeconds: HOUR });
    await repository.commit({
      'a.yaml': configMap(namespace, 'a', { k: 'v' }),
      'b.yaml': configMap(namespace, 'b', { k: 'v' }),
    });
    start();
    await ready();
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await until('the correction', async () => (await value(namespace, 'a')) === 'v', { timeoutMs: 10_000 });
    await cluster.kubectl(['delete', 'configmap', 'b', '-n', namespace]);
    await until('its return', async () => (await value(namespace, 'b')) === 'v', { timeoutMs: 10_000 });
  });

  it('makes no call while nothing changes but its lease and one ref listing a poll', async () => {
    const faults = await startFaultServer(cluster);
    onTestFinished(() => faults.stop());
    const { repository, namespace, server, start, ready } = await unattended({ faults });
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    start();
    await ready();
    const polls = () => server.requests.filter(({ url }) => url.includes('info/refs')).length;
    const settled = polls() + 3;
    await until('it has settled', () => polls() >= settled);

    const before = { git: server.requests.length, polls: polls(), api: faults.requests.length };
    await until('three polls', () => polls() >= before.polls + 3);
    expect(server.requests.length - before.git).toBe(polls() - before.polls);
    const calls = faults.requests.slice(before.api).filter(({ url }) => !url.includes('/leases/'));
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  });

  it('ends by SIGTERM with 0, and gives its lease back', async () => {
    const { repository, namespace, systemNamespace, start, ready } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const process = start();
    await ready();
    process.stop();
    expect((await process.ended).exitCode).toBe(0);
    const { stdout } = await cluster.kubectl([
      'get',
      'lease',
      '-n',
      systemNamespace,
      '-o',
      'jsonpath={.items[*].spec.holderIdentity}',
    ]);
    expect(stdout).toBe('');
  });

  it('leaves the work to one of two, and hands it over', async () => {
    const first = await unattended();
    const port = await freePort();
    const second = running(first.beside({ run: { pollSeconds: 1, listen: `127.0.0.1:${port}` } }), port);
    await first.repository.commit({ 'a.yaml': configMap(first.namespace, 'a', { k: '1' }) });
    const one = first.start();
    await first.ready();
    const two = second.start();
    await second.ready();
    expect((await first.page('/metrics')).text).toContain('weka_gitops_leader 1');
    expect((await second.page('/metrics')).text).toContain('weka_gitops_leader 0');
    one.stop();
    await one.ended;
    await until('the other one', async () =>
      (await second.page('/metrics')).text.includes('weka_gitops_leader 1'),
    );
    await first.repository.commit({ 'a.yaml': configMap(first.namespace, 'a', { k: '2' }) });
    await until('its work', async () => (await value(first.namespace, 'a')) === '2');
    two.stop();
    expect((await two.ended).exitCode).toBe(0);
  });

  it('goes on correcting hand edits while the repository cannot be reached', async () => {
    const { repository, namespace, server, start, ready, page } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    start();
    await ready();
    server.onRequest(() => ({ refuse: 503 }));
    await until('a failed poll', async () =>
      /weka_gitops_repository_polls_total\{result="failed"\} [1-9]/.test((await page('/metrics')).text),
    );
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await until('the correction', async () => (await value(namespace, 'a')) === 'v', { timeoutMs: 10_000 });
  });

  it('writes nothing while it is suspended, says why, and goes on when it is resumed', async () => {
    const { repository, namespace, run, start, ready, page, json } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '1' }) });
    start();
    await ready();
    expect((await run('suspend', '--reason', 'power work')).exitCode).toBe(0);
    await until('the brake', async () => (await page('/metrics')).text.includes('weka_gitops_suspended 1'));
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '2' }) });
    const plan = await until('the plan', async () => {
      const seen = await json('plan');
      return seen.summary.wait === 1 && seen;
    });
    expect(plan.brake).toEqual({ state: 'suspended', reason: 'power work' });
    expect(await value(namespace, 'a')).toBe('1');
    expect((await run('resume')).exitCode).toBe(0);
    await until('the second commit', async () => (await value(namespace, 'a')) === '2');
  });

  it('tells its health, what it waits for, and its metrics', async () => {
    const { repository, namespace, start, ready, page } = await unattended();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    start();
    await ready();
    expect(await page('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    const { text } = await page('/metrics');
    expect(text).toMatch(/weka_gitops_passes_total\{result="clean"\} [1-9]/);
    expect(text).toMatch(/weka_gitops_api_requests_total\{verb="patch",code="20[01]"\} [1-9]/);
    expect(text).toContain('weka_gitops_build_info{version="0.0.0-test"} 1');
  });
});

describe('a freeze', () => {
  it('keeps what would be deleted, and lets all else be', async () => {
    const { repository, namespace, systemNamespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'b.yaml': configMap(namespace, 'b') });
    await run('reconcile');
    const name = `${systemNamespace.replace(/-system$/, '')}-freeze`;
    await cluster.kubectl([
      'create',
      'configmap',
      name,
      '-n',
      systemNamespace,
      '--from-literal=reason=audit of hall 1',
    ]);
    await repository.commit({ 'b.yaml': null, 'c.yaml': configMap(namespace, 'c') });
    const { stdout, exitCode } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Frozen, so nothing is deleted, replaced or lost for good: audit of hall 1');
    const names = (await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'name'])).stdout;
    expect(names).toContain('configmap/b');
    expect(names).toContain('configmap/c');
  });
});
