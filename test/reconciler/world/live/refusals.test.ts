import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { explain, ReconcilerError } from '../../../../reconciler/errors.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { anObject } from '../../../support/objects.ts';
import { complaint } from '../kubeapi/fixture.ts';
import { behindFaults } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const { kubeconfig } = await accountOfFile(control);
const cluster = await openKubeCluster({ kubeconfig, env: {} });

afterAll(() => cluster.close());

const ours = { force: false };
const CANARY = 'c4n4ry-v4lue';

function configMap(namespace: string, data: Record<string, unknown>, metadata: object = {}): KubeObject {
  return anObject('v1/ConfigMap', 'settings', { metadata: { namespace, ...metadata }, data });
}

describe('what the API server refuses', () => {
  it('names an unknown field', async () => {
    const namespace = await control.namespace();
    const wanted = anObject('v1/ConfigMap', 'settings', {
      metadata: { namespace },
      date: {},
    });
    expect(await complaint(() => cluster.apply(wanted, ours))).toBe(
      `API_INVALID: configmaps/settings in namespace ${namespace} is not valid: date: no such field.`,
    );
  });

  it('names a field of the wrong type', async () => {
    const namespace = await control.namespace();
    expect(await complaint(() => cluster.apply(configMap(namespace, { a: 1 }), ours))).toMatch(
      /is not valid: data\.a: expected string\.$/,
    );
  });

  it('lists every field that is not valid', async () => {
    const namespace = await control.namespace();
    const labels = { app: 'web' };
    const container = { name: 'main', image: 'x', imagePullPolicy: 'Sometimes' };
    const spec = {
      replicas: -1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    const wanted = anObject('apps/v1/Deployment', 'web', { metadata: { namespace }, spec });
    expect(await complaint(() => cluster.apply(wanted, ours))).toBe(
      `API_INVALID: deployments/web in namespace ${namespace} is not valid: ` +
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0; ' +
        'spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never".',
    );
  });

  it('does not print a whole pod because one field of it is immutable', async () => {
    const namespace = await control.namespace();
    const job = (image: string) => {
      const container = { name: 'main', image, env: [{ name: 'PASSWORD', value: CANARY }] };
      const template = { spec: { restartPolicy: 'Never', containers: [container] } };
      return anObject('batch/v1/Job', 'once', { metadata: { namespace }, spec: { suspend: true, template } });
    };
    await cluster.apply(job('a'), ours);
    const said = await complaint(() => cluster.apply(job('b'), ours));
    expect(said).toMatch(
      /is not valid: spec\.template(\.spec)?: Invalid value: \(not shown\): field is immutable\.$/,
    );
    expect(said).not.toContain(CANARY);
  });

  it.each([
    [
      'a value that is not base64',
      { data: { password: `!${CANARY}` } },
      'illegal base64 data at input byte 0',
    ],
    [
      'a value of the wrong type',
      { data: { password: { [CANARY]: CANARY } } },
      'data.password: expected string',
    ],
    ['an unknown field', { data: {}, string: { a: CANARY } }, 'string: no such field'],
    [
      'what its type does not allow',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': CANARY } },
      'data[.dockerconfigjson]: is not valid',
    ],
  ])('never repeats the value of a Secret: %s', async (_, body, expected) => {
    const namespace = await control.namespace();
    const secret = anObject('v1/Secret', 'login', { metadata: { namespace }, ...body });
    const error = await cluster.apply(secret, ours).catch((thrown: unknown) => thrown as ReconcilerError);
    expect(error).toBeInstanceOf(ReconcilerError);

    const said = explain(error as ReconcilerError);
    expect(said).toContain(`API_INVALID: secrets/login in namespace ${namespace} is not valid: ${expected}.`);
    expect(JSON.stringify(error) + said + String((error as Error).stack)).not.toContain(CANARY);
    expect((error as Error).cause).toBeUndefined();
  });

  it('says which namespace is missing', async () => {
    expect(await complaint(() => cluster.apply(configMap('no-such-namespace', {}), ours))).toBe(
      'API_NOT_FOUND: configmaps/settings in namespace no-such-namespace: there is no namespace no-such-namespace.\n' +
        '  hint: Add the Namespace to the repository, or create it.',
    );
  });

  it('tells of an object that is too large', async () => {
    const namespace = await control.namespace();
    const large = configMap(namespace, { a: 'x'.repeat(4_000_000) });
    expect(await complaint(() => cluster.apply(large, ours))).toContain(
      `API_TOO_LARGE: configmaps/settings in namespace ${namespace} is larger than the API server takes.`,
    );
  });

  it('names the rule that is missing when we may not', async () => {
    const namespace = await control.namespace();
    const kubeconfig = await control.kubeconfigFor({ namespace, serviceAccount: 'default' });
    const guest = await openKubeCluster({ kubeconfig, env: {} });
    onTestFinished(() => guest.close());
    const user = `system:serviceaccount:${namespace}:default`;

    expect(await complaint(() => guest.apply(configMap(namespace, {}), ours))).toBe(
      `API_FORBIDDEN: ${user} may not patch configmaps in namespace ${namespace}.\n` +
        `  hint: Bind ${user} to a Role in namespace ${namespace}, or a ClusterRole, with the rule ` +
        '{apiGroups: [""], resources: ["configmaps"], verbs: ["create","patch"]}.',
    );
  });

  it('tells why admission refuses, without speaking of RBAC', async () => {
    const namespace = await control.namespace();
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const restricted = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    await cluster.apply(restricted, ours);
    const spec = { hostNetwork: true, containers: [{ name: 'main', image: 'x' }] };
    const pod = anObject('v1/Pod', 'main', { metadata: { namespace }, spec });

    const verdict = await cluster.dryRun(pod, ours);
    expect(verdict).toMatchObject({ result: 'rejected', code: 'API_FORBIDDEN' });
    expect(JSON.stringify(verdict)).toMatch(/violates PodSecurity.*admission policy/);
  });

  it('takes the failure of one object’s webhook for a verdict, and that of the server for none', async () => {
    const namespace = await control.namespace();
    const { cluster: behind, server } = await behindFaults(control);
    const body = {
      kind: 'Status',
      message: 'Internal error occurred: failed calling webhook "w.example.com"',
    };
    server.rules.add({ times: 4, fault: { do: 'answer', status: 500, body } });
    expect(await behind.dryRun(configMap(namespace, {}), ours)).toMatchObject({
      result: 'rejected',
      code: 'API_UNAVAILABLE',
      why: expect.stringContaining('failed calling webhook') as string,
    });

    server.rules.add({ fault: { do: 'answer', status: 503 } });
    expect(await complaint(() => behind.dryRun(configMap(namespace, {}), ours))).toContain('API_UNAVAILABLE');
  });

  it('waits for a namespace that is being deleted', async () => {
    const namespace = await control.createNamespace();
    const held = await cluster.apply(configMap(namespace, {}, { finalizers: ['example.com/hold'] }), ours);
    await control.deleteNamespace(namespace);
    const other = anObject('v1/ConfigMap', 'other', { metadata: { namespace } });

    expect(await complaint(() => cluster.apply(other, ours))).toBe(
      `API_CONFLICT: configmaps/other in namespace ${namespace}: the namespace is being deleted.\n` +
        '  hint: It is asked for again when the namespace is gone.',
    );
    await cluster.apply({ ...held, metadata: { ...held.metadata, finalizers: [] } }, { force: true });
  });
});
