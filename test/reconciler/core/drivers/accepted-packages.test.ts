import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import type { DriversDecision } from '../../../../reconciler/core/drivers/decision.ts';
import { DriversLock, lockText } from '../../../../reconciler/core/drivers/lock.ts';
import { objectId } from '../../../../reconciler/core/kube/object.ts';
import { bookOf } from './build-consents.ts';
import { cluster, PUBLIC } from './build-manifests.ts';
import {
  aPackage,
  has,
  KERNEL,
  published,
  says,
  target,
  withPackage,
  withPolicy,
  World,
} from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

const OLD = aPackage();
const NEW = aPackage(target(), 'b');
const NEWEST = aPackage(target(), 'e');
const NEVER = { 'node-a': expect.anything(), 'node-b': expect.anything() };

/** The only thing that people are asked to accept. */
function offered({ offered: all }: DriversDecision) {
  const [one, ...others] = all;
  if (one === undefined || others.length > 0) throw new Error(`${all.length} packages are offered.`);
  return one;
}

/** A person commits the Approval that the decision asks for. */
function accept(world: World): DriversDecision {
  world.book = bookOf([offered(world.decide()).consent]);
  return world.apply();
}

/** A package of a registry that a pod has brought into the service. */
function fetched(): World {
  const world = withPolicy();
  world.registry = () => has();
  world.apply();
  world.end('fetch', published());
  world.apply();
  return world;
}

