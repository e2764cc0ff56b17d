import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modulesFile } from '../../schemas/drivers/package.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aDriversWorld, aPackage, aTarget, pinFromRegistry, published } from '../support/drivers-world.ts';

const control = await sharedCluster();
const TARGET = aTarget('4.4.5');
const OLD = aPackage(TARGET);
const NEW = aPackage(TARGET, 'second');

/** A node that was asked for a package which the registry has had from the start. */
async function aPinnedWorld() {
  const world = await aDriversWorld(control);
  const node = await world.addNode('a');
  const pod = await pinFromRegistry(world, OLD);
  expect(await world.intent(node)).toMatchObject({ drivers: { package: OLD } });
  return { world, node, pod };
}

describe('another package than the pinned one', () => {
  it('is used once the Approval that the plan prints is committed, and brought into the service before', async () => {
    const { world, node, pod } = await aPinnedWorld();
    world.registry.packages.set(modulesFile(TARGET), NEW);
    const plan = await world.json('plan');
    expect(plan.drivers?.cells).toMatchObject([{ state: 'changed', package: { sha256: OLD.sha256 } }]);
    const [approval, ...others] = plan.approvals;
    expect(others).toEqual([]);
    expect(approval).toMatchObject({
      action: 'accept-driver-package',
      target: `WekaPolicy ${world.namespace}/drivers`,
      changes: [`v1/ConfigMap/${world.agentNamespace}/weka-node-intent-${node}`],
    });
    // Whoever reviews the file sees which bytes are meant, and where they are from.
    for (const word of [
      OLD.sha256,
      NEW.sha256,
      `(${NEW.bytes} bytes, layout modules, from ${world.registry.url}`,
    ]) {
      expect(approval?.file).toContain(word);
    }
    // Nothing of it is used until then.
    await world.run('reconcile');
    expect(await world.lock()).toMatchObject([{ package: OLD }]);

    const file = parse(approval?.file ?? '') as { spec: { reason: string } };
    file.spec.reason = 'The vendor has built it again';
    await world.repository.commit({ 'approval.yaml': JSON.stringify(file) });
    await world.run('reconcile');
    expect(await world.lock()).toMatchObject([
      {
        package: NEW,
        origin: { kind: 'registry' },
        accepted: { approvals: [expect.stringContaining('accept-driver-package')], insteadOf: [OLD.sha256] },
      },
    ]);
    expect(await world.works()).toEqual([pod]);
    const again = await world.get('pod', pod, '-n', world.namespace);
    expect(again?.metadata.annotations?.['weka-gitops.dev/driver-work']).toContain(NEW.sha256);
    expect(await world.intent(node)).toMatchObject({ drivers: { package: OLD } });

    await world.ended(pod, published(NEW));
    await world.run('reconcile');
    expect(await world.intent(node)).toMatchObject({ generation: 2, drivers: { package: NEW } });
    const done = await world.json('plan');
    expect(done.approvals).toEqual([]);
    expect(done.findings.map(({ rule }) => rule)).toContain('approval-used');
    expect(await world.lock()).toMatchObject([{ package: NEW }]);
  }, 120_000);

  it('is not trusted silently where somebody has deleted the lock', async () => {
    const { world, node } = await aPinnedWorld();
    const name = `${world.systemNamespace.replace(/-system$/, '')}-drivers`;
    await world.kubectl(['delete', 'configmap', name, '-n', world.systemNamespace]);
    world.registry.packages.set(modulesFile(TARGET), NEW);
    const plan = await world.json('plan');
    expect(plan.findings).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('lock of drivers was lost'),
      }),
    );
    expect(plan.drivers?.cells).toMatchObject([{ state: 'changed', package: { sha256: OLD.sha256 } }]);
    await world.run('reconcile');
    expect(await world.lock()).toMatchObject([{ package: OLD, recovered: true }]);
    expect(await world.intent(node)).toMatchObject({ drivers: { package: OLD } });
  });
});
