import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../cluster/until.ts';
import { builtPackage, type DriverNode, driverNode, keeperOf } from './driver-node.ts';
import { kernelModule } from './kernel-module.ts';
import { file, packageServer, status } from './package-server.ts';
import { RELEASE } from './simulated-kernel.ts';

const COMING = '6.12.0-1-cloud-amd64';
const VERMAGIC = `${COMING} SMP preempt mod_unload modversions `;
const REBOOTED = '0e8c2b1a-4a57-4f0b-9a8e-6c6d6f1f0c12';

/** The node boots another kernel, which has modules of its own. */
async function bootOther({ root, kernel }: DriverNode): Promise<void> {
  const modules = join(root, 'lib/modules', COMING);
  await mkdir(join(modules, 'kernel/drivers/uio'), { recursive: true });
  await writeFile(join(modules, 'modules.dep'), 'kernel/drivers/uio/uio.ko:\n');
  await writeFile(join(modules, 'modules.builtin'), 'kernel/net/arp_tables.ko\n');
  const uio = kernelModule({ info: ['name=uio', `vermagic=${VERMAGIC}`] });
  await writeFile(join(modules, 'kernel/drivers/uio/uio.ko'), uio);
  await writeFile(join(root, 'proc/sys/kernel/osrelease'), `${COMING}\n`);
  kernel.vermagic = VERMAGIC;
  await kernel.boot(REBOOTED);
}

/** A node with drivers loaded, that is asked to keep those for another kernel as well. */
async function upgrading() {
  const [node, server, now] = [
    await driverNode(),
    await packageServer({ tls: true }),
    await builtPackage('4.4.5'),
  ];
  const then = await builtPackage('4.4.5', { vermagic: VERMAGIC });
  const coming = { ...then.package, kernel: COMING, file: 'coming.tar.gz' };
  const files = new Map([
    [now.package.file, file(now.packed)],
    [coming.file, file(then.packed)],
  ]);
  server.answer = (request, response) =>
    (files.get(request.url?.split('/').at(-1) ?? '') ?? status(404))(request, response);
  const agent = keeperOf(node);
  const next = { package: coming, from: [server.source] };
  agent.wants(now.intent(server, { next }));
  await agent.is('loaded');
  return { node, server, now, coming, next, agent };
}

it('the drivers of a kernel that was not booted before are there right after its first boot, with no cluster and no service', async () => {
  const { node, server, now, coming, agent } = await upgrading();
  await until('both are kept', () => agent.keeper.report?.cached.length === 2);
  expect(agent.keeper.report?.loaded).toMatchObject({ sha256: now.package.sha256, kernel: RELEASE });
  await agent.end();
  server.answer = status(500);
  const asked = server.asked.length;
  await bootOther(node);
  const again = keeperOf(node);
  const report = await again.is('loaded');
  expect(report).toMatchObject({
    wanted: { sha256: coming.sha256 },
    loaded: { sha256: coming.sha256, kernel: COMING },
  });
  expect(Object.keys(node.kernel.loaded).toSorted()).toEqual([
    'igb_uio',
    'mpin_user',
    'uio',
    'wekafsgw',
    'wekafsio',
  ]);
  expect(server.asked).toHaveLength(asked);

  // The cluster follows, and nothing of it is loaded anew.
  const calls = node.kernel.calls.length;
  again.wants(now.intent(server, { package: coming }));
  await until('it goes by that', () => again.keeper.answered === again.keeper.generation);
  await again.is('loaded');
  expect(node.kernel.calls).toHaveLength(calls);
});

it('one that has rotted meanwhile is not loaded, and is downloaded again', async () => {
  const { node, server, coming, agent } = await upgrading();
  await until('both are kept', () => agent.keeper.report?.cached.length === 2);
  await agent.end();
  const kept = join(node.state, 'drivers/packages', coming.sha256);
  await rm(kept);
  await writeFile(kept, Buffer.alloc(coming.bytes, 1));
  await bootOther(node);
  const again = keeperOf(node);
  await again.is('loaded');
  expect(again.lines.slice(0, 3)).toEqual([
    expect.stringMatching(/^verify/),
    `download ${coming.file}`,
    `unpack ${coming.file}`,
  ]);
  expect(server.asked.length).toBeGreaterThan(2);
});
