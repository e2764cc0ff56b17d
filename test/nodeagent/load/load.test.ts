import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEPT_FOLDER } from '../../../schemas/drivers/node-folders.ts';
import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { DriverResult } from '../../../schemas/drivers/result.ts';
import { AGENT, startAgentGuest } from '../../guest/agent-guest.ts';
import type { GuestFiles } from '../../guest/cpio.ts';
import { DriverDist } from '../../guest/driver-dist.ts';
import { BROKEN, driverModules, FIRST, MODULES, SECOND } from '../../guest/driver-modules.ts';
import type { Guest } from '../../guest/guest.ts';
import { afterAllTests } from '../../guest/has-failed.ts';
import { guestKernel } from '../../guest/kernel.ts';
import { kernelSignature, releaseSpec } from '../../weka/driver-cli/releases.ts';
import { zip } from '../../weka/driver-cli/zip.ts';

const STAND_IN = '/opt/stand-in';
const SOURCES = join(import.meta.dirname, '../../weka/driver-cli');
const { release } = await guestKernel('6.1');

let guest: Guest;
let dist: DriverDist;
const packages = new Map<string, DriverPackage>();

beforeAll(async () => {
  dist = await DriverDist.start();
  for (const version of [FIRST, SECOND, BROKEN]) {
    const packed = await vendorPackage(version);
    await dist.put(packed);
    packages.set(version, packed.package);
  }
  guest = await startAgentGuest({ kernel: '6.1', files: await standIn([FIRST, SECOND, BROKEN]) });
}, 1_200_000);

afterAllTests(async (failed) => await guest?.end({ failed }));
afterAll(async () => await dist?.stop());

