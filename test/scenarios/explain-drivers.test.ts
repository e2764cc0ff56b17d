import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { modulesFile } from '../../schemas/drivers/package.ts';
import type { DriverResult } from '../../schemas/drivers/result.ts';
import type { DriversIntent } from '../../schemas/node/drivers.ts';
import { Explanation } from '../../schemas/output/explanation.ts';
import { bounded } from '../../reconciler/world/apply/bounded.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { runBuilderPod } from '../nodeagent/build/builder-pod.ts';
import {
  aService,
  file as builtFile,
  failure,
  release,
  script,
  sources,
  VERSION,
} from '../nodeagent/build/build-site.ts';
import { builtPackage, driverNode, keeperOf } from '../nodeagent/drivers/driver-node.ts';
import { type Answer, file, packageServer, status } from '../nodeagent/drivers/package-server.ts';
import { RELEASE, VERMAGIC } from '../nodeagent/drivers/simulated-kernel.ts';
import {
  aDriversWorld,
  aPackage,
  aTarget,
  type DriversWorld,
  KERNEL,
  pinFromRegistry,
} from '../support/drivers-world.ts';

// What goes wrong is done by the real programs: the builder, the service, the agent's own keeper of drivers. What they say of it is put
// where a kubelet and an agent put it, and a person asks why.

const control = await sharedCluster();

async function explained(world: Pick<DriversWorld, 'run'>, target: string): Promise<Explanation> {
  const { stdout, stderr } = await world.run('explain', '--output', 'json', target);
  if (stdout === '') throw new Error(stderr);
  return Explanation.parse(JSON.parse(stdout));
}

/** Causes and ways out of all that is held up. */
async function told(world: Pick<DriversWorld, 'run'>, target = 'drivers') {
  const { state, waitsFor, toChange, facts, now } = await explained(world, target);
  const waits = waitsFor.map(({ target: whom, why }) => `${whom} ${why}`).join('\n');
  return { state, waits, ways: toChange.join('\n'), facts, now };
}

/** A node of a world that runs another kernel than it was made with. */
async function runs(world: DriversWorld, node: string, kernel: string): Promise<void> {
  const patch = JSON.stringify({ status: { nodeInfo: { kernelVersion: kernel } } });
  await world.kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', patch]);
  await world.reports(node, undefined, kernel);
}

/** What is done to a build, and what whoever asks is told of it: its code, what it says, the way out. */
const BUILDS: readonly {
  readonly fault: string;
  readonly code: string;
  readonly result: () => Promise<DriverResult | undefined>;
  readonly says: RegExp;
  readonly way: RegExp;
}[] = [
  {
    fault: 'it takes longer than buildTimeout',
    code: 'BUILD_TIMEOUT',
    result: async () => {
      const source = await sources({ kbuild: `$(shell sleep 100000)` });
      return await built({ source, env: { BUILD_TIMEOUT_SECONDS: '2' } });
    },
    says: /after 2 seconds, which is its buildTimeout[^]*Cause: It was stopped at its timeout: mostly headers/,
    way: /linux-headers|buildTimeout/,
  },
  {
    fault: 'the node has no headers',
    code: 'NO_HEADERS',
    result: async () =>
      await built({ source: await sources(), prepare: [`rm -r /lib/modules/${release}/build`] }),
    says: /There are no whole headers of kernel .*build is missing/,
    way: /Install the headers/,
  },
  {
    fault: 'the sources do not fit the custom kernel',
    code: 'COMPILE',
    result: async () => await built({ source: await sources({ text: '#error "this kernel is not known"' }) }),
    says: /could not be compiled[^]*Cause: The compiler does not take the sources with the headers and tools/,
    way: /extraBuildArgs/,
  },
  {
    fault: 'the tools that the script should bring are not there',
    code: 'PRE_RUN',
    result: async () =>
      await built({ source: await sources(), env: script('echo no such package >&2\nexit 3\n') }),
    says: /exit code 3|ended with/,
    way: /preRunScript|builderPreRunScript|script/,
  },
  {
    fault: 'the node was booted with another kernel',
    code: 'WRONG_KERNEL',
    result: async () =>
      await built({ source: await sources(), env: { EXPECTED_KERNEL: '6.8.0-45-generic' } }),
    says: /is for kernel 6\.8\.0-45-generic, and its node runs/,
    way: /nodeSelector|kernel/,
  },
  {
    fault: 'the image has nothing to build',
    code: 'NO_SOURCE',
    result: async () => await built({}),
    says: /neither sources of drivers nor the vendor’s command/,
    way: /image/,
  },
  {
    fault: 'the disk of the builder is full',
    code: 'NO_SPACE',
    result: async () => {
      const source = await sources();
      await writeFile(join(source, 'large'), Buffer.alloc(40_000));
      return await built({ source, prepare: ['mount -t tmpfs -o size=16k tmpfs /tmp'] });
    },
    says: /No space was left on the disk of the builder/,
    way: /room|disk|space/i,
  },
  {
    fault: 'the service has other bytes under the name',
    code: 'UPLOAD_CONFLICT',
    result: async () => {
      const service = await aService();
      await service.dist.put(builtFile, Buffer.from('other bytes'));
      return (await runBuilderPod(service.pod({ source: await sources() }))).result;
    },
    says: /Cause: A build gave other bytes than one before it/,
    way: /Delete the package/,
  },
];

