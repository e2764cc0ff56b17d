import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../reconciler/core/health/health.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';

interface Parts {
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
}

/** `state: message` of an object of this kind. */
function healthOfA(type: string, { spec, status, metadata }: Parts): string {
  const [apiVersion, kind] = type.split(' ');
  const object = {
    apiVersion,
    kind,
    metadata: { name: 'a', namespace: 'weka', generation: 2, ...metadata },
    ...(spec && { spec }),
    ...(status && { status }),
  } as KubeObject;
  const { state, message } = healthOf(object);
  return `${state}: ${message}`;
}

const DEPLOYMENT = 'apps/v1 Deployment';
const READY_DEPLOYMENT = {
  observedGeneration: 2,
  replicas: 3,
  updatedReplicas: 3,
  readyReplicas: 3,
  availableReplicas: 3,
};

describe('healthOf', () => {
  it('takes an object without a status as well once it exists', () => {
    expect(healthOfA('v1 ConfigMap', {})).toBe('current: It exists');
    expect(healthOfA('example.com/v1 Widget', {})).toBe('current: It exists');
  });

  it('waits until the controller has seen the latest change, whatever it said before', () => {
    const status = { ...READY_DEPLOYMENT, observedGeneration: 1 };
    const words = 'progressing: Its controller has not seen the latest change yet';
    expect(healthOfA(DEPLOYMENT, { spec: { replicas: 3 }, status })).toBe(words);
    expect(healthOfA('example.com/v1 Widget', { status: { observedGeneration: 1 } })).toBe(words);
  });

  it('calls an object that is being deleted in progress, and says what keeps it', () => {
    const gone = { deletionTimestamp: '2026-11-25T18:00:00Z' };
    expect(healthOfA('v1 ConfigMap', { metadata: gone })).toBe('progressing: It is being deleted');
    expect(
      healthOfA('v1 PersistentVolumeClaim', {
        metadata: { ...gone, finalizers: ['kubernetes.io/pvc-protection'] },
        status: { phase: 'Bound' },
      }),
    ).toBe('progressing: It is being deleted, and waits for kubernetes.io/pvc-protection');
    const remaining = {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: pods. has 1 resource instances',
    };
    expect(
      healthOfA('v1 Namespace', {
        metadata: gone,
        status: { phase: 'Terminating', conditions: [remaining] },
      }),
    ).toBe('progressing: It is being deleted: Some resources are remaining: pods. has 1 resource instances');
  });

  it('heeds the conditions of kinds that it does not know', () => {
    const widget = (type: string, status: string) =>
      healthOfA('example.com/v1 Widget', {
        status: { conditions: [{ type, status, message: 'So it says.' }] },
      });
    expect(widget('Ready', 'True')).toBe('current: It exists');
    expect(widget('Ready', 'False')).toBe('progressing: So it says');
    expect(widget('Ready', 'Unknown')).toBe('progressing: So it says');
    expect(widget('Stalled', 'True')).toBe('failed: So it says');
    expect(widget('Stalled', 'False')).toBe('current: It exists');
    expect(widget('Reconciling', 'True')).toBe('progressing: So it says');
  });

  it('does not stumble over a status of another shape', () => {
    for (const status of ['x', 7, [1], { conditions: 'none' }, { conditions: [null, 3] }]) {
      expect(healthOfA('example.com/v1 Widget', { status: status as object })).toBe('current: It exists');
    }
    expect(healthOfA('example.com/v1 constructor', {})).toBe('current: It exists');
  });

  it('keeps a message to one short line', () => {
    const conditions = [{ type: 'Stalled', status: 'True', message: `a\n  b ${'c'.repeat(500)}` }];
    const words = healthOfA('example.com/v1 Widget', { status: { conditions } });
    expect(words).toMatch(/^failed: a b c+…$/);
    expect(words.length).toBe('failed: '.length + 200);
  });
});

