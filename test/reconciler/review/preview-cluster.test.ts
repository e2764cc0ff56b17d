import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PART_OF } from '../../../reconciler/core/desired/ownership.ts';
import { type GroupKind, type KubeObject, objectId } from '../../../reconciler/core/kube/object.ts';
import type { ReadScope } from '../../../reconciler/ports.ts';
import { previewCluster } from '../../../reconciler/review/preview-cluster.ts';
import { openKubeCluster } from '../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { accountOfFile } from '../../support/account-of-file.ts';

const shared = await sharedCluster();
const { kubeconfig } = await accountOfFile(shared);

const FORCE = { force: true };

/** Two namespaces with members of an ApplySet and with what is somebody else's, and what reads them. */
async function aCluster() {
  const kube = await openKubeCluster({ kubeconfig, env: {} });
  onTestFinished(() => kube.close());
  const [one, two] = await Promise.all([shared.namespace(), shared.namespace()]);
  const applySet = `applyset-${randomBytes(4).toString('hex')}-v1`;
  const object = (kind: string, namespace: string, name: string, isOurs: boolean): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace, ...(isOurs ? { labels: { [PART_OF]: applySet } } : {}) },
    ...(kind === 'Service' ? { spec: { ports: [{ port: 80 }] } } : {}),
  });
  const there = [
    object('ConfigMap', one, 'ours', true),
    object('ConfigMap', one, 'theirs', false),
    object('ConfigMap', two, 'ours', true),
    object('ConfigMap', two, 'theirs', false),
    object('Service', one, 'ours', true),
    object('Service', two, 'theirs', false),
  ];
  for (const each of there) await kube.apply(each, FORCE);
  const scope = (
    kinds: readonly string[],
    namespaces: readonly string[],
    wanted: readonly KubeObject[],
  ): ReadScope => ({
    kinds: kinds as readonly GroupKind[],
    namespaces,
    wanted,
    applySet,
  });
  return { kube, one, two, object, scope };
}

describe('the cluster of a preview', () => {
  it('has all that reading it in whole would give, and asks only for what its base has not', async () => {
    const { kube, one, two, object, scope } = await aCluster();
    const base = scope(['ConfigMap'], [one], [object('ConfigMap', one, 'ours', true)]);
    const live = await kube.read(base);
    const asked: ReadScope[] = [];
    const counting = {
      ...previewable(kube),
      read: (part: ReadScope) => {
        asked.push(part);
        return kube.read(part);
      },
    };
    const preview = previewCluster(counting, { scope: base, live }, new AbortController().signal);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: two } };
    for (const [kinds, namespaces, wanted] of [
      [
        ['ConfigMap'],
        [one],
        [object('ConfigMap', one, 'ours', true), object('ConfigMap', one, 'theirs', false)],
      ],
      [['ConfigMap'], [one, two], [object('ConfigMap', two, 'theirs', false)]],
      [['ConfigMap', 'Service'], [one], [object('Service', one, 'ours', true)]],
      [
        ['ConfigMap', 'Service', 'Namespace'],
        [one, two],
        [namespace, object('Service', two, 'theirs', false), object('Service', two, 'none', false)],
      ],
    ] as const) {
      const wanting = scope(kinds, namespaces, wanted);
      const whole = await kube.read(wanting);
      const seen = await preview.read(wanting);
      expect([...seen.objects.keys()].toSorted()).toEqual([...whole.objects.keys()].toSorted());
      expect(seen.unread).toEqual([]);
    }
    const besides = [{ kind: 'ConfigMap' as GroupKind, namespace: two }];
    const beside = await preview.read({ ...base, besides });
    expect([...beside.objects.keys()]).toContain(`v1/ConfigMap/${two}/ours`);
    asked.length = 0;
    await preview.read(base);
    expect(asked).toEqual([]);
  });

  it('does not tell of what is somebody else’s and only its base names', async () => {
    const { kube, one, object, scope } = await aCluster();
    const theirs = object('ConfigMap', one, 'theirs', false);
    const base = scope(['ConfigMap'], [one], [theirs]);
    const live = await kube.read(base);
    expect(live.objects.has(objectId(theirs))).toBe(true);
    const preview = previewCluster(previewable(kube), { scope: base, live }, new AbortController().signal);
    const seen = await preview.read(scope(['ConfigMap'], [one], []));
    expect([...seen.objects.keys()]).toEqual([`v1/ConfigMap/${one}/ours`]);
  });
});

/** The cluster's methods, without what a class has besides. */
function previewable(kube: Awaited<ReturnType<typeof openKubeCluster>>) {
  return {
    get: kube.get.bind(kube),
    read: kube.read.bind(kube),
    placementFacts: kube.placementFacts.bind(kube),
    storageFacts: kube.storageFacts.bind(kube),
    seeNodes: kube.seeNodes.bind(kube),
    dryRun: kube.dryRun.bind(kube),
    apply: kube.apply.bind(kube),
    delete: kube.delete.bind(kube),
    waitGone: kube.waitGone.bind(kube),
  };
}
