import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../../../cluster/shared.ts';
import { configMap, deployment, handsOn, inNamespace, mounts } from './in-namespace.ts';
import { type Passes, passes } from './pass.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';

const control = await sharedCluster();
const { kubectl, patch } = handsOn(control);

describe('what no manifest asks for any more', () => {
  it('deletes it after all else, users before what they use', async () => {
    const pass = await passes(control);
    const secret = inNamespace('v1/Secret')(pass, 'token', { stringData: { a: 'b' } });
    await pass.run([secret, deployment(pass, 'web', mounts('token')), configMap(pass, 'a')]);
    expect(await pass.run([configMap(pass, 'a', { x: '1' })])).toEqual([
      'done update v1/ConfigMap/NS/a',
      'done prune apps/v1/Deployment/NS/web',
      'done prune v1/Secret/NS/token',
    ]);
    expect(await pass.cluster.get(secret)).toBeUndefined();
  });

  it('leaves an object alone whose label is a copy', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a')]);
    await kubectl('create', 'configmap', 'copy', '-n', pass.namespace);
    await kubectl(
      'label',
      'configmap/copy',
      `applyset.kubernetes.io/part-of=${pass.applySet}`,
      '-n',
      pass.namespace,
    );
    expect(pass.words(await pass.plan([configMap(pass, 'a')]))).toEqual(['keep v1/ConfigMap/NS/a']);
  });

  it('leaves data alone that others have put in, be it written or applied', async () => {
    const pass = await passes(control);
    const secret = (name: string) => inNamespace('v1/Secret')(pass, name, { stringData: { a: 'b' } });
    await pass.run([configMap(pass, 'a'), configMap(pass, 'b', { x: '1' }), secret('s'), secret('t')]);
    await patch(pass, 'configmap/b', { binaryData: { theirs: 'eA==' } });
    await patch(pass, 'secret/s', { stringData: { theirs: 'x' } });
    const theirs = JSON.stringify({ ...secret('t'), stringData: { theirs: 'x' } });
    await control.kubectl(['apply', '--server-side', '--field-manager=argocd', '-f', '-'], { input: theirs });

    expect(pass.words(await pass.plan([configMap(pass, 'a')]))).toEqual([
      'keep v1/ConfigMap/NS/a',
      'refuse v1/ConfigMap/NS/b: kubectl-patch set data of it too: move that elsewhere, or delete it by hand',
      'refuse v1/Secret/NS/s: kubectl-patch set data of it too: move that elsewhere, or delete it by hand',
      'refuse v1/Secret/NS/t: argocd set data of it too: move that elsewhere, or delete it by hand',
    ]);
  });

  it('leaves an object alone that somebody else applies, too, but not for its status or scale', async () => {
    const pass = await passes(control);
    const objects = [deployment(pass, 'mine', {}, 1), deployment(pass, 'shared')];
    await pass.run([...objects, configMap(pass, 'a')]);
    await kubectl('scale', 'deployment/mine', '--replicas=2', '-n', pass.namespace);
    const theirs = JSON.stringify(objects[1]);
    await control.kubectl(['apply', '--server-side', '--field-manager=argocd', '-f', '-'], { input: theirs });

    expect(pass.words(await pass.plan([configMap(pass, 'a')]))).toEqual([
      'keep v1/ConfigMap/NS/a',
      'refuse apps/v1/Deployment/NS/shared: argocd applies it too: stop it there, or delete it by hand',
      'prune apps/v1/Deployment/NS/mine',
    ]);
  });

  it('leaves an anchor whose pod is there all the same, be it not ours any more', async () => {
    const pass = await passes(control);
    const anchored = configMap(
      pass,
      'weka-wekacontainer-dist',
      { kind: 'WekaContainer', name: 'dist' },
      { metadata: { namespace: pass.namespace, labels: { 'weka-gitops.dev/anchor': 'WekaContainer' } } },
    );
    await pass.run([configMap(pass, 'a'), anchored]);
    await kubectl('run', 'dist', '--image=busybox:1', '-n', pass.namespace);
    const planned = await pass.plan([configMap(pass, 'a')]);
    const why = 'v1/Pod/NS/dist, which it stands for, is still there';
    expect(pass.words(await prove(planned, pass.cluster))).toEqual([
      'keep v1/ConfigMap/NS/a',
      `refuse v1/ConfigMap/NS/weka-wekacontainer-dist: Not pruned: ${why}`,
    ]);
    const id = 'v1/ConfigMap/NS/weka-wekacontainer-dist';
    expect(await pass.apply(planned)).toEqual([
      `failed PRUNE_MISMATCH prune ${id}: ${id} was not deleted: ${why}.`,
    ]);
    await kubectl('delete', 'pod', 'dist', '-n', pass.namespace, '--force', '--grace-period=0');
    expect(await pass.apply(planned)).toEqual([`done prune ${id}`]);
  });

  const meanwhile: readonly [string, (pass: Passes) => Promise<void>, string][] = [
    [
      'another one has its name',
      async ({ namespace }) => {
        await kubectl('delete', 'configmap/b', '-n', namespace);
        await kubectl('create', 'configmap', 'b', '-n', namespace);
      },
      'failed PRUNE_MISMATCH prune v1/ConfigMap/NS/b: v1/ConfigMap/NS/b was not deleted: it is another object of the same name by now.',
    ],
    [
      'somebody took it out of our ApplySet',
      async ({ namespace }) => {
        await kubectl('label', 'configmap/b', 'applyset.kubernetes.io/part-of-', '-n', namespace);
      },
      'failed PRUNE_MISMATCH prune v1/ConfigMap/NS/b: v1/ConfigMap/NS/b was not deleted: it is not in our ApplySet any more.',
    ],
    [
      'somebody put data into it',
      (pass) => patch(pass, 'configmap/b', { data: { theirs: '1' } }),
      'failed PRUNE_MISMATCH prune v1/ConfigMap/NS/b: v1/ConfigMap/NS/b was not deleted: kubectl-patch set data of it too.',
    ],
    [
      'a controller has come to own it',
      async (pass) => {
        const { uid } = (await pass.live(configMap(pass, 'a'))).metadata;
        const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid, controller: true };
        await patch(pass, 'configmap/b', { metadata: { ownerReferences: [owner] } });
      },
      'failed PRUNE_MISMATCH prune v1/ConfigMap/NS/b: v1/ConfigMap/NS/b was not deleted: a controller owns it by now.',
    ],
  ];

  it.each(meanwhile)('deletes nothing where %s since the plan was made', async (_what, happen, told) => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a'), configMap(pass, 'b')]);
    const planned = await pass.plan([configMap(pass, 'a')]);
    await happen(pass);
    expect(await pass.apply(planned)).toEqual([told]);
    await pass.live(configMap(pass, 'b'));
  });

  it('has nothing to do where it is gone, or going, already', async () => {
    const pass = await passes(control);
    const held = configMap(
      pass,
      'b',
      {},
      { metadata: { namespace: pass.namespace, finalizers: ['example.com/a'] } },
    );
    await pass.run([configMap(pass, 'a'), held, configMap(pass, 'c')]);
    const planned = await pass.plan([configMap(pass, 'a')]);
    await kubectl('delete', 'configmap/b', 'configmap/c', '-n', pass.namespace, '--wait=false');
    expect(await pass.apply(planned)).toEqual([
      'unchanged prune v1/ConfigMap/NS/b',
      'unchanged prune v1/ConfigMap/NS/c',
    ]);
    // Going is not gone: what wants it again waits, and it is no orphan to count.
    expect(await pass.plan([configMap(pass, 'a'), held])).toMatchObject([{ op: 'keep' }, { op: 'wait' }]);
    expect(pass.words(await pass.plan([configMap(pass, 'a')]))).toEqual([
      'keep v1/ConfigMap/NS/a',
      'wait v1/ConfigMap/NS/b: It is being deleted; held by finalizers example.com/a',
    ]);
    await patch(pass, 'configmap/b', { metadata: { finalizers: null } });
  });

  it('keeps what an object still uses whose own change failed', async () => {
    const pass = await passes(control);
    const secret = inNamespace('v1/Secret')(pass, 'token', { stringData: { a: 'b' } });
    await pass.run([secret, deployment(pass, 'web', mounts('token'))]);
    const broken = deployment(pass, 'web', { restartPolicy: 'Sometimes' });
    expect(await pass.run([broken])).toEqual([
      expect.stringMatching(/^failed API_INVALID update apps\/v1\/Deployment\/NS\/web: .*restartPolicy/),
      'held prune v1/Secret/NS/token: apps/v1/Deployment/NS/web still refers to it, and could not be changed',
    ]);
  });
});