describe('a loader’s pod on a node, with the vendor’s command', { timeout: 600_000 }, () => {
  it('verifies the package, and has it loaded', async () => {
    await given(undefined);
    const { exitCode, result, log } = await load(FIRST);
    expect({ exitCode, result, log }).toMatchObject({
      exitCode: 0,
      result: { result: 'loaded', node: 'node-a', package: packages.get(FIRST) },
    });
    const bootId = (await guest.output('cat', '/proc/sys/kernel/random/boot_id')).trim();
    expect(result).toMatchObject({ bootId });
    expect(await loaded()).toEqual({
      wekafsgw: FIRST,
      wekafsio: FIRST,
      mpin_user: '1.0.1',
      igb_uio: 'weka1.0.2',
    });
    expect(await verbs()).toEqual(['--help', 'install', 'ready']);
    // What it lays over the modules of the node is seen by nobody else.
    expect(await guest.output('cat', '/proc/mounts')).not.toContain(' /usr/lib/modules ');
  });

  it('does nothing where they are loaded already', async () => {
    await given(FIRST);
    expect(await load(FIRST)).toMatchObject({ exitCode: 0, result: { result: 'loaded' } });
    expect(await verbs()).toEqual(['--help', 'ready']);
  });

  it('does not replace other ones by itself', async () => {
    await given(FIRST);
    expect(await load(SECOND)).toMatchObject({
      exitCode: 2,
      result: {
        result: 'failed',
        code: 'OTHER_LOADED',
        message: 'Other drivers are loaded: wekafsgw, wekafsio.',
        target: { version: SECOND, kernel: release, architecture: 'x86_64' },
      },
    });
    expect(await loaded()).toMatchObject({ wekafsio: FIRST });
    expect(await verbs()).toEqual(['--help']);
  });

  it('does not replace what is in use, even where it may, and tells so', async () => {
    await given(FIRST);
    await use();
    const { result } = await load(SECOND, { LOAD_REPLACE: 'unused', LOAD_TIMEOUT_SECONDS: '1' });
    expect(result).toMatchObject({
      code: 'IN_USE',
      message: expect.stringMatching(
        new RegExp(
          `^wekafsgw ${FIRST}, wekafsio ${FIRST} can go only when nothing uses them: .*process \\d+ \\(sleep\\) of container demo`,
        ),
      ) as string,
      lastLines: [expect.stringMatching(/^process \d+ \(sleep\) of container demo$/)],
    });
    expect(await loaded()).toMatchObject({ wekafsio: FIRST });
  });

  it('has what uses them let go where it is told to drain, and replaces them', async () => {
    await given(FIRST);
    await use();
    const { exitCode, log } = await load(SECOND, { LOAD_REPLACE: 'drain', LOAD_TIMEOUT_SECONDS: '60' });
    expect({ exitCode, log }).toMatchObject({ exitCode: 0 });
    expect(await loaded()).toMatchObject({ wekafsgw: SECOND, wekafsio: SECOND });
  });

  it('goes back to what was loaded where the kernel does not take a module, and tells what the vendor’s command said', async () => {
    await given(SECOND);
    const { result } = await load(BROKEN, { LOAD_REPLACE: 'unused', LOAD_TIMEOUT_SECONDS: '1' });
    expect(result).toMatchObject({
      code: 'VENDOR_INSTALL',
      message: `weka driver install ended with exit code 1. The node went back to ${SECOND}.`,
      lastLines: expect.arrayContaining([expect.stringContaining('wekafsio')]),
    });
    expect(await loaded()).toMatchObject({ wekafsgw: SECOND, wekafsio: SECOND });

    // The next attempt of the same pod leaves them alone.
    const again = await load(BROKEN, { LOAD_REPLACE: 'unused', LOAD_TIMEOUT_SECONDS: '1' });
    expect(again.result).toEqual(result);
    expect(await verbs()).toEqual(['--help']);
  });

  it('is not held up by what an attempt left that found nothing to go back to', async () => {
    await given(SECOND);
    await guest.output('rm', '-rf', KEPT_FOLDER);
    const { result } = await load(BROKEN, { LOAD_REPLACE: 'unused', LOAD_TIMEOUT_SECONDS: '1' });
    expect(result).toMatchObject({
      code: 'VENDOR_INSTALL',
      message: `weka driver install ended with exit code 1. wekafsio ${SECOND} and wekafsgw ${SECOND} were unloaded before, and this node has no package to load them again.`,
    });
    expect(await loaded()).not.toHaveProperty('wekafsio');

    const { exitCode, log } = await load(FIRST, { LOAD_REPLACE: 'unused' });
    expect({ exitCode, log }).toMatchObject({ exitCode: 0 });
    expect(await loaded()).toMatchObject({ wekafsgw: FIRST, wekafsio: FIRST });
  });

  it('installs nothing that has another digest, that no source has, or that is of another kernel', async () => {
    await given(FIRST);
    const { file, ...others } = packages.get(SECOND)!;
    const soon = { LOAD_TIMEOUT_SECONDS: '1', LOAD_REPLACE: 'unused' };
    for (const [wanted, code] of [
      [{ ...others, file, sha256: '0'.repeat(64) }, 'DIGEST'],
      [{ ...others, file: `none-${file}` }, 'PACKAGE_MISSING'],
      [{ ...others, file, kernel: '5.15.0-91-generic' }, 'WRONG_KERNEL'],
    ] as const) {
      const { exitCode, result } = await load(SECOND, { ...soon, LOAD_PACKAGE: JSON.stringify(wanted) });
      expect({ exitCode, result }).toMatchObject({ exitCode: 2, result: { code } });
      expect(await verbs()).toEqual([]);
    }
    expect(await loaded()).toMatchObject({ wekafsio: FIRST });
  });

  it('says that an image has no such command', async () => {
    expect(await load(FIRST, { PATH: '/usr/sbin:/usr/bin' })).toMatchObject({
      exitCode: 2,
      result: {
        code: 'NO_VENDOR_COMMAND',
        message: 'This image has no weka command, which installs the vendor’s packages.',
      },
    });
  });
});

/** Makes sure that WEKA's modules are of this version, or that none are loaded, and that nothing of other tests has them open. */
async function given(version: string | undefined): Promise<void> {
  await guest.output('sh', '-c', 'while killall sleep 2>/dev/null; do usleep 20000; done');
  if (
    (await loaded())['wekafsio'] === version &&
    (version !== undefined || !('wekafsgw' in (await loaded())))
  )
    return;
  await guest.write('/proc/wekafs/interface', 'drain').catch(() => undefined);
  if (version !== undefined)
    expect(await load(version, { LOAD_REPLACE: 'drain' })).toMatchObject({ exitCode: 0 });
  else await guest.run('rmmod', ['wekafsio', 'wekafsgw', 'mpin_user', 'igb_uio']);
}

