import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { modulesFile } from '../../schemas/drivers/package.ts';
import { reportName } from '../../schemas/node/config-maps.ts';
import {
  aDriversWorld,
  aPackage,
  aTarget,
  type DriversWorld,
  KERNEL,
  loadedReport,
  published,
} from '../support/drivers-world.ts';
import { told } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const control = await sharedCluster();
const TARGET = aTarget('4.4.5');

/** Requests that only drivers make. */
function about({ faults, agentNamespace, systemNamespace }: DriversWorld): readonly string[] {
  return faults.requests
    .map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`)
    .filter(
      (each) =>
        each.includes(`/namespaces/${agentNamespace}/`) ||
        (each.includes(`/namespaces/${systemNamespace}/`) && each.includes('-drivers')),
    );
}

async function statusFile(
  { repository, statusRef }: DriversWorld,
  path: string,
): Promise<string | undefined> {
  return await repository.file(path, statusRef);
}

/** A world in which the registry has what a cluster of two nodes needs, and the pods that bring it there have done so. */
async function aReadyWorld() {
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
  return { world, a, b, package445 };
}

describe('drivers in a pass', () => {
  it('cost nothing where no manifest asks for any: nothing is read, nobody is asked', async () => {
    const world = await aDriversWorld(control);
    await world.addNode('a');
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'a.yaml': configMap(world.namespace, 'a'),
    });
    world.faults.requests.length = 0;
    const plan = await world.json('plan');
    expect(told(plan)).toEqual([`create v1/ConfigMap/${world.namespace}/a`]);
    expect(about(world)).toEqual([]);
    expect(world.registry.asked).toEqual([]);
    expect(plan).not.toHaveProperty('drivers');
  });

  it('go from a registry through the service to the intents of nodes, pinned before any node is told', async () => {
    const { world, a, b, package445 } = await aReadyWorld();
    const [fetching] = await world.works();
    expect(await world.works()).toHaveLength(1);
    expect(fetching).toContain('fetch');
    // Nothing is told to anybody before the package is where agents get it.
    expect(await world.intent(a)).toBeUndefined();

    await world.ended(fetching!, published(package445));
    const plan = await world.json('plan');
    const asked = [a, b].map(
      (node) => `create v1/ConfigMap/${world.agentNamespace}/weka-node-intent-${node}`,
    );
    const kept = `update v1/ConfigMap/${world.namespace}/drivers-dist-in-use (data["packages.json"])`;
    expect(told(plan).toSorted()).toEqual([...asked, kept].toSorted());
    expect(plan.changes.find(({ target }) => target.endsWith(a))).toMatchObject({
      node: { name: a, does: [expect.stringContaining('4.4.5')] },
    });
    world.faults.requests.length = 0;
    const { exitCode, stdout } = await world.run('reconcile');
    expect(stdout).not.toContain('failed');
    expect(exitCode).toBe(0);
    expect(await world.lock()).toMatchObject([{ package: package445, origin: { kind: 'registry' } }]);
    const written = world.faults.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ url }) => url.replace(/\?.*/, '').replace(/^.*\//, ''));
    const pinned = written.findIndex((name) => name.endsWith('-drivers'));
    expect(pinned).toBeGreaterThanOrEqual(0);
    expect(pinned).toBeLessThan(written.findIndex((name) => name.startsWith('weka-node-intent-')));

    const intent = await world.intent(a);
    expect(intent).toMatchObject({
      schemaVersion: 1,
      generation: 1,
      drivers: { package: package445, owner: expect.stringContaining('demo'), replace: 'never' },
    });
    expect(intent?.drivers?.from[0]).toMatchObject({
      url: expect.stringMatching(/^https:\/\/\d+\.\d+\.\d+\.\d+:60002$/),
      serverName: `drivers-dist.${world.namespace}.svc.cluster.local`,
      ca: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    expect(JSON.parse((await statusFile(world, 'drivers.lock')) ?? '')).toMatchObject({
      schemaVersion: 1,
      packages: [{ package: package445 }],
    });

    for (const node of [a, b]) await world.reports(node, loadedReport(package445));
    const after = await world.json('plan');
    expect(told(after)).toEqual([]);
    expect((await world.intent(a))?.generation).toBe(1);
    expect(after.drivers).toBeDefined();
  });

  it('stay on nodes when no manifest asks for them any more, and pods that worked on them go', async () => {
    const { world, a, package445 } = await aReadyWorld();
    const [fetching = ''] = await world.works();
    await world.ended(fetching, published(package445));
    await world.run('reconcile');
    const before = await world.intent(a);
    expect(before).toBeDefined();
    const unbudgeted = { prune: { budget: { objects: 0, percent: 0 } } };
    await world.repository.commit({
      'settings.yaml': world.settingsFile(unbudgeted),
      'cluster.yaml': null,
    });
    const plan = await world.json('plan');
    expect(told(plan)).toEqual([`prune v1/Pod/${world.namespace}/${fetching}`]);
    await world.run('reconcile');
    expect(await world.works()).toEqual([]);
    expect(await world.intent(a)).toEqual(before);
    expect(await world.lock()).toHaveLength(1);
  });

  it('are built where the registry has none, and a failed build shows what the compiler said', async () => {
    const world = await aDriversWorld(control);
    const a = await world.addNode('a');
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'policy.yaml': world.policyFile(),
      'cluster.yaml': world.clusterFile('4.4.5'),
    });
    await world.run('reconcile');
    await world.run('reconcile');
    const works = await world.works();
    expect(works).toEqual([expect.stringContaining('builder')]);
    const [builder = ''] = works;
    await world.ended(builder, {
      schemaVersion: 1,
      result: 'failed',
      code: 'COMPILE',
      message: 'The compiler has failed.',
      target: TARGET,
      lastLines: ['error: implicit declaration of function'],
    });
    const failed = await world.json('plan');
    expect(JSON.stringify(failed.drivers)).toContain('implicit declaration');
    await world.ended(builder, published(aPackage(TARGET)));
    await world.run('reconcile');
    expect(await world.lock()).toMatchObject([{ origin: { kind: 'builder' } }]);
    expect(await world.intent(a)).toMatchObject({ drivers: { package: { kernel: KERNEL } } });
  });

  it('label nodes as a policy says, and touch nothing else of them', async () => {
    const world = await aDriversWorld(control);
    const a = await world.addNode('a');
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'policy.yaml': world.policyFile(),
    });
    expect(told(await world.json('plan'))).toContainEqual(
      expect.stringMatching(/^update v1\/Node\/.*kernel/),
    );
    await world.run('reconcile');
    const labels = async () => (await world.get('node', a))?.metadata.labels;
    expect(await labels()).toMatchObject({
      'weka.io/kernel': KERNEL,
      'kubernetes.io/hostname': a,
    });
    expect(told(await world.json('plan'))).not.toContainEqual(expect.stringContaining('v1/Node/'));
  });

  it('of which the lock cannot be read are left as they are, and that is an error for people', async () => {
    const { world, a, package445 } = await aReadyWorld();
    const [fetching = ''] = await world.works();
    await world.ended(fetching, published(package445));
    await world.run('reconcile');
    const before = await world.intent(a);
    const name = world.systemNamespace.replace(/-system$/, '');
    const patch = JSON.stringify({ data: { 'drivers.lock': 'not the lock' } });
    const lock = ['configmap', `${name}-drivers`, '-n', world.systemNamespace];
    await world.kubectl(['patch', ...lock, '--type=merge', '-p', patch]);
    await world.repository.commit({ 'cluster.yaml': world.clusterFile('4.4.6') });
    const plan = await world.json('plan');
    expect(plan.findings).toContainEqual(
      expect.objectContaining({
        rule: 'drivers-lock',
        message: expect.stringContaining('DRIVERS_LOCK_DAMAGED'),
      }),
    );
    await world.run('reconcile');
    expect(await world.intent(a)).toEqual(before);
    expect(await world.works()).toEqual([fetching]);
  });

  it('are no reason to leave anything else undone, where the lock may not be read', async () => {
    const { world, a, package445 } = await aReadyWorld();
    const [fetching = ''] = await world.works();
    await world.ended(fetching, published(package445));
    await world.run('reconcile');
    const before = await world.intent(a);
    const body = '{"kind":"Status","code":403,"reason":"Forbidden","message":"no"}';
    const headers = { 'content-type': 'application/json' };
    world.faults.rules.add({
      method: 'GET',
      path: /\/configmaps\/i-[^/?]*-drivers\b/,
      fault: { do: 'answer', status: 403, body, headers },
    });
    await world.repository.commit({
      'cluster.yaml': world.clusterFile('4.4.6'),
      'a.yaml': configMap(world.namespace, 'a'),
    });
    const { findings, outcomes } = await world.json('reconcile');
    expect(findings.map(({ rule }) => rule)).toContain('drivers-lock');
    expect(outcomes.map(({ target }) => target)).toEqual([`v1/ConfigMap/${world.namespace}/a`]);
    expect(await world.intent(a)).toEqual(before);
    expect(await world.works()).toEqual([fetching]);
  });

  it('of another digest than the pinned one are not used before a person has decided', async () => {
    const { world, a, package445 } = await aReadyWorld();
    const [fetching = ''] = await world.works();
    await world.ended(fetching, published(package445));
    await world.run('reconcile');
    world.registry.packages.set(modulesFile(TARGET), aPackage(TARGET, 'second'));
    const plan = await world.json('plan');
    expect(JSON.stringify(plan.drivers)).toContain('changed');
    await world.run('reconcile');
    expect(await world.intent(a)).toMatchObject({ drivers: { package: { sha256: package445.sha256 } } });
    expect(await world.lock()).toMatchObject([{ package: package445 }]);
  });

  it('tell no node of a package that could not be pinned', async () => {
    const world = await aDriversWorld(control);
    const a = await world.addNode('a');
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'policy.yaml': world.policyFile(),
      'cluster.yaml': world.clusterFile('4.4.5'),
    });
    await world.run('reconcile');
    const [builder = ''] = await world.works();
    await world.ended(builder, published(aPackage(TARGET)));
    const body = '{"kind":"Status","code":403,"reason":"Forbidden","message":"no"}';
    const headers = { 'content-type': 'application/json' };
    const undo = world.faults.rules.add({
      method: 'PATCH',
      path: /\/configmaps\/[^/?]*-drivers\b/,
      fault: { do: 'answer', status: 403, body, headers },
    });
    const failed = await world.run('reconcile');
    expect(failed.exitCode).not.toBe(0);
    expect(await world.intent(a)).toBeUndefined();
    expect(await world.lock()).toEqual([]);
    undo();
    await world.run('reconcile');
    expect(await world.intent(a)).toBeDefined();
  });

  it('are for no node with a taint that the pods of the cluster do not put up with', async () => {
    const world = await aDriversWorld(control);
    const [a, b] = [await world.addNode('a'), await world.addNode('b')];
    await world.kubectl(['taint', 'node', b, 'example.com/others=yes:NoSchedule']);
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'policy.yaml': world.policyFile(),
      'cluster.yaml': world.clusterFile('4.4.5'),
    });
    const { drivers } = await world.json('plan');
    expect(JSON.stringify(drivers)).toContain(a);
    expect(JSON.stringify(drivers)).not.toContain(b);
  });

  it('leave the intent of a node whose report does not count as it is', async () => {
    const { world, a, b, package445 } = await aReadyWorld();
    const [fetching = ''] = await world.works();
    await world.ended(fetching, published(package445));
    await world.run('reconcile');
    const before = await world.intent(a);
    await world.kubectl(['delete', 'configmap', reportName(a), '-n', world.agentNamespace]);
    await world.repository.commit({ 'settings.yaml': world.settingsFile({ status: { history: 100 } }) });
    expect(told(await world.json('plan'))).toEqual([]);
    await world.run('reconcile');
    expect(await world.intent(a)).toEqual(before);
    expect(await world.intent(b)).toBeDefined();
  });
});
