import { describe, expect, it } from 'vitest';
import { RUNNING_KERNEL_ONLY, type DriverResult } from '../../../../schemas/drivers/result.ts';
import { cluster, handMade, image, policy, PUBLIC } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  NEWER_KERNEL,
  node,
  published,
  says,
  target,
  withPackage,
  World,
} from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

/** Sorts before the one that runs. */
const MUCH_NEWER = '6.12.0-1-generic';
const COMING = aPackage(target('4.4.5', NEWER_KERNEL), 'b');

const hasHeaders = (name: string, ...headers: readonly string[]) =>
  says(name, { headers: [KERNEL, ...headers] });

const ONLY_RUNNING: DriverResult = {
  schemaVersion: 1,
  result: 'failed',
  code: RUNNING_KERNEL_ONLY,
  message: `weka driver pack builds for the kernel that runs alone, and ${NEWER_KERNEL} is not booted yet.`,
  hint: 'Put the sources of the drivers into the builder’s image.',
  target: target('4.4.5', NEWER_KERNEL),
};

/** Nodes with the package that they need, of which node-b has the headers of a kernel that it has not booted. */
function upgrading(): World {
  const world = withPackage();
  world.see({ 'node-a': says('node-a'), 'node-b': hasHeaders('node-b', NEWER_KERNEL) });
  return world;
}

const booted = (world: World) =>
  world.see({
    'node-a': says('node-a'),
    'node-b': says('node-b', { kernel: NEWER_KERNEL, generation: 1 }),
  });

describe('a kernel that a node has headers of, and has not booted', () => {
  it('has its drivers built on that node, before anything needs them', () => {
    const world = upgrading();
    const decision = world.apply();
    expect(cellsOf(decision)).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
      `building 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for nobody`,
    ]);
    expect(podsOf(decision)).toContain(`build 4.4.5/${NEWER_KERNEL} on node-b by WekaPolicy/weka/drivers`);
    expect(decision.pods.find(({ target: { kernel } }) => kernel === NEWER_KERNEL)?.isAhead).toBe(true);
    expect(world.decide().pods.every(({ again }) => again === undefined)).toBe(true);
  });

  it('finds them pinned when it is booted, and its node is asked for them at once', () => {
    const world = upgrading();
    world.apply();
    world.end('build', published(COMING));
    const ahead = world.apply();
    expect(cellsOf(ahead)).toContain(`built 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for nobody`);
    expect(ahead.lock.packages.map(({ package: { kernel } }) => kernel)).toEqual([KERNEL, NEWER_KERNEL]);
    expect(asked(ahead)).toEqual({
      'node-b': [
        `keep drivers of 4.4.5 for ${NEWER_KERNEL} (sha256:bbbbbbbbbbbb…) ready, which it has the headers of`,
      ],
    });
    expect(world.intent('node-b')?.drivers).toMatchObject({
      package: aPackage(),
      next: { package: COMING, from: [{ url: 'https://10.96.0.7:60002' }] },
    });
    expect(world.intent('node-b')?.generation).toBe(2);
    expect(asked(world.decide())).toEqual({});

    booted(world);
    const after = world.apply();
    expect(podsOf(after).filter((pod) => !pod.endsWith('(stays)'))).toEqual([]);
    expect(asked(after)['node-b']).toEqual([
      expect.stringContaining(`load drivers of 4.4.5 for ${NEWER_KERNEL} (sha256:bbbbbbbbbbbb…)`),
    ]);
    expect(world.intent('node-b')?.drivers).toMatchObject({ package: COMING });
    expect(world.intent('node-b')?.drivers?.next).toBeUndefined();
  });

  it('is fetched for where the registry has them, and nothing is built', () => {
    const world = upgrading();
    world.registry = ({ target: about }) =>
      about.kernel === NEWER_KERNEL ? has(COMING) : { state: 'has-not' };
    expect(podsOf(world.apply())).toContain(`fetch 4.4.5/${NEWER_KERNEL} by WekaPolicy/weka/drivers`);
    world.end('fetch', published(COMING));
    expect(cellsOf(world.apply())).toContain(
      `pre-built 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for nobody`,
    );
  });

  it('is pinned for where nodes take packages from a registry of others, which has them', () => {
    const world = new World(
      { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) },
      { 'node-a': hasHeaders('node-a', NEWER_KERNEL) },
    );
    world.registry = ({ target: about }) => has(aPackage(about, about.kernel === KERNEL ? 'a' : 'b'));
    expect(world.apply().lock.packages.map(({ package: { kernel } }) => kernel)).toEqual([
      KERNEL,
      NEWER_KERNEL,
    ]);
  });

  it('is waited for where only the vendor’s command would build, and is built for once it runs', () => {
    const world = upgrading();
    world.apply();
    world.end('build', ONLY_RUNNING);
    const waiting = world.apply();
    expect(waiting.seen.cells[1]).toMatchObject({
      state: 'coming',
      code: RUNNING_KERNEL_ONLY,
      why: ONLY_RUNNING.result === 'failed' ? ONLY_RUNNING.message : '',
    });
    expect(waiting.pods.every(({ again }) => again === undefined)).toBe(true);

    booted(world);
    const after = world.apply();
    expect(podsOf(after)).toContain(
      `build 4.4.5/${NEWER_KERNEL} on node-b by WekaPolicy/weka/drivers (again)`,
    );
    const again = after.pods.find((pod) => pod.again !== undefined);
    expect(again).toMatchObject({
      again: 'It could build only for a kernel that runs, and node-b runs it by now.',
    });
    expect(again?.isAhead).toBeUndefined();
  });

  it('is built for again elsewhere where its node will not boot it after all', () => {
    const world = upgrading();
    world.apply();
    world.see({ 'node-a': hasHeaders('node-a', NEWER_KERNEL), 'node-b': says('node-b') });
    const decision = world.decide();
    expect(podsOf(decision)).toContain(
      `build 4.4.5/${NEWER_KERNEL} on node-a by WekaPolicy/weka/drivers (again)`,
    );
    // Where nobody will, nobody needs it.
    world.see({ 'node-a': says('node-a'), 'node-b': says('node-b') });
    expect(world.decide().pods.map(({ target: { kernel } }) => kernel)).toEqual([KERNEL]);
  });

  it('goes on being built for while it is booted', () => {
    const world = upgrading();
    world.apply();
    booted(world);
    expect(podsOf(world.decide())).toContain(
      `build 4.4.5/${NEWER_KERNEL} on node-b by WekaPolicy/weka/drivers (stays)`,
    );
  });

  it('says what to do where no builder may stand on the node that has the headers', () => {
    const world = upgrading();
    world.files['policy.yaml'] = policy('drivers', { nodeSelectors: [{ builds: 'yes' }] });
    world.see({ 'node-a': says('node-a'), 'node-b': hasHeaders('node-b', NEWER_KERNEL) }, [
      node('node-a', { labels: { 'kubernetes.io/os': 'linux', builds: 'yes' } }),
    ]);
    expect(world.decide().seen.cells[1]).toMatchObject({
      state: 'coming',
      why: expect.stringMatching(
        /chooses no node that has the headers of 6\.8\.0-50-generic: node-b does\.$/,
      ),
    });
  });
});

