import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIVERS_PATH } from '../../schemas/drivers/package.ts';
import type { DriverSource, DriversIntent, DriversReport } from '../../schemas/node/drivers.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { DriverDist } from './driver-dist.ts';
import { BROKEN, DPDK, driverModules, FIRST, SECOND } from './driver-modules.ts';
import { DriverNode, startDriverNode } from './driver-node.ts';
import { packDrivers, type PackedDrivers, packed } from './driver-packages.ts';
import { afterAllTests } from './has-failed.ts';
import { PATIENT } from './observe.ts';
import { PackageServer } from './package-server.ts';

const cluster = await sharedCluster();
let node: DriverNode;
let dist: DriverDist;
let liar: PackageServer;
let first: PackedDrivers;
let second: PackedDrivers;

beforeAll(async () => {
  [dist, liar] = await Promise.all([DriverDist.start(), PackageServer.start()]);
  first = await packDrivers({ kernel: '6.1', version: FIRST });
  second = await packDrivers({ kernel: '6.1', version: SECOND });
  await dist.put(first);
  await dist.put(second);
  node = await startDriverNode(cluster, { kernel: '6.1' });
}, 1_200_000);

afterAllTests(async (failed) => await node?.guest.end({ failed }));
afterAll(async () => {
  await dist?.stop();
  await liar?.stop();
});

/** An intent for a package, from the good service where nothing else is said. */
function intentOf(
  { package: wanted }: PackedDrivers,
  replace: DriversIntent['replace'] = 'unused',
  from: readonly DriverSource[] = [dist.source],
): DriversIntent {
  return { package: wanted, from: [...from], owner: 'WekaCluster weka/demo', replace };
}

/** Asks for a package, and waits until the report says that of it. */
async function asked(
  intent: DriversIntent,
  so: Partial<Pick<DriversReport, 'state' | 'code'>>,
): Promise<DriversReport> {
  return await node.told(await node.ask(intent), so);
}

const said = async () =>
  (await node.guest.output('dmesg')).split('\n').flatMap((line) => /wekafs(?:gw|io): .*/.exec(line) ?? []);

/** A process that uses the file system until it is ended, or until it is drained. */
async function startFrontend(name: string): Promise<void> {
  const use = 'exec 3<>/proc/wekafs/interface; echo "use $0" >&3; exec sleep 100000';
  await node.guest.output('sh', '-c', `(${use}) </dev/null >/dev/null 2>&1 &`, name);
  const isUser = async () =>
    (await node.guest.output('cat', '/proc/wekafs/interface')).includes(`Container=${name} `);
  await until('the frontend uses it', isUser);
}

