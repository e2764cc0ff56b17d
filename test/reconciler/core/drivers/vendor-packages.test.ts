import { describe, expect, it } from 'vitest';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { BOOT } from '../nodes/build-reports.ts';
import { cluster, image, policy } from './build-manifests.ts';
import { aPackage, KERNEL, published, says, target, World } from './build-world.ts';
import { podsOf } from './decision-words.ts';

describe('a closed package of the vendor', () => {
  function vendorWorld(): World {
    const world = new World(
      {
        'cluster.yaml': cluster('demo', '4.4.5', { overrides: { driversLoaderImage: image('4.4.9') } }),
        'policy.yaml': policy(),
      },
      { 'node-a': says('node-a') },
    );
    world.apply();
    world.end('build', published(aPackage(target(), 'a', 'vendor')));
    world.apply();
    return world;
  }
  const verified: DriversReport = {
    wanted: { version: '4.4.5', sha256: 'a'.repeat(64) },
    state: 'vendor',
    modules: [],
    cached: ['a'.repeat(64)],
  };
  const loadedBy = (bootId: string) => ({
    schemaVersion: 1 as const,
    result: 'loaded' as const,
    package: aPackage(target(), 'a', 'vendor'),
    node: 'node-a',
    bootId,
  });

  it('is loaded by a pod of its image once the agent has verified it, and again after each boot', () => {
    const world = vendorWorld();
    expect(podsOf(world.decide()).some((pod) => pod.startsWith('load'))).toBe(false);
    world.see({ 'node-a': says('node-a', { drivers: verified, generation: 1 }) });
    const decision = world.apply();
    expect(decision.pods.find(({ does }) => does === 'load')).toMatchObject({
      node: 'node-a',
      image: image('4.4.9'),
      package: { sha256: 'a'.repeat(64) },
    });
    world.end('load', loadedBy(BOOT));
    expect(podsOf(world.apply())).toContain(
      `load 4.4.5/${KERNEL} on node-a by WekaCluster/weka/demo (stays)`,
    );
    // Another package comes to be wanted: what is loaded would have to go for it.
    const { files, lock } = world;
    world.files = { ...files, 'cluster.yaml': cluster('demo', '4.4.6') };
    world.apply();
    world.end('build', published(aPackage(target('4.4.6'), 'b', 'vendor')));
    const upgrade = world.apply();
    expect(upgrade.intents[0]).toMatchObject({ replaces: true, from: '4.4.5', to: '4.4.6' });
    expect(podsOf(upgrade)).toContain(`load 4.4.5/${KERNEL} on node-a by WekaCluster/weka/demo (stays)`);
    world.apply(undefined, true);
    const wanted = { version: '4.4.6', sha256: 'b'.repeat(64) };
    world.see({ 'node-a': says('node-a', { drivers: { ...verified, wanted }, generation: 2 }) });
    expect(podsOf(world.decide())).toContain(
      `load 4.4.6/${KERNEL} on node-a by WekaCluster/weka/demo (again)`,
    );
    // The command may do what was consented to, and the first one could not.
    expect(world.decide().pods.find(({ does }) => does === 'load')?.replace).toBe('unused');
    expect(decision.pods.find(({ does }) => does === 'load')).not.toHaveProperty('replace');
    // Without that consent its command is not run, whatever the agent has verified.
    const asked = world.intents.get('node-a');
    const text = JSON.stringify(asked).replace(
      String.raw`\"replace\": \"unused\"`,
      String.raw`\"replace\": \"never\"`,
    );
    world.intents.set('node-a', JSON.parse(text) as KubeObject);
    expect(podsOf(world.decide())).toContain(
      `load 4.4.5/${KERNEL} on node-a by WekaCluster/weka/demo (stays)`,
    );
    Object.assign(world, { files, lock });
    world.apply(undefined, true);
    const other = '6c1f6a4e-0000-4000-8000-000000000009';
    world.see({ 'node-a': says('node-a', { drivers: verified, generation: 3, bootId: other }) });
    expect(podsOf(world.decide())).toContain(
      `load 4.4.5/${KERNEL} on node-a by WekaCluster/weka/demo (again)`,
    );
  });
});
