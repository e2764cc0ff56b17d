import { expect, it } from 'vitest';
import { IN_USE_FILE, PackagesInUse } from '../../schemas/drivers/packages-in-use.ts';
import { RUNNING_KERNEL_ONLY } from '../../schemas/drivers/result.ts';
import { record, records } from '../../reconciler/core/kube/json.ts';
import { sharedCluster } from '../cluster/shared.ts';
import {
  aDriversWorld,
  aPackage,
  aTarget,
  type DriversWorld,
  KERNEL,
  loadedReport,
  pinFromRegistry,
  published,
} from '../support/drivers-world.ts';
import { told } from '../support/installation.ts';

const control = await sharedCluster();
const COMING = '6.8.0-50-generic';
const NOW = aPackage(aTarget('4.4.5'));
const THEN = aPackage(aTarget('4.4.5', COMING));

/** A node with drivers loaded from the registry, which has got the headers of a kernel that the registry has nothing for. */
async function anUpgrade() {
  const world = await aDriversWorld(control);
  const node = await world.addNode('a');
  await pinFromRegistry(world, NOW);
  await world.reports(node, loadedReport(NOW), KERNEL, [KERNEL, COMING]);
  await world.run('reconcile');
  const builder = (await world.works()).find((name) => name.includes('builder')) ?? '';
  return { world, node, builder };
}

async function cells(world: DriversWorld): Promise<readonly string[]> {
  const { drivers } = await world.json('plan');
  return (drivers?.cells ?? []).map(({ kernel, state, why = '' }) => `${kernel} ${state} ${why}`.trim());
}

async function inUse({ get, namespace }: DriversWorld): Promise<readonly string[]> {
  const found = await get('configmap', 'drivers-dist-in-use', '-n', namespace);
  const { [IN_USE_FILE]: text } = record(found?.['data']);
  return PackagesInUse.parse(JSON.parse(String(text))).packages.map(({ sha256 }) => sha256);
}

it('the drivers of a kernel are built, pinned and kept on a node before it boots, and asked for as soon as it has', async () => {
  const { world, node, builder } = await anUpgrade();
  expect(await inUse(world)).toEqual([NOW.sha256]);
  const [container] = records(
    record((await world.get('pod', builder, '-n', world.namespace))?.['spec'])['containers'],
  );
  expect(container?.['env']).toEqual(
    expect.arrayContaining([
      { name: 'EXPECTED_KERNEL', value: COMING },
      { name: 'BUILD_AHEAD', value: 'true' },
    ]),
  );
  expect(await cells(world)).toEqual([`${KERNEL} pre-built`, expect.stringMatching(`^${COMING} building`)]);

  await world.ended(builder, published(THEN));
  const updated = told(await world.json('plan')).map((line) => /\/([^/ ]+) \(/.exec(line)?.[1] ?? line);
  expect(updated.toSorted()).toEqual(['drivers-dist-in-use', `weka-node-intent-${node}`]);
  await world.run('reconcile');
  expect((await world.lock()).map(({ package: { kernel } }) => kernel)).toEqual([KERNEL, COMING]);
  expect((await inUse(world)).toSorted()).toEqual([NOW.sha256, THEN.sha256].toSorted());
  expect((await world.intent(node))?.drivers).toMatchObject({ package: NOW, next: { package: THEN } });
  expect(told(await world.json('plan'))).toEqual([]);

  await world.reports(node, loadedReport(THEN), COMING, [KERNEL, COMING]);
  await world.run('reconcile');
  const { drivers } = (await world.intent(node)) ?? {};
  expect(drivers).toMatchObject({ package: THEN, replace: 'never' });
  expect(drivers?.next).toBeUndefined();
  // The node has it loaded already, so that nobody is asked for anything.
  expect((await world.json('plan')).approvals).toEqual([]);
});

it('where only the vendor’s command would build, the plan says that it waits for the boot, and builds then', async () => {
  const { world, node, builder } = await anUpgrade();
  const message = `weka driver pack builds for the kernel that runs alone, and ${COMING} is not booted yet.`;
  const result = { schemaVersion: 1, result: 'failed', code: RUNNING_KERNEL_ONLY, message } as const;
  await world.ended(builder, result);
  expect(await cells(world)).toEqual([`${KERNEL} pre-built`, `${COMING} coming ${message}`]);
  expect(told(await world.json('plan'))).toEqual([]);

  await world.reports(node, undefined, COMING);
  expect(told(await world.json('plan'))).toContainEqual(
    expect.stringMatching(new RegExp(`^replace v1/Pod/${world.namespace}/${builder}\\b`)),
  );
});
