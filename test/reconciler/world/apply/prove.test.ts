import { describe, expect, it } from 'vitest';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { aClusterObject, aNamespace, anObject, podSpec } from '../../../support/objects.ts';
import { configMap, mounts, nobody } from './in-namespace.ts';
import { type Passes, passes } from './pass.ts';

const control = await sharedCluster();

const pod = (pass: Passes, name: string, spec: object = {}) =>
  anObject('v1/Pod', name, { metadata: { namespace: pass.namespace }, spec: podSpec({ ...spec }) });

describe('prove', () => {
  it('changes nothing in a plan that the API server would take, and nothing in the cluster', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1' }), configMap(pass, 'gone')]);
    const planned = await pass.plan([configMap(pass, 'a', { x: '2' }), configMap(pass, 'b')]);
    expect(await prove(planned, pass.cluster)).toEqual(planned);
    expect(pass.words(planned)).toEqual([
      'update v1/ConfigMap/NS/a (data.x)',
      'create v1/ConfigMap/NS/b',
      'prune v1/ConfigMap/NS/gone',
    ]);
    expect((await pass.live(configMap(pass, 'a')))['data']).toEqual({ x: '1' });
    expect(await pass.cluster.get(configMap(pass, 'b'))).toBeUndefined();
  });

  it("refuses what would be rejected, in the API server's words, and lets wait what needs it", async () => {
    const pass = await passes(control);
    const secret = anObject('v1/Secret', 'token', {
      metadata: { namespace: pass.namespace },
      type: 'kubernetes.io/tls',
      stringData: { token: 'secret-value' },
    });
    const proven = await prove(
      await pass.plan([
        secret,
        pod(pass, 'a', mounts('token')),
        pod(pass, 'b', { restartPolicy: 'Sometimes' }),
      ]),
      pass.cluster,
    );
    const words = pass.words(proven);
    expect(words).toEqual([
      expect.stringMatching(/^refuse v1\/Secret\/NS\/token: .*tls\.crt.*\(API_INVALID\)/),
      'wait v1/Pod/NS/a: It needs v1/Secret/NS/token, which is refused',
      expect.stringMatching(/^refuse v1\/Pod\/NS\/b: .*spec\.restartPolicy.*Sometimes.*\(API_INVALID\)/),
    ]);
    expect(words.join()).not.toContain('secret-value');
    expect(words.join()).not.toContain(Buffer.from('secret-value').toString('base64'));
  });

  it('cannot tell yet of what goes into a namespace that the plan makes, or needs what it makes', async () => {
    const pass = await passes(control);
    const namespace = `${pass.unique}-new`;
    const high = aClusterObject('scheduling.k8s.io/v1/PriorityClass', `${pass.unique}-high`, { value: 1 });
    const planned = await pass.plan([
      aNamespace(namespace),
      anObject('v1/ConfigMap', 'a', { metadata: { namespace } }),
      high,
      pod(pass, 'a', { priorityClassName: high.metadata.name }),
    ]);
    const proven = await prove(planned, pass.cluster);
    expect(pass.words(proven)).toEqual([
      `create scheduling.k8s.io/v1/PriorityClass/${pass.unique}-high [cluster-scoped]`,
      `create v1/Namespace/${namespace} [cluster-scoped]`,
      `create v1/ConfigMap/${namespace}/a [unproven]`,
      'create v1/Pod/NS/a [unproven]',
    ]);
    expect(planDigest(proven)).toBe(planDigest(planned));
  });

  it('refuses a field that another manager came to own since the plan was made, and names both', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1' })]);
    const planned = await pass.plan([configMap(pass, 'a', { x: '1', y: '2' })]);
    const theirs = JSON.stringify({ ...configMap(pass, 'a'), data: { y: '3' } });
    await control.kubectl(['apply', '--server-side', '--field-manager=argocd', '-f', '-'], { input: theirs });
    expect(pass.words(await prove(planned, pass.cluster))).toEqual([
      'refuse v1/ConfigMap/NS/a (data.y) [conflict]: Another manager owns data.y (set by argocd): take it out of the manifest, stop the other manager, or set spec.conflicts: force in Settings',
    ]);
  });

  it('keeps what turns out to be as desired already', async () => {
    const pass = await passes(control);
    const objects = [configMap(pass, 'a', { x: '1' })];
    await pass.run(objects);
    await control.kubectl(['patch', 'configmap/a', '-n', pass.namespace, '-p', '{"data":{"x":"2"}}']);
    const planned = await pass.plan(objects);
    expect(planned).toMatchObject([{ op: 'update', flags: ['drift'] }]);
    await pass.run(objects);
    // The live object of the plan is old, so only its content is as the API server has it now.
    const [change] = planned;
    const live = await pass.live(objects[0]!);
    const proven = await prove([{ ...change, live } as typeof change & object], pass.cluster);
    expect(pass.words(proven)).toEqual(['keep v1/ConfigMap/NS/a']);
  });

  it('tries a replacement under another name while the old object has its own', async () => {
    const pass = await passes(control);
    const fixed = (data: Readonly<Record<string, string>>) => [
      configMap(pass, 'a', data, { immutable: true }),
    ];
    await pass.run(fixed({ x: '1' }));
    const good = await pass.plan(fixed({ x: '2' }));
    expect(await prove(good, pass.cluster)).toEqual(good);
    expect(pass.words(await prove(await pass.plan(fixed({ 'no such key!': '1' })), pass.cluster))).toEqual([
      expect.stringMatching(/^refuse v1\/ConfigMap\/NS\/a .*no such key!.*\(API_INVALID\)/),
    ]);
  });

  it('looks again at what is to be pruned', async () => {
    const pass = await passes(control);
    const keep = configMap(pass, 'keep');
    await pass.run([keep, configMap(pass, 'gone'), configMap(pass, 'other')]);
    const planned = await pass.plan([keep]);
    await control.kubectl(['delete', 'configmap/gone', 'configmap/other', '-n', pass.namespace]);
    await control.kubectl(['create', 'configmap', 'other', '-n', pass.namespace]);
    expect(pass.words(await prove(planned, pass.cluster))).toEqual([
      'keep v1/ConfigMap/NS/keep',
      'keep v1/ConfigMap/NS/gone',
      'refuse v1/ConfigMap/NS/other: Not pruned: it is another object of the same name by now',
    ]);
  });

  it('throws where nobody can be asked: a plan is never called proven on silence', async () => {
    const pass = await passes(control);
    const planned = await pass.plan([configMap(pass, 'a')]);
    await using cluster = await nobody(control);
    await expect(prove(planned, cluster)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});