describe('a package with other bytes than the trusted one', () => {
  it('asks for a consent that names the service, the file, both digests, how many bytes, and where it is from', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    const decision = world.apply();
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed', package: OLD });
    expect(decision.seen.cells[0]?.hint).toContain('accept-driver-package');
    expect(offered(decision)).toEqual({
      nodes: ['node-a', 'node-b'],
      consent: {
        action: 'accept-driver-package',
        target: {
          apiVersion: 'weka.weka.io/v1alpha1',
          kind: 'WekaPolicy',
          namespace: 'weka',
          name: 'drivers',
        },
        content: {
          service: 'weka/drivers-dist',
          file: OLD.file,
          build: `4.4.5/${KERNEL}/x86_64`,
          from: 'a'.repeat(64),
          to: 'b'.repeat(64),
          bytes: '1000',
          layout: 'modules',
          source: 'builds of WekaPolicy weka/drivers',
        },
        words: `${OLD.file} of weka/drivers-dist: sha256:${'b'.repeat(64)} (1000 bytes, layout modules, from builds of WekaPolicy weka/drivers) in place of sha256:${'a'.repeat(64)}`,
      },
    });
    expect(asked(decision)).toEqual({});
  });

  it('takes its place once that is given, and nodes are asked for it', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    const decision = accept(world);
    expect(cellsOf(decision)).toEqual([
      `built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(decision.lock.packages).toMatchObject([
      {
        package: NEW,
        origin: { kind: 'builder' },
        accepted: { approvals: ['accept-driver-package-drivers'], insteadOf: ['a'.repeat(64)] },
      },
    ]);
    expect(decision.accepted).toMatchObject([{ name: 'accept-driver-package-drivers' }]);
    expect(asked(decision)).toEqual(NEVER);
    expect(world.intent('node-a')?.drivers?.package).toEqual(NEW);
    // Nothing of it is news to the next pass.
    const next = world.apply();
    expect([next.offered, next.accepted, asked(next)]).toEqual([[], [], {}]);
    expect(next.lock).toBe(world.lock);
  });

  it('is another consent where the same bytes are of another layout', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    const { consent } = offered(world.decide());
    world.end('build', published({ ...NEW, layout: 'vendor' }));
    expect(offered(world.decide()).consent.content).toEqual({ ...consent.content, layout: 'vendor' });
    world.book = bookOf([consent]);
    expect(world.decide().accepted).toEqual([]);
  });

  it('is written to a lock that can be read again, however many have accepted it', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    const { consent } = offered(world.decide());
    world.book = bookOf(Array.from({ length: 65 }, () => consent));
    const { lock } = world.apply();
    expect(lock.packages).toMatchObject([{ package: NEW }]);
    expect(DriversLock.parse(JSON.parse(lockText(lock)))).toEqual(lock);
  });

  it('replaces what nodes have loaded only by a consent of its own, which names both digests', () => {
    const world = withPackage();
    const loaded = { version: '4.4.5', sha256: OLD.sha256, kernel: KERNEL };
    world.see({
      'node-a': says('node-a', { drivers: { state: 'loaded', loaded, modules: [], cached: [] } }),
      'node-b': says('node-b'),
    });
    world.end('build', published(NEW));
    const { intents } = accept(world);
    expect(intents.map(({ node, consent }) => [node, consent?.content])).toEqual([
      ['node-a', { from: '4.4.5', fromSha256: OLD.sha256, to: '4.4.5', sha256: NEW.sha256, how: 'unused' }],
      ['node-b', undefined],
    ]);
  });

  it('is not accepted by what was given for another one', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    world.book = bookOf([offered(world.decide()).consent]);
    world.end('build', published(NEWEST));
    const decision = world.apply();
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed', package: OLD });
    expect(decision.lock.packages).toMatchObject([{ package: OLD }]);
    expect(decision.accepted).toEqual([]);
  });

  it('waits for as many Approvals as a change needs, whatever dangers Settings ask consent for', () => {
    const world = withPackage();
    world.end('build', published(NEW));
    const { consent } = offered(world.decide());
    world.book = bookOf([consent], { count: 2 });
    expect(world.decide().lock.packages).toMatchObject([{ package: OLD }]);
    world.book = bookOf([], { required: ['data-loss'] });
    expect(world.decide().lock.packages).toMatchObject([{ package: OLD }]);
    world.book = bookOf([consent, consent], { count: 2 });
    expect(world.decide().accepted).toHaveLength(2);
  });

  it('is fetched into the service before any node is asked for it, where it is of a registry', () => {
    const world = fetched();
    world.registry = () => has(NEW);
    expect(cellsOf(world.apply())[0]).toContain('changed');
    const accepted = accept(world);
    expect(podsOf(accepted)).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers (again)`]);
    expect(accepted.pods[0]).toMatchObject({ package: NEW });
    expect(accepted.lock.packages).toMatchObject([{ package: NEW, origin: { kind: 'registry' } }]);
    expect(cellsOf(accepted)[0]).toContain('fetching');
    expect(asked(accepted)).toEqual({});
    const meanwhile = world.apply();
    expect(podsOf(meanwhile)).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers (stays)`]);
    expect(asked(meanwhile)).toEqual({});
    world.end('fetch', published(NEW));
    expect(asked(world.apply())).toEqual(NEVER);
    expect(asked(world.apply())).toEqual({});
  });

  it('is known to be in the service by a node that has it from there, once the pod that fetched is gone', () => {
    const world = fetched();
    world.registry = () => has(NEW);
    accept(world);
    world.end('fetch', published(NEW));
    world.apply();
    for (const pod of world.workPods('fetch')) world.live.delete(objectId(pod));
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    world.see({ 'node-a': says('node-a'), 'node-c': says('node-c') });
    expect(cellsOf(world.decide())[0]).toMatch(/^fetching/);
    const drivers: DriversReport = { state: 'working', modules: [], cached: [NEW.sha256] };
    world.see({ 'node-a': says('node-a', { drivers, generation: 2 }), 'node-c': says('node-c') });
    const decision = world.apply();
    expect(cellsOf(decision)[0]).toMatch(/^pre-built/);
    expect(podsOf(decision)).toEqual([]);
    expect(world.intent('node-c')?.drivers?.package).toEqual(NEW);
  });

  it('asks again where the registry goes back to what was given up', () => {
    const world = fetched();
    world.registry = () => has(NEW);
    accept(world);
    world.end('fetch', published(NEW));
    world.apply();
    world.registry = () => has(OLD);
    const back = world.apply();
    expect(offered(back).consent.content).toMatchObject({ from: NEW.sha256, to: OLD.sha256 });
    expect(back.lock.packages).toMatchObject([{ package: NEW }]);
    expect(accept(world).lock.packages).toMatchObject([
      { package: OLD, accepted: { insteadOf: [NEW.sha256] } },
    ]);
  });

  it('is taken by nodes from the registry itself where a manifest names that', () => {
    const world = new World(
      { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) },
      { 'node-a': says('node-a') },
    );
    world.registry = () => has();
    world.apply();
    world.registry = () => has(NEW);
    expect(offered(world.apply()).consent).toMatchObject({
      target: { kind: 'WekaCluster', name: 'demo' },
      content: { service: PUBLIC, source: `${PUBLIC}/dist/v1/drivers/${NEW.file}` },
    });
    expect(accept(world).lock.packages).toMatchObject([{ package: NEW }]);
    expect(world.intent('node-a')?.drivers?.package).toEqual(NEW);
  });

  it('is accepted likewise where the other one was only to be fetched', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.registry = () => has(NEW);
    const changed = world.apply();
    expect(cellsOf(changed)[0]).toContain('changed');
    expect(offered(changed).consent.content).toMatchObject({ from: OLD.sha256, to: NEW.sha256 });
    // What the pod brings meanwhile is not trusted either.
    world.end('fetch', published());
    expect(world.apply().lock.packages).toEqual([]);
    const accepted = accept(world);
    expect(accepted.pods[0]).toMatchObject({ package: NEW, again: expect.stringContaining('accepted') });
    world.end('fetch', published(NEW));
    expect(world.apply().lock.packages).toMatchObject([{ package: NEW }]);
  });
});
