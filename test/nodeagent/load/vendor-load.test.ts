import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LastLines } from '../../../nodeagent/build/last-lines.ts';
import { vendorLoad } from '../../../nodeagent/load/vendor-load.ts';
import { STEADY_TIME } from '../../../nodeagent/time.ts';
import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';

const BYTES = 'the verified package';
const FILE = 'weka-driver-0123-4567.zip';
const PACKAGE: DriverPackage = {
  version: '4.4.5',
  kernel: '6.1.0',
  architecture: 'x86_64',
  file: FILE,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
  bytes: BYTES.length,
  layout: 'vendor',
};

/** Both modules, as /proc/modules has them. */
const BOTH = 'wekafsio 4096 0 - Live 0x0\nwekafsgw 4096 1 wekafsio, Live 0x0\n';
const LOADS = `printf '${BOTH.replaceAll('\n', String.raw`\n`)}' > "$ROOT/proc/modules"`;

describe('vendorLoad', () => {
  it('lets the command find nothing but the verified package', async () => {
    const node = await aNode({ install: `ls "$DRIVERS" > "$ROOT/found"; ${LOADS}` });
    await writeFile(join(node.drivers, 'weka-driver-89ab-4567.zip'), 'of the image, never verified');
    await node.load('never');

    expect(await readFile(join(node.root, 'found'), 'utf8')).toBe(`${FILE}\n`);
    expect(await readdir(node.drivers)).toEqual([FILE]);
  });

  it.each([
    [
      'gets another one',
      `echo other > "$DRIVERS/weka-driver-89ab-4567.zip"; ${LOADS}`,
      /^Beside the verified /,
    ],
    ['changes it', `echo other > "$DRIVERS/${FILE}"; ${LOADS}`, /is not what was verified\.$/],
  ])('does not call it loaded where the command %s', async (_what, install, message) => {
    const node = await aNode({ install });
    await expect(node.load('never')).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message: expect.stringMatching(message) as string,
    });
  });

  it('installs nothing where the package is another by then', async () => {
    const node = await aNode({ install: 'echo installed > "$ROOT/found"' });
    await writeFile(join(node.drivers, FILE), 'something else');
    await expect(node.load('never')).rejects.toMatchObject({ code: 'VENDOR_INSTALL' });
    expect(await readdir(node.root)).not.toContain('found');
  });

  it('lets wekafsio stay where wekafsgw could not go after it, and tells who uses them', async () => {
    const node = await aNode({ install: LOADS, loaded: BOTH });
    await writeFile(join(node.root, 'sys/module/wekafsgw/refcnt'), '3\n');
    await expect(node.load('unused')).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining(
        'wekafsgw 4.4.4, wekafsio 4.4.4 can go only when nothing uses them: ',
      ) as string,
      lastLines: ['something that cannot be seen from here holds wekafsgw'],
    });
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
  });

  it.each([
    ['unused', 'IN_USE', ['wekafsio', 'wekafsgw']],
    ['drain', 'VENDOR_INSTALL', []],
  ] as const)(
    'with %s, ends with %s where a process has its file open and holds nothing',
    async (replace, code, left) => {
      const node = await aNode({ install: 'exit 1', loaded: BOTH });
      const fd = join(node.root, 'proc/812/fd');
      await mkdir(fd, { recursive: true });
      await writeFile(join(node.root, 'proc/812/comm'), 'weka_node\n');
      await symlink('/proc/wekafs/interface', join(fd, '3'));
      await expect(node.load(replace)).rejects.toMatchObject({ code });
      expect(await node.loaded()).toEqual(left);
    },
  );

  it('says of what it unloaded that it does not come back, where the new ones do not load', async () => {
    const node = await aNode({ install: 'echo no luck; exit 1', loaded: BOTH });
    await expect(node.load('unused')).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message:
        'weka driver install ended with exit code 1. wekafsio 4.4.4 and wekafsgw 4.4.4 were unloaded before, and this pod has no package to load them again.',
      lastLines: ['no luck'],
    });
    expect(await node.loaded()).toEqual([]);
  });

  it('leaves the right ones alone where the command cannot tell that they are', async () => {
    const node = await aNode({ install: 'exit 1', loaded: BOTH, canTell: false });
    await node.load('never', { ...PACKAGE, version: '4.4.4' });
    await expect(node.load('never')).rejects.toMatchObject({ code: 'OTHER_LOADED' });
  });
});

/** A node with programs that change a folder in place of the kernel. */
async function aNode({
  install,
  loaded = '',
  canTell = true,
}: {
  readonly install: string;
  readonly loaded?: string;
  readonly canTell?: boolean;
}) {
  const root = await fakeRoot({
    '/proc/modules': loaded,
    '/proc/wekafs/interface': 'Active mounts: 0\n',
    '/sys/module/wekafsgw/refcnt': '1\n',
    '/sys/module/wekafsgw/version': '4.4.4\n',
    '/sys/module/wekafsio/refcnt': '0\n',
    '/sys/module/wekafsio/version': '4.4.4\n',
  });
  const [bin, drivers] = [join(root, 'bin'), join(root, 'drivers')];
  await mkdir(bin);
  await mkdir(drivers);
  await writeFile(join(drivers, FILE), BYTES);
  await program(
    join(bin, 'weka'),
    `case "$2" in
--help) echo '  install'${canTell ? "; echo '  ready'" : ''} ;;
ready) grep -q '^wekafsio' "$ROOT/proc/modules" && [ "$NEW" != "" ] ;;
install) ${install} ;;
esac`,
  );
  await program(
    join(bin, 'rmmod'),
    `grep -v "^$1 " "$ROOT/proc/modules" | sed 's/ 1 wekafsio,/ 0 -/' > "$ROOT/left"; cat "$ROOT/left" > "$ROOT/proc/modules"; echo 0 > "$ROOT/sys/module/wekafsgw/refcnt"`,
  );
  const env = { PATH: `${bin}:/usr/bin:/bin`, ROOT: root, DRIVERS: drivers, NEW: loaded === '' ? 'yes' : '' };
  return {
    root,
    drivers,
    loaded: async () =>
      (await readFile(join(root, 'proc/modules'), 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')[0]),
    load: async (replace: DriversIntent['replace'], wanted = PACKAGE) =>
      await vendorLoad({
        package: wanted,
        folder: drivers,
        host: fakeHost(root),
        env,
        replace,
        withinMs: 1,
        everyMs: 10,
        output: new LastLines(() => {}),
        stop: new AbortController().signal,
        time: STEADY_TIME,
      }),
  };
}

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
