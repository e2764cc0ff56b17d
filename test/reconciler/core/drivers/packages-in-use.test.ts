import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import type { DriversDecision } from '../../../../reconciler/core/drivers/decision.ts';
import { cluster } from './build-manifests.ts';
import {
  aPackage,
  KERNEL,
  neverSaid,
  NEWER_KERNEL,
  published,
  saidOnce,
  says,
  target,
  withPackage,
  withPolicy,
} from './build-world.ts';

const OLD = aPackage(target('4.4.5'), 'a');
const NEW = aPackage(target('4.4.6'), 'b');

function inUse({ inUse: kept }: DriversDecision): readonly string[] | undefined {
  return kept?.packages.get('weka/drivers-dist')?.map(({ file, sha256 }) => `${file} ${sha256[0]}`);
}

const [OLD_IS_KEPT, NEW_IS_KEPT] = [`${OLD.file} a`, `${NEW.file} b`];

describe('in use is', () => {
  it('nothing before anything is pinned, and then what nodes need', () => {
    const world = withPolicy();
    expect(world.decide().inUse).toEqual({ packages: new Map(), isComplete: true });
    world.apply();
    world.end('build', published(OLD));
    expect(inUse(world.decide())).toEqual([OLD_IS_KEPT]);
  });

  it('what an intent in the cluster names, though another version is asked for', () => {
    const world = withPackage();
    world.files['cluster.yaml'] = cluster('demo', '4.4.6');
    world.apply();
    world.end('build', published(NEW));
    expect(inUse(world.decide())).toEqual([OLD_IS_KEPT, NEW_IS_KEPT]);
    // Nodes have no modules that would have to go, so that each is asked for the new one at once.
    world.apply();
    expect(inUse(world.decide())).toEqual([NEW_IS_KEPT]);
  });

  it.each([
    ['has loaded', { loaded: { version: '4.4.5', sha256: OLD.sha256, kernel: KERNEL }, cached: [] }],
    ['keeps, to go back to it', { cached: [OLD.sha256] }],
  ])('what a node %s', (_, rest) => {
    const world = withPackage();
    world.files['cluster.yaml'] = cluster('demo', '4.4.6');
    world.apply();
    world.end('build', published(NEW));
    world.apply();
    expect(inUse(world.decide())).toEqual([NEW_IS_KEPT]);
    const drivers: DriversReport = { state: 'working', modules: [], ...rest };
    world.see({ 'node-a': says('node-a', { drivers }), 'node-b': says('node-b') });
    expect(inUse(world.decide())).toEqual([OLD_IS_KEPT, NEW_IS_KEPT]);
  });

  it('what a node will need once it boots another kernel', () => {
    const world = withPackage();
    const coming = aPackage(target('4.4.5', NEWER_KERNEL), 'c');
    const pinned = { package: coming, service: 'weka/drivers-dist', commit: 'c'.repeat(40) };
    const origin = { kind: 'builder', pod: 'v1/Pod/weka/b' } as const;
    world.lock = { schemaVersion: 1, packages: [...world.lock.packages, { ...pinned, origin }] };
    expect(inUse(world.decide())).toEqual([OLD_IS_KEPT]);
    world.see({ 'node-a': says('node-a', { headers: [KERNEL, NEWER_KERNEL] }), 'node-b': says('node-b') });
    expect(inUse(world.decide())).toEqual([OLD_IS_KEPT, `${coming.file} c`]);
  });
});

it('of what is in use only a part is known while a manifest has an error, or a node does not say what it runs', () => {
  const world = withPackage();
  world.files['broken.yaml'] = 'kind: WekaClient';
  expect(world.decide().inUse?.isComplete).toBe(false);
  const other = withPackage();
  other.see({ 'node-a': says('node-a'), 'node-b': saidOnce('node-b') });
  expect(other.decide().inUse?.isComplete).toBe(false);
  // What its kubelet said of its kernel does not say what is loaded.
  other.see({ 'node-a': says('node-a'), 'node-b': neverSaid('node-b') });
  expect(other.decide().inUse?.isComplete).toBe(false);
});

it('nothing is said of what is in use where nodes are not seen', () => {
  const world = withPackage();
  world.nodes = { unread: 'No.', isPassing: true };
  expect(world.decide().inUse).toBeUndefined();
});
