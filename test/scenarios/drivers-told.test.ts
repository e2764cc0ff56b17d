import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { modulesFile } from '../../schemas/drivers/package.ts';
import {
  aDriversWorld,
  aPackage,
  aTarget,
  type DriversWorld,
  KERNEL,
  loadedReport,
  published,
} from '../support/drivers-world.ts';

const control = await sharedCluster();
const TARGET = aTarget('4.4.5');

async function told(world: DriversWorld, ...args: readonly [string, ...string[]]): Promise<string> {
  const { stdout, stderr } = await world.run(...args);
  if (stdout === '') throw new Error(stderr);
  return stdout.replace(/[ \n]+/g, ' ');
}

/** Two nodes of which one has loaded its drivers, and the other is held up. */
async function aHalfLoadedWorld() {
  const world = await aDriversWorld(control);
  const [a, b] = [await world.addNode('a'), await world.addNode('b')];
  const package445 = aPackage(TARGET);
  world.registry.packages.set(modulesFile(TARGET), package445);
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile('4.4.5'),
  });
  await world.run('reconcile');
  await world.run('reconcile');
  const [fetching = ''] = await world.works();
  await world.ended(fetching, published(package445));
  const plan = await told(world, 'plan');
  await world.run('reconcile');
  await world.reports(a, loadedReport(package445));
  const { loaded: _, ...rest } = loadedReport(package445);
  await world.reports(b, {
    ...rest,
    state: 'failed',
    code: 'UNREACHABLE',
    message: 'https://10.0.0.1:60002 cannot be reached (ETIMEDOUT).',
    modules: [],
    cached: [],
  });
  return { world, a, b, plan };
}

describe('what people are told of drivers', () => {
  it('is what nodes are to do, how far each is, what is in the way, its cause and the way out', async () => {
    const { world, a, b, plan } = await aHalfLoadedWorld();
    expect(plan).toContain(`Nodes: 2 to ask + nodes ${a} and ${b}: load drivers of 4.4.5 for ${KERNEL}`);
    expect(plan).toContain(`4.4.5 ${KERNEL} ${a} and ${b} pre-built 0 of 2`);

    const status = await told(world, 'status');
    expect(status).toContain('Drivers: 2 nodes, 1 loaded, 1 failed');
    expect(status).toContain(`4.4.5 ${KERNEL} ${a} and ${b} pre-built 1 of 2`);
    expect(status).toContain(`! ${b} failed, UNREACHABLE https://10.0.0.1:60002 cannot be reached`);
    expect(status).toContain('Hint: Check that the Service which driversDistService names is there');

    const all = await told(world, 'explain', 'drivers');
    expect(all).toMatch(/^drivers: held up /);
    expect(all).toContain('Cause: Nothing answers at driversDistService');
    expect(all).toContain('UNREACHABLE: Check that the Service which driversDistService names is there');
    const code = await told(world, 'explain', 'drivers/UNREACHABLE');
    expect(code).toContain(`${b} failed, UNREACHABLE`);
    expect(await told(world, 'explain', 'drivers/DIGEST')).toContain('drivers/DIGEST: not seen now');

    const one = await told(world, 'explain', `node/${b}`);
    expect(one).toContain(`4.4.5 for ${KERNEL}: failed`);
    expect(one).toContain('Held up by UNREACHABLE: https://10.0.0.1:60002 cannot be reached');
    expect(await told(world, 'explain', `node/${a}`)).toContain('Driver modules wekafsio 4.4.5 (loaded)');

    const none = await world.run('explain', 'drivers/4.4.6');
    expect(none).toMatchObject({ exitCode: 2, stdout: '' });
    expect(none.stderr).toContain('Did you mean drivers/4.4.5?');
    const field = await world.run('explain', 'drivers', 'spec');
    expect(field.stderr).toContain('explained as a whole');
  });

  it('is on the page of the status branch, and makes no commit where nothing changes', async () => {
    const { world } = await aHalfLoadedWorld();
    await world.run('reconcile');
    const page = () => world.repository.file('README.md', world.statusRef);
    const first = await page();
    expect(first).toContain('#### Drivers: 2 nodes, 1 loaded, 1 failed');
    expect(first).toContain('[drivers.lock](drivers.lock)');
    await world.run('reconcile');
    expect(await page()).toBe(first);
  });
});
