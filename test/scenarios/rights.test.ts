import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterRole } from '../../reconciler/install/cluster-role.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { installedPlanner } from '../support/installed-account.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap, deployment, wekaContainer } from '../support/manifests.ts';
import { wekaNodes } from '../support/weka-nodes.ts';

const cluster = await sharedCluster();

async function namesIn(namespace: string, kinds: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl(['get', kinds, '-n', namespace, '-o', 'name']);
  return stdout.split('\n').filter((name) => name !== '' && !name.includes('kube-root-ca.crt'));
}

async function valueOf(namespace: string, name: string): Promise<string> {
  const path = 'jsonpath={.data.k}';
  return (await cluster.kubectl(['get', 'configmap', name, '-n', namespace, '-o', path])).stdout;
}

describe('the rights that the README names', () => {
  it('let it look at nodes and label them, and neither make nor remove any', () => {
    const rules = clusterRole()['rules'] as { resources: string[]; verbs: string[] }[];
    const verbs = rules.filter(({ resources }) => resources.includes('nodes')).flatMap((rule) => rule.verbs);
    expect(verbs).toEqual(['get', 'list', 'watch', 'patch']);
  });

  it('are enough to place, plan, apply, correct, prune and tell', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    const nodes = await wekaNodes(cluster);
    await nodes.add('a');
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem),
      'app.yaml': deployment(namespace, 'app', { configMap: 'app' }),
      'app-config.yaml': configMap(namespace, 'app', { k: 'v' }),
      'other.yaml': configMap(namespace, 'other'),
    });
    expect((await run('plan')).exitCode).toBe(1);
    expect((await run('reconcile')).exitCode).toBe(0);
    await cluster.kubectl(['patch', 'configmap', 'app', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await repository.commit({ 'other.yaml': null });
    const pass = await run('reconcile');
    expect(pass.stderr).toBe('');
    expect(pass.exitCode).toBe(0);
    expect((await run('status')).stderr).toBe('');
    expect(await valueOf(namespace, 'app')).toBe('v');
    expect(await namesIn(namespace, 'configmap')).not.toContain('configmap/other');
  });

  it('do not let it delete a namespace, a volume or a claim', () => {
    const rules = clusterRole()['rules'] as { resources: string[]; verbs: string[] }[];
    const deletable = rules
      .filter(({ verbs }) => verbs.includes('delete'))
      .flatMap(({ resources }) => resources);
    for (const kept of ['namespaces', 'persistentvolumes', 'persistentvolumeclaims']) {
      expect(deletable).not.toContain(kept);
    }
  });
});

describe('the rights for some namespaces only', () => {
  it('are enough for run to place, apply, correct, prune and tell there, and for nothing elsewhere', async () => {
    const [inside, outside] = await Promise.all([cluster.namespace(), cluster.namespace()]);
    const nodes = await wekaNodes(cluster);
    await nodes.add('a');
    const ceilings = { namespaces: [inside] };
    const installation = await anInstallation(cluster, {
      config: { ceilings, run: { pollSeconds: 1, listen: '127.0.0.1:0' } },
    });
    const { repository, start, run, statusRef, kubeconfig } = installation;
    await repository.commit({
      'namespace.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: inside } }),
      'dist.yaml': wekaContainer(inside, 'dist', nodes.onThem),
      'app.yaml': deployment(inside, 'app', { configMap: 'app' }),
      'app-config.yaml': configMap(inside, 'app', { k: 'v' }),
      'other.yaml': configMap(inside, 'other'),
    });
    const running = start('run');
    try {
      await until('the first pass', async () => {
        const there = await namesIn(inside, 'configmap,pod');
        return there.includes('configmap/other') && there.includes('pod/dist');
      });
      await cluster.kubectl(['patch', 'configmap', 'app', '-n', inside, '-p', '{"data":{"k":"changed"}}']);
      await until('the correction', async () => (await valueOf(inside, 'app')) === 'v');
      await repository.commit({ 'other.yaml': null });
      await until('the pruning', async () => {
        return !(await namesIn(inside, 'configmap')).includes('configmap/other');
      });
      await until('the status branch', async () => await repository.resolve(statusRef));
    } finally {
      running.stop();
    }
    expect(await running.ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run('status')).toMatchObject({ exitCode: 0, stderr: '' });

    // The ceilings are the program's own; without them the API server still refuses.
    await repository.commit({ 'elsewhere.yaml': configMap(outside, 'elsewhere') });
    const open = installation.beside({ ceilings: {} });
    expect((await open.run('reconcile')).exitCode).not.toBe(0);
    expect(await namesIn(outside, 'configmap')).toEqual([]);
    const asked = await cluster.kubectl(['auth', 'can-i', 'get', 'secrets', '-n', outside], { kubeconfig });
    expect(asked.stdout.trim()).toBe('no');
  });
});

describe('the rights to plan', () => {
  it('are enough to see how the cluster stands, why, and what it lacks', async () => {
    const { repository, namespace, run, beside } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    expect((await run('reconcile')).exitCode).toBe(0);
    const { kubeconfig } = await installedPlanner(cluster);
    const reader = beside({ kubernetes: { kubeconfig } });
    for (const args of [['plan'], ['status'], ['explain', `configmap/${namespace}/a`]]) {
      expect(await reader.run(...args)).toMatchObject({ exitCode: 0, stderr: '' });
    }
    const folder = await scratchFolder();
    await writeFile(join(folder, 'a.yaml'), configMap(namespace, 'a'));
    expect(await reader.run('validate', '--facts', 'live', folder)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'w' }) });
    for (const args of [['reconcile'], ['suspend', '--reason', 'a test']]) {
      expect((await reader.run(...args)).exitCode).not.toBe(0);
    }
    expect(await valueOf(namespace, 'a')).toBe('v');
  });
});
