import { expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

const settings = (spec: string) =>
  `apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: s }\nspec: ${spec}\n`;

/** Name and value of all that is ours there, and what is written of it beside. */
async function held({ namespace, systemNamespace }: Installation): Promise<unknown> {
  const all = await Promise.all(
    [namespace, systemNamespace].map(async (each) => {
      const got = await cluster.kubectl(['get', 'configmap', '-n', each, '-o', 'json']);
      const { items } = JSON.parse(got.stdout) as { items: { metadata: object; data?: object }[] };
      return items.map(({ metadata, data }) => ({ ...metadata, data }));
    }),
  );
  return all.flat().filter((each) => !('name' in each && each.name === 'kube-root-ca.crt'));
}

const thrice = (each: unknown) => [each, each, each];

it('Settings that suspend keep every pass from writing, until a commit without that', async () => {
  const installation = await anInstallation(cluster);
  const { repository, namespace, run, json } = installation;
  await repository.commit({
    'settings.yaml': settings('{}'),
    'a.yaml': configMap(namespace, 'a', { k: '1' }),
    'b.yaml': configMap(namespace, 'b'),
  });
  expect((await run('reconcile')).exitCode).toBe(0);
  const before = await held(installation);

  await repository.commit({
    'settings.yaml': settings('{ suspend: an audit }'),
    'a.yaml': configMap(namespace, 'a', { k: '2' }),
    'b.yaml': null,
    'c.yaml': configMap(namespace, 'c'),
  });
  const plan = await json('plan');
  expect(plan.brake).toEqual({ state: 'suspended', reason: 'an audit', by: 'settings' });
  expect(plan.changes.filter(({ op }) => op !== 'keep').map(({ op, reason }) => [op, reason])).toEqual(
    thrice(['wait', 'Suspended by Settings spec.suspend: an audit']),
  );
  expect((await run('plan')).stdout).toContain(
    'Suspended by Settings spec.suspend, so nothing is written: an audit',
  );
  const pass = await run('reconcile');
  expect(pass.exitCode).toBe(1);
  expect(await held(installation)).toEqual(before);
  const status = await json('status');
  expect(status.clean).toBe(false);
  expect(status.waiting.map(({ why }) => why)).toEqual(
    thrice('Suspended by Settings spec.suspend: an audit'),
  );
  expect((await run('explain', `v1/ConfigMap/${namespace}/c`)).stdout).toContain(
    'Remove spec.suspend from the Settings once its reason is gone.',
  );
  expect((await run('resume')).stdout).toContain('Settings may suspend it too, by spec.suspend');

  // A slip elsewhere in them lifts nothing.
  await repository.commit({ 'settings.yaml': settings('{ suspend: an audit, drfit: correct }') });
  expect((await run('reconcile')).exitCode).toBe(1);
  expect(await held(installation)).toEqual(before);

  await repository.commit({ 'settings.yaml': settings('{}') });
  expect((await run('reconcile')).exitCode).toBe(0);
  const names = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', 'name']);
  expect(names.stdout).toContain('configmap/c');
  expect(names.stdout).not.toContain('configmap/b');
});
