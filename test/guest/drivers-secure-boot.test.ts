import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { FIRST, type SIGNED } from './driver-modules.ts';
import { DriverNode, startDriverNode } from './driver-node.ts';
import { packDrivers } from './driver-packages.ts';
import { afterAllTests } from './has-failed.ts';
import { PackageServer } from './package-server.ts';

const cluster = await sharedCluster();
let node: DriverNode;
let service: PackageServer;

beforeAll(async () => {
  service = await PackageServer.start();
  node = await startDriverNode(cluster, { kernel: '6.1', hasSecureBoot: true });
}, 1_200_000);

afterAllTests(async (failed) => await node?.guest.end({ failed }));
afterAll(async () => await service?.stop());

/** Asks for modules with that signature, and waits until the report says that of them. */
async function asked(
  signedBy: keyof typeof SIGNED | undefined,
  so: Partial<Pick<DriversReport, 'state' | 'code'>>,
): Promise<DriversReport> {
  const { package: wanted, bytes } = await packDrivers({
    kernel: '6.1',
    version: FIRST,
    ...(signedBy === undefined ? {} : { signedBy }),
  });
  service.files.set(wanted.file, { bytes });
  const from = [{ url: service.url }];
  const intent = { package: wanted, from, owner: 'WekaCluster weka/demo', replace: 'unused' } as const;
  return await node.told(await node.ask(intent), so);
}

describe('an agent on a node with Secure Boot', { timeout: 600_000 }, () => {
  it('loads only modules that are signed with a key of the firmware', async () => {
    await asked(undefined, { state: 'refused', code: 'UNSIGNED' });
    await asked('stranger', { state: 'refused', code: 'KEY_REJECTED' });
    expect(await node.loaded()).toEqual({});
    await asked('firmware', { state: 'loaded' });
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
    expect((await node.report())?.observed).toMatchObject({
      secureBoot: 'on',
      lockdown: 'integrity',
      moduleSignatures: 'enforced',
    });
  });
});
