import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterRole } from '../../reconciler/install/cluster-role.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap, deployment, wekaContainer } from '../support/manifests.ts';
import { wekaNodes } from '../support/weka-nodes.ts';

const cluster = await sharedCluster();

/** A kubeconfig of an account that may do what the README says, and nothing else. */
async function kubeconfig(): Promise<string> {
  const namespace = await cluster.namespace();
  const name = `weka-gitops-${namespace}`;
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  };
  const items = [clusterRole(name), binding];
  await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  onTestFinished(
    async () => void (await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', name])),
  );
  return await cluster.kubeconfigFor({ namespace, serviceAccount: 'default' });
}

describe('the rights that the README names', () => {
  it('let it list nodes, which it looks at now and then, and neither watch nor change them', () => {
    const rules = clusterRole()['rules'] as { resources: string[]; verbs: string[] }[];
    const verbs = rules.filter(({ resources }) => resources.includes('nodes')).flatMap((rule) => rule.verbs);
    expect(verbs).toEqual(['list']);
  });

  it('are enough to place, plan, apply, correct, prune and tell', async () => {
    const { repository, namespace, run } = await anInstallation(cluster, { kubeconfig: await kubeconfig() });
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
    const left = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'name']);
    expect(left.stdout).not.toContain('other');
  });

  it('do not let it delete a namespace, a volume or a claim', () => {
    const rules = clusterRole()['rules'] as { resources: string[]; verbs: string[] }[];
    const deletable = rules
      .filter(({ verbs }) => verbs.includes('delete'))
      .flatMap(({ resources }) => resources);
    for (const kept of ['namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'pods']) {
      expect(deletable).not.toContain(kept);
    }
  });
});