describe('what a node is told to keep for the kernel that it will boot', () => {
  it('goes when it will not boot that after all', () => {
    const world = upgrading();
    world.apply();
    world.end('build', published(COMING));
    world.apply();
    world.see({ 'node-a': says('node-a'), 'node-b': says('node-b') });
    expect(asked(world.apply())).toEqual({ 'node-b': ['keep no drivers for another kernel any more'] });
    expect(world.intent('node-b')?.drivers).toMatchObject({ package: aPackage() });
  });

  it('is what others run already, where it has the headers of their kernel', () => {
    const world = withPackage();
    world.see({ 'node-a': says('node-a', { kernel: NEWER_KERNEL }), 'node-b': says('node-b') });
    world.apply();
    world.end('build', published(COMING));
    world.apply();
    world.see({
      'node-a': says('node-a', { kernel: NEWER_KERNEL }),
      'node-b': hasHeaders('node-b', NEWER_KERNEL),
    });
    expect(asked(world.apply())['node-b']).toEqual([
      expect.stringMatching(/^keep drivers of 4\.4\.5 for 6\.8\.0-50/),
    ]);
  });

  it('is nothing where the vendor’s command loads, which has its own packages', () => {
    const world = upgrading();
    world.apply();
    world.end('build', published({ ...COMING, file: 'weka-driver-a-b.zip', layout: 'vendor' }));
    expect(asked(world.apply())).toEqual({});
  });
});

describe('a container that builds one thing at a time', () => {
  const manifests = {
    'cluster.yaml': cluster('demo', '4.4.5'),
    ...handMade({ builder: { image: image('4.4.5') } }),
  };
  const running = `build 4.4.5/${KERNEL} on node-a by WekaContainer/weka/builder`;
  const ahead = `build 4.4.5/${MUCH_NEWER} on node-a by WekaContainer/weka/builder`;

  it('builds what nodes need first, and then what they will need', () => {
    const world = new World(manifests, { 'node-a': hasHeaders('node-a', MUCH_NEWER) });
    expect(podsOf(world.apply())).toEqual([running]);
    expect(podsOf(world.apply())).toEqual([`${running} (stays)`]);
    world.end('build', published());
    expect(podsOf(world.apply())).toEqual([`${ahead} (again)`]);
    world.end('build', published(aPackage(target('4.4.5', MUCH_NEWER), 'b')));
    expect(cellsOf(world.apply())).toEqual([
      `built 4.4.5/${MUCH_NEWER}/x86_64 at weka/drivers-dist for nobody`,
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a`,
    ]);
    expect(podsOf(world.apply())).toEqual([`${ahead} (stays)`]);
  });

  it('leaves what nodes will need for what they need now', () => {
    const world = new World(manifests, { 'node-a': hasHeaders('node-a', MUCH_NEWER) });
    world.apply();
    world.end('build', published());
    world.apply();
    world.see({
      'node-a': hasHeaders('node-a', MUCH_NEWER),
      'node-b': says('node-b', { kernel: NEWER_KERNEL }),
    });
    expect(podsOf(world.apply())).toEqual([
      `build 4.4.5/${NEWER_KERNEL} on node-b by WekaContainer/weka/builder (again)`,
    ]);
    expect(world.decide().seen.cells[0]).toMatchObject({
      state: 'building',
      why: expect.stringMatching(/^It waits for WekaContainer weka\/builder/),
    });
  });
});
