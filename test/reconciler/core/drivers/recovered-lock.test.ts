import { describe, expect, it } from 'vitest';
import { EMPTY_LOCK } from '../../../../reconciler/core/drivers/lock.ts';
import { lostLockFindings } from '../../../../reconciler/core/drivers/recovered-lock.ts';
import { objectId } from '../../../../reconciler/core/kube/object.ts';
import type { DriversIntent } from '../../../../schemas/node/drivers.ts';
import { intentName, INTENT_KEY } from '../../../../schemas/node/config-maps.ts';
import { bookOf } from './build-consents.ts';
import { cluster, PUBLIC } from './build-manifests.ts';
import {
  aPackage,
  AGENTS,
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
import { asked } from './decision-words.ts';

const OLD = aPackage();
const NEW = aPackage(target(), 'f');
const BUILD = `weka/drivers-dist 4.4.5/${KERNEL}/x86_64`;

/** Has a node asked for something else than it is. */
function ask(world: World, node: string, what: (drivers: DriversIntent) => DriversIntent): void {
  const { drivers, ...rest } = world.intent(node) ?? {};
  if (drivers === undefined) throw new Error('Nothing was asked.');
  world.intents.set(node, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: intentName(node), namespace: AGENTS },
    data: { [INTENT_KEY]: JSON.stringify({ ...rest, drivers: what(drivers) }) },
  });
}

