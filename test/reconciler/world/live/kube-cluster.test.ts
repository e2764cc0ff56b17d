import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { anObject } from '../../../support/objects.ts';
import { complaint } from '../kubeapi/fixture.ts';
import { behindFaults } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const cluster = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => cluster.close());

const ours = { force: false };

function configMap(namespace: string, data: Record<string, unknown>, metadata: object = {}): KubeObject {
  return anObject('v1/ConfigMap', 'settings', { metadata: { namespace, ...metadata }, data });
}

/** Another manager sets fields of `settings`. */
async function kubectlApply(object: KubeObject): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=someone', '-f', '-'];
  const { exitCode, stderr } = await control.kubectl(args, { input: JSON.stringify(object) });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}

describe('apply', () => {
  it('makes an object ours, and tells who manages what', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, { a: '1' }), ours);

    expect(made).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'weka-gitops', operation: 'Apply' }]);
    expect(await cluster.get(made)).toEqual(made);
  });

  it('takes what was read as it is', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, { a: '1' }), ours);
    const { resourceVersion } = (await cluster.apply(made, ours)).metadata;
    expect(resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('names field and manager where another manager is in the way, and takes the field when told to', async () => {
    const namespace = await control.namespace();
    await kubectlApply(configMap(namespace, { a: 'theirs', b: 'theirs' }));
    const wanted = configMap(namespace, { a: 'ours', b: 'ours' });

    expect(await complaint(() => cluster.apply(wanted, ours))).toMatch(
      `FIELD_CONFLICT: configmaps/settings in namespace ${namespace}: data.a is managed by someone, data.b is managed by someone.`,
    );
    expect(await cluster.dryRun(wanted, ours)).toEqual({
      result: 'conflict',
      conflicts: [
        { path: 'data.a', manager: 'someone' },
        { path: 'data.b', manager: 'someone' },
      ],
    });
    expect(await cluster.apply(wanted, { force: true })).toMatchObject({ data: { a: 'ours' } });
  });

  it('writes paths of conflicts as plans do', async () => {
    const namespace = await control.namespace();
    const deployment = (image: string) => {
      const labels = { app: 'web' };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } };
      const spec = { replicas: 0, selector: { matchLabels: labels }, template };
      return anObject('apps/v1/Deployment', 'web', { metadata: { namespace }, spec });
    };
    await kubectlApply(deployment('theirs'));
    expect(await cluster.dryRun(deployment('ours'), ours)).toEqual({
      result: 'conflict',
      conflicts: [{ path: 'spec.template.spec.containers[name=main].image', manager: 'someone' }],
    });
  });

  it('refuses to write over a change that was not seen', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, { a: '1' }), ours);
    await cluster.apply(configMap(namespace, { a: '2' }), ours);
    const late = configMap(namespace, { a: '3' }, { resourceVersion: made.metadata.resourceVersion });

    expect(await complaint(() => cluster.apply(late, ours))).toContain(
      `API_CONFLICT: configmaps/settings in namespace ${namespace} has changed, or is another object, since it was read.`,
    );
    expect(await cluster.get(made)).toMatchObject({ data: { a: '2' } });
  });

  it('changes nothing in a dry run', async () => {
    const namespace = await control.namespace();
    const wanted = configMap(namespace, { a: '1' });
    expect(await cluster.dryRun(wanted, ours)).toMatchObject({
      result: 'accepted',
      object: { data: { a: '1' } },
    });
    expect(await cluster.get(wanted)).toBeUndefined();
    expect(await cluster.dryRun(configMap(namespace, { a: 1 }), ours)).toMatchObject({
      result: 'rejected',
      code: 'API_INVALID',
    });
  });

  it('asks nothing for an object without a name', async () => {
    const namespace = await control.namespace();
    const nameless = configMap(namespace, {}, { name: '' });
    expect(await complaint(() => cluster.apply(nameless, ours))).toContain('API_INVALID');
    expect(await complaint(() => cluster.get(configMap('..', {})))).toContain('needs a namespace');
  });
});

describe('delete', () => {
  it('deletes what was read, and is content when it is gone already', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, {}), ours);
    await cluster.delete(made);
    expect(await cluster.get(made)).toBeUndefined();
    await cluster.delete(made);
  });

  it('spares an object of the same name that is another', async () => {
    const namespace = await control.namespace();
    const first = await cluster.apply(configMap(namespace, {}), ours);
    await cluster.delete(first);
    const second = await cluster.apply(configMap(namespace, {}), ours);

    expect(await complaint(() => cluster.delete(first))).toContain('API_CONFLICT');
    expect(await cluster.get(first)).toEqual(second);
  });

  it('spares an object that changed since it was read', async () => {
    const namespace = await control.namespace();
    const before = await cluster.apply(configMap(namespace, { a: '1' }), ours);
    const after = await cluster.apply(configMap(namespace, { a: '2' }), ours);

    expect(await complaint(() => cluster.delete(before))).toContain('API_CONFLICT');
    await cluster.delete(after);
  });

  it('leaves what it cannot prove to be gone alone: a 404 that is not the API server’s', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, {}), ours);
    const { cluster: behind, server } = await behindFaults(control);
    server.rules.add({ fault: { do: 'answer', status: 404, body: '404 page not found' } });

    expect(await complaint(() => behind.get(made))).toContain(
      'API_NOT_FOUND: The API server does not know configmaps.',
    );
    expect(await complaint(() => behind.delete(made))).toContain('API_NOT_FOUND');
    expect(await complaint(() => behind.waitGone(made, 1000))).toContain('API_NOT_FOUND');
  });
});

describe('waitGone', () => {
  it('ends when the object is gone', async () => {
    const namespace = await control.namespace();
    const held = configMap(namespace, {}, { finalizers: ['example.com/hold'] });
    const made = await cluster.apply(held, ours);
    await cluster.delete(made);
    const gone = cluster.waitGone(made, 30_000);
    await until(
      'it is terminating',
      async () => (await cluster.get(made))?.metadata.deletionTimestamp !== undefined,
    );

    await cluster.apply(configMap(namespace, {}, { finalizers: [] }), { force: true });
    await gone;
  });

  it('ends when another object has its name', async () => {
    const namespace = await control.namespace();
    const first = await cluster.apply(configMap(namespace, {}), ours);
    await cluster.delete(first);
    await cluster.apply(configMap(namespace, {}), ours);
    await cluster.waitGone(first, 1000);
  });

  it('names the finalizer that holds it', async () => {
    const namespace = await control.namespace();
    const made = await cluster.apply(configMap(namespace, {}, { finalizers: ['example.com/hold'] }), ours);
    onTestFinished(async () => {
      await cluster.apply(configMap(namespace, {}, { finalizers: [] }), { force: true });
    });
    expect(await complaint(() => cluster.waitGone(made, 100))).toContain('its deletion has not begun');
    await cluster.delete(made);

    expect(await complaint(() => cluster.waitGone(made, 300))).toContain(
      `API_TIMEOUT: v1/ConfigMap/${namespace}/settings was not gone after 0.3 s: the finalizer example.com/hold holds it.`,
    );
  });
});