/** Starts a process that uses the file system until it is told to let go. */
async function use(): Promise<void> {
  await guest.run('rm', ['-f', '/tmp/user']);
  const user = `exec 3<>/proc/wekafs/interface; echo "use demo" >&3; echo $$ > /tmp/user; exec sleep 100000`;
  await guest.output(
    'sh',
    '-c',
    `(sh -c '${user}') </dev/null >/dev/null 2>&1 & while ! [ -s /tmp/user ]; do usleep 50000; done`,
  );
}

/** Runs the loader in a mount namespace of its own, as a pod does. */
async function load(version: string, env: Readonly<Record<string, string>> = {}) {
  await guest.run('rm', ['-rf', '/tmp/result', '/opt/weka/stand-in/journal', '/opt/weka/dist/drivers']);
  const all = {
    PATH: `${STAND_IN}/bin:/usr/sbin:/usr/bin`,
    NODE_NAME: 'node-a',
    LOAD_PACKAGE: JSON.stringify(packages.get(version)),
    LOAD_FROM: JSON.stringify([dist.source]),
    ...env,
  };
  const words = ['-m', 'env', ...Object.entries(all).map(([name, value]) => `${name}=${value}`)];
  const { exitCode, stdout, stderr } = await guest.run(
    'unshare',
    [...words, ...AGENT, 'load', '--result', '/tmp/result'],
    { timeoutMs: 300_000 },
  );
  const text = await guest.run('cat', ['/tmp/result']);
  const result = text.exitCode === 0 ? DriverResult.parse(JSON.parse(text.stdout)) : undefined;
  return { exitCode, log: `${stdout}${stderr}`, result };
}

/** What the vendor's command was asked for since the last start of the loader. */
async function verbs(): Promise<readonly (string | undefined)[]> {
  const { stdout } = await guest.run('cat', ['/opt/weka/stand-in/journal']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as string[])[1]);
}

/** Versions of WEKA's modules, as the kernel says them. */
async function loaded(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await guest.run('grep', [
    '-H',
    '',
    ...MODULES.map((name) => `/sys/module/${name}/version`),
  ]);
  const lines = stdout.trim().split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split('/')[3]!, line.split(':')[1]!] as const));
}

/** What the stand-in would pack, of modules that are built already. */
async function vendorPackage(version: string) {
  const folder = join(await driverModules('6.1'), version);
  const entries = MODULES.map(async (name) => ({
    name: `${name}.ko`,
    content: await readFile(join(folder, `${name}.ko`)),
  }));
  const bytes = zip(await Promise.all(entries));
  const signature = kernelSignature({ kernel: release, architecture: 'x86_64' }, undefined);
  const wanted: DriverPackage = {
    version,
    kernel: release,
    architecture: 'x86_64',
    file: `weka-driver-${releaseSpec(version).driver_hash}-${signature}.zip`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    layout: 'vendor',
  };
  return { package: wanted, bytes };
}

/** The stand-in as a guest has it. */
async function standIn(versions: readonly string[]): Promise<GuestFiles> {
  const names = (await readdir(SOURCES, { recursive: true })).filter((name) =>
    /^(?!.*\.test).*\.ts$/.test(name),
  );
  const files = names.map(
    async (name) => [`${STAND_IN}/${name}`, { content: await readFile(join(SOURCES, name)) }] as const,
  );
  return {
    ...Object.fromEntries(await Promise.all(files)),
    [`${STAND_IN}/package.json`]: { content: '{"type":"module"}' },
    [`${STAND_IN}/bin/weka`]: {
      content: `#!/bin/sh\nexec /usr/bin/node ${STAND_IN}/weka.ts "$@"\n`,
      mode: 0o755,
    },
    ...Object.fromEntries(
      versions.map((version) => [
        `/opt/weka/dist/release/${version}.spec`,
        { content: JSON.stringify(releaseSpec(version)) },
      ]),
    ),
  };
}