describe('health of a Deployment', () => {
  const after = (status: object, spec: object = { replicas: 3 }) => healthOfA(DEPLOYMENT, { spec, status });

  it.each([
    [{}, 'progressing: 0 of 3 replicas are up to date'],
    [READY_DEPLOYMENT, 'current: 3 of 3 replicas are ready'],
    [{ ...READY_DEPLOYMENT, updatedReplicas: 1 }, 'progressing: 1 of 3 replicas are up to date'],
    [{ ...READY_DEPLOYMENT, replicas: 4 }, 'progressing: 1 old replica has to stop'],
    [{ ...READY_DEPLOYMENT, readyReplicas: 2 }, 'progressing: 2 of 3 replicas are ready'],
    [{ ...READY_DEPLOYMENT, availableReplicas: 2 }, 'progressing: 2 of 3 replicas are ready'],
  ])('is told from its counts: %j', (status, words) => {
    expect(after(status)).toBe(words);
  });

  it('wants one replica where its spec does not say', () => {
    const one = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    expect(after(one, {})).toBe('current: 1 of 1 replica is ready');
  });

  it('is well at zero replicas', () => {
    expect(after({ observedGeneration: 2 }, { replicas: 0 })).toBe('current: No replica is asked for');
  });

  it('failed when it ran out of time', () => {
    const conditions = [
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "web-1" has timed out progressing.',
      },
    ];
    expect(after({ ...READY_DEPLOYMENT, updatedReplicas: 1, conditions })).toBe(
      'failed: ReplicaSet "web-1" has timed out progressing',
    );
  });

  it('says why its pods cannot be created', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: small' }];
    expect(after({ observedGeneration: 2, conditions })).toBe('progressing: exceeded quota: small');
  });

  it('says that it is paused', () => {
    expect(after({ ...READY_DEPLOYMENT, updatedReplicas: 1 }, { replicas: 3, paused: true })).toBe(
      'progressing: 1 of 3 replicas are up to date, and it is paused',
    );
  });
});

describe('health of a DaemonSet', () => {
  const counts = {
    observedGeneration: 2,
    desiredNumberScheduled: 4,
    updatedNumberScheduled: 4,
    numberReady: 4,
    numberAvailable: 4,
  };
  const after = (status: object, spec: object = {}) => healthOfA('apps/v1 DaemonSet', { spec, status });

  it.each([
    [{}, 'progressing: Its controller has not seen it yet'],
    [counts, 'current: 4 of 4 pods are ready'],
    [{ ...counts, updatedNumberScheduled: 1 }, 'progressing: 1 of 4 pods are up to date'],
    [{ ...counts, numberReady: 3, numberAvailable: 3 }, 'progressing: 3 of 4 pods are ready'],
    [{ ...counts, numberAvailable: undefined }, 'progressing: 0 of 4 pods are ready'],
    [{ observedGeneration: 2, desiredNumberScheduled: 0 }, 'current: No node asks for its pod'],
  ])('is told from its counts: %j', (status, words) => {
    expect(after(status)).toBe(words);
  });

  it('does not wait for updates that only a deletion brings', () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    expect(after({ ...counts, updatedNumberScheduled: 0 }, spec)).toBe('current: 4 of 4 pods are ready');
  });
});

describe('health of a StatefulSet', () => {
  const counts = { observedGeneration: 2, replicas: 3, readyReplicas: 3, updatedReplicas: 3 };
  const after = (status: object, spec: object = {}) =>
    healthOfA('apps/v1 StatefulSet', { spec: { replicas: 3, ...spec }, status });
  const updating = { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 };

  it.each([
    [{}, 'progressing: 0 of 3 replicas are ready'],
    [counts, 'current: 3 of 3 replicas are ready'],
    [{ ...counts, readyReplicas: 2 }, 'progressing: 2 of 3 replicas are ready'],
    [{ ...counts, replicas: 5 }, 'progressing: 2 replicas have to stop'],
    [{ ...counts, ...updating }, 'progressing: 1 of 3 replicas are up to date'],
    [
      { ...counts, currentRevision: 'b', updateRevision: 'b', updatedReplicas: undefined },
      'current: 3 of 3 replicas are ready',
    ],
  ])('is told from its counts: %j', (status, words) => {
    expect(after(status)).toBe(words);
  });

  it('does not wait for replicas below its partition, nor for updates that only a deletion brings', () => {
    const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
    expect(after({ ...counts, ...updating }, partition)).toBe('current: 3 of 3 replicas are ready');
    expect(after({ ...counts, ...updating }, { updateStrategy: { type: 'OnDelete' } })).toBe(
      'current: 3 of 3 replicas are ready',
    );
  });
});

describe('health of a Job and of a CronJob', () => {
  const condition = (type: string, message = '') => [{ type, status: 'True', message }];

  it.each([
    [{}, {}, 'progressing: It has not started yet'],
    [
      { completions: 3 },
      { startTime: 't', succeeded: 1, failed: 2 },
      'progressing: 1 of 3 runs succeeded, 2 failed',
    ],
    [{}, { startTime: 't' }, 'progressing: 0 of 1 run succeeded'],
    [{}, { startTime: 't', conditions: condition('Complete') }, 'current: It is complete'],
    [{}, { startTime: 't', conditions: condition('Failed', 'Too often') }, 'failed: Too often'],
    [{ suspend: true }, {}, 'current: It is suspended'],
  ])('is told from %j and %j', (spec, status, words) => {
    expect(healthOfA('batch/v1 Job', { spec, status })).toBe(words);
  });

  it('takes a CronJob as well', () => {
    expect(healthOfA('batch/v1 CronJob', { spec: {} })).toBe('current: It is scheduled');
    expect(healthOfA('batch/v1 CronJob', { spec: { suspend: true } })).toBe('current: It is suspended');
  });
});

