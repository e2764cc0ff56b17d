import { describe, expect, it } from 'vitest';
import {
  aConfigMap,
  aDeployment,
  aJob,
  anObject,
  aPod,
  applied,
  podSpec,
} from '../../../../support/objects.ts';
import { plannedReasons, plannedRisks, risksOf } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const seen = (status: Json) => ({ status: { observedGeneration: 1, ...status } });
const labels = { app: 'db' };

function deployment(image: string, spec: Json = {}, replicas = 3) {
  const object = aDeployment('web', { replicas, container: { image } });
  return { ...object, spec: { ...(object['spec'] as Json), ...spec } };
}

function workload(kind: 'StatefulSet' | 'DaemonSet', image: string, spec: Json = {}) {
  return anObject(`apps/v1/${kind}`, 'db', {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec({ container: { image } }) },
      ...spec,
    },
  });
}

/** Risks of a new image in a Deployment with `spec` and so many running pods. */
const ofDeployment = (spec: Json, running = 3, replicas = 3) =>
  plannedRisks(
    [deployment('b', spec, replicas)],
    [applied(deployment('a', spec, replicas), seen({ replicas: running }))],
  );

const rolling = (maxUnavailable: unknown, maxSurge: unknown) => ({
  strategy: { rollingUpdate: { maxUnavailable, maxSurge } },
});

describe('a new template of a Deployment', () => {
  it.each<[string, Json, number, number, readonly string[]]>([
    [
      'by a quarter by default',
      {},
      8,
      8,
      ['8 pods of Deployment weka/web, RollingUpdate, at most 2 down at once'],
    ],
    [
      'never below what was asked for',
      {},
      3,
      3,
      ['3 pods of Deployment weka/web, RollingUpdate, none down before its successor is ready'],
    ],
    [
      'one by one',
      rolling(1, 0),
      3,
      3,
      ['3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once'],
    ],
    [
      'one by one where nothing else would let it begin',
      rolling('10%', 0),
      3,
      3,
      ['3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once'],
    ],
    [
      'all at once where all may be down',
      rolling('100%', 0),
      3,
      3,
      ['3 pods of Deployment weka/web, RollingUpdate, all down at once'],
    ],
    [
      'all at once before new ones are made',
      { strategy: { type: 'Recreate' } },
      3,
      3,
      ['3 pods of Deployment weka/web, Recreate, all down at once'],
    ],
    [
      'the pods that run, and not those that are asked for',
      rolling(1, 0),
      2,
      3,
      ['2 pods of Deployment weka/web, RollingUpdate, at most 1 down at once'],
    ],
    ['none where none runs', {}, 0, 3, []],
    ['none while it is paused', { paused: true }, 3, 3, []],
  ])('restarts %s', (_what, spec, running, replicas, evidence) => {
    expect(ofDeployment(spec, running, replicas)).toEqual(evidence.map((each) => `restart: ${each}`));
  });

  it('expects the pods that are asked for before the controller has seen it', () => {
    const live = applied(deployment('a', rolling(1, 0)));
    expect(plannedRisks([deployment('b', rolling(1, 0))], [live])).toEqual([
      'restart: 3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once',
    ]);
  });

  it('goes by how the manifest has pods replaced from now on', () => {
    const live = applied(deployment('a', { strategy: { type: 'Recreate' } }), seen({ replicas: 3 }));
    expect(plannedRisks([deployment('b')], [live])).toEqual([
      'restart: 3 pods of Deployment weka/web, RollingUpdate, none down before its successor is ready',
    ]);
  });

  it('restarts nothing where it ends them all, or only more of them are asked for', () => {
    const live = applied(deployment('a'), seen({ replicas: 3 }));
    expect(plannedRisks([deployment('b', {}, 0)], [live])).toEqual([
      'restart: all 3 pods of Deployment weka/web',
    ]);
    expect(plannedRisks([deployment('a', {}, 5)], [live])).toEqual([]);
  });

  it('restarts those that stay, beside those that go', () => {
    const live = applied(deployment('a', rolling(1, 0), 5), seen({ replicas: 5 }));
    expect(plannedRisks([deployment('b', rolling(1, 0), 3)], [live])).toEqual([
      'restart: 3 pods of Deployment weka/web, RollingUpdate, at most 1 down at once',
      'restart: 2 of 5 pods of Deployment weka/web',
    ]);
  });

  it('held back by a pause begins when that ends', () => {
    const live = applied(deployment('a', { paused: true }), seen({ replicas: 3, updatedReplicas: 0 }));
    expect(plannedRisks([deployment('a', { paused: false })], [live])).toEqual([
      'restart: 3 pods of Deployment weka/web, RollingUpdate, none down before its successor is ready',
    ]);
    const updated = applied(deployment('a', { paused: true }), seen({ replicas: 3, updatedReplicas: 3 }));
    expect(plannedRisks([deployment('a', { paused: false })], [updated])).toEqual([]);
  });
});

