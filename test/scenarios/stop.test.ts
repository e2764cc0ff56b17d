import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { World } from '../support/crash-world.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { startGitServer, type ServedRequest } from '../support/git-server.ts';
import { configMap } from '../support/manifests.ts';

const MAIN = join(import.meta.dirname, '../../reconciler/main.ts');
const PASSWORD = 'correct-horse';
/** What Kubernetes' own default would still wait for, three times over. */
const WITHIN_MS = 10_000;

const cluster = await sharedCluster();

/** The program in a process of its own, behind proxies that can make trouble. */
async function aProcess() {
  const [server, faults, folder, port] = await Promise.all([
    startGitServer({ users: { reconciler: PASSWORD } }),
    startFaultServer(cluster),
    scratchFolder(),
    freePort(),
  ]);
  onTestFinished(async () => void (await Promise.all([server.stop(), faults.stop()])));
  const world = await World.make({ cluster, server, password: PASSWORD });
  world.kubeconfig = await faults.kubeconfig(join(folder, 'kubeconfig'), world.account);
  onTestFinished(async () => {
    await world[Symbol.asyncDispose]();
  });
  const namespace = await cluster.namespace();
  const run = { pollSeconds: 1, listen: `127.0.0.1:${port}` };
  const path = join(folder, 'config.yaml');
  await writeFile(path, JSON.stringify({ ...world.config(), run }));
  const start = (verb = 'run') => {
    const child = spawn(process.execPath, [MAIN, verb], {
      env: { ...process.env, ...world.environment(path) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => void (complaints += piece));
    return {
      complaints: () => complaints,
      /** Sends it SIGTERM; tells how it ended, and how long that took. */
      async stop() {
        const at = performance.now();
        child.kill('SIGTERM');
        const [exitCode, signal] = await ended;
        return { exitCode, signal, ms: performance.now() - at };
      },
      signal: () => child.kill('SIGTERM'),
    };
  };
  const ready = () =>
    until('readiness', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      return answer?.status === 200;
    });
  const holder = async () => {
    const what = [
      'get',
      'lease',
      '-n',
      world.systemNamespace,
      '-o',
      'jsonpath={.items[*].spec.holderIdentity}',
    ];
    return (await cluster.kubectl(what)).stdout;
  };
  return { world, server, faults, namespace, repository: world.repository, start, ready, holder };
}

const STOPPED = { exitCode: 0, signal: null };

describe('run that is asked to end', () => {
  it('does not wait for a repository that does not answer', async () => {
    const { server, repository, namespace, start, ready, holder } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const program = start();
    await ready();
    const asked = hung(server, ({ url }) => url.includes('git-upload-pack'));
    await until('a listing', asked);
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
  });

  it('does not wait for an API server that does not answer a read', async () => {
    const { faults, repository, namespace, start, holder } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const path = new RegExp(`/namespaces/${namespace}/configmaps`);
    faults.rules.add({ method: 'GET', path, fault: { do: 'hold' } });
    const program = start();
    await until('a read', () => faults.requests.some(({ url }) => path.test(url)));
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
  });

  it('does not wait for the names of many objects that are not there yet', async () => {
    const { faults, repository, namespace, start, holder } = await aProcess();
    const names = Array.from({ length: 40 }, (_, n) => `new-${n}`);
    const files = names.map((name) => [`${name}.yaml`, configMap(namespace, name)]);
    await repository.commit(Object.fromEntries(files) as Record<string, string>);
    const path = new RegExp(`/namespaces/${namespace}/configmaps\\?limit=\\d+$`);
    faults.rules.add({ method: 'GET', path, fault: { do: 'hold' } });
    const program = start();
    await until('a list of names', () => faults.requests.some(({ url }) => path.test(url)));
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
  });

  it('finishes a write that takes three seconds, and tells of it', async () => {
    const { world, faults, repository, namespace, start, holder } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    const path = new RegExp(`/namespaces/${namespace}/configmaps/a`);
    faults.rules.add({ method: 'PATCH', path, fault: { do: 'delay', ms: 3_000 } });
    const program = start();
    await until('the write', () => faults.requests.some(({ url }) => path.test(url)));
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
    const { stdout } = await cluster.kubectl([
      'get',
      'configmap',
      'a',
      '-n',
      namespace,
      '-o',
      'jsonpath={.data.k}',
    ]);
    expect(stdout).toBe('v');
    expect(await repository.git(['show', `${world.statusRef}:status.json`])).toContain('"create"');
  });

  it('gives up a push that does not end', async () => {
    const { server, repository, namespace, start, ready, holder } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    const program = start();
    await ready();
    const pushed = hung(server, ({ url, method }) => url.includes('git-receive-pack') && method === 'POST');
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'w' }) });
    await until('the push', pushed);
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
  });

  it('gives up a write that is never answered', async () => {
    const { faults, repository, namespace, start, holder } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    const path = new RegExp(`/namespaces/${namespace}/configmaps/a`);
    faults.rules.add({ method: 'PATCH', path, fault: { do: 'hold' } });
    const program = start();
    await until('the write', () => faults.requests.some(({ url }) => path.test(url)));
    const { ms, ...end } = await program.stop();
    expect(end).toEqual(STOPPED);
    expect(ms).toBeLessThan(WITHIN_MS);
    expect(await holder()).toBe('');
  });

  it('ends at once when it is asked a second time', async () => {
    const { faults, repository, namespace, start } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    const path = new RegExp(`/namespaces/${namespace}/configmaps/a`);
    faults.rules.add({ method: 'PATCH', path, fault: { do: 'hold' } });
    const program = start();
    await until('the write', () => faults.requests.some(({ url }) => path.test(url)));
    program.signal();
    // Two signals of one kind that are not yet handled are one.
    await until('it has heard of it', () => program.complaints().includes('"Stopping"'));
    const { ms, ...end } = await program.stop();
    expect(end).toEqual({ exitCode: 143, signal: null });
    expect(ms).toBeLessThan(2_000);
  });
});

describe('the program', () => {
  it('ends at once where it has nothing to finish', async () => {
    const { faults, repository, namespace, start } = await aProcess();
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    faults.rules.add({ method: 'GET', fault: { do: 'hold' } });
    const program = start('plan');
    await until('a read', () => faults.requests.length > 0);
    const { ms, ...end } = await program.stop();
    expect(end).toEqual({ exitCode: 143, signal: null });
    expect(ms).toBeLessThan(2_000);
  });
});

/** Lets requests hang from now on; gives whether one does. */
function hung(
  server: { onRequest: (hook: (request: ServedRequest) => Promise<undefined>) => unknown },
  fits: (request: ServedRequest) => boolean,
) {
  let isHung = false;
  server.onRequest(async (request) => {
    if (!fits(request)) return undefined;
    isHung = true;
    return await new Promise<undefined>(() => undefined);
  });
  return () => isHung;
}
