import { expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap, settings } from '../support/manifests.ts';

const cluster = await sharedCluster();

const LENIENT = settings({ approvals: { required: [] } });

/** A workload whose pods see all processes of their nodes, without any. */
const watcher = (namespace: string) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'watcher', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'watcher' } },
      template: {
        metadata: { labels: { app: 'watcher' } },
        spec: { hostPID: true, containers: [{ name: 'main', image: 'registry.example.com/watcher:1' }] },
      },
    },
  });

it.each<[string, Readonly<Record<string, string>>, string]>([
  [
    'a kustomization that cannot be built',
    {
      'base/kustomization.yaml': 'resources: [settings.yaml, missing.yaml]\n',
      'base/settings.yaml': LENIENT,
    },
    'base/kustomization.yaml to be mended, which may hold the Settings',
  ],
  [
    'a file that is too large',
    { 'base/settings.yaml': `# ${'x'.repeat(2 * 1024 * 1024)}\n${LENIENT}` },
    'base/settings.yaml to be mended, which may hold the Settings',
  ],
  [
    'Settings with a slip in them',
    { 'base/settings.yaml': settings({ approvals: { required: [], counts: 1 } }) },
    'the Settings to be mended (base/settings.yaml:1)',
  ],
])('what the Settings might ask consent for waits for %s', async (_what, files, doubt) => {
  const { repository, namespace, run, json } = await anInstallation(cluster);
  await repository.commit({
    ...files,
    'watcher.json': watcher(namespace),
    'harmless.yaml': configMap(namespace, 'harmless'),
  });
  const { changes, approvals } = await json('plan');
  expect(changes.map(({ op, reason }) => [op, reason])).toEqual([
    ['create', undefined],
    ['wait', expect.stringContaining(`It waits for ${doubt}: privilege (`)],
  ]);
  expect(approvals).toEqual([]);
  expect((await run('plan')).stdout).not.toMatch(/Approval/);
  expect((await run('reconcile')).exitCode).toBe(1);
  const made = await cluster.kubectl(['get', 'deployment,configmap', '-n', namespace, '-o', 'name']);
  expect(made.stdout).toContain('configmap/harmless');
  expect(made.stdout).not.toContain('watcher');

  await repository.commit({ 'base/kustomization.yaml': null, 'base/settings.yaml': LENIENT });
  expect((await run('reconcile')).stdout).not.toMatch(/waits/);
  const after = await cluster.kubectl(['get', 'deployment', '-n', namespace, '-o', 'name']);
  expect(after.stdout).toContain('watcher');
});
