import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aNode, BOTH, FILE, LOADS, loads, wekaModules } from './loading-node.ts';

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

  it('leaves the right ones alone where the command cannot tell that they are', async () => {
    const node = await aNode({ install: 'exit 1', loaded: BOTH, canTell: false });
    await node.load('never', { release: '4.4.4' });
    await expect(node.load('never')).rejects.toMatchObject({ code: 'OTHER_LOADED' });
  });

  it.each([
    ['of another kernel', wekaModules('4.4.5', { vermagic: '6.12.0 SMP mod_unload ' }), 'VERMAGIC'],
    ['of another machine', wekaModules('4.4.5', { architecture: 'aarch64' }), 'ARCHITECTURE'],
    ['not signed, with nobody to tell whether they have to be', wekaModules('4.4.5'), 'UNKNOWN'],
  ])('unloads nothing for modules that are %s', async (_what, modules, code) => {
    const node = await aNode({ install: LOADS, loaded: BOTH });
    await expect(node.load('unused', { modules })).rejects.toMatchObject({ code });
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
    expect(await node.journal()).toEqual([]);
  });

  it('does not call it loaded where the kernel has others than those of the verified package', async () => {
    const node = await aNode({ install: loads('4.4.6'), canTell: false });
    await expect(node.load('never', { modules: wekaModules('4.4.5') })).rejects.toMatchObject({
      code: 'VENDOR_INSTALL',
      message: `weka driver install ended well, and the kernel has another wekafsgw 4.4.6 than that of the verified ${FILE}.`,
    });
  });

  it('knows the modules of the package by what the kernel says of them', async () => {
    const node = await aNode({ install: 'exit 1', loaded: BOTH, canTell: false });
    await node.load('never', { modules: wekaModules('4.4.4') });
    expect(await node.journal()).toEqual([]);
    await expect(node.load('never', { modules: wekaModules('4.4.5') })).rejects.toMatchObject({
      code: 'OTHER_LOADED',
    });
  });

  it('goes on where an attempt before had only half of the package loaded', async () => {
    const node = await aNode({ install: LOADS, loaded: 'wekafsgw 4096 0 - Live 0x0\n' });
    await writeFile(join(node.root, 'sys/module/wekafsgw/refcnt'), '0\n');
    await writeFile(join(node.root, 'sys/module/wekafsgw/version'), '4.4.5\n');
    await node.load('never', { modules: wekaModules('4.4.5') });
    expect(await node.loaded()).toEqual(['wekafsio', 'wekafsgw']);
  });
});
