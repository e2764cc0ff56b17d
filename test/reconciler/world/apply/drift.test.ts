import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../../../cluster/shared.ts';
import { configMap, deployment, handsOn } from './in-namespace.ts';
import { type Passes, passes } from './pass.ts';

const control = await sharedCluster();
const { kubectl, patch } = handsOn(control);

describe('after somebody', () => {
  it('changed fields: names it, and sets them back', async () => {
    const pass = await passes(control);
    const objects = [deployment(pass, 'web', { container: { env: [{ name: 'MODE', value: 'a' }] } }, 2)];
    await pass.run(objects);
    await kubectl('scale', 'deployment/web', '--replicas=5', '-n', pass.namespace);
    await kubectl('set', 'env', 'deployment/web', 'MODE=b', '-n', pass.namespace);

    const planned = await pass.plan(objects);
    expect(pass.words(planned)).toEqual([
      'update apps/v1/Deployment/NS/web (spec.replicas of kubectl, spec.template.spec.containers[name=main].env[name=MODE].value of kubectl-set) [drift]',
    ]);
    const at = expect.stringMatching(/^20\d\d-.*Z$/);
    expect(planned[0]?.fields).toMatchObject([
      // Of a scale the API server keeps no time.
      { by: 'by hand: kubectl scale' },
      { by: 'by hand: kubectl set', at },
    ]);
    expect(await pass.apply(planned)).toEqual(['done update apps/v1/Deployment/NS/web']);
    expect(await pass.live(objects[0]!)).toMatchObject({ spec: { replicas: 2 } });
    expect(pass.words(await pass.plan(objects))).toEqual(['keep apps/v1/Deployment/NS/web']);
  });

  it('was an autoscaler: says so', async () => {
    const pass = await passes(control);
    const objects = [deployment(pass, 'web')];
    await pass.run(objects);
    const scale = ['--subresource=scale', '--field-manager=kube-controller-manager'];
    const change = JSON.stringify({ spec: { replicas: 3 } });
    await kubectl('patch', 'deployment/web', '-n', pass.namespace, '--type=merge', '-p', change, ...scale);
    expect((await pass.plan(objects))[0]?.fields).toMatchObject([
      { path: 'spec.replicas', from: 3, to: 0, by: 'by an autoscaler: kube-controller-manager' },
    ]);
  });

  it('took a field away, even one that live never shows: puts it back', async () => {
    const pass = await passes(control);
    const objects = [deployment(pass, 'web', { automountServiceAccountToken: false, hostNetwork: false })];
    await pass.run(objects);
    const path = '/spec/template/spec/automountServiceAccountToken';
    await patch(pass, 'deployment/web', [{ op: 'remove', path }], 'json');

    expect(pass.words(await pass.plan(objects))).toEqual([
      'update apps/v1/Deployment/NS/web (spec.template.spec.automountServiceAccountToken) [drift]',
    ]);
    await pass.run(objects);
    expect(pass.words(await pass.plan(objects))).toEqual(['keep apps/v1/Deployment/NS/web']);
  });

  it('took our label and our record of what we applied away: puts both back', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a', { x: '1' })];
    await pass.run(objects);
    await kubectl('label', 'configmap/a', 'applyset.kubernetes.io/part-of-', '-n', pass.namespace);
    await kubectl('annotate', 'configmap/a', 'weka-gitops.dev/applied-fields-', '-n', pass.namespace);
    expect(await pass.run(objects)).toEqual(['done update v1/ConfigMap/NS/a']);
    expect(pass.words(await pass.plan(objects))).toEqual(['keep v1/ConfigMap/NS/a']);
  });

  it('deleted an object: makes it again', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a'), configMap(pass, 'b')];
    await pass.run(objects);
    await kubectl('delete', 'configmap/a', '-n', pass.namespace);
    expect(await pass.run(objects)).toEqual(['done create v1/ConfigMap/NS/a']);
  });

  it('made the object before we came: takes it over where both agree', async () => {
    const pass = await passes(control);
    await kubectl('create', 'configmap', 'a', '--from-literal=x=1', '-n', pass.namespace);
    const planned = await pass.plan([configMap(pass, 'a', { x: '1' })]);
    expect(planned).toMatchObject([{ op: 'update', risks: [{ name: 'takeover' }] }]);
    expect(await pass.apply(planned)).toEqual(['done update v1/ConfigMap/NS/a']);
    // What that hand wrote once does not stand against us from then on.
    expect(await pass.run([configMap(pass, 'a', { x: '2' })])).toEqual(['done update v1/ConfigMap/NS/a']);
    expect((await pass.live(configMap(pass, 'a')))['data']).toEqual({ x: '2' });
  });
});