async function built(more: Parameters<Awaited<ReturnType<typeof aService>>['pod']>[0]) {
  const { pod } = await aService();
  return (await runBuilderPod(pod(more))).result;
}

it('explains what a build came to grief on, and the way out', { timeout: 180_000 }, async () => {
  const world = await aDriversWorld(control);
  const node = await world.addNode('a');
  await runs(world, node, release);
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile(VERSION),
  });
  await world.run('reconcile');
  const [builder = ''] = await world.works();
  const results = await bounded(BUILDS, 2, async ({ result }) => failure(await result()));
  for (const [index, { fault, code, says, way }] of BUILDS.entries()) {
    const ended = results[index]!;
    expect.soft(ended.code, fault).toBe(code);
    await world.ended(builder, ended);
    const all = await told(world);
    expect.soft(all.state, fault).toBe('held-up');
    expect.soft(all.waits, fault).toContain(`failed, ${code}`);
    expect.soft(all.waits, fault).toMatch(says);
    expect.soft(all.ways, fault).toMatch(way);
  }
  // The node that waits for the build says the same, and so does the code itself.
  const { code = '', way } = BUILDS.at(-1) ?? {};
  const one = await told(world, `node/${node}`);
  expect(one.waits).toContain(code);
  expect(one.ways).toMatch(way ?? /^$/);
  expect(await told(world, `drivers/${code}`)).toMatchObject({
    state: 'held-up',
    waits: expect.stringContaining(code),
  });
});

