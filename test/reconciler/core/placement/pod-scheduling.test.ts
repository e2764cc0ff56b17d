import { expect, it } from 'vitest';
import { parseResources } from '../../../../reconciler/core/facts/resources.ts';
import { podScheduling } from '../../../../reconciler/core/placement/pod-scheduling.ts';
import { podTerms } from '../../../../reconciler/core/placement/pod-term.ts';
import { spreadOf, type SpreadConstraint } from '../../../../reconciler/core/placement/spread-rules.ts';
import { client, cluster, container, flat, nodes } from './build-placement.ts';

const term = { labelSelector: { matchLabels: { app: 'loner' } }, topologyKey: 'zone', namespaceSelector: {} };
const zones = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
const spread = {
  topologyKey: 'zone',
  maxSkew: 2,
  minDomains: 3,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'weka' } },
  nodeAffinityPolicy: 'Ignore',
  nodeTaintsPolicy: 'Honor',
};

const shapes = [
  ...flat(
    cluster({
      dynamicTemplate: { driveContainers: 1, computeContainers: 1, s3Containers: 1, nfsContainers: 1 },
      failureDomain: { label: 'rack', skew: 2 },
      nodeSelector: { use: 'weka' },
      podConfig: {
        affinity: { podAffinity: zones, podAntiAffinity: zones },
        topologySpreadConstraints: [spread],
      },
    }),
  ),
  ...flat(client({}, nodes(1))),
  ...flat(container('dist', { mode: 'drivers-dist', topologySpreadConstraints: [spread] })),
].map(({ shape }) => ({ key: shape.key, shape }));

it.each(shapes)('asks the scheduler for what placement has reckoned with: $key', ({ shape }) => {
  const pod = { namespace: shape.namespace, labels: shape.labels };
  for (const hyperThreading of [false, true]) {
    const { affinity, requests, topologySpreadConstraints } = podScheduling(shape, { hyperThreading });
    expect(parseResources(requests)).toEqual(hyperThreading ? shape.requests.threaded : shape.requests.plain);
    expect(podTerms(affinity, 'podAffinity', pod)).toEqual(shape.affinity);
    expect(podTerms(affinity, 'podAntiAffinity', pod)).toEqual(shape.antiAffinity);
    const constraints = topologySpreadConstraints as readonly SpreadConstraint[];
    expect(constraints.flatMap((each) => spreadOf(each, pod))).toEqual(shape.spread);
  }
});

it('pins a pod to its node by its hostname, beside what else a node must have', () => {
  const [wanted] = cluster({
    dynamicTemplate: { driveContainers: 1 },
    nodeSelector: { use: 'weka' },
  }).containers;
  if (wanted === undefined) throw new Error('nothing is wanted');
  const { affinity } = podScheduling(wanted.shape, { hyperThreading: false, hostname: 'host-a' });
  expect(affinity).toMatchObject({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
              { key: 'use', operator: 'In', values: ['weka'] },
              { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-a'] },
            ],
          },
        ],
      },
    },
  });
});

it('asks a pinned pod’s node for all but how places compare and which pods are near: that was asked when it was chosen', () => {
  for (const { shape } of shapes) {
    const pod = { namespace: shape.namespace, labels: shape.labels };
    const pinned = podScheduling(shape, { hyperThreading: false, hostname: 'host-a' });
    expect(pinned.topologySpreadConstraints).toEqual([]);
    expect(podTerms(pinned.affinity, 'podAffinity', pod)).toEqual([]);
    expect(podTerms(pinned.affinity, 'podAntiAffinity', pod)).toEqual(shape.antiAffinity);
    const free = podScheduling(shape, { hyperThreading: false });
    expect([pinned.requests, pinned.tolerations]).toEqual([free.requests, free.tolerations]);
  }
});