describe('health of a Pod', () => {
  const container = (name: string, ready: boolean, waiting?: object) => ({
    name,
    ready,
    state: waiting === undefined ? { running: {} } : { waiting },
  });
  const scheduled = { type: 'PodScheduled', status: 'True' };

  it.each([
    [{ phase: 'Pending' }, 'progressing: It waits to start'],
    [{ phase: 'Succeeded' }, 'current: It ran to its end'],
    [
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
      'failed: The node was low on memory',
    ],
    [
      { phase: 'Running', conditions: [scheduled, { type: 'Ready', status: 'True' }] },
      'current: It is ready',
    ],
    [
      {
        phase: 'Running',
        conditions: [scheduled, { type: 'Ready', status: 'False' }],
        containerStatuses: [container('weka', true), container('agent', false)],
      },
      'progressing: 1 of 2 containers are ready',
    ],
    [
      {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient hugepages-2Mi.',
          },
        ],
      },
      'failed: No node takes it: 0/3 nodes are available: 3 Insufficient hugepages-2Mi',
    ],
    [
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Gated' }],
      },
      'progressing: Gated',
    ],
    [
      {
        phase: 'Running',
        containerStatuses: [
          container('weka', false, { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' }),
        ],
      },
      'failed: Container weka: it ends again and again',
    ],
    [
      {
        phase: 'Pending',
        initContainerStatuses: [container('copy', false, { reason: 'ImagePullBackOff' })],
        containerStatuses: [container('weka', false, { reason: 'PodInitializing' })],
      },
      'failed: Container copy: its image cannot be pulled',
    ],
    [
      {
        phase: 'Pending',
        containerStatuses: [
          container('weka', false, { reason: 'CreateContainerConfigError', message: 'secret "x" not found' }),
        ],
      },
      'failed: Container weka: secret "x" not found',
    ],
  ])('is told from its status: %j', (status, words) => {
    expect(healthOfA('v1 Pod', { status })).toBe(words);
  });
});

describe('health of storage and network objects', () => {
  it.each([
    ['v1 PersistentVolumeClaim', {}, { phase: 'Bound' }, 'current: It is bound to a volume'],
    ['v1 PersistentVolumeClaim', {}, { phase: 'Pending' }, 'progressing: It waits for a volume'],
    ['v1 PersistentVolumeClaim', {}, { phase: 'Lost' }, 'failed: The volume that it was bound to is gone'],
    ['v1 PersistentVolume', {}, { phase: 'Available' }, 'current: It is free'],
    ['v1 PersistentVolume', {}, { phase: 'Bound' }, 'current: It is bound to a claim'],
    ['v1 PersistentVolume', {}, { phase: 'Released' }, 'current: Its claim is gone; its data is kept'],
    ['v1 PersistentVolume', {}, { phase: 'Failed', message: 'no plugin' }, 'failed: no plugin'],
    ['v1 Service', { type: 'ClusterIP' }, {}, 'current: It exists'],
    ['v1 Service', { type: 'LoadBalancer' }, {}, 'progressing: It waits for an address from a load balancer'],
    [
      'v1 Service',
      { type: 'LoadBalancer' },
      { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
      'current: Its address is 192.0.2.7',
    ],
    [
      'networking.k8s.io/v1 Ingress',
      {},
      { loadBalancer: {} },
      'progressing: It waits for an address from an ingress controller',
    ],
    [
      'networking.k8s.io/v1 Ingress',
      {},
      { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
      'current: Its address is lb.example.com',
    ],
    ['policy/v1 PodDisruptionBudget', {}, {}, 'progressing: Its controller has not seen it yet'],
    [
      'policy/v1 PodDisruptionBudget',
      {},
      { observedGeneration: 2, desiredHealthy: 3, currentHealthy: 2, expectedPods: 4 },
      'progressing: It asks for 3 healthy pods and has 2',
    ],
    [
      'policy/v1 PodDisruptionBudget',
      {},
      { observedGeneration: 2, desiredHealthy: 1, currentHealthy: 2, expectedPods: 2 },
      'current: It asks for 1 healthy pod and has 2',
    ],
    [
      'policy/v1 PodDisruptionBudget',
      {},
      { observedGeneration: 2, desiredHealthy: 0, currentHealthy: 0, expectedPods: 0 },
      'current: It matches no pod',
    ],
  ])('%s with spec %j and status %j', (type, spec, status, words) => {
    expect(healthOfA(type, { spec, status })).toBe(words);
  });
});