/** What is done to a node or its service, and what whoever asks is told of it. */
const LOADS: readonly {
  readonly fault: string;
  readonly code: string;
  readonly state: 'failed' | 'refused' | 'waiting';
  readonly make: (it: Loading) => Promise<DriversIntent>;
  readonly says: RegExp;
  readonly way: RegExp;
}[] = [
  {
    fault: 'nothing answers at port 60002',
    code: 'UNREACHABLE',
    state: 'failed',
    // No one listens at this port.
    make: async ({ asked, server }) => asked.intent(server, { from: [{ url: 'http://127.0.0.1:1' }] }),
    says: /Nothing answers at driversDistService/,
    way: /NetworkPolicy and firewall lets nodes reach port 60002|NetworkPolicy lets nodes reach its port 60002/,
  },
  {
    fault: 'the certificate of the service is of somebody else',
    code: 'UNTRUSTED',
    state: 'failed',
    make: async ({ asked }) => {
      const server = await packageServer({ tls: true });
      return asked.intent(server, { from: [{ url: server.source.url, serverName: 'another.name' }] });
    },
    says: /certificate of the service at .* does not verify/,
    way: /certificate|driversDistService/,
  },
  {
    fault: 'the service answers with an error',
    code: 'SERVICE',
    state: 'failed',
    make: async (it) => it.answering(status(500)),
    says: /answers with status 500/,
    way: /log of the distribution service/,
  },
  {
    fault: 'the package is gone from the service',
    code: 'PACKAGE_MISSING',
    state: 'failed',
    make: async (it) => it.answering(status(404)),
    says: /does not have /,
    way: /built or fetched again|builds or fetches it again/,
  },
  {
    fault: 'the bytes in the storage are corrupt',
    code: 'DIGEST',
    state: 'failed',
    make: async (it) => it.answering(file(it.asked.packed.map((byte) => byte ^ 1))),
    says: /is not the pinned package: its SHA-256 is another/,
    way: /Delete the package from the storage of the distribution service/,
  },
  {
    fault: 'the package in the storage is truncated',
    code: 'SIZE',
    state: 'failed',
    make: async (it) => it.answering(file(it.asked.packed.subarray(0, 100))),
    says: /has 100 bytes, and the package/,
    way: /Delete the package from the storage of the distribution service/,
  },
  {
    fault: 'it was built for another kernel than its name says',
    code: 'VERMAGIC',
    state: 'refused',
    make: async (it) => {
      const wrong = await builtPackage('4.4.5', { vermagic: '5.15.0 SMP mod_unload ' });
      it.server.answer = file(wrong.packed);
      return wrong.intent(it.server);
    },
    says: /headers that it was built with are of another kernel/,
    way: /again on a node with/,
  },
  {
    fault: 'the kernel takes signed modules only',
    code: 'UNSIGNED',
    state: 'refused',
    make: async (it) => {
      await writeFile(`${it.node.root}/sys/module/module/parameters/sig_enforce`, 'Y\n');
      return it.answering(file(it.asked.packed));
    },
    says: /Secure Boot or module\.sig_enforce=1 is on/,
    way: /module-signing|signed/,
  },
  {
    fault: 'the kernel gives up on a module',
    code: 'LOAD_FAILED',
    state: 'failed',
    make: async (it) => {
      it.node.kernel.refuses.set('wekafsgw 4.4.5', 'Unknown symbol in module');
      return it.answering(file(it.asked.packed));
    },
    says: /did not take module wekafsgw/,
    way: /dmesg/,
  },
  {
    fault: 'another version was loaded by hand',
    code: 'OTHER_LOADED',
    state: 'refused',
    make: async (it) => {
      await it.loadByHand('4.3.0');
      return it.answering(file(it.asked.packed), { replace: 'never' });
    },
    says: /A node has one version of the drivers/,
    way: /Approve the replacement|Approval/,
  },
  {
    fault: 'something uses the modules that would have to go',
    code: 'IN_USE',
    state: 'waiting',
    make: async (it) => {
      await it.loadByHand('4.3.0', { keepsState: true });
      await it.node.kernel.hold('wekafsio', 1);
      return it.answering(file(it.asked.packed));
    },
    says: /Mounts, modules or processes hold the drivers/,
    way: /drain-drivers|Move what uses|Stop|Unmount/,
  },
  {
    fault: 'the folder of the agent cannot be written',
    code: 'STATE_FOLDER',
    state: 'failed',
    make: async (it) => {
      await mkdir(dirname(it.node.state), { recursive: true });
      await writeFile(it.node.state, 'A file where the folder should be.');
      return it.answering(file(it.asked.packed));
    },
    says: /read-only or damaged/,
    way: /folder|writable/,
  },
];

interface Loading {
  readonly node: Awaited<ReturnType<typeof driverNode>>;
  readonly server: Awaited<ReturnType<typeof packageServer>>;
  readonly asked: Awaited<ReturnType<typeof builtPackage>>;
  /** The intent, with a service that answers so. */
  answering(answer: Answer, more?: Partial<DriversIntent>): DriversIntent;
  loadByHand(version: string, how?: { readonly keepsState?: boolean }): Promise<void>;
}

async function aLoading(): Promise<Loading> {
  const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
  return {
    node,
    server,
    asked,
    answering(answer, more) {
      server.answer = answer;
      return asked.intent(server, more);
    },
    async loadByHand(version, { keepsState = false } = {}) {
      const other = await builtPackage(version);
      const from = await packageServer();
      from.answer = file(other.packed);
      const state = keepsState ? node.state : `${node.root}/elsewhere`;
      const byHand = keeperOf({ ...node, state });
      byHand.keeper.wants({ schemaVersion: 1, generation: 1, drivers: other.intent(from) });
      await byHand.is('loaded');
      await byHand.end();
    },
  };
}

