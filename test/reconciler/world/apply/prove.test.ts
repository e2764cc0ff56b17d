import { describe, expect, it, onTestFinished } from 'vitest';
import { awaiting } from '../../../../reconciler/core/plan/approvals/gate.ts';
import { isWrite } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { keyedMark } from '../../../../reconciler/core/plan/mark.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { aClusterObject, aNamespace, anObject, podSpec } from '../../../support/objects.ts';
import { until } from '../../../cluster/until.ts';
import { configMap, deployment, mounts, nobody } from './in-namespace.ts';
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

  it('tries what waits for consent as well: what the server would add is seen, and what it would not take is refused', async () => {
    const pass = await passes(control);
    const planned = await pass.plan([pod(pass, 'a'), pod(pass, 'b', { restartPolicy: 'Sometimes' })]);
    const request = {
      action: 'create-object',
      target: { apiVersion: 'v1', kind: 'Pod', name: 'a' },
      digest: 'sha256:0',
    };
    const waiting = planned.map((write) =>
      isWrite(write) ? awaiting(write, request, 'It waits for an Approval') : write,
    );
    const [a, b] = await prove(waiting, pass.cluster);
    expect(a).toMatchObject({ op: 'wait', reason: 'It waits for an Approval', pending: { op: 'create' } });
    expect(b).toMatchObject({ op: 'refuse', reason: expect.stringContaining('Sometimes') });
    expect(planDigest([a!])).toBe(planDigest([waiting[0]!]));
  });

  it('says nothing of what the account itself may not do, where another one carries the plan out', async () => {
    const pass = await passes(control);
    const { namespace } = pass;
    const name = `${pass.unique}-limited`;
    const role = (verb: string) => ({
      ...anObject('rbac.authorization.k8s.io/v1/Role', name, { metadata: { namespace } }),
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: [verb] }],
    });
    const planned = await pass.plan([configMap(pass, 'a'), role('get')]);
    const kubectl = async (...args: string[]) => {
      const { exitCode, stderr } = await control.kubectl([...args, '-n', namespace]);
      if (exitCode !== 0) throw new Error(stderr);
    };
    await kubectl('create', 'serviceaccount', 'limited');
    await kubectl('create', 'role', 'limited', '--verb=get,create,patch', '--resource=roles');
    const account = `--serviceaccount=${namespace}:limited`;
    await kubectl('create', 'rolebinding', 'limited', '--role=limited', account);
    const kubeconfig = await control.kubeconfigFor({ namespace, serviceAccount: 'limited' });
    await using limited = await openKubeCluster({ kubeconfig, env: process.env });
    expect(pass.words(await prove(planned, limited))).toEqual([
      expect.stringMatching(/^refuse .*Role\/NS\/.*attempting to grant/),
      expect.stringMatching(/^refuse v1\/ConfigMap\/NS\/a: .* may not (patch|create) configmaps/),
    ]);
    const tried = await prove(planned, limited, { onBehalf: true });
    expect(tried.map(({ op, flags }) => [op, flags])).toEqual([
      ['create', ['unproven']],
      ['create', ['unproven']],
    ]);
    // What admission has against it is so for whoever does it.
    const invalid = await pass.plan([pod(pass, 'b', { restartPolicy: 'Sometimes' })]);
    expect(await prove(invalid, pass.cluster, { onBehalf: true })).toMatchObject([{ op: 'refuse' }]);
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
      `create scheduling.k8s.io/v1/PriorityClass/${pass.unique}-high`,
      `create v1/Namespace/${namespace}`,
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

  it('tells apart what admission would add, and names neither defaults nor what nobody can know before', async () => {
    const pass = await passes(control);
    const { namespace } = pass;
    const limits = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace },
      spec: {
        limits: [{ type: 'Container', default: { memory: '64Mi' }, defaultRequest: { memory: '32Mi' } }],
      },
    };
    await control.api.json('POST', `/api/v1/namespaces/${namespace}/limitranges`, limits);
    await control.api.json('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
      metadata: { name: 'web' },
    });
    const wanted = [pod(pass, 'a', { serviceAccountName: 'web' }), deployment(pass, 'web')];
    const planned = await pass.plan(wanted);
    const proven = await until('the limits are known to the API server', async () => {
      const changes = await prove(planned, pass.cluster);
      return changes.some(({ adds = [] }) => adds.some(({ path }) => path.includes('memory'))) && changes;
    });
    const added = proven.flatMap(({ adds = [] }) =>
      adds.map(({ path, from, to }) => `${path} ${JSON.stringify(from) ?? '-'} -> ${JSON.stringify(to)}`),
    );
    expect(added.map((words) => words.replace(/ -> \{.*/, ''))).toEqual([
      'metadata.annotations["kubernetes.io/limit-ranger"] - -> "LimitRanger plugin set: memory request for container main; memory limit for container main"',
      'spec.containers[name=main].resources.limits.memory - -> "64Mi"',
      'spec.containers[name=main].resources.requests.memory - -> "32Mi"',
      'spec.containers[name=main].volumeMounts[mountPath=/var/run/secrets/kubernetes.io/serviceaccount] -',
      'spec.volumes[name=kube-api-access-…] -',
      'spec.tolerations[0] -',
      'spec.tolerations[1] -',
    ]);
    expect(added.join()).toContain('"name":"kube-api-access-…"');
    expect(proven.map(({ defaults = 0 }) => defaults > 5)).toEqual([true, true]);
    expect(planDigest(proven)).toBe(planDigest(planned));
    expect(await prove(planned, pass.cluster)).toEqual(proven);
  });

  it('tells what admission makes of what is asked for, without its secrets', async () => {
    const pass = await passes(control);
    const name = `${pass.unique}.example.com`;
    const policies = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies';
    const bindings = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings';
    const expression =
      'Object{metadata: Object.metadata{labels: {"team": "storage"}}, data: {"mode": "safe", "password": "hunter2"}}';
    await control.api.json('POST', policies, {
      metadata: { name },
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': pass.namespace } },
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] },
          ],
        },
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
      },
    });
    onTestFinished(async () => {
      await control.api.json('DELETE', `${bindings}/${name}`);
      await control.api.json('DELETE', `${policies}/${name}`);
    });
    await control.api.json('POST', bindings, { metadata: { name }, spec: { policyName: name } });
    const planned = await pass.plan([configMap(pass, 'a', { mode: 'fast' })]);
    const mark = keyedMark(Buffer.from('key'));
    const [change] = await until('the policy is in force', async () => {
      const changes = await prove(planned, pass.cluster, { mark });
      return changes[0]?.adds !== undefined && changes;
    });
    expect(change?.adds).toEqual([
      { path: 'metadata.labels.team', to: 'storage' },
      { path: 'data.mode', from: 'fast', to: 'safe' },
      { path: 'data.password', to: mark('hunter2') },
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
