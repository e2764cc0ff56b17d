import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import { client, cluster, policy } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  neverSaid,
  NEWER_KERNEL,
  published,
  saidOnce,
  says,
  target,
  withPackage,
  withPolicy,
  World,
} from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

function loaded(letter = 'a', version = '4.4.5'): DriversReport {
  const sha256 = letter.repeat(64);
  return {
    wanted: { version, sha256 },
    state: 'loaded',
    loaded: { version, sha256, kernel: KERNEL },
    modules: [],
    cached: [sha256],
  };
}

describe('a node', () => {
  it('whose report does not count keeps the intent that it has, and gets none', () => {
    const world = withPackage();
    const before = world.intent('node-a');
    world.files['cluster.yaml'] = cluster('demo', '4.4.6');
    world.see({
      'node-a': saidOnce('node-a'),
      'node-b': says('node-b', { drivers: loaded(), generation: 1 }),
    });
    world.apply();
    world.end('build', published(aPackage(target('4.4.6'), 'b')));
    const decision = world.apply(undefined, true);
    expect(Object.keys(asked(decision))).toEqual(['node-b']);
    expect(world.intent('node-a')).toEqual(before);
    expect(decision.seen.nodes[0]).toMatchObject({ node: 'node-a', why: 'node-a is not ready.' });
  });

  it('that no agent has ever reported on is in the matrix by what its kubelet says, and is asked nothing', () => {
    const world = withPolicy();
    world.see({ 'node-a': says('node-a'), 'node-c': neverSaid('node-c') });
    world.apply();
    world.end('build', published());
    const decision = world.decide();
    expect(cellsOf(decision)).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-c`,
    ]);
    expect(Object.keys(asked(decision))).toEqual(['node-a']);
    expect(decision.seen.nodes[1]?.why).toBe(
      'No agent has reported on node-c yet, so that it is asked for nothing.',
    );
  });

  it('is asked nothing while the Service has no address', () => {
    const world = withPolicy();
    world.live.clear();
    world.apply();
    world.end('build', published());
    const decision = world.decide();
    expect(asked(decision)).toEqual({});
    expect(decision.seen.nodes[0]?.why).toBe('Service weka/drivers-dist is not there yet.');
  });

  it('keeps its drivers when the manifest that asks for them goes', () => {
    const world = withPackage();
    const before = world.intent('node-a');
    world.files = {};
    const decision = world.apply();
    expect(world.intent('node-a')).toEqual(before);
    expect(decision.intents.map(({ does, source }) => [does, source])).toEqual([
      [[], undefined],
      [[], undefined],
    ]);
  });

  it('keeps what a manifest asked for that cannot be read, though another one would have something else', () => {
    const world = new World(
      {
        'cluster.yaml': cluster('demo', '4.4.5'),
        'client.yaml': client('apps', '4.4.6'),
        'policy.yaml': policy(),
      },
      { 'node-a': says('node-a') },
    );
    world.lock = {
      schemaVersion: 1,
      packages: ['4.4.5', '4.4.6'].map((version) => ({
        service: 'weka/drivers-dist',
        package: aPackage(target(version)),
        origin: { kind: 'builder', pod: 'v1/Pod/weka/b' },
        commit: 'c'.repeat(40),
      })),
    };
    world.apply();
    expect(world.intent('node-a')?.drivers?.owner).toBe('WekaClient weka/apps');
    world.files['client.yaml'] = client('apps', '4.4.6', { nonsense: true });
    const broken = world.apply();
    expect(world.intent('node-a')?.drivers?.owner).toBe('WekaClient weka/apps');
    expect(broken.seen.nodes[0]?.why).toContain('It keeps what WekaClient weka/apps asked for');
    delete world.files['client.yaml'];
    world.apply();
    expect(world.intent('node-a')?.drivers?.owner).toBe('WekaCluster weka/demo');
  });

  it('that is asked for other modules than it has loaded replaces them only with consent', () => {
    const world = withPackage();
    world.see({ 'node-a': says('node-a', { drivers: loaded(), generation: 1 }) });
    world.files['cluster.yaml'] = cluster('demo', '4.4.6');
    world.apply();
    world.end('build', published(aPackage(target('4.4.6'), 'b')));
    const upgrade = world.apply();
    expect(upgrade.intents[0]).toMatchObject({
      replaces: true,
      from: '4.4.5',
      to: '4.4.6',
      source: 'cluster.yaml:1',
    });
    expect(upgrade.intents[0]?.does).toContain('replace the modules of 4.4.5, once nothing uses them');
    expect(world.intent('node-a')?.drivers?.package.version).toBe('4.4.5');
    world.apply(undefined, true);
    expect(world.intent('node-a')).toMatchObject({
      generation: 2,
      drivers: { package: { version: '4.4.6' }, replace: 'unused' },
    });
    const after = world.decide();
    expect(after.intents[0]?.allowed).toBeUndefined();
    expect(after.intents[0]?.does).toEqual([]);
    world.apply(after);
    expect(world.intent('node-a')?.generation).toBe(2);
    world.files['cluster.yaml'] = cluster(
      'demo',
      '4.4.6',
      {},
      { annotations: { 'weka-gitops.dev/drain-drivers': 'true' } },
    );
    const drained = world.decide();
    expect(drained.intents[0]?.allowed).toBeDefined();
    expect(drained.intents[0]?.does).toEqual([
      'replace the modules of 4.4.5, once what uses them was told to let go',
    ]);
    world.apply(undefined, true);
    expect(world.intent('node-a')?.drivers?.replace).toBe('drain');
    world.files['cluster.yaml'] = cluster('demo', '4.4.6');
    world.apply();
    expect(world.intent('node-a')?.drivers?.replace).toBe('unused');
  });

  it('with modules that somebody else has loaded is asked to compare them first', () => {
    const world = withPolicy({ 'node-a': says('node-a'), 'node-b': says('node-b') });
    world.apply();
    world.end('build', published());
    expect(world.apply().intents[0]).toMatchObject({ replaces: false });
    const modules = [{ name: 'wekafsio', state: 'other' as const }];
    const other = {
      state: 'refused' as const,
      code: 'OTHER_LOADED',
      wanted: { version: '4.4.5', sha256: 'a'.repeat(64) },
      modules,
      cached: [],
    };
    world.see({ 'node-a': says('node-a', { drivers: other, generation: 1 }), 'node-b': says('node-b') });
    const decision = world.decide();
    expect(decision.intents[0]).toMatchObject({ replaces: true });
    expect(decision.intents[0]?.allowed).toBeDefined();
    expect(decision.intents[1]?.allowed).toBeUndefined();
  });

  it('that runs another kernel is asked for the package for that', () => {
    const world = withPackage();
    world.see({
      'node-a': says('node-a', { kernel: NEWER_KERNEL, drivers: loaded(), generation: 1 }),
      'node-b': says('node-b'),
    });
    expect(podsOf(world.apply())).toContain(
      `build 4.4.5/${NEWER_KERNEL} on node-a by WekaPolicy/weka/drivers`,
    );
    expect(world.intent('node-a')?.drivers?.package.kernel).toBe(KERNEL);
  });

  it('whose agent has gone by a later intent than the live one gets one that is later still', () => {
    const world = withPackage();
    world.intents.delete('node-a');
    world.see({ 'node-a': says('node-a', { generation: 7 }), 'node-b': says('node-b') });
    world.apply();
    expect(world.intent('node-a')?.generation).toBe(8);
    // The live one is of the cluster's past, such as a backup has it.
    world.see({ 'node-a': says('node-a', { generation: 12 }), 'node-b': says('node-b') });
    world.apply();
    expect(world.intent('node-a')?.generation).toBe(13);
  });

  it('with headers of a kernel that it has not booted yet has the build for that made or fetched before it needs it', () => {
    const world = withPackage();
    const names = {
      'node-a': says('node-a', { headers: [KERNEL, NEWER_KERNEL, '6.8.0-40-generic', '6.9.0-1-lowlatency'] }),
    };
    world.see(names);
    const coming = world.decide();
    expect(cellsOf(coming)).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a`,
      `building 4.4.5/${NEWER_KERNEL}/x86_64 at weka/drivers-dist for nobody`,
    ]);
    world.registry = ({ target: about }) =>
      about.kernel === NEWER_KERNEL ? has(aPackage(about, 'b')) : { state: 'has-not' };
    expect(podsOf(world.decide())).toContain(`fetch 4.4.5/${NEWER_KERNEL} by WekaPolicy/weka/drivers`);
  });
});
