import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { descendants, isRunning } from './processes.ts';
import { findPrograms, programNames } from './programs.ts';
import { until } from './until.ts';

// No timeout cuts off a first build here.
await findPrograms(programNames);

const aPod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'registry.example/main:1' }] },
});

describe('a control plane', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ kwok: 2, auditLog: true });
  });
  afterAll(() => plane?.stop());

  const configMaps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;
  const as = async (kubeconfig: string, ...args: string[]) => plane.kubectl(args, { kubeconfig });

  it('is Kubernetes v1.36.3', async () => {
    expect(await plane.api.json('GET', '/version')).toMatchObject({ gitVersion: 'v1.36.3' });
  });

  it('has simulated nodes that are Ready, and runs on them what the scheduler places', async () => {
    const namespace = await plane.createNamespace();
    await plane.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, aPod('one'));
    const node = await until('the pod runs', async () => {
      const { status, spec } = await plane.api.json<{
        status: { phase: string };
        spec: { nodeName: string };
      }>('GET', `/api/v1/namespaces/${namespace}/pods/one`);
      return status.phase === 'Running' && spec.nodeName;
    });
    expect(['node-1', 'node-2']).toContain(node);
  });

  it('has controllers: a deleted namespace goes with all that is in it', async () => {
    const namespace = await plane.createNamespace();
    await plane.api.json('POST', configMaps(namespace), { metadata: { name: 'one' } });
    await plane.deleteNamespace(namespace);
    await until('the namespace is gone', async () => {
      const { items } = await plane.api.json<{ items: { metadata: { name: string } }[] }>(
        'GET',
        '/api/v1/namespaces',
      );
      return items.every(({ metadata }) => metadata.name !== namespace);
    });
  });

  it('lets the admin do everything', async () => {
    const result = await as(plane.adminKubeconfig(), 'auth', 'can-i', '*', '*', '--all-namespaces');
    expect(result).toMatchObject({ stdout: 'yes\n', exitCode: 0 });
  });

  it('lets a service account do what its roles say and nothing else', async () => {
    const namespace = await plane.createNamespace();
    const kubeconfig = await plane.kubeconfigFor({ namespace, serviceAccount: 'default' });
    expect(
      await as(kubeconfig, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'),
    ).toMatchObject({
      stdout: `system:serviceaccount:${namespace}:default`,
    });
    expect(await as(kubeconfig, 'get', 'configmaps')).toMatchObject({
      stderr: expect.stringContaining('configmaps is forbidden'),
      exitCode: 1,
    });

    await plane.kubectl([
      'create',
      'role',
      'reader',
      '--verb=list',
      '--resource=configmaps',
      '-n',
      namespace,
    ]);
    const binding = ['--role=reader', `--serviceaccount=${namespace}:default`, '-n', namespace];
    await plane.kubectl(['create', 'rolebinding', 'reader', ...binding]);
    await until('the role counts', async () => (await as(kubeconfig, 'get', 'configmaps')).exitCode === 0);
    expect(await as(kubeconfig, 'get', 'secrets')).toMatchObject({ exitCode: 1 });
  });

  it('knows a user by the name and groups of a certificate', async () => {
    const kubeconfig = await plane.kubeconfigFor({ user: 'alice', groups: ['storage', 'on-call'] });
    const { stdout } = await as(kubeconfig, 'auth', 'whoami', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      status: { userInfo: { username: 'alice', groups: ['storage', 'on-call', 'system:authenticated'] } },
    });
  });

  it('writes down who asked for what', async () => {
    const name = `asked-${randomUUID()}`;
    await plane.api.json('POST', configMaps('default'), { metadata: { name } });
    const event = await until('the request is in the audit log', async () => {
      const events = await plane.auditLog();
      return events.find(({ verb, objectRef }) => verb === 'create' && objectRef?.name === name);
    });
    expect(event).toMatchObject({
      user: { username: 'harness' },
      requestURI: configMaps('default'),
      responseStatus: { code: 201 },
    });
  });
});

describe('the parts of a control plane', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false });
  });
  afterAll(() => plane?.stop());

  it('keeps its objects and its address when the API server is killed and started again', async () => {
    const apiServer = plane.part('kube-apiserver');
    await plane.api.json('POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    const before = apiServer.pid!;
    await apiServer.kill();
    expect(isRunning(before)).toBe(false);
    expect(apiServer.pid).toBeUndefined();
    await expect(plane.api.json('GET', '/api/v1/namespaces/kept')).rejects.toThrow(
      /ECONNREFUSED|socket hang up|ECONNRESET/,
    );

    await apiServer.start();
    expect(apiServer.pid).not.toBe(before);
    expect(await plane.api.json('GET', '/api/v1/namespaces/kept')).toMatchObject({
      metadata: { name: 'kept' },
    });
  });

  it('answers nothing that needs etcd while that is paused, and all is well once it resumes', async () => {
    const etcd = plane.part('etcd');
    etcd.pause();
    const impatient = ['--request-timeout=500ms', 'get', 'namespaces'];
    expect(await plane.kubectl(impatient)).toMatchObject({ exitCode: 1 });
    etcd.resume();
    await etcd.ready();
    await plane.part('kube-apiserver').ready();
    expect(await plane.kubectl(['get', 'namespaces'])).toMatchObject({ exitCode: 0 });
  });

  it('stops a part that is paused', async () => {
    const scheduler = plane.part('kube-scheduler');
    scheduler.pause();
    await scheduler.stop();
    expect(scheduler.pid).toBeUndefined();
    await scheduler.start();
  });

  it('restarts a part, which then is another process and ready', async () => {
    const scheduler = plane.part('kube-scheduler');
    const before = scheduler.pid!;
    await scheduler.restart();
    expect(isRunning(before)).toBe(false);
    expect(isRunning(scheduler.pid!)).toBe(true);
    await scheduler.ready();
  });

  it('refuses to start a part twice, or to give one that it was started without', async () => {
    await expect(plane.part('etcd').start()).rejects.toThrow('etcd runs already.');
    expect(() => plane.part('kwok')).toThrow('This control plane was started without kwok.');
  });
});

describe('startControlPlane', () => {
  it('starts several at once, each on ports of its own and with objects of its own', async () => {
    const planes = await Promise.all(
      [1, 2].map(() => startControlPlane({ controllerManager: false, scheduler: false })),
    );
    const [one, other] = planes;
    expect(one!.server).not.toBe(other!.server);
    await one!.api.json('POST', '/api/v1/namespaces', { metadata: { name: 'mine' } });
    await expect(other!.api.json('GET', '/api/v1/namespaces/mine')).rejects.toMatchObject({ status: 404 });

    const held = descendants(process.pid);
    await Promise.all(planes.map((plane) => plane.stop()));
    expect(planes.filter(({ address }) => existsSync(address.folder))).toEqual([]);
    expect(held.filter(isRunning).length).toBeLessThan(held.length - 3);
  });

  it('shows the last lines of a part that does not start, and leaves nothing behind', async () => {
    const before = descendants(process.pid);
    const failure = startControlPlane({ flags: { 'kube-apiserver': ['--no-such-flag'] } });
    await expect(failure).rejects.toThrow(
      /^kube-apiserver ended while starting \(exit code 1\)\. Its last lines:\n[^]*unknown flag: --no-such-flag/,
    );
    expect(descendants(process.pid)).toEqual(before);
  });
});