describe('where another manager owns a field', () => {
  const theirs = async (pass: Passes, data: object) => {
    const object = JSON.stringify({ ...configMap(pass, 'a'), data });
    const args = ['apply', '--server-side', '--field-manager=argocd', '-f', '-'];
    expect((await control.kubectl(args, { input: object })).stderr).toBe('');
  };

  it('refuses and names both, and forces it only where Settings say so', async () => {
    const pass = await passes(control);
    await theirs(pass, { y: '2' });
    const objects = [configMap(pass, 'a', { x: '1', y: '3' })];
    const refused =
      'Another manager owns data.y (set by argocd): take it out of the manifest, stop the other manager, or set spec.conflicts: force in Settings; other changes of it wait for that too';
    expect(await pass.plan(objects)).toMatchObject([{ op: 'refuse', reason: refused, flags: ['conflict'] }]);
    expect(await pass.run(objects)).toEqual([]);
    expect(await pass.run(objects, { conflicts: 'force' })).toEqual(['done update v1/ConfigMap/NS/a']);
    expect((await pass.live(objects[0]!))['data']).toEqual({ x: '1', y: '3' });
  });

  it('leaves it that field, even one that once was ours, unless Settings say otherwise', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a', { x: '1' })];
    await pass.run(objects);
    const object = JSON.stringify({ ...configMap(pass, 'a'), data: { x: '2' } });
    const args = ['apply', '--server-side', '--field-manager=argocd', '--force-conflicts', '-f', '-'];
    expect((await control.kubectl(args, { input: object })).stderr).toBe('');
    expect(await pass.plan(objects)).toMatchObject([
      { op: 'refuse', flags: ['conflict'], reason: expect.stringMatching(/owns data\.x \(set by argocd\)/) },
    ]);
    expect(await pass.run(objects)).toEqual([]);
    expect(await pass.run(objects, { conflicts: 'force' })).toEqual(['done update v1/ConfigMap/NS/a']);
  });

  it('fails when it came to own the field after the plan was made', async () => {
    const pass = await passes(control);
    const planned = await pass.plan([configMap(pass, 'a', { y: '3' })]);
    await theirs(pass, { y: '2' });
    expect(await pass.apply(planned)).toEqual([
      expect.stringMatching(
        /^failed FIELD_CONFLICT create v1\/ConfigMap\/NS\/a: .*data\.y is managed by argocd/,
      ),
    ]);
  });

  it('does not mind that only something else changed since the plan was made', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a', { x: '1' })];
    await pass.run(objects);
    await patch(pass, 'configmap/a', { data: { x: '2' } });
    const planned = await pass.plan(objects);
    await kubectl('label', 'configmap/a', 'by=hand', '-n', pass.namespace);
    expect(await pass.apply(planned)).toEqual(['done update v1/ConfigMap/NS/a']);
    expect(await pass.live(objects[0]!)).toMatchObject({
      data: { x: '1' },
      metadata: { labels: { by: 'hand' } },
    });
  });

  it('does not force over a change that came after the plan was made', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a', { x: '1' })];
    await pass.run(objects);
    await patch(pass, 'configmap/a', { data: { x: '2' } });
    const planned = await pass.plan(objects);
    await patch(pass, 'configmap/a', { data: { x: '3' } });
    expect(await pass.apply(planned)).toEqual([
      expect.stringMatching(/^failed API_CONFLICT update v1\/ConfigMap\/NS\/a: /),
    ]);
    expect((await pass.live(objects[0]!))['data']).toEqual({ x: '3' });
  });
});