/** A lock that was lost while a node was still asked for a package that was given up since. */
function inDoubt(): World {
  const world = withPackage();
  ask(world, 'node-a', (drivers) => ({ ...drivers, package: NEW }));
  world.lock = EMPTY_LOCK;
  return world;
}

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
    // It is written like any other, and told until somebody has looked at it.
    expect(world.apply().recovered).toEqual({ packages: 1, doubtful: [] });
    world.lock = {
      schemaVersion: 1,
      packages: world.lock.packages.map(({ recovered: _looked, ...entry }) => entry),
    };
    expect(world.apply()).not.toHaveProperty('recovered');
  });

  it('is told, with what it is known by', () => {
    const world = withPackage();
    world.lock = EMPTY_LOCK;
    const [finding, ...others] = lostLockFindings(world.decide(), 'main');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: 'warning', rule: 'drivers-lock', file: 'main' });
    expect(finding?.message).toBe(
      'The lock of drivers was lost although nodes were asked for packages: 1 package is taken for trusted by what nodes were asked for.',
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

  it('is known by what nodes keep for kernels that they will boot, so that no other bytes come into those unseen', () => {
    const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
    const world = new World(files, { 'node-a': says('node-a', { headers: [KERNEL, NEWER_KERNEL] }) });
    world.registry = ({ target: about }) => has(aPackage(about));
    world.apply();
    world.apply();
    const coming = world.intent('node-a')?.drivers?.next;
    expect(coming?.package).toEqual(aPackage(target('4.4.5', NEWER_KERNEL)));
    const before = world.lock.packages;
    world.lock = EMPTY_LOCK;
    world.registry = ({ target: about }) => has(aPackage(about, 'e'));
    const decision = world.apply();
    expect(decision.lock.packages).toEqual(before.map((entry) => ({ ...entry, recovered: true })));
    expect(decision.seen.cells.map(({ state }) => state)).toEqual(['changed', 'changed']);
    expect(world.intent('node-a')?.drivers?.next).toEqual(coming);
  });

  it('pins nothing where nodes were asked for different packages, until a person chooses one of them', () => {
    const world = inDoubt();
    const decision = world.apply();
    expect(decision.recovered).toEqual({ packages: 0, doubtful: [BUILD] });
    expect(decision.lock.packages).toEqual([]);
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed' });
    expect(decision.seen.cells[0]).not.toHaveProperty('package');
    expect(decision.seen.cells[0]?.why).toContain('sha256:aaaaaaaaaaaa… and sha256:ffffffffffff…');
    expect(asked(decision)).toEqual({});
    expect(lostLockFindings(decision, 'main')[0]?.message).toContain(
      `none is until a person chooses (${BUILD})`,
    );
    // Nor is what comes next pinned at first sight, whoever has it.
    world.end('build', published(aPackage(target(), 'e')));
    const next = world.apply();
    expect(next.lock).toBe(decision.lock);
    expect([next.seen.cells[0]?.state, asked(next)]).toEqual(['changed', {}]);
    expect(next.inUse?.isComplete).toBe(false);
    const consents = next.offered.map(({ consent }) => consent);
    expect(consents.map(({ content }) => [content['from'], content['to']])).toEqual([
      [NEW.sha256, OLD.sha256],
      [OLD.sha256, NEW.sha256],
    ]);
    // Of two that were chosen, neither.
    world.book = bookOf(consents);
    expect(world.decide().lock).toBe(next.lock);
    world.book = bookOf(consents.slice(1));
    const chosen = world.apply();
    expect(chosen.accepted).toHaveLength(1);
    expect(chosen.lock).toMatchObject({
      packages: [{ package: NEW, accepted: { insteadOf: [OLD.sha256] } }],
    });
    expect(chosen.lock).not.toHaveProperty('doubtful');
    expect(chosen).not.toHaveProperty('recovered');
    expect(world.intent('node-a')?.drivers?.package).toEqual(NEW);
  });

  it('keeps what a node has ready for a kernel that it will boot, while it is in doubt what that is', () => {
    const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
    const headers = [KERNEL, NEWER_KERNEL];
    const world = new World(files, {
      'node-a': says('node-a', { headers }),
      'node-b': says('node-b', { headers }),
    });
    world.registry = ({ target: about }) => has(aPackage(about));
    world.apply();
    world.apply();
    const other = aPackage(target('4.4.5', NEWER_KERNEL), 'f');
    ask(world, 'node-b', ({ next, ...rest }) => ({
      ...rest,
      ...(next === undefined ? {} : { next: { ...next, package: other } }),
    }));
    world.lock = EMPTY_LOCK;
    const decision = world.apply();
    expect(asked(decision)).toEqual({});
    expect(decision.lock.packages).toMatchObject([{ package: OLD }]);
    expect(decision.lock.doubtful).toHaveLength(2);
    expect(world.intent('node-b')?.drivers?.next?.package).toEqual(other);
  });

  it('does not take a package for a builder’s where nothing says so, and asks the registry of Settings', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.end('fetch', published());
    world.apply();
    const before = world.lock.packages;
    const lose = () => {
      for (const pod of world.workPods('fetch')) world.live.delete(objectId(pod));
      world.lock = EMPTY_LOCK;
    };
    lose();
    world.registry = () => ({ state: 'unknown', why: 'It does not answer.' });
    expect(world.decide().lock.packages).toMatchObject([{ package: OLD, origin: { kind: 'unknown' } }]);
    world.registry = () => has(NEW);
    const decision = world.decide();
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed', package: OLD });
    expect(decision.offered).toHaveLength(1);
    world.registry = () => has();
    expect(world.decide().lock.packages).toEqual([{ ...before[0], recovered: true }]);
  });

  it('does not take a builder at work on another build for the one that made a package', () => {
    const world = withPackage();
    for (const pod of world.workPods('build')) world.live.delete(objectId(pod));
    world.files = { ...world.files, 'other.yaml': cluster('other', '4.4.6') };
    world.apply();
    expect(world.workPods('build')).toHaveLength(1);
    world.lock = EMPTY_LOCK;
    expect(world.decide().lock.packages).toMatchObject([{ package: OLD, origin: { kind: 'unknown' } }]);
  });

  it('is none where nodes were asked for nothing', () => {
    expect(withPolicy().decide()).not.toHaveProperty('recovered');
  });
});
