import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, told } from '../support/installation.ts';
import { configMap, deployment, settings } from '../support/manifests.ts';

const cluster = await sharedCluster();

/** What the ConfigMap `a` holds under `k`. */
async function value(namespace: string): Promise<string> {
  const { stdout } = await cluster.kubectl([
    'get',
    'configmap',
    'a',
    '-n',
    namespace,
    '-o',
    'jsonpath={.data.k}',
  ]);
  return stdout;
}

describe('a pass', () => {
  it('makes what a push asks for, and finds nothing to do afterwards', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({
      'app.yaml': deployment(namespace, 'app', { configMap: 'app' }),
      'config.yaml': configMap(namespace, 'app', { MODE: 'fast' }),
    });
    expect(told(await json('plan'))).toEqual([
      `create v1/ConfigMap/${namespace}/app`,
      `create apps/v1/Deployment/${namespace}/app`,
    ]);

    const report = await json('reconcile');
    expect(report.outcomes.map(({ op, target, result }) => `${op} ${target}: ${result}`)).toEqual([
      `create v1/ConfigMap/${namespace}/app: done`,
      `create apps/v1/Deployment/${namespace}/app: done`,
    ]);
    expect(report.clean).toBe(true);

    const after = await run('plan');
    expect(after.stdout).toContain('Nothing to do');
    expect(after.exitCode).toBe(0);
  });

  it('shows the changed field only, and writes only that object', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const files = {
      'a.yaml': deployment(namespace, 'a', { replicas: 1 }),
      'b.yaml': configMap(namespace, 'b', { k: 'v' }),
    };
    await repository.commit(files);
    await run('reconcile');

    await repository.commit({ 'a.yaml': deployment(namespace, 'a', { replicas: 3 }) });
    const { changes } = await json('plan');
    expect(changes.filter(({ op }) => op !== 'keep')).toMatchObject([
      {
        op: 'update',
        target: `apps/v1/Deployment/${namespace}/a`,
        fields: [{ path: 'spec.replicas', from: 1, to: 3 }],
        flags: [],
        source: 'a.yaml:1',
      },
    ]);
    const { outcomes } = await json('reconcile');
    expect(outcomes).toMatchObject([{ op: 'update', result: 'done' }]);
    const { stdout } = await cluster.kubectl([
      'get',
      'deployment',
      'a',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.replicas}',
    ]);
    expect(stdout).toBe('3');
  });

  it('removes a field that the manifest no longer has', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { one: '1', two: '2' }) });
    await run('reconcile');
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { one: '1' }) });
    expect(told(await json('plan'))).toEqual([`update v1/ConfigMap/${namespace}/a (data.two)`]);
    await run('reconcile');
    const { stdout } = await cluster.kubectl([
      'get',
      'configmap',
      'a',
      '-n',
      namespace,
      '-o',
      'jsonpath={.data}',
    ]);
    expect(JSON.parse(stdout)).toEqual({ one: '1' });
  });

  it('writes nothing at all when nothing changed, and commits nothing to the status branch', async () => {
    const { repository, namespace, run, json, statusRef } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await run('reconcile');
    const told = await repository.resolve(statusRef);
    const { stdout: before } = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'json']);

    const report = await json('reconcile');

    expect(report.outcomes).toEqual([]);
    const { stdout: after } = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'json']);
    expect(after).toBe(before);
    expect(await repository.resolve(statusRef)).toBe(told);
  });

  it('creates a namespace before what is in it, and a Secret before the pod that mounts it', async () => {
    const { repository, namespace, json } = await anInstallation(cluster);
    const other = `${namespace}-x`;
    await repository.commit({
      'all.yaml': [
        deployment(other, 'app', { configMap: 'app' }),
        configMap(other, 'app'),
        `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${other} }`,
      ].join('\n---\n'),
    });
    const { outcomes } = await json('reconcile');
    expect(outcomes.map(({ target, result }) => `${target} ${result}`)).toEqual([
      `v1/Namespace/${other} done`,
      `v1/ConfigMap/${other}/app done`,
      `apps/v1/Deployment/${other}/app done`,
    ]);
    await cluster.deleteNamespace(other);
  });

  it('holds back only what depends on an object that failed', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({
      // The server refuses a key with a space; no schema of ours looks that deep.
      'config.yaml': configMap(namespace, 'app', { 'not a key': '1' }),
      'app.yaml': deployment(namespace, 'app', { configMap: 'app' }),
      'other.yaml': configMap(namespace, 'other'),
    });
    const { stdout, exitCode } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('not a key');
    expect(stdout).toMatch(/held back/i);
    const { stdout: names } = await cluster.kubectl([
      'get',
      'configmap,deployment',
      '-n',
      namespace,
      '-o',
      'name',
    ]);
    expect(names.split('\n')).toContain('configmap/other');
    expect(names).not.toContain('deployment');
  });

  it('replaces an object whose immutable field changed where that is harmless, and refuses where it is not', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const storageClass = (mode: string) => `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: ${namespace} }
provisioner: example.com/disk
volumeBindingMode: ${mode}
`;
    await repository.commit({
      'class.yaml': storageClass('Immediate'),
      'app.yaml': deployment(namespace, 'app'),
    });
    await run('reconcile');
    await repository.commit({
      'class.yaml': storageClass('WaitForFirstConsumer'),
      'app.yaml': deployment(namespace, 'app').replaceAll('{ app: app }', '{ app: other }'),
    });
    const { changes } = await json('plan');
    expect(changes).toMatchObject([
      { op: 'replace', target: `storage.k8s.io/v1/StorageClass/${namespace}` },
      { op: 'refuse', reason: expect.stringContaining('its pods would stop') },
    ]);
    const { outcomes } = await json('reconcile');
    expect(outcomes).toMatchObject([{ op: 'replace', result: 'done' }]);
    const { stdout } = await cluster.kubectl([
      'get',
      'storageclass',
      namespace,
      '-o',
      'jsonpath={.volumeBindingMode}',
    ]);
    expect(stdout).toBe('WaitForFirstConsumer');
    await cluster.kubectl(['delete', 'storageclass', namespace]);
  });

  it('reports drift and leaves it, where the settings say so', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({
      'settings.yaml': settings({ drift: 'report' }),
      'a.yaml': configMap(namespace, 'a', { k: 'v' }),
    });
    await run('reconcile');
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    const { changes } = await json('plan');
    expect(changes).toMatchObject([
      { op: 'refuse', flags: ['drift'], fields: [{ path: 'data.k', from: 'changed', to: 'v' }] },
    ]);
    await run('reconcile');
    expect(await value(namespace)).toBe('changed');
  });

  it('corrects a hand edit, names who made it, and brings back what was deleted', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({
      'a.yaml': configMap(namespace, 'a', { k: 'v' }),
      'b.yaml': configMap(namespace, 'b'),
    });
    await run('reconcile');
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await cluster.kubectl(['delete', 'configmap', 'b', '-n', namespace]);

    const plan = await run('plan');
    expect(plan.exitCode).toBe(1);
    expect(plan.stdout).toContain('set by hand: kubectl patch');
    expect(told(await json('plan'))).toEqual([
      `update v1/ConfigMap/${namespace}/a (data.k)`,
      `create v1/ConfigMap/${namespace}/b`,
    ]);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await value(namespace)).toBe('v');
    expect((await run('plan')).exitCode).toBe(0);
  });

  it('refuses a field that another manager set, and takes it only where the settings say force', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await cluster.kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], {
      input: configMap(namespace, 'a', { k: 'theirs' }),
    });
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'ours' }) });
    const plan = await run('plan');
    expect(plan.stdout).toContain('helm');
    expect(told(await json('plan'))[0]).toMatch(/^refuse /);
    expect((await run('reconcile')).exitCode).toBe(1);

    await repository.commit({ 'settings.yaml': settings({ conflicts: 'force' }) });
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await value(namespace)).toBe('ours');
  });

  it('halts on rewritten history, and goes on when the new commit is named', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await repository.commit({ 'b.yaml': configMap(namespace, 'b') });
    await run('reconcile');
    const rewritten = await repository.rewrite({ 'c.yaml': configMap(namespace, 'c') });
    const halted = await run('reconcile');
    expect(halted.exitCode).toBe(2);
    expect(halted.stderr).toContain('HISTORY_REWRITTEN');
    expect(halted.stderr).toContain(`--accept-rewritten-history ${rewritten}`);
    const accepted = await run('reconcile', '--accept-rewritten-history', rewritten);
    expect(accepted.exitCode).toBe(0);
  });

  it('plans files that are not committed yet', async () => {
    const { namespace, run } = await anInstallation(cluster);
    const { mkdtemp, writeFile, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/worktree-');
    await writeFile(`${folder}/a.yaml`, configMap(namespace, 'a'));
    const { stdout, exitCode } = await run('plan', '--worktree', folder);
    await rm(folder, { recursive: true });
    expect(stdout).toContain(`v1/ConfigMap/${namespace}/a`);
    expect(exitCode).toBe(1);
  });
});
