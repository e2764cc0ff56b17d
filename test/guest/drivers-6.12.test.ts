import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { FIRST } from './driver-modules.ts';
import { DriverNode, startDriverNode } from './driver-node.ts';
import { packDrivers, type PackedDrivers } from './driver-packages.ts';
import { afterAllTests } from './has-failed.ts';
import { PATIENT } from './observe.ts';
import { PackageServer } from './package-server.ts';

const cluster = await sharedCluster();
let node: DriverNode;
let service: PackageServer;

beforeAll(async () => {
  service = await PackageServer.start();
  node = await startDriverNode(cluster, { kernel: '6.12' });
}, 1_200_000);

afterAllTests(async (failed) => await node?.guest.end({ failed }));
afterAll(async () => await service?.stop());

/** Asks for a package, which the service has, and waits until the report says that of it. */
async function asked(
  { package: wanted, bytes }: PackedDrivers,
  so: Partial<Pick<DriversReport, 'state' | 'code'>>,
): Promise<DriversReport> {
  service.files.set(wanted.file, { bytes });
  const from = [{ url: service.url }];
  const intent = { package: wanted, from, owner: 'WekaCluster weka/demo', replace: 'unused' } as const;
  return await node.told(await node.ask(intent), so);
}

describe('an agent that loads drivers into a real kernel 6.12', { timeout: 600_000 }, () => {
  it('loads unsigned modules while the kernel takes them, and says why once it does not', async () => {
    const unsigned = await packDrivers({ kernel: '6.12', version: FIRST });
    const told = await asked(unsigned, { state: 'loaded' });
    expect(told.loaded?.kernel).toMatch(/^6\.12\.\d+\+deb12-cloud-amd64$/);
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));

    // As module.sig_enforce=1 on the kernel's line; it cannot be taken back.
    await node.guest.write('/sys/module/module/parameters/sig_enforce', '1');
    await node.guest.output('rmmod', 'wekafsio', 'wekafsgw', 'mpin_user', 'igb_uio', 'uio');
    const refused = await asked(unsigned, { state: 'refused', code: 'UNSIGNED' });
    console.error(`UNSIGNED: ${refused.message} ${refused.hint}`);
    expect(await node.loaded()).toEqual({});

    const stranger = await packDrivers({ kernel: '6.12', version: FIRST, signedBy: 'stranger' });
    const rejected = await asked(stranger, { code: 'KEY_REJECTED' });
    console.error(`KEY_REJECTED: ${rejected.message} ${rejected.hint}`);
    expect(await node.loaded()).toEqual({});
    expect(rejected.modules.map(({ state }) => state)).toContain('refused');
  });

  it('loads what it is asked for after a boot in which the kernel takes it', async () => {
    await node.guest.reset();
    const isLoaded = async () => {
      expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
      return true;
    };
    await until('the modules are loaded', isLoaded, PATIENT);
  });
});
