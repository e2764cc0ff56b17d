import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterRole } from '../../reconciler/install/cluster-role.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation, told } from '../support/installation.ts';
import { configMap, settings, wekaContainer } from '../support/manifests.ts';
import { wekaNodes } from '../support/weka-nodes.ts';
import type { Plan } from '../../schemas/output/plan.ts';

const cluster = await sharedCluster();

/** Room for one pod of a helper, and not for two. */
const NARROW = { capacity: { cpu: '800m' } };

/** The node of each pod by the plan: `dist-a on n (new)`. */
function placements({ changes }: Pick<Plan, 'changes'>): readonly string[] {
  return changes.flatMap(({ target, placement }) =>
    placement === undefined
      ? []
      : [`${target.slice(target.lastIndexOf('/') + 1)} on ${placement.node} (${placement.how})`],
  );
}

async function nodeOf(namespace: string, pod: string): Promise<string> {
  interface Pod {
    readonly spec: { readonly nodeName?: string };
  }
  return await until(`${pod} has a node`, async () => {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}`;
    return (await cluster.api.json<Pod>('GET', path)).spec.nodeName;
  });
}

describe('a container', () => {
  it('lands where the plan says; one that fits nowhere waits for what its words name; one that lost its node is made anew', async () => {
    const nodes = await wekaNodes(cluster);
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const [a, b] = [await nodes.add('a', NARROW), await nodes.add('b', NARROW)];
    await repository.commit(
      Object.fromEntries(
        ['x', 'y', 'z'].map((name) => [`${name}.yaml`, wekaContainer(namespace, name, nodes.onThem)]),
      ),
    );

    const first = await json('plan');
    expect(placements(first)).toEqual([`x on ${a} (new)`, `y on ${b} (new)`]);
    const waiting = first.changes.find(({ op }) => op === 'wait');
    expect(waiting?.target).toBe(`v1/Pod/${namespace}/z`);
    expect(waiting?.reason).toMatch(/^z finds no node beside .*: .* and .* lack 0\.2 cores/);
    expect(waiting?.reason).toContain(
      `Give ${a} 0.2 cores more, or add a node with example.com/${nodes.prefix}=yes`,
    );
    expect((await run('plan')).stdout).toContain(`on ${a} (new)`);
    expect((await json('plan')).digest).toBe(first.digest);

    const pass = await run('reconcile', '--plan-digest', first.digest);
    expect(pass.exitCode).toBe(1);
    expect(pass.stdout).toContain('z finds no node');
    expect(await nodeOf(namespace, 'x')).toBe(a);
    expect(await nodeOf(namespace, 'y')).toBe(b);
    const made = await cluster.kubectl(['get', 'pod', '-n', namespace, '-o', 'name']);
    expect(made.stdout.split('\n').filter(Boolean)).toEqual(['pod/x', 'pod/y']);

    // What the words named.
    const c = await nodes.add('c', NARROW);
    expect(placements(await json('plan'))).toContain(`z on ${c} (new)`);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await nodeOf(namespace, 'z')).toBe(c);
    const calm = await json('plan');
    expect(told(calm)).toEqual([]);
    expect(placements(calm)).toEqual([`x on ${a} (kept)`, `y on ${b} (kept)`, `z on ${c} (kept)`]);

    const d = await nodes.add('d', NARROW);
    await nodes.remove(a);
    await until(
      'the pod of a node that is gone is cleared away',
      async () => told(await json('plan')).includes(`create v1/Pod/${namespace}/x`),
      { timeoutMs: 150_000, everyMs: 2000 },
    );
    expect(placements(await json('plan'))).toContain(`x on ${d} (moved)`);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await nodeOf(namespace, 'x')).toBe(d);
    expect(told(await json('plan'))).toEqual([]);
  }, 240_000);

  it('whose pod is deleted by hand is made again on its node, and elsewhere only where that does not take it', async () => {
    const nodes = await wekaNodes(cluster);
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const [a, b] = [await nodes.add('a', NARROW), await nodes.add('b', NARROW)];
    await repository.commit({
      'settings.yaml': settings({ prune: { budget: { objects: 10, percent: 100 } } }),
      'x.yaml': wekaContainer(namespace, 'x', nodes.onThem),
      'y.yaml': wekaContainer(namespace, 'y', nodes.onThem),
    });
    expect((await run('reconcile')).exitCode).toBe(0);
    expect([await nodeOf(namespace, 'x'), await nodeOf(namespace, 'y')]).toEqual([a, b]);
    expect(told(await json('plan'))).toEqual([]);

    // On its own, `y` would go to the first of two empty nodes.
    await repository.commit({ 'x.yaml': null });
    const gone = ['x', 'y'];
    await cluster.kubectl(['delete', 'pod', ...gone, '-n', namespace, '--force', '--grace-period=0']);
    const back = await json('plan');
    expect(placements(back)).toEqual([`y on ${b} (kept)`]);
    expect(told(back).filter((each) => each.includes('-y'))).toEqual([]);
    await run('reconcile');
    expect(await nodeOf(namespace, 'y')).toBe(b);
    expect(told(await json('plan'))).toEqual([]);

    await cluster.kubectl(['cordon', b]);
    await cluster.kubectl(['delete', 'pod', 'y', '-n', namespace, '--force', '--grace-period=0']);
    const moved = await json('plan');
    expect(told(moved)).toEqual([
      `update v1/ConfigMap/${namespace}/weka-wekacontainer-y (metadata.annotations["weka-gitops.dev/allocation"])`,
      `create v1/Pod/${namespace}/y`,
    ]);
    expect((await run('plan')).stdout).toContain(`on ${a} (moved from ${b}, which is cordoned)`);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await nodeOf(namespace, 'y')).toBe(a);
    expect(told(await json('plan'))).toEqual([]);
  });

  it('whose volume is on one node stands there', async () => {
    const nodes = await wekaNodes(cluster);
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await nodes.add('a');
    const b = await nodes.add('b');
    const storageClassName = `none-${namespace}`;
    const bound = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'packages' };
    await cluster.api.json('POST', '/api/v1/persistentvolumes', {
      metadata: { name: namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        storageClassName,
        claimRef: bound,
        local: { path: '/mnt' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [b] }] },
            ],
          },
        },
      },
    });
    onTestFinished(() => void cluster.kubectl(['delete', 'pv', namespace, '--wait=false']));
    await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
      metadata: { name: 'packages' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName,
        volumeName: namespace,
      },
    });
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', { ...nodes.onThem, pvc: { name: 'packages' } }),
    });
    expect(placements(await json('plan'))).toEqual([`dist on ${b} (new)`]);
    await run('reconcile');
    expect(await nodeOf(namespace, 'dist')).toBe(b);
  });

  it('waits, and is not made, where the cluster does not let its nodes be listed', async () => {
    const nodes = await wekaNodes(cluster);
    const account = await cluster.namespace();
    const name = `weka-gitops-${account}`;
    const role = clusterRole(name);
    const rules = (role['rules'] as { resources: string[] }[]).filter(
      ({ resources }) => !resources.includes('nodes'),
    );
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: account }],
    };
    const items = [{ ...role, rules }, binding];
    await cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    });
    onTestFinished(
      async () => void (await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', name])),
    );
    const kubeconfig = await cluster.kubeconfigFor({ namespace: account, serviceAccount: 'default' });
    const { repository, namespace, run, json } = await anInstallation(cluster, { kubeconfig });
    await nodes.add('a');
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem),
      'other.yaml': configMap(namespace, 'other'),
    });
    const { changes } = await json('plan');
    expect(changes.find(({ target }) => target.startsWith('v1/Pod'))).toMatchObject({
      op: 'wait',
      reason: expect.stringMatching(/^No node can be chosen for it: .*nodes.*\(API_FORBIDDEN\)$/),
    });
    expect((await run('reconcile')).exitCode).toBe(1);
    const there = await cluster.kubectl(['get', 'configmap,pod', '-n', namespace, '-o', 'name']);
    expect(there.stdout).toContain('configmap/other');
    expect(there.stdout).not.toContain('pod/');
  });

  it('whose annotation somebody damaged is refused, and left alone', async () => {
    const nodes = await wekaNodes(cluster);
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await nodes.add('a');
    await repository.commit({ 'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem) });
    expect((await run('reconcile')).exitCode).toBe(0);
    const annotate = async (what: string) =>
      await cluster.kubectl(['annotate', '--overwrite', 'pod', 'dist', '-n', namespace, what]);
    for (const [what, words] of [
      ['weka-gitops.dev/allocation={"node":', 'is damaged'],
      ['weka-gitops.dev/allocation-', 'is gone'],
    ] as const) {
      await annotate(what);
      const { changes } = await json('plan');
      expect(changes.find(({ target }) => target.startsWith('v1/Pod'))).toMatchObject({
        op: 'refuse',
        reason: expect.stringContaining(`Its annotation weka-gitops.dev/allocation ${words}`),
      });
      expect((await run('reconcile')).exitCode).toBe(1);
    }
  });
});