describe('an agent that loads drivers into a real kernel 6.1', { timeout: 600_000 }, () => {
  it('brings a package from the service and loads it, with two of root’s powers and nothing to write to but its state', async () => {
    const told = await asked(intentOf(first), { state: 'loaded' });
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
    const { version, sha256, kernel } = first.package;
    expect(told).toMatchObject({
      wanted: { version, sha256 },
      loaded: { version, sha256, kernel },
      modules: Object.entries({
        igb_uio: 'weka1.0.2',
        mpin_user: '1.0.1',
        wekafsgw: FIRST,
        wekafsio: FIRST,
      }).map(([name, of]) => ({ name, state: 'loaded', version: of })),
      cached: [sha256],
    });
    expect(await said()).toEqual([`wekafsgw: version ${FIRST}`, `wekafsio: version ${FIRST}`]);
    expect(await node.guest.output('cat', '/proc/modules')).toMatch(/^uio \d+ 1 igb_uio,/m);

    const status = await node.guest.output('cat', `/proc/${await node.agentPid()}/status`);
    // CAP_DAC_READ_SEARCH and CAP_SYS_MODULE.
    expect(status).toMatch(/^CapEff:\t0000000000010004\n/m);
    expect(status).toMatch(/^CapBnd:\t0000000000010004\n/m);
    expect(status).toMatch(/^NoNewPrivs:\t1\n/m);
  });

  it('loads them again after a reboot though neither the API server nor the service is there', async () => {
    await node.server.refuseConnections();
    await dist.kill();
    await node.guest.reset();
    const isLoaded = async () => {
      expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
      return true;
    };
    await until('the modules are loaded', isLoaded, PATIENT);
    await dist.resume();
    await node.server.acceptConnections();
    const bootId = (await node.guest.output('cat', '/proc/sys/kernel/random/boot_id')).trim();
    const report = await until(
      'the report tells of this boot',
      async () => {
        const now = await node.report();
        return now?.observed.bootId === bootId && now.drivers?.state === 'loaded' && now;
      },
      PATIENT,
    );
    expect(report.drivers?.loaded).toMatchObject({ version: FIRST });
  });

  it('loads nothing that is not the package or is not for this kernel, and says what is wrong with it', async () => {
    const { version, kernel, architecture } = first.package;
    const target = { version, kernel, architecture };
    const good = await packDrivers({ kernel: '6.1', version: SECOND, mark: 'never served' });
    const short = good.bytes.subarray(0, -100);
    const other = Buffer.from(good.bytes).fill(0, 1000, 2000);
    const wrongInside = await packDrivers({ kernel: '6.1', version: FIRST, kernelInside: '6.12' });
    const ofOtherKernel = await packDrivers({ kernel: '6.12', version: FIRST });
    const escaping = await packDrivers({
      kernel: '6.1',
      version: FIRST,
      change: ([one, ...others]) => [{ ...one!, name: '../../../etc/evil.ko' }, ...others],
    });
    const noArchive = packed(target, gzipSync('There is nothing in it.'));
    const cases: readonly [PackedDrivers, Buffer | undefined, DriversReport['state'], string][] = [
      [good, other, 'failed', 'DIGEST'],
      [good, short, 'failed', 'SIZE'],
      [good, undefined, 'failed', 'PACKAGE_MISSING'],
      [wrongInside, wrongInside.bytes, 'refused', 'VERMAGIC'],
      [ofOtherKernel, ofOtherKernel.bytes, 'waiting', 'KERNEL'],
      [escaping, escaping.bytes, 'refused', 'BAD_PACKAGE'],
      [noArchive, noArchive.bytes, 'refused', 'BAD_PACKAGE'],
    ];
    for (const [wanted, bytes, state, code] of cases) {
      liar.files.clear();
      if (bytes !== undefined) liar.files.set(wanted.package.file, { bytes });
      const told = await asked(intentOf(wanted, 'unused', [{ url: liar.url }]), { state, code });
      console.error(`${code}: ${told.message} ${told.hint ?? ''}`);
      expect(told.message).toMatch(/\S \S.*\.$/);
      expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
    }
    expect(await node.guest.run('ls', ['/etc/evil.ko'])).toMatchObject({ exitCode: 1 });
  });

  it('goes on at another source where a service dies amid the package', async () => {
    const again = await packDrivers({ kernel: '6.1', version: FIRST, mark: 'served twice' });
    const { file } = again.package;
    liar.files.set(file, { bytes: again.bytes, endsAfter: Math.floor(again.bytes.length / 2) });
    const elsewhere = await PackageServer.start();
    try {
      elsewhere.files.set(file, { bytes: again.bytes });
      const from = [{ url: 'http://10.0.2.2:1' }, { url: liar.url }, { url: elsewhere.url }];
      // Its modules are those that are loaded; it is wanted for the next boot.
      await asked(intentOf(again, 'unused', from), { state: 'loaded' });
      const isKept = async () => (await node.report())?.drivers?.cached.includes(again.package.sha256);
      await until('the package is kept', isKept, PATIENT);
    } finally {
      await elsewhere.stop();
    }
  });

  it('leaves loaded modules alone until they may be replaced and nothing uses them, and says who does', async () => {
    const refused = await asked(intentOf(second, 'never'), { state: 'refused', code: 'OTHER_LOADED' });
    expect(refused.modules).toContainEqual(
      expect.objectContaining({ name: 'wekafsio', state: 'other', version: FIRST }),
    );
    await node.guest.output('mkdir', '-p', '/mnt/weka');
    await node.guest.output('mount', '-t', 'wekafs', 'backend-0/default', '/mnt/weka');
    await startFrontend('frontend0');
    const inUse = await asked(intentOf(second, 'unused'), { state: 'waiting', code: 'IN_USE' });
    console.error(`IN_USE: ${inUse.message} ${inUse.hint} ${inUse.users?.join('; ')}`);
    expect(inUse.users?.join('\n')).toContain('/mnt/weka');
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));

    const draining = await asked(intentOf(second, 'drain'), { state: 'waiting', code: 'DRAINING' });
    expect(draining.users?.join('\n')).toContain('/mnt/weka');
    await until(
      'the frontend is drained',
      async () => (await node.guest.output('cat', '/proc/wekafs/interface')).includes('Users: 0\n'),
      PATIENT,
    );
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
    await node.guest.output('umount', '/mnt/weka');
    const isSecond = async () => {
      expect(await node.loaded()).toEqual(DriverNode.all(SECOND));
      return true;
    };
    await until('the second version is loaded', isSecond, PATIENT);
    expect((await said()).slice(-4)).toEqual([
      `wekafsio: gone, version ${FIRST}`,
      `wekafsgw: gone, version ${FIRST}`,
      `wekafsgw: version ${SECOND}`,
      `wekafsio: version ${SECOND}`,
    ]);
    const told = await asked(intentOf(second, 'never'), { state: 'loaded' });
    expect(told.loaded).toMatchObject({ version: SECOND });
  });

  it('goes back to the version it had when the new one does not load', async () => {
    const broken = await packDrivers({ kernel: '6.1', version: BROKEN });
    await dist.put(broken);
    const told = await asked(intentOf(broken), { code: 'LOAD_FAILED' });
    console.error(`LOAD_FAILED: ${told.message} ${told.hint}`);
    const isBack = async () => {
      expect(await node.loaded()).toEqual(DriverNode.all(SECOND));
      return true;
    };
    await until('the second version is loaded again', isBack, PATIENT);
    expect((await asked(intentOf(second), { state: 'loaded' })).loaded).toMatchObject({ version: SECOND });
  });

  it('says of modules that somebody loaded by hand that they are others, and replaces them when it may', async () => {
    await asked(intentOf(second, 'never'), { state: 'loaded' });
    liar.files.set(first.package.file, { bytes: first.bytes });
    const url = `${liar.url}${DRIVERS_PATH}/${first.package.file}`;
    // While the agent is stopped, so that it does not come between.
    const swap = `
      mkdir -p /tmp/by-hand; cd /tmp/by-hand; wget -q -O - "$0" | tar xz; kill -STOP "$1"
      rmmod wekafsio wekafsgw; insmod *wekafsgw*; insmod *wekafsio*; kill -CONT "$1"`;
    await node.guest.output('sh', '-euc', swap, url, await node.agentPid());
    const other = await asked(intentOf(second, 'never'), { state: 'refused', code: 'OTHER_LOADED' });
    expect(other.modules).toMatchObject([
      { name: 'igb_uio', state: 'loaded' },
      { name: 'mpin_user', state: 'loaded' },
      { name: 'wekafsgw', state: 'other', version: FIRST },
      { name: 'wekafsio', state: 'other', version: FIRST },
    ]);
    await asked(intentOf(second), { state: 'loaded' });
    expect(await node.loaded()).toEqual(DriverNode.all(SECOND));
  });

  it('says that its disk is full, and goes on once it is not', async () => {
    const large = await packDrivers({ kernel: '6.1', version: FIRST, mark: 'for a full disk' });
    liar.files.set(large.package.file, { bytes: large.bytes });
    const intent = intentOf(large, 'unused', [{ url: liar.url }]);
    const fill = '/var/lib/weka-nodeagent/fill';
    await node.guest.run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=64k']);
    const full = await asked(intent, { state: 'failed', code: 'NO_SPACE' });
    console.error(`NO_SPACE: ${full.message} ${full.hint}`);
    expect(await node.loaded()).toEqual(DriverNode.all(SECOND));
    await node.guest.output('rm', fill);
    await asked(intent, { state: 'loaded' });
    expect(await node.loaded()).toEqual(DriverNode.all(FIRST));
  });

  it('loads DPDK’s own igb_uio in place of the stand-in, and it gives devices to processes', async () => {
    await asked(intentOf(first), { state: 'loaded' });
    const real = await packDrivers({ kernel: '6.1', version: FIRST, igbUio: DPDK });
    liar.files.set(real.package.file, { bytes: real.bytes });
    const told = await asked(intentOf(real, 'unused', [{ url: liar.url }]), { state: 'loaded' });
    expect(told.modules).toContainEqual({ name: 'igb_uio', state: 'loaded' });
    // DPDK's has no version, and so no srcversion either.
    const { igb_uio: _, ...others } = DriverNode.all(FIRST);
    expect(await node.loaded()).toEqual(others);
    const note = await node.guest.output('base64', '/sys/module/igb_uio/notes/.note.gnu.build-id');
    const module = await readFile(join(await driverModules('6.1'), DPDK, 'igb_uio.ko'));
    expect(module.includes(Buffer.from(note, 'base64'))).toBe(true);

    await node.guest.addNic({ name: 'spare', network: '10.0.3.0/24' });
    const bind = `
      device=$(basename "$(readlink -f /sys/class/net/eth1/device/..)")
      echo igb_uio >"/sys/bus/pci/devices/$device/driver_override"
      echo "$device" >"/sys/bus/pci/devices/$device/driver/unbind"
      echo "$device" >/sys/bus/pci/drivers_probe
      readlink "/sys/bus/pci/devices/$device/driver"`;
    const ownsNic = async () => (await node.guest.run('ls', ['/sys/class/net/eth1'])).exitCode === 0;
    await until('the interface is there', ownsNic, PATIENT);
    expect(await node.guest.output('sh', '-euc', bind)).toMatch(/\/igb_uio\n$/);
    expect(await node.guest.output('cat', '/sys/class/uio/uio0/name')).toBe('igb_uio\n');
    await node.guest.removeNic('spare');
  });
});