describe('a new template of a StatefulSet', () => {
  const set = (spec: Json, status: Json = { replicas: 3 }) =>
    plannedRisks(
      [workload('StatefulSet', 'b', { replicas: 3, ...spec })],
      [applied(workload('StatefulSet', 'a', { replicas: 3, ...spec }), seen(status))],
    );
  const update = (rollingUpdate: Json) => ({ updateStrategy: { rollingUpdate } });

  it('restarts one pod after the other, from its partition on', () => {
    expect(set({})).toEqual([
      'restart: 3 pods of StatefulSet weka/db, RollingUpdate, at most 1 down at once',
    ]);
    expect(set(update({ partition: 2 }))).toEqual([
      'restart: 1 pod of StatefulSet weka/db, RollingUpdate, at most 1 down at once',
    ]);
    expect(set(update({ partition: 3 }))).toEqual([]);
    expect(set(update({ maxUnavailable: 2 }))).toEqual([
      'restart: 3 pods of StatefulSet weka/db, RollingUpdate, at most 2 down at once',
    ]);
  });

  it('restarts none by itself where that is left to who deletes them', () => {
    expect(set({ updateStrategy: { type: 'OnDelete' } })).toEqual([]);
  });

  it('reaches more pods when the partition goes down', () => {
    const at = (partition: number) => workload('StatefulSet', 'a', { replicas: 3, ...update({ partition }) });
    const status = { replicas: 3, updatedReplicas: 1, currentRevision: 'one', updateRevision: 'two' };
    expect(plannedRisks([at(1)], [applied(at(2), seen(status))])).toEqual([
      'restart: 1 pod of StatefulSet weka/db, RollingUpdate, at most 1 down at once',
    ]);
    const whole = { ...status, updateRevision: 'one' };
    expect(plannedRisks([at(1)], [applied(at(2), seen(whole))])).toEqual([]);
  });
});

describe('a new template of a DaemonSet', () => {
  const set = (updateStrategy: Json, pods = 12) =>
    plannedRisks(
      [workload('DaemonSet', 'b', { updateStrategy })],
      [
        applied(
          workload('DaemonSet', 'a', { updateStrategy }),
          seen({ currentNumberScheduled: pods, desiredNumberScheduled: pods }),
        ),
      ],
    );

  it('restarts its pods as it says', () => {
    expect(set({})).toEqual(['restart: 12 pods of DaemonSet weka/db, RollingUpdate, at most 1 down at once']);
    expect(set({ rollingUpdate: { maxUnavailable: '10%' } })).toEqual([
      'restart: 12 pods of DaemonSet weka/db, RollingUpdate, at most 2 down at once',
    ]);
    expect(set({ rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })).toEqual([
      'restart: 12 pods of DaemonSet weka/db, RollingUpdate, none down before its successor is ready',
    ]);
    expect(set({ type: 'OnDelete' })).toEqual([]);
    expect(set({}, 0)).toEqual([]);
  });
});

