import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { aClusterObject, podSpec } from '../../../support/objects.ts';
import { configMap, handsOn, inNamespace, watched } from './in-namespace.ts';
import { type Passes, passes } from './pass.ts';

const control = await sharedCluster();
const { kubectl } = handsOn(control);

describe('what cannot be changed in place', () => {
  const role = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name });
  const pairs: readonly [string, (pass: Passes) => readonly [before: KubeObject, after: KubeObject]][] = [
    [
      'an immutable ConfigMap',
      (pass) => [
        configMap(pass, 'a', { x: '1' }, { immutable: true }),
        configMap(pass, 'a', { x: '2' }, { immutable: true }),
      ],
    ],
    [
      'the type of a Secret',
      (pass) => [
        inNamespace('v1/Secret')(pass, 'a', { type: 'example.com/a', stringData: { x: '1' } }),
        inNamespace('v1/Secret')(pass, 'a', { type: 'example.com/b', stringData: { x: '1' } }),
      ],
    ],
    [
      'the role of a RoleBinding',
      (pass) => [
        inNamespace('rbac.authorization.k8s.io/v1/RoleBinding')(pass, 'a', {
          subjects: [],
          roleRef: role('x'),
        }),
        inNamespace('rbac.authorization.k8s.io/v1/RoleBinding')(pass, 'a', {
          subjects: [],
          roleRef: role('y'),
        }),
      ],
    ],
    [
      'the parameters of a StorageClass',
      (pass) => {
        const of = (parameters: object) =>
          aClusterObject('storage.k8s.io/v1/StorageClass', pass.unique, {
            provisioner: 'csi.weka.io',
            parameters,
          });
        return [of({ a: '1' }), of({ a: '1', b: '2' })];
      },
    ],
    [
      'the value of a PriorityClass',
      (pass) => {
        const of = (value: number) =>
          aClusterObject('scheduling.k8s.io/v1/PriorityClass', pass.unique, { value });
        return [of(1), of(2)];
      },
    ],
  ];

  it.each(pairs)('is deleted and made again: %s', async (_what, of) => {
    const pass = await passes(control);
    const [before, after] = of(pass);
    await pass.run([before]);
    const { uid } = (await pass.live(before)).metadata;
    const planned = await pass.plan([after]);
    expect(planned).toMatchObject([{ op: 'replace' }]);
    expect(await pass.apply(planned)).toEqual([expect.stringMatching(/^done replace /)]);
    expect((await pass.live(after)).metadata.uid).not.toBe(uid);
    expect(await pass.plan([after])).toMatchObject([{ op: 'keep' }]);
  });

  it('runs a job again that has ended, and leaves one alone that has not', async () => {
    const pass = await passes(control);
    const { unique } = pass;
    await control.addNodes([{ name: unique, labels: { 'example.com/pass': unique } }]);
    onTestFinished(() => kubectl('delete', 'node', unique));
    const job = (name: string, image: string, nodeSelector: object) =>
      inNamespace('batch/v1/Job')(pass, name, {
        spec: {
          template: { spec: podSpec({ restartPolicy: 'Never', container: { image }, nodeSelector }) },
        },
      });
    const both = (image: string) => [
      job('ends', image, { 'example.com/pass': unique }),
      job('waits', image, { 'example.com/pass': 'nowhere' }),
    ];
    await pass.run(both('a'));
    await kubectl('wait', '--for=condition=complete', 'job/ends', '-n', pass.namespace, '--timeout=60s');

    const planned = await pass.plan(both('b'));
    const path = 'spec.template.spec.containers[name=main].image';
    expect(pass.words(planned)).toEqual([
      `replace batch/v1/Job/NS/ends (${path}): ${path} cannot be changed in place; the job runs again`,
      `refuse batch/v1/Job/NS/waits (${path}): ${path} cannot be changed before the job has ended`,
    ]);
    expect(await pass.apply(planned)).toEqual(['done replace batch/v1/Job/NS/ends']);
  });

  it('leaves the old one where the new one would be rejected', async () => {
    const pass = await passes(control);
    await pass.run([configMap(pass, 'a', { x: '1' }, { immutable: true })]);
    const { uid } = (await pass.live(configMap(pass, 'a'))).metadata;
    expect(await pass.run([configMap(pass, 'a', { 'no such key!': '1' }, { immutable: true })])).toEqual([
      expect.stringMatching(
        /^failed API_INVALID replace v1\/ConfigMap\/NS\/a: v1\/ConfigMap\/NS\/a was not replaced, and stays as it is: the new one would be rejected\. .*no such key!/,
      ),
    ]);
    expect((await pass.live(configMap(pass, 'a'))).metadata.uid).toBe(uid);
  });

  it('says so when the old one is gone and the new one could not be made, and makes it in the next pass', async () => {
    const pass = await passes(control);
    const before = configMap(pass, 'a', { x: '1' }, { immutable: true });
    const after = configMap(pass, 'a', { x: '2' }, { immutable: true });
    await pass.run([before]);
    // Fills the only free place of a quota in the moment between the deletion and the creation.
    const filled = watched(pass.cluster, async () => {
      const hard = { 'count/configmaps': 0 };
      const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: { hard } };
      await control.api.json('POST', `/api/v1/namespaces/${pass.namespace}/resourcequotas`, quota);
      await until('the quota counts', async () => {
        const tried = await pass.cluster.dryRun(configMap(pass, 'probe'), { force: false });
        return tried.result === 'rejected';
      });
    });
    expect(await pass.apply(await pass.plan([after]), filled)).toEqual([
      expect.stringMatching(
        /^failed API_FORBIDDEN replace v1\/ConfigMap\/NS\/a: v1\/ConfigMap\/NS\/a was deleted to be made again, and is missing now: .*exceeded quota/,
      ),
    ]);
    await kubectl('delete', 'resourcequota/none', '-n', pass.namespace);
    await until('the quota is lifted', async () => {
      const tried = await pass.cluster.dryRun(configMap(pass, 'probe'), { force: false });
      return tried.result === 'accepted';
    });
    expect(await pass.run([after])).toEqual(['done create v1/ConfigMap/NS/a']);
  });
});

describe('what is to be made anew although nothing of it differs', () => {
  const work = (pass: Passes): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'build',
      namespace: pass.namespace,
      annotations: { 'weka-gitops.dev/driver-work': '{}' },
    },
    spec: podSpec(),
  });
  const anew = async (pass: Passes): Promise<readonly Change[]> => {
    const live = await pass.live(work(pass));
    const [desired] = pass.desired([work(pass)]);
    if (desired === undefined) throw new Error('It is asked for.');
    const { id, object, source } = desired;
    const reason = 'The package was missing';
    return [{ op: 'replace', id, source, desired: object, live, reason, again: true, fields: [], flags: [] }];
  };

  it('is deleted and made again, once', async () => {
    const pass = await passes(control);
    await pass.run([work(pass)]);
    const { uid } = (await pass.live(work(pass))).metadata;
    const changes = await anew(pass);
    expect(await pass.apply(changes)).toEqual(['done replace v1/Pod/NS/build']);
    const next = (await pass.live(work(pass))).metadata.uid;
    expect(next).not.toBe(uid);
    // By the same plan, what was made anew meanwhile stays.
    expect(await pass.apply(changes)).toEqual([expect.stringMatching(/^failed API_CONFLICT replace/)]);
    expect((await pass.live(work(pass))).metadata.uid).toBe(next);
  });
});
