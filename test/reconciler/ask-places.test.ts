import { describe, expect, it } from 'vitest';
import { type BuildContext, buildDesired } from '../../reconciler/core/desired/build.ts';
import type { DesiredObject } from '../../reconciler/core/desired/desired.ts';
import type { GroupKind, KubeObject } from '../../reconciler/core/kube/object.ts';
import type { PlacementFacts } from '../../reconciler/core/placement/placement-facts.ts';
import { parseSpecs } from '../../reconciler/core/spec/parse.ts';
import { askPlaces } from '../../reconciler/ask-places.ts';
import type { Cluster, Live } from '../../reconciler/ports.ts';
import { ApiError } from '../../reconciler/world/kubeapi/errors.ts';
import { wekaContainer } from '../support/manifests.ts';
import { nodes } from './core/placement/build-placement.ts';

const CONTEXT: BuildContext = { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' };
const NONE: Live = { objects: new Map(), unread: [] };

function desired(spec: object = {}, name = 'dist'): readonly DesiredObject[] {
  const files = [{ path: 'a.yaml', content: new TextEncoder().encode(wekaContainer('weka', name, spec)) }];
  return buildDesired(parseSpecs(files, { kinds: [], systemNamespace: 'x' }), CONTEXT).objects;
}

/** A cluster of three nodes that counts how often it is asked. */
class Asked {
  count = 0;
  readonly cluster: Cluster;

  constructor(
    answer: () => PlacementFacts = () => ({ nodes: nodes(3), pods: [], namespaces: new Map() }),
    objects: Readonly<Record<string, object>> = {},
  ) {
    const asked = <Result>(result: () => Result): Promise<Result> => {
      this.count += 1;
      // What is thrown is thrown as it would be by a call of the network.
      return Promise.resolve().then(result);
    };
    this.cluster = {
      placementFacts: () => asked(answer),
      get: ({ kind, metadata }: KubeObject) => asked(() => objects[`${kind}/${metadata.name}`]),
    } as unknown as Cluster;
  }
}

const placesOf = (all: readonly DesiredObject[]) =>
  all.flatMap(({ placement }) =>
    placement === undefined ? [] : ['why' in placement ? placement.why : placement.allocation.node],
  );

describe('the cluster is asked of its nodes and pods', () => {
  it('once, where a pod is to be made', async () => {
    const asked = new Asked();
    expect(placesOf(await askPlaces(desired(), NONE, asked.cluster, CONTEXT))).toEqual(['node-a']);
    expect(asked.count).toBe(1);
  });

  it('never, where all pods are there, may be there, or none is asked for', async () => {
    const asked = new Asked();
    const all = desired();
    const objects = new Map(all.map(({ id, object }) => [id, object]));
    await askPlaces(all, { objects, unread: [] }, asked.cluster, CONTEXT);
    const gap = { kind: 'Pod' as GroupKind, namespace: 'weka', code: 'API_FORBIDDEN', why: 'no' };
    await askPlaces(all, { ...NONE, unread: [gap] }, asked.cluster, CONTEXT);
    await askPlaces(
      all.filter(({ container }) => container === undefined),
      NONE,
      asked.cluster,
      CONTEXT,
    );
    expect(asked.count).toBe(0);
  });

  it('and no place is chosen where it does not say what was remembered of the one before', async () => {
    const gap = { kind: 'ConfigMap' as GroupKind, namespace: 'weka', code: 'API_FORBIDDEN', why: 'no' };
    const all = await askPlaces(desired(), { ...NONE, unread: [gap] }, new Asked().cluster, CONTEXT);
    expect(placesOf(all)).toEqual(['The cluster could not be asked where it was before: no']);
  });

  it('of its volumes too, where a pod has a claim, and only of those', async () => {
    const term = {
      matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-b'] }],
    };
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'v' },
      spec: { nodeAffinity: { required: { nodeSelectorTerms: [term] } } },
    };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { volumeName: 'v' } };
    const asked = new Asked(
      () => ({ nodes: nodes(3), pods: [], namespaces: new Map(), volumes: [volume], classes: [] }),
      {
        'PersistentVolumeClaim/packages': { ...claim, metadata: { name: 'packages', namespace: 'weka' } },
      },
    );
    const all = desired({ pvc: { name: 'packages' } });
    expect(placesOf(await askPlaces(all, NONE, asked.cluster, CONTEXT))).toEqual(['node-b']);
    expect(asked.count).toBe(2);
    expect(placesOf(await askPlaces(all, NONE, new Asked().cluster, CONTEXT))).toEqual([
      'Its claim packages does not exist',
    ]);
  });
});

describe('two pods that may have the same volume', () => {
  const on = (node: string) => ({
    matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }],
  });
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: {
      storageClassName: 'local',
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      nodeAffinity: { required: { nodeSelectorTerms: [on('node-b')] } },
    },
  };
  const claim = (name: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'weka' },
    spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'] },
  });
  const world = () =>
    new Asked(() => ({ nodes: nodes(3), pods: [], namespaces: new Map(), volumes: [volume], classes: [] }), {
      'PersistentVolumeClaim/a': claim('a'),
      'PersistentVolumeClaim/b': claim('b'),
    }).cluster;
  const all = [...desired({ pvc: { name: 'a' } }, 'one'), ...desired({ pvc: { name: 'b' } }, 'two')];

  it('are not both placed by it in one plan', async () => {
    expect(placesOf(await askPlaces(all, NONE, world(), CONTEXT))).toEqual([
      'node-b',
      'The volume on node-b that its claim b could have goes to v1/Pod/weka/one',
    ]);
  });

  it('are not in the plan after it either, while the first waits for it', async () => {
    const placed = await askPlaces(all, NONE, world(), CONTEXT);
    const made = placed.filter(({ object }) => object.metadata.name === 'one');
    const objects = new Map(made.map(({ id, object }) => [id, object]));
    expect(placesOf(await askPlaces(all, { objects, unread: [] }, world(), CONTEXT))).toEqual([
      'node-b',
      'The volume on node-b that its claim b could have goes to v1/Pod/weka/one',
    ]);
  });
});

describe('where the cluster does not answer', () => {
  const refuse = (error: Error) =>
    new Asked(() => {
      throw error;
    });

  it('nothing is made, and why is told', async () => {
    const { cluster } = refuse(new ApiError('API_TIMEOUT', 'The API server did not answer within 30 s.'));
    expect(placesOf(await askPlaces(desired(), NONE, cluster, CONTEXT))).toEqual([
      'No node can be chosen for it: The API server did not answer within 30 s. (API_TIMEOUT)',
    ]);
  });

  it('a bug is thrown, and so is the reason of whoever gave up', async () => {
    const bug = new TypeError('a bug');
    await expect(askPlaces(desired(), NONE, refuse(bug).cluster, CONTEXT)).rejects.toBe(bug);
    const reason = new Error('SIGTERM');
    const { cluster } = refuse(new ApiError('API_UNREACHABLE', 'gone'));
    const signal = AbortSignal.abort(reason);
    await expect(askPlaces(desired(), NONE, cluster, { ...CONTEXT, signal })).rejects.toBe(reason);
  });
});
