import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import { PUBLIC, cluster, handMade, image } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  NEWER_KERNEL,
  published,
  says,
  target,
  withPackage,
  withPolicy,
  World,
} from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

describe('a package that a pod has published', () => {
  it('is pinned at first sight, and nodes are asked to load it from the address of the Service', () => {
    const world = withPolicy();
    world.apply();
    world.end('build', published());
    const decision = world.apply();
    expect(cellsOf(decision)).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(decision.lock.packages).toMatchObject([
      {
        service: 'weka/drivers-dist',
        package: aPackage(),
        origin: { kind: 'builder' },
        commit: 'c'.repeat(40),
      },
    ]);
    expect(asked(decision)).toEqual({
      'node-a': [
        `load drivers of 4.4.5 for ${KERNEL} (sha256:aaaaaaaaaaaa…) from drivers-dist.weka.svc.cluster.local`,
      ],
      'node-b': expect.anything(),
    });
    expect(world.intent('node-a')).toMatchObject({
      schemaVersion: 1,
      generation: 1,
      drivers: {
        package: aPackage(),
        owner: 'WekaCluster weka/demo',
        replace: 'never',
        from: [{ url: 'https://10.96.0.7:60002', serverName: 'drivers-dist.weka.svc.cluster.local' }],
      },
    });
  });

  it('changes nothing in the passes after it', () => {
    const world = withPackage();
    const before = JSON.stringify([...world.intents]);
    const decision = world.apply();
    expect(asked(decision)).toEqual({});
    expect(podsOf(decision)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`]);
    expect(JSON.stringify([...world.intents])).toBe(before);
    expect(decision.lock).toBe(world.input().lock);
  });

  it('is not believed where another program applied the pod', () => {
    const world = withPolicy();
    world.apply();
    world.end('build', published());
    const [pod] = world.workPods('build');
    if (pod === undefined) throw new Error('Nothing builds.');
    world.add({
      ...pod,
      metadata: { ...pod.metadata, managedFields: [{ manager: 'kubectl', operation: 'Apply' }] },
    });
    expect(world.decide().lock.packages).toEqual([]);
  });

  it.each([
    ['another kernel', published(aPackage(target('4.4.5', NEWER_KERNEL)))],
    ['another version', published(aPackage(target('4.4.4')))],
  ])('is not taken where it is for %s than the pod', (_, result) => {
    const world = withPolicy();
    world.apply();
    world.end('build', result);
    const decision = world.decide();
    expect(decision.lock.packages).toEqual([]);
    expect(decision.seen.cells[0]).toMatchObject({ state: 'failed' });
    expect(decision.seen.cells[0]?.why).toContain('something else');
  });

  it('is not taken where whoever fetched brought other bytes than it was told', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.end('fetch', published(aPackage(target(), 'b')));
    expect(world.decide().lock.packages).toEqual([]);
  });

  it('stays pinned and in use where another one is offered, until a person accepts it', () => {
    const world = withPackage();
    world.end('build', published(aPackage(target(), 'b')));
    const decision = world.apply();
    expect(cellsOf(decision)[0]).toContain('changed 4.4.5');
    expect(decision.seen.cells[0]?.why).toContain('sha256:bbbbbbbbbbbb… in place of sha256:aaaaaaaaaaaa…');
    expect(decision.lock.packages).toMatchObject([{ package: aPackage() }]);
    expect(world.intent('node-a')?.drivers?.package.sha256).toBe('a'.repeat(64));
  });

  it('is not doubted because a builder has made other bytes than the registry has', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.5'),
      ...handMade({ builder: { image: image('4.4.5') } }),
    };
    const world = new World(files, { 'node-a': says('node-a') });
    world.apply();
    world.end('build', published(aPackage(target(), 'b')));
    const origin = { kind: 'registry' as const, url: 'https://drivers.weka.io/dist/v1/drivers/x' };
    world.lock = {
      schemaVersion: 1,
      packages: [{ service: 'weka/drivers-dist', package: aPackage(), origin, commit: '' }],
    };
    expect(world.decide().seen.cells[0]).toMatchObject({ state: 'pre-built' });
  });

  it('halts likewise where the registry that it came from has another one by now', () => {
    const world = new World(
      { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) },
      { 'node-a': says('node-a') },
    );
    world.registry = () => has();
    world.apply();
    world.registry = () => has(aPackage(target(), 'b'));
    const decision = world.apply();
    expect(cellsOf(decision)).toEqual([`changed 4.4.5/${KERNEL}/x86_64 at ${PUBLIC} for node-a`]);
    expect(world.intent('node-a')?.drivers?.package.sha256).toBe('a'.repeat(64));
  });
});

describe('a package that the service has lost', () => {
  function missing(generation = 1): DriversReport & { generation: number } {
    const wanted = { version: '4.4.5', sha256: 'a'.repeat(64) };
    return { state: 'failed', code: 'PACKAGE_MISSING', wanted, modules: [], cached: [], generation };
  }

  it('is built again, once, and whoever missed it looks again', () => {
    const world = withPackage();
    const see = (generation: number) =>
      world.see({ 'node-a': says('node-a', { drivers: missing(), generation }), 'node-b': says('node-b') });
    see(1);
    const again = world.apply();
    expect(again.pods[0]).toMatchObject({ again: 'The service has it no more, say the agents of node-a.' });
    expect(cellsOf(again)[0]).toContain('building 4.4.5');
    expect(podsOf(world.apply())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`,
    ]);
    expect(world.intent('node-a')?.generation).toBe(1);
    world.end('build', published());
    const back = world.apply();
    expect(podsOf(back)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`]);
    expect(asked(back)).toEqual({ 'node-a': [`look again for ${aPackage().file}`] });
    expect(world.intent('node-a')?.generation).toBe(2);
    // The report of before answers another intent than the live one.
    const quiet = world.apply();
    expect(asked(quiet)).toEqual({});
    expect(quiet.pods[0]?.again).toBeUndefined();
    see(2);
    expect(world.decide().pods[0]?.again).toBeDefined();
  });

  it('is fetched again from where it came from, whatever the registry says by now', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.end('fetch', published());
    world.apply();
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    world.see({ 'node-a': says('node-a', { drivers: missing(), generation: 1 }), 'node-b': says('node-b') });
    const decision = world.decide();
    expect(podsOf(decision)).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers (again)`]);
    expect(decision.pods[0]?.package).toEqual(aPackage());
  });
});
