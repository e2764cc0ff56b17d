import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, told } from '../support/installation.ts';
import { configMapFiles as many, configMapNames } from '../support/config-maps.ts';
import { configMap, settings } from '../support/manifests.ts';

const cluster = await sharedCluster();

const configMaps = (namespace: string) => configMapNames(cluster, namespace);

/** An account that may do all with ConfigMaps and nothing else. */
function configMapsOnly(namespace: string, systemNamespace: string): string {
  const rbac = 'rbac.authorization.k8s.io';
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'config-only', namespace } },
    ...[namespace, systemNamespace].flatMap((within) => [
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'config-only', namespace: within },
        rules: [
          { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] },
          { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
        ],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'config-only', namespace: within },
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'config-only' },
        subjects: [{ kind: 'ServiceAccount', name: 'config-only', namespace }],
      },
    ]),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

describe('pruning', () => {
  it('deletes what a removed file asked for, and nothing else', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await cluster.kubectl(['create', 'configmap', 'by-hand', '-n', namespace]);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'b.yaml': configMap(namespace, 'b') });
    await run('reconcile');
    await repository.commit({ 'b.yaml': null });
    expect(told(await json('plan'))).toEqual([`prune v1/ConfigMap/${namespace}/b`]);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await configMaps(namespace)).toEqual(['a', 'by-hand']);
  });

  it('is all or nothing: over the budget nothing goes', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit(many(namespace, 20));
    await run('reconcile');
    await repository.commit({ 'c1.yaml': null, 'c2.yaml': null, 'c3.yaml': null });
    const plan = await json('plan');
    expect(plan.summary.prune).toBe(0);
    expect(plan.pruneBlocked).toBe(
      '3 objects would go for this commit, and the budget is 2 (the smaller of 5 and 10 % of 20, at least 1; Settings spec.prune.budget); that waits for an Approval',
    );
    const { exitCode, stdout } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('the budget is 2');
    expect(await configMaps(namespace)).toHaveLength(20);

    await repository.commit({ 'settings.yaml': settings({ prune: { budget: { percent: 20 } } }) });
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await configMaps(namespace)).toHaveLength(17);
  });

  it('counts the budget by commit: a second pass of the same commit gets no second one', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit(many(namespace, 10));
    await run('reconcile');
    await repository.commit({ 'c1.yaml': null });
    await run('reconcile');
    // Somebody puts our marks on another object: it looks like one more to prune.
    await cluster.kubectl(['apply', '--server-side', '--field-manager=weka-gitops', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'extra', namespace, labels: await ourLabel(namespace) },
      }),
    });
    const plan = await json('plan');
    expect(plan.pruneBlocked).toContain('2 objects would go for this commit, and the budget is 1');
    await run('reconcile');
    expect(await configMaps(namespace)).toContain('extra');
  });

  it('prunes nothing when the repository is emptied, and says why', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'README.md': 'x' });
    await run('reconcile');
    await repository.commit({ 'a.yaml': null });
    const { exitCode, stdout } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('asks for no object at all');
    expect((await json('plan')).summary.prune).toBe(0);
    expect(await configMaps(namespace)).toEqual(['a']);
  });

  it('prunes nothing while a manifest has an error, and applies the rest', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'b.yaml': configMap(namespace, 'b') });
    await run('reconcile');
    await repository.commit({
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n',
      'b.yaml': null,
      'c.yaml': configMap(namespace, 'c'),
    });
    const { exitCode, stdout } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/a\.yaml:4:1/);
    expect(await configMaps(namespace)).toEqual(['a', 'b', 'c']);
  });

  it('never deletes what holds data or other objects', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: ${namespace} }
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: none-such
  resources: { requests: { storage: 1Gi } }
