import { describe, expect, it } from 'vitest';
import { isWrite } from '../../../../reconciler/core/plan/change.ts';
import type { Cluster } from '../../../../reconciler/ports.ts';
import { apply } from '../../../../reconciler/world/apply/apply.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { aNamespace, anObject, podSpec } from '../../../support/objects.ts';
import { configMap, deployment, handsOn, inNamespace, mounts, nobody, watched } from './in-namespace.ts';
import { outcomesInWords, passes, silent } from './pass.ts';

const control = await sharedCluster();
const { kubectl } = handsOn(control);

describe('apply', () => {
  it('makes a namespace and what goes into it in one pass, each after what it needs', async () => {
    const pass = await passes(control);
    const namespace = `${pass.unique}-new`;
    const metadata = { namespace };
    const objects = [
      anObject('v1/Pod', 'agent', {
        metadata,
        spec: podSpec({ serviceAccountName: 'agent', ...mounts('token') }),
      }),
      anObject('v1/Pod', 'plain', { metadata, spec: podSpec() }),
      anObject('v1/Secret', 'token', { metadata, stringData: { token: 'x' } }),
      anObject('v1/ServiceAccount', 'agent', { metadata }),
      aNamespace(namespace),
    ];
    expect(await pass.run(objects)).toEqual([
      `done create v1/Namespace/${namespace}`,
      `done create v1/ServiceAccount/${namespace}/agent`,
      `done create v1/Secret/${namespace}/token`,
      `done create v1/Pod/${namespace}/agent`,
      `done create v1/Pod/${namespace}/plain`,
    ]);
  });

  it('changes what the manifest changes, and removes what it no longer has', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1', y: '2' })]);
    const planned = await pass.plan([configMap(pass, 'a', { x: '9' })]);
    expect(pass.words(planned)).toEqual(['update v1/ConfigMap/NS/a (data.x, data.y)']);
    expect(await pass.apply(planned)).toEqual(['done update v1/ConfigMap/NS/a']);
    expect((await pass.live(configMap(pass, 'a')))['data']).toEqual({ x: '9' });
  });

  it('leaves an object alone that took the name of the one that was planned for', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1' })]);
    const planned = await pass.plan([configMap(pass, 'a', { x: '2' })]);
    await kubectl('delete', 'configmap', 'a', '-n', pass.namespace);
    await kubectl('create', 'configmap', 'a', '-n', pass.namespace, '--from-literal=y=z');
    expect(await pass.apply(planned)).toEqual([
      'failed API_CONFLICT update v1/ConfigMap/NS/a: v1/ConfigMap/NS/a is another object of that name by now.',
    ]);
    expect((await pass.live(configMap(pass, 'a')))['data']).toEqual({ y: 'z' });
  });

  it('makes no other change than the one that was consented to', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1', y: '1' })]);
    const planned = await pass.plan([configMap(pass, 'a', { x: '2', y: '1' })]);
    const grant = {
      name: 'consent',
      digest: 'sha256:0',
      expires: '2027-01-01T00:00:00Z',
      source: 'a.yaml:1',
    };
    const approved = planned.map((change) => (isWrite(change) ? { ...change, approved: [grant] } : change));
    await kubectl('patch', 'configmap', 'a', '-n', pass.namespace, '-p', '{"data":{"y":"9"}}');
    expect(await pass.apply(approved)).toEqual([
      'failed FIELD_CONFLICT update v1/ConfigMap/NS/a: configmaps/a in namespace NS: data.y is managed by kubectl-patch.',
    ]);
    expect((await pass.live(configMap(pass, 'a')))['data']).toEqual({ x: '1', y: '9' });
  });

  it('notices when less is said inside what is replaced as a whole', async () => {
    const pass = await passes(control);
    const service = (selector: object) =>
      inNamespace('v1/Service')(pass, 'web', { spec: { selector, ports: [{ port: 80 }] } });
    await pass.run([service({ app: 'web', track: 'canary' })]);
    expect(await pass.run([service({ app: 'web' })])).toEqual(['done update v1/Service/NS/web']);
    expect(await pass.live(service({}))).toMatchObject({ spec: { selector: { app: 'web' } } });
    expect(pass.words(await pass.plan([service({ app: 'web' })]))).toEqual(['keep v1/Service/NS/web']);
  });

  it('puts things in the order that the manifest has them in', async () => {
    const pass = await passes(control);
    const of = (names: string[]) => [
      deployment(pass, 'web', { initContainers: names.map((name) => ({ name, image: 'busybox:1' })) }),
    ];
    await pass.run(of(['a', 'b', 'c']));
    expect(await pass.run(of(['c', 'a', 'b']))).toEqual(['done update apps/v1/Deployment/NS/web']);
    expect(pass.words(await pass.plan(of(['c', 'a', 'b'])))).toEqual(['keep apps/v1/Deployment/NS/web']);
  });

  describe('when something fails', () => {
    it('holds back what depends on it, however far, and nothing else', async () => {
      const pass = await passes(control);
      const secret = inNamespace('v1/Secret')(pass, 'token', {
        type: 'kubernetes.io/tls',
        stringData: { a: 'secret-value' },
      });
      const ingress = inNamespace('networking.k8s.io/v1/Ingress')(pass, 'web', {
        spec: {
          defaultBackend: { service: { name: 'web', port: { number: 80 } } },
          tls: [{ secretName: 'token' }],
        },
      });
      const outcomes = await pass.run([
        secret,
        deployment(pass, 'web', mounts('token')),
        deployment(pass, 'other'),
        ingress,
        configMap(pass, 'a'),
      ]);
      expect(outcomes).toEqual([
        'done create v1/ConfigMap/NS/a',
        expect.stringMatching(/^failed API_INVALID create v1\/Secret\/NS\/token: .*tls\.crt/),
        'done create apps/v1/Deployment/NS/other',
        'held create apps/v1/Deployment/NS/web: It needs v1/Secret/NS/token, which failed',
        'held create networking.k8s.io/v1/Ingress/NS/web: It needs v1/Secret/NS/token, which failed',
      ]);
      expect(outcomes.join()).not.toContain('secret-value');
    });

    it('holds back all that goes into a namespace that could not be made', async () => {
      const pass = await passes(control);
      const namespace = aNamespace('no_such-name!');
      const inside = anObject('v1/ConfigMap', 'a', { metadata: { namespace: 'no_such-name!' } });
      const planned = [namespace, inside, configMap(pass, 'b')].map((object) => ({
        op: 'create' as const,
        id: pass.desired([object])[0]!.id,
        desired: object,
        fields: [],
        flags: [],
      }));
      expect(await pass.apply(planned)).toEqual([
        expect.stringMatching(/^failed API_INVALID create v1\/Namespace\/no_such-name!: /),
        'held create v1/ConfigMap/no_such-name!/a: It needs v1/Namespace/no_such-name!, which failed',
        'done create v1/ConfigMap/NS/b',
      ]);
    });

    it('tells a quota from the rest', async () => {
      const pass = await passes(control);
      await kubectl('create', 'quota', 'few', '--hard=count/services=0', '-n', pass.namespace);
      const service = inNamespace('v1/Service')(pass, 'web', { spec: { ports: [{ port: 80 }] } });
      await until('the quota counts', async () => {
        return (await pass.cluster.dryRun(service, { force: false })).result === 'rejected';
      });
      expect(await pass.run([service, configMap(pass, 'a')])).toEqual([
        'done create v1/ConfigMap/NS/a',
        expect.stringMatching(/^failed API_FORBIDDEN create v1\/Service\/NS\/web: .*exceeded quota: few/),
      ]);
    });

    it('tells what it may not do, and does the rest', async () => {
      const admin = await passes(control);
      const { namespace } = admin;
      await kubectl('create', 'serviceaccount', 'limited', '-n', namespace);
      await kubectl('create', 'role', 'limited', '-n', namespace, '--verb=*', '--resource=configmaps');
      await kubectl(
        'create',
        'rolebinding',
        'limited',
        '-n',
        namespace,
        '--role=limited',
        `--serviceaccount=${namespace}:limited`,
      );
      const kubeconfig = await control.kubeconfigFor({ namespace, serviceAccount: 'limited' });
      await using cluster = await openKubeCluster({ kubeconfig, env: process.env });
      const planned = await admin.plan([
        configMap(admin, 'a'),
        inNamespace('v1/Secret')(admin, 'token'),
        deployment(admin, 'web', mounts('token')),
      ]);
      expect(await admin.apply(planned, cluster)).toEqual([
        'done create v1/ConfigMap/NS/a',
        expect.stringMatching(
          /^failed API_FORBIDDEN create v1\/Secret\/NS\/token: .* may not (patch|create) secrets/,
        ),
        'held create apps/v1/Deployment/NS/web: It needs v1/Secret/NS/token, which failed',
      ]);
    });

    it('leaves the API server alone once it is clear that it is the server that fails', async () => {
      const pass = await passes(control);
      const objects = Array.from({ length: 9 }, (_, index) => configMap(pass, `m-${index}`));
      const planned = await pass.plan(objects);
      await using cluster = await nobody(control);
      const outcomes = await apply(planned, cluster, { concurrency: 2, log: silent });
      const words = outcomesInWords(outcomes, pass.namespace);
      const failed = words.filter((word) => word.startsWith('failed API_UNREACHABLE'));
      const held = words.filter((word) =>
        /^held .*: Nothing more was tried after 3 failures in a row: .*\(API_UNREACHABLE\)/.test(word),
      );
      expect(failed.length + held.length).toBe(9);
      expect(failed.length).toBeLessThanOrEqual(4);
    });
  });

  it('writes no more at once than it is told, and says how each of the first ended', async () => {
    const pass = await passes(control);
    const objects = Array.from({ length: 40 }, (_, index) => configMap(pass, `m-${index}`));
    const planned = await pass.plan(objects);
    let underWay = 0;
    let most = 0;
    const counting: Cluster = {
      ...watched(pass.cluster, () => {}),
      apply: async (object, options) => {
        most = Math.max(most, ++underWay);
        const live = await pass.cluster.apply(object, options);
        underWay -= 1;
        return live;
      },
    };
    const logged = { info: [] as object[], debug: [] as object[] };
    const log = {
      ...silent,
      info: (fields: object) => void logged.info.push(fields),
      debug: (fields: object) => void logged.debug.push(fields),
    };
    await apply(planned, counting, { concurrency: 3, log });
    expect(most).toBe(3);
    expect(logged.info).toHaveLength(10);
    expect([...logged.info, ...logged.debug]).toHaveLength(40);
    expect(logged.info).toContainEqual({
      id: `v1/ConfigMap/${pass.namespace}/m-0`,
      op: 'create',
      result: 'done',
    });
  });

  it('throws a bug only when what was under way has ended', async () => {
    const pass = await passes(control);
    const planned = await pass.plan([configMap(pass, 'a'), configMap(pass, 'b'), configMap(pass, 'c')]);
    const bug = new TypeError('a bug');
    const buggy = watched(pass.cluster, ({ metadata }) => {
      if (metadata.name === 'a') throw bug;
    });
    await expect(apply(planned, buggy, { concurrency: 2, log: silent })).rejects.toBe(bug);
    await pass.live(configMap(pass, 'b'));
    expect(await pass.cluster.get(configMap(pass, 'c'))).toBeUndefined();
  });
});