it('explains what holds each node up, and the way out', { timeout: 180_000 }, async () => {
  const world = await aDriversWorld(control);
  const target = aTarget('4.4.5', RELEASE);
  const { package: made } = await builtPackage('4.4.5', { vermagic: VERMAGIC });
  const about = { ...aPackage(target), sha256: made.sha256, bytes: made.bytes };
  const nodes = await bounded(LOADS, 4, async ({ code }) => {
    const node = await world.addNode(code.toLowerCase().replaceAll('_', '-'));
    await runs(world, node, RELEASE);
    return node;
  });
  await pinFromRegistry(world, about);

  await bounded([...LOADS.entries()], 4, async ([index, { code, state, make }]) => {
    const loading = await aLoading();
    const intent = await make(loading);
    const agent = keeperOf(loading.node);
    agent.wants(intent);
    const report = await agent.is(state, code);
    await agent.end();
    const node = nodes[index]!;
    expect((await world.intent(node))?.drivers?.package.sha256).toBe(made.sha256);
    // Of one that is not what its name says the digest is another, too; here it is the pinned one.
    await world.reports(node, { ...report, wanted: { version: '4.4.5', sha256: made.sha256 } }, RELEASE);
  });
  const all = await told(world);
  expect(all.state).toBe('held-up');
  for (const [index, { fault, code, state, says, way }] of LOADS.entries()) {
    const node = nodes[index]!;
    expect.soft(all.waits, fault).toContain(`${state}, ${code}`);
    expect.soft(all.waits, fault).toMatch(says);
    expect.soft(all.ways, fault).toMatch(way);
    const one = await told(world, `node/${node}`);
    expect.soft(one.facts.find(({ name }) => name === 'Held up by')?.value, fault).toContain(code);
    expect.soft(one.facts.map(({ value }) => value).join('\n'), fault).toMatch(says);
    expect.soft(one.ways, fault).toMatch(way);
  }
});

it('explains why a node gets no drivers at all: no nodeSelector fits its labels', async () => {
  const world = await aDriversWorld(control);
  const a = await world.addNode('a');
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile('4.4.5'),
  });
  const labels = (await world.get('node', a))?.metadata.labels ?? {};
  const key = Object.keys(labels).find((each) => each.startsWith('example.com/')) ?? '';
  const b = await world.addNode('b');
  await world.kubectl(['label', 'node', b, `${key}-`]);
  const { now, facts, ways } = await told(world, `node/${b}`);
  expect(now.join('\n')).toContain('It gets no drivers. No manifest asks for drivers there');
  expect(facts.filter(({ name }) => name === 'Not selected by').map(({ value }) => value)).toEqual([
    expect.stringMatching(new RegExp(`^WekaCluster .*cluster\\.yaml:1.*wants ${key}=yes`)),
    expect.stringMatching(new RegExp(`^WekaPolicy .*policy\\.yaml:1.*wants ${key}=yes`)),
  ]);
  expect(ways).toContain('Compare the labels of the node with the nodeSelector');
});

it(
  'explains what a registry lacks, has other bytes of, or does not answer',
  { timeout: 120_000 },
  async () => {
    const world = await aDriversWorld(control);
    const a = await world.addNode('a');
    const { spec, ...cluster } = JSON.parse(world.clusterFile('4.4.5'));
    const from = (driversDistService: string) =>
      JSON.stringify({ ...cluster, spec: { ...spec, driversDistService } });
    await world.repository.commit({
      'settings.yaml': world.settingsFile(),
      'cluster.yaml': from(world.registry.url),
    });
    const none = await told(world);
    expect(none).toMatchObject({
      state: 'held-up',
      ways: expect.stringMatching(/^Add a WekaPolicy of type /),
    });
    expect(none.waits).toContain(`${world.registry.url} has no drivers of 4.4.5 for ${KERNEL}`);
    expect((await told(world, `node/${a}`)).ways).toBe(none.ways);

    const target = aTarget('4.4.5');
    world.registry.packages.set(modulesFile(target), aPackage(target));
    await world.run('reconcile');
    world.registry.packages.set(modulesFile(target), aPackage(target, 'second'));
    const changed = await told(world);
    expect(changed).toMatchObject({
      state: 'held-up',
      ways: expect.stringContaining('accept-driver-package'),
    });
    expect(changed.waits).toMatch(/changed: .* which was pinned; the pinned one goes on being used/);

    // Nothing listens there.
    const nowhere = 'http://127.0.0.1:1';
    const { kubeconfig, agentNamespace, systemNamespace: namespace, registry } = world;
    const config = {
      kubernetes: { kubeconfig },
      installation: { name: namespace.replace(/-system$/, ''), namespace, agentNamespace },
      ceilings: { driverRegistries: [registry.url, nowhere] },
    };
    await world.repository.commit({ 'cluster.yaml': from(nowhere) });
    const away = await told(world.beside(config));
    expect(away).toMatchObject({ state: 'held-up', ways: expect.stringContaining(`can reach ${nowhere}`) });
    expect(away.waits).toContain(`${nowhere} cannot be reached (ECONNREFUSED)`);
    // Where the configuration does not name it, nobody is asked.
    expect((await world.run('plan')).stdout).toContain('driverRegistries');
  },
);