`;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'claim.yaml': claim });
    await run('reconcile');
    await repository.commit({ 'claim.yaml': null });
    const { changes } = await json('plan');
    expect(changes.find(({ op }) => op === 'refuse')).toMatchObject({
      target: `v1/PersistentVolumeClaim/${namespace}/data`,
      reason: expect.stringContaining('never pruned'),
    });
    await run('reconcile');
    const { exitCode } = await cluster.kubectl(['get', 'persistentvolumeclaim', 'data', '-n', namespace]);
    expect(exitCode).toBe(0);
  });

  it('never deletes the Secrets that WEKA logs in with', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const secret = (name: string) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        stringData: { a: 'b' },
      });
    await repository.commit({
      'settings.yaml': settings({ prune: { budget: { percent: 100 } }, rules: { 'plain-secret': 'silent' } }),
      'a.yaml': configMap(namespace, 'a'),
      'ours.yaml': secret('weka-cluster-demo'),
      'other.yaml': secret('other'),
    });
    await run('reconcile');
    await repository.commit({ 'ours.yaml': null, 'other.yaml': null });
    expect(told(await json('plan'))).toEqual([
      `refuse v1/Secret/${namespace}/weka-cluster-demo`,
      `prune v1/Secret/${namespace}/other`,
    ]);
    await run('reconcile');
    const { stdout } = await cluster.kubectl(['get', 'secret', '-n', namespace, '-o', 'name']);
    expect(stdout.trim()).toBe('secret/weka-cluster-demo');
  });

  it('prunes nothing while its own record names a kind that it does not know', async () => {
    const { repository, namespace, systemNamespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'b.yaml': configMap(namespace, 'b') });
    await run('reconcile');
    const name = systemNamespace.replace(/-system$/, '');
    const kinds = 'applyset.kubernetes.io/contains-group-kinds';
    await cluster.kubectl([
      'annotate',
      '--overwrite',
      'configmap',
      name,
      '-n',
      systemNamespace,
      `${kinds}=ConfigMap,Widget.example.com`,
    ]);
    await repository.commit({ 'b.yaml': null });
    expect((await json('plan')).pruneBlocked).toContain('Widget.example.com objects could not be listed');
    expect((await run('reconcile')).exitCode).toBe(1);
    expect(await configMaps(namespace)).toEqual(['a', 'b']);
    const { stdout } = await cluster.kubectl(['get', 'configmap', name, '-n', systemNamespace, '-o', 'yaml']);
    expect(stdout).toContain(`${kinds}: ConfigMap,Widget.example.com`);
  });

  it('takes a copied label for no membership', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await run('reconcile');
    await cluster.kubectl(['create', 'configmap', 'copy', '-n', namespace]);
    const [label] = Object.entries(await ourLabel(namespace));
    await cluster.kubectl(['label', 'configmap', 'copy', '-n', namespace, label!.join('=')]);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await configMaps(namespace)).toEqual(['a', 'copy']);
  });

  it('does nothing where the settings switch it off', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({
      'settings.yaml': settings({ prune: { enabled: false } }),
      'a.yaml': configMap(namespace, 'a'),
      'b.yaml': configMap(namespace, 'b'),
    });
    await run('reconcile');
    await repository.commit({ 'b.yaml': null });
    expect((await json('plan')).pruneBlocked).toContain('spec.prune.enabled');
    await run('reconcile');
    expect(await configMaps(namespace)).toEqual(['a', 'b']);
  });

  it('prunes nothing while a kind cannot be listed', async () => {
    const { repository, namespace, systemNamespace, run } = await anInstallation(cluster);
    const service = `apiVersion: v1\nkind: Service\nmetadata: { name: s, namespace: ${namespace} }\nspec: { ports: [{ port: 80 }] }`;
    await repository.commit({
      'a.yaml': configMap(namespace, 'a'),
      'b.yaml': configMap(namespace, 'b'),
      'service.yaml': service,
    });
    await run('reconcile');
    await repository.commit({ 'b.yaml': null });
    await cluster.kubectl(['apply', '-f', '-'], { input: configMapsOnly(namespace, systemNamespace) });
    const limited = await cluster.kubeconfigFor({ namespace, serviceAccount: 'config-only' });

    const { stdout, exitCode } = await run('reconcile', '--kubeconfig', limited);

    expect(exitCode).toBe(1);
    expect(stdout).toContain('Service objects could not be listed');
    expect(await configMaps(namespace)).toEqual(['a', 'b']);
  });

  async function ourLabel(namespace: string): Promise<Record<string, string>> {
    const { stdout } = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'json']);
    const { items } = JSON.parse(stdout) as { items: { metadata: { labels?: Record<string, string> } }[] };
    const set = items
      .map(({ metadata }) => metadata.labels?.['applyset.kubernetes.io/part-of'])
      .find(Boolean);
    return { 'applyset.kubernetes.io/part-of': set! };
  }
});
