import { expect, it, onTestFinished } from 'vitest';
import { modulesFile } from '../../schemas/drivers/package.ts';
import { freePort } from '../cluster/ports.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aDriversWorld, aPackage, aTarget, loadedReport, published } from '../support/drivers-world.ts';

const control = await sharedCluster();
const PACKAGE = aPackage(aTarget('4.4.5'));

it('weka-gitops run takes drivers from the registry to the nodes, woken by what pods and agents tell', async () => {
  const world = await aDriversWorld(control);
  const a = await world.addNode('a');
  world.registry.packages.set(modulesFile(PACKAGE), PACKAGE);
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile('4.4.5'),
  });
  const port = await freePort();
  // No poll comes in between: what wakes a pass is what the cluster tells.
  const run = { pollSeconds: 3600, listen: `127.0.0.1:${port}` };
  const process = world.beside({ run }).start('run');
  onTestFinished(async () => {
    process.stop();
    await process.ended;
  });
  await until('a pod brings the package', async () => (await world.works()).length === 1);
  const [fetching = ''] = await world.works();
  await world.ended(fetching, published(PACKAGE));
  await until('the node is told', async () => (await world.intent(a)) !== undefined);
  const intent = await world.intent(a);
  expect(intent).toMatchObject({ generation: 1, drivers: { package: { sha256: PACKAGE.sha256 } } });

  const state = async () => {
    const file = await world.repository.file('status.json', world.statusRef);
    const { drivers } = JSON.parse(file) as {
      drivers?: { nodes: readonly { report?: { state: string } }[] };
    };
    return JSON.stringify(drivers ?? '');
  };
  await world.reports(a, loadedReport(PACKAGE));
  await until('the status branch says that it is loaded', async () => (await state()).includes('"loaded"'));

  // What it wrote itself wakes it no more, and a node that stays as it is costs nothing.
  const before = world.faults.requests.length;
  await world.reports(a, loadedReport(PACKAGE));
  const others = ['annotate', 'node', a, 'looked=twice'];
  await world.kubectl(others);
  expect(await world.intent(a)).toEqual(intent);
  const written = world.faults.requests.slice(before).filter(({ method }) => method !== 'GET');
  expect(written.filter(({ url }) => url.includes(world.agentNamespace))).toEqual([]);
});
