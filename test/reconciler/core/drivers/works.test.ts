import { describe, expect, it } from 'vitest';
import { cluster, handMade, image, policy } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  neverSaid,
  NEWER_KERNEL,
  node,
  published,
  says,
  target,
  withPackage,
  withPolicy,
  World,
} from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

describe('a pod at work', () => {
  it('that failed is told with its last lines, and stays, since it is tried again by itself', () => {
    const world = withPolicy();
    world.apply();
    const lastLines = ['wekafsio.c:12: error: implicit declaration of function'];
    const message = {
      schemaVersion: 1,
      result: 'failed',
      code: 'COMPILE',
      message: 'The compiler failed.',
      lastLines,
    };
    world.end('build', '', {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'weka-container',
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, message: JSON.stringify(message) } },
        },
      ],
    });
    const decision = world.decide();
    expect(decision.seen.cells[0]).toMatchObject({
      state: 'failed',
      why: 'It failed with COMPILE: The compiler failed.',
      lastLines,
    });
    expect(podsOf(decision)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`]);
  });

  it.each([
    [
      'nonsense in its message',
      { terminated: { exitCode: 3, message: 'nonsense' } },
      'It ended with exit code 3, and left no result that can be read.',
    ],
    [
      'no memory left',
      { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      'It ended with exit code 137 (OOMKilled), and left no result that can be read.',
    ],
  ])('that ended with %s has failed', (_, state, why) => {
    const world = withPolicy();
    world.apply();
    world.end('build', '', { phase: 'Running', containerStatuses: [{ name: 'weka-container', state }] });
    expect(world.decide().seen.cells[0]).toMatchObject({ state: 'failed', why });
  });

  it('that waits says what for', () => {
    const world = withPolicy();
    world.apply();
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } };
    world.end('build', '', { phase: 'Pending', containerStatuses: [{ name: 'weka-container', state }] });
    expect(world.decide().seen.cells[0]).toMatchObject({
      state: 'building',
      why: 'ImagePullBackOff: Back-off pulling image.',
    });
  });

  it('is made anew where it was evicted, its node is gone, or that runs another kernel by now', () => {
    const world = withPolicy();
    world.apply();
    world.end('build', '', {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
    });
    expect(world.decide().pods[0]?.again).toBe(
      'It ended before it was done: The node was low on resource: memory.',
    );
    const gone = withPolicy();
    gone.apply();
    gone.see({ 'node-b': says('node-b') });
    expect(gone.decide().pods[0]).toMatchObject({ node: 'node-b', again: 'Its node node-a is gone.' });
    const booted = withPolicy();
    booted.apply();
    booted.see({ 'node-a': says('node-a', { kernel: NEWER_KERNEL }), 'node-b': says('node-b') });
    expect(booted.decide().pods.find(({ target: about }) => about.kernel === KERNEL)).toMatchObject({
      node: 'node-b',
      again: `Its node node-a runs ${NEWER_KERNEL} by now.`,
    });
  });

  it('that was to build goes by itself where what it was for is fetched by now', () => {
    const world = withPolicy();
    world.apply();
    world.end('build', 'evicted', { phase: 'Failed' });
    world.registry = () => has();
    const { pods } = world.decide();
    expect(pods).toMatchObject([{ does: 'fetch' }]);
    expect(pods[0]).not.toHaveProperty('live');
    expect(pods[0]).not.toHaveProperty('again');
  });

  it('goes when nobody needs it any more, and stays while a manifest cannot be read', () => {
    const world = withPackage();
    world.files = { 'policy.yaml': policy() };
    expect(podsOf(world.decide())).toEqual([]);
    world.files['cluster.yaml'] = 'kind: WekaCluster\nspec: [';
    expect(podsOf(world.decide())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`,
    ]);
  });
});