describe('other changes', () => {
  const ended = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };

  it('runs a job again whose template changes', () => {
    const job = (image: string) => aJob('format', { container: { image } });
    expect(plannedRisks([job('b')], [applied(job('a'), ended)])).toEqual([
      'restart: Job weka/format, which has ended',
    ]);
    expect(risksOf('replace', applied(job('a'), { status: { active: 2 } }))).toEqual([
      'restart: 2 pods of Job weka/format',
    ]);
  });

  it('starts the containers of a pod anew that get another image, and init containers only where they still run', () => {
    const pod = (image: string, init: string, sidecar: string) =>
      aPod('one', {
        container: { image },
        initContainers: [
          { name: 'init', image: init },
          { name: 'sidecar', image: sidecar, restartPolicy: 'Always' },
        ],
      });
    const live = [applied(pod('a', 'a', 'a'))];
    expect(plannedRisks([pod('b', 'a', 'b')], live)).toEqual([
      'restart: containers main, sidecar of Pod weka/one',
    ]);
    expect(plannedRisks([pod('a', 'b', 'a')], live)).toEqual([]);
    expect(risksOf('replace', applied(pod('a', 'a', 'a')))).toEqual(['restart: Pod weka/one']);
  });

  it('restarts nothing for a ConfigMap that pods read, for a schedule’s template, or for what is new', () => {
    const cron = (image: string) =>
      anObject('batch/v1/CronJob', 'c', {
        spec: {
          schedule: '0 0 * * *',
          jobTemplate: { spec: { template: { spec: podSpec({ container: { image } }) } } },
        },
      });
    expect(plannedRisks([aConfigMap('a', { x: '2' })], [applied(aConfigMap('a', { x: '1' }))])).toEqual([]);
    expect(plannedRisks([cron('b')], [applied(cron('a'))])).toEqual([]);
    expect(plannedRisks([deployment('a')])).toEqual([]);
  });
});

describe('what stops pods for good', () => {
  const reason = 'Its pods are stopped, and not made again';
  const scaled = (from: number, to: number | undefined, status: Json, kind: 'StatefulSet' | 'Deployment') => {
    const at = (replicas: number | undefined) => {
      const spec = replicas === undefined ? {} : { replicas };
      return kind === 'StatefulSet'
        ? workload(kind, 'a', spec)
        : anObject('apps/v1/Deployment', 'web', {
            spec: {
              selector: { matchLabels: labels },
              template: { metadata: { labels }, spec: podSpec() },
              ...spec,
            },
          });
    };
    return [[at(to)], [applied(at(from), seen(status))]] as const;
  };

  it.each<[number, number | undefined, Json, 'StatefulSet' | 'Deployment', readonly string[]]>([
    [3, 0, { replicas: 3 }, 'Deployment', ['restart: all 3 pods of Deployment weka/web']],
    [1, 0, { replicas: 1 }, 'Deployment', ['restart: the only pod of Deployment weka/web']],
    [5, 2, { replicas: 5 }, 'StatefulSet', ['restart: 3 of 5 pods of StatefulSet weka/db']],
    // Without a number Kubernetes has one.
    [5, undefined, { replicas: 5 }, 'Deployment', ['restart: 4 of 5 pods of Deployment weka/web']],
    // It had not got all of them.
    [5, 2, { replicas: 1 }, 'Deployment', []],
    [5, 0, {}, 'Deployment', []],
  ])('is fewer replicas: %j to %j with %j of a %s', (from, to, status, kind, risks) => {
    const situation = scaled(from, to, status, kind);
    expect(plannedRisks(...situation)).toEqual(risks);
    expect(plannedReasons(...situation)).toEqual(risks.map(() => reason));
  });

  it('is that their workload goes', () => {
    expect(risksOf('prune', applied(deployment('a', {}, 50), seen({ replicas: 50 })))).toEqual([
      'restart: all 50 pods of Deployment weka/web',
    ]);
    expect(
      risksOf('prune', applied(workload('DaemonSet', 'a'), seen({ currentNumberScheduled: 4 }))),
    ).toEqual(['restart: all 4 pods of DaemonSet weka/db']);
    expect(risksOf('prune', applied(deployment('a'), seen({ replicas: 0 })))).toEqual([]);
    expect(risksOf('prune', applied(aJob('format'), { status: { active: 2 } }))).toEqual([
      'restart: all 2 pods of Job weka/format',
    ]);
    expect(risksOf('prune', applied(aJob('format'), { status: { succeeded: 1 } }))).toEqual([]);
    expect(risksOf('prune', applied(aPod('one')))).toEqual(['restart: Pod weka/one']);
    expect(risksOf('prune', applied(aPod('one'), { status: { phase: 'Succeeded' } }))).toEqual([]);
  });

  it('is that a schedule goes while its jobs run', () => {
    const cron = anObject('batch/v1/CronJob', 'c', { spec: { schedule: '0 0 * * *' } });
    expect(
      risksOf('prune', applied(cron, { status: { active: [{ name: 'c-1' }, { name: 'c-2' }] } })),
    ).toEqual(['restart: Jobs c-1, c-2 of CronJob weka/c']);
    expect(risksOf('prune', applied(cron))).toEqual([]);
  });
});
