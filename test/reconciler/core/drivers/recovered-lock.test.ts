import { describe, expect, it } from 'vitest';
import { EMPTY_LOCK } from '../../../../reconciler/core/drivers/lock.ts';
import { lostLockFindings } from '../../../../reconciler/core/drivers/recovered-lock.ts';
import { intentName, INTENT_KEY } from '../../../../schemas/node/config-maps.ts';
import { bookOf } from './build-consents.ts';
import { cluster, PUBLIC } from './build-manifests.ts';
import {
  aPackage,
  AGENTS,
  has,
  published,
  says,
  target,
  withPackage,
  withPolicy,
  World,
} from './build-world.ts';
import { asked } from './decision-words.ts';

const OLD = aPackage();
const NEW = aPackage(target(), 'f');

describe('a lock that is lost', () => {
  it('is known again by what nodes were asked for, so that other bytes are not trusted silently', () => {
    const world = withPackage();
    world.lock = EMPTY_LOCK;
    world.end('build', published(NEW));
    const decision = world.apply();
    expect(decision.lock.packages).toMatchObject([
      { service: 'weka/drivers-dist', package: OLD, origin: { kind: 'builder' }, recovered: true },
    ]);
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed', package: OLD });
    expect(asked(decision)).toEqual({});
    expect(decision.recovered).toEqual({ packages: 1, doubtful: [] });
    // It is written like any other, and then nothing is lost any more.
    expect(world.apply()).not.toHaveProperty('recovered');
  });

  it('is told, with what it is known by', () => {
    const world = withPackage();
    world.lock = EMPTY_LOCK;
    const [finding, ...others] = lostLockFindings(world.decide(), 'main');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: 'warning', rule: 'drivers-lock', file: 'main' });
    expect(finding?.message).toBe(
      'The lock of drivers is gone or empty although nodes were asked for packages: 1 package is taken for trusted by what nodes were asked for.',
    );
  });

  it('asks the registry again that a package was fetched from', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.end('fetch', published());
    world.apply();
    const before = world.lock.packages;
    world.lock = EMPTY_LOCK;
    const [pinned] = world.apply().lock.packages;
    expect(pinned).toEqual({ ...before[0], recovered: true });
    world.registry = () => has(NEW);
    expect(world.apply().seen.cells[0]).toMatchObject({ state: 'changed' });
  });

  it('is known by the address of a registry that nodes ask themselves', () => {
    const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
    const world = new World(files, { 'node-a': says('node-a') });
    world.registry = () => has();
    world.apply();
    const before = world.lock.packages;
    world.lock = EMPTY_LOCK;
    world.registry = () => has(NEW);
    const decision = world.apply();
    expect(decision.lock.packages).toEqual([{ ...before[0], recovered: true }]);
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed', package: OLD });
  });

  it('is known by the address of a Service without TLS', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.5', {
        driversDistService: 'http://drivers-dist.weka.svc.cluster.local:60002',
      }),
    };
    const world = withPackage();
    world.files = { ...world.files, ...files };
    world.apply();
    expect(world.intent('node-a')?.drivers?.from).toEqual([{ url: 'http://10.96.0.7:60002' }]);
    world.lock = EMPTY_LOCK;
    expect(world.apply().lock.packages).toMatchObject([{ service: 'weka/drivers-dist', package: OLD }]);
  });

  it('is taken to be what more nodes were asked for where they differ, which a person is told and can change', () => {
    const world = withPackage();
    const other = structuredClone(world.intent('node-a'));
    if (other?.drivers === undefined) throw new Error('Nothing was asked.');
    for (const node of ['node-x', 'node-y']) {
      const text = JSON.stringify({ ...other, drivers: { ...other.drivers, package: NEW } });
      world.intents.set(node, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: intentName(node), namespace: AGENTS },
        data: { [INTENT_KEY]: text },
      });
    }
    world.intents.delete('node-b');
    world.lock = EMPTY_LOCK;
    const decision = world.decide();
    expect(decision.recovered?.doubtful).toEqual(['weka/drivers-dist 4.4.5/6.8.0-45-generic/x86_64']);
    expect(decision.lock.packages).toMatchObject([{ package: NEW }]);
    expect(lostLockFindings(decision, 'main')[0]?.message).toContain(
      'the one that most nodes were asked for',
    );
    const [offer] = decision.offered;
    if (offer === undefined) throw new Error('Nothing is offered.');
    world.book = bookOf([offer.consent]);
    expect(world.decide().lock.packages).toMatchObject([{ package: OLD }]);
  });

  it('is none where nodes were asked for nothing', () => {
    expect(withPolicy().decide()).not.toHaveProperty('recovered');
  });
});
