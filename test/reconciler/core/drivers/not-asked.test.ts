import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import { decideDrivers } from '../../../../reconciler/core/drivers/decide.ts';
import type { DriversDecision } from '../../../../reconciler/core/drivers/decision.ts';
import { cluster, PUBLIC } from './build-manifests.ts';
import { aPackage, has, KERNEL, published, says, withPolicy, World } from './build-world.ts';
import { cellsOf, podsOf } from './decision-words.ts';

const MIRROR = 'https://mirror.example.com';
const REFUSED = `Packages of drivers may not come from ${PUBLIC}: ceilings.driverRegistries of the configuration does not name it.`;

/** What is decided where the configuration names these registries alone. */
function decideWithin(world: World, registries: readonly string[]): DriversDecision {
  return decideDrivers({ ...world.input(), registries, answers: world.answers() });
}

/** Nodes that have what a service of others had. */
function withDirectPackage(): World {
  const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
  const world = new World(files, { 'node-a': says('node-a') });
  world.registry = () => has();
  world.apply();
  return world;
}

describe('a registry that may not be asked', () => {
  it('says why, and what to do about it, where nobody else has the build', () => {
    const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
    const world = new World(files, { 'node-a': says('node-a') });
    world.registry = () => ({ state: 'not-asked', why: 'It may not be asked.', hint: 'Name it.' });
    expect(world.decide().seen.cells).toMatchObject([
      { state: 'missing', why: 'It may not be asked.', hint: 'Name it.' },
    ]);
  });

  it('leaves the build to a builder, unless another pass may ask', () => {
    const world = withPolicy();
    const why = 'It was not asked.';
    world.registry = () => ({ state: 'not-asked', why });
    const decision = world.decide();
    expect(podsOf(decision)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers`]);
    expect(decision.seen.cells[0]).toMatchObject({ state: 'building' });
    expect(decision.seen.cells[0]).not.toHaveProperty('why');
    world.registry = () => ({ state: 'not-asked', why, isForNow: true });
    expect(world.decide()).toMatchObject({
      pods: [],
      seen: {
        cells: [{ state: 'missing', why: `${why} Nothing is built while the registry may have it ready.` }],
      },
    });
  });
});

describe('a registry that the configuration names no more', () => {
  it('is no source of nodes that ask anew, and those that have asked keep what they were told', () => {
    const world = withDirectPackage();
    const before = world.intents.get('node-a');
    world.see({ 'node-a': says('node-a'), 'node-b': says('node-b') });
    expect(decideWithin(world, [PUBLIC]).intents.map(({ node }) => node)).toEqual(['node-a', 'node-b']);
    const decision = decideWithin(world, [MIRROR]);
    expect(decision.intents.map(({ node, object }) => [node, object['data']])).toEqual([
      ['node-a', before?.['data']],
    ]);
    expect(decision.seen.nodes).toMatchObject([
      { node: 'node-a', why: REFUSED },
      { node: 'node-b', why: REFUSED },
    ]);
  });

  it('is not fetched from again when the service has lost its package', () => {
    const world = withPolicy({ 'node-a': says('node-a'), 'node-b': says('node-b') });
    world.registry = () => has();
    world.apply();
    world.end('fetch', published());
    world.apply();
    const { version, sha256 } = aPackage();
    const lost: DriversReport = {
      wanted: { version, sha256 },
      state: 'failed',
      modules: [],
      cached: [],
      code: 'PACKAGE_MISSING',
      message: 'The service has no such package.',
    };
    const { generation } = world.intent('node-a')!;
    world.see({ 'node-a': says('node-a', { drivers: lost, generation }), 'node-b': says('node-b') });
    expect(cellsOf(decideWithin(world, [PUBLIC]))[0]).toMatch(/^fetching/);
    const decision = decideWithin(world, [MIRROR]);
    expect(decision.seen.cells[0]).toMatchObject({
      state: 'missing',
      why: REFUSED,
      hint: `Name one of ${MIRROR}, or add ${PUBLIC} there if nodes may load what is there.`,
    });
    expect(podsOf(decision).filter((pod) => !pod.endsWith('(stays)'))).toEqual([]);
  });
});

describe('a Service of the cluster that the repository does not make', () => {
  it('is no source, even where its package is pinned', () => {
    const world = withPolicy();
    world.apply();
    world.end('build', published());
    world.apply();
    delete world.files['policy.yaml'];
    world.see({ 'node-a': says('node-a'), 'node-c': says('node-c') });
    const why = `Service weka/drivers-dist is none that this repository makes, and ceilings.driverRegistries of the configuration does not name https://drivers-dist.weka.svc.cluster.local:60002.`;
    const decision = world.decide();
    expect(decision.seen.nodes.find(({ node }) => node === 'node-c')).toMatchObject({ why });
    expect(decision.intents.map(({ node }) => node)).not.toContain('node-c');
  });
});