describe('a container that builds', () => {
  it('builds one thing after the other in its one pod', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.5'),
      ...handMade({ builder: { image: image('4.4.5') } }),
    };
    const world = new World(files, {
      'node-a': says('node-a'),
      'node-b': says('node-b', { kernel: NEWER_KERNEL }),
    });
    const first = world.apply();
    expect(podsOf(first)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaContainer/weka/builder`]);
    expect(first.seen.cells.map(({ state, why }) => [state, why])).toEqual([
      ['building', undefined],
      ['building', expect.stringMatching(/^It waits for WekaContainer weka\/builder/)],
    ]);
    expect(podsOf(world.apply())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaContainer/weka/builder (stays)`,
    ]);
    world.end('build', published());
    const next = world.apply();
    expect(podsOf(next)).toContain(
      `build 4.4.5/${NEWER_KERNEL} on node-b by WekaContainer/weka/builder (again)`,
    );
    expect(asked(next)).toHaveProperty('node-a');
    world.end('build', published(aPackage(target('4.4.5', NEWER_KERNEL), 'b')));
    expect(cellsOf(world.apply())).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a`,
      `built 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for node-b`,
    ]);
    expect(podsOf(world.apply())).toEqual([
      `build 4.4.5/${NEWER_KERNEL} on node-b by WekaContainer/weka/builder (stays)`,
    ]);
  });

  it('has nothing to do where the registry has what it would build', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.5'),
      ...handMade({ builder: { image: image('4.4.5') } }),
    };
    const world = new World(files, { 'node-a': says('node-a') });
    world.registry = () => has();
    const decision = world.decide();
    expect(podsOf(decision)).toEqual([`fetch 4.4.5/${KERNEL} by WekaContainer/weka/dist`]);
    expect([...decision.builders]).toEqual(['weka.weka.io/v1alpha1/WekaContainer/weka/builder']);
  });

  it('that was made before the kernel of its node was known is taken to build for that', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.5'),
      ...handMade({ builder: { image: image('4.4.5') } }),
    };
    const world = new World(files, { 'node-a': says('node-a') });
    world.add({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'builder',
        namespace: 'weka',
        annotations: {
          'weka-gitops.dev/driver-work': JSON.stringify({
            does: 'build',
            service: 'weka/drivers-dist',
            owner: 'weka.weka.io/v1alpha1/WekaContainer/weka/builder',
          }),
        },
        managedFields: [{ manager: 'weka-gitops', operation: 'Apply' }],
      },
      spec: { nodeName: 'node-a', containers: [{ name: 'weka-container' }] },
      status: { phase: 'Running', containerStatuses: [{ name: 'weka-container', state: { running: {} } }] },
    });
    expect(podsOf(world.apply())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaContainer/weka/builder (stays)`,
    ]);
    world.end('build', published());
    expect(cellsOf(world.decide())).toEqual([`built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a`]);
  });

  it('builds for its node though no cluster asks for anything', () => {
    const world = new World(handMade({ builder: { image: image('4.4.5'), nodeAffinity: 'node-b' } }), {
      'node-a': says('node-a'),
      'node-b': says('node-b', { kernel: NEWER_KERNEL }),
    });
    const decision = world.decide();
    expect(podsOf(decision)).toEqual([`build 4.4.5/${NEWER_KERNEL} on node-b by WekaContainer/weka/builder`]);
    expect(cellsOf(decision)).toEqual([
      `building 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for nobody`,
    ]);
  });
});

describe('a policy', () => {
  it('builds the images that it names for each kernel of its nodes, and tells of those', () => {
    const files = {
      'policy.yaml': policy('drivers', {
        ensureImages: [image('4.4.6')],
        nodeSelectors: [{ gets: 'drivers' }],
      }),
    };
    const world = new World(files, {});
    const labels = { 'kubernetes.io/os': 'linux', gets: 'drivers' };
    const names = {
      'node-a': says('node-a'),
      'node-b': says('node-b', { kernel: NEWER_KERNEL }),
      'node-c': neverSaid('node-c'),
    };
    world.see(names, [node('node-b', { labels })]);
    const decision = world.decide();
    expect(podsOf(decision)).toEqual([`build 4.4.6/${NEWER_KERNEL} on node-b by WekaPolicy/weka/drivers`]);
    expect([...decision.policies.values()]).toEqual([
      {
        service: 'weka/drivers-dist',
        images: [image('4.4.6')],
        nodes: [
          {
            name: 'node-b',
            kernel: NEWER_KERNEL,
            architecture: 'x86_64',
            os: 'Debian GNU/Linux 12 (bookworm)',
          },
        ],
      },
    ]);
  });
});
