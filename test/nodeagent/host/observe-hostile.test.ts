import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { reported, seen } from '../seen.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

describe('an observation while the host changes', () => {
  it('leaves out what goes between being listed and being read', async () => {
    const root = await fakeRoot({
      ...STORAGE_NODE,
      '/sys/block/sdz/size': '8\n',
      '/sys/class/net/usb0/type': '1\n',
      '/proc/wekafs/client-b/interface': 'Active mounts: 1\n',
    });
    const host = fakeHost(root, { interfaces: storageNodeInterfaces });
    const vanishing: Host = {
      ...host,
      list: async (path) => {
        const listing = await host.list(path);
        for (const gone of ['/sys/block/sdz', '/sys/class/net/usb0', '/proc/wekafs/client-b']) {
          if (gone.startsWith(`${path}/`)) await rm(join(root, gone), { recursive: true });
        }
        return listing;
      },
    };
    const { observed } = await reported(vanishing);
    expect(observed.blockDevices).toMatchObject([{ name: 'nvme0n1' }]);
    expect(observed.networkInterfaces).toMatchObject([{ name: 'bond0' }, { name: 'eth2' }]);
    expect(observed.wekaMounts).toMatchObject([{ interface: '' }, { interface: 'client-a' }]);
  });

  it('says of a module that goes while it is read what is not known of it', async () => {
    const { '/sys/module/wekafsgw/version': _v, '/sys/module/wekafsgw/refcnt': _r, ...tree } = STORAGE_NODE;
    const gone = { unknown: 'There is no /sys/module/wekafsgw.' };
    expect((await seen(tree)).modules).toMatchObject([
      { name: 'mlx5_core' },
      { name: 'wekafsgw', version: gone, srcversion: gone, parameters: gone },
      { name: 'wekafsio' },
    ]);
  });
});

describe('an observation of a host with hostile names', () => {
  const hostile = `";$(touch x)'\n\u001b[2J\u202e../é`.replaceAll('/', '∕');

  it('shows names of interfaces, disks and mounts as they are, and nothing else moves', async () => {
    const plain = await seen(STORAGE_NODE);
    const observed = await seen({
      ...STORAGE_NODE,
      [`/sys/block/${hostile}/size`]: '2\n',
      [`/sys/class/net/${hostile}/type`]: '1\n',
      [`/proc/wekafs/${hostile}/interface`]: 'Active mounts: 2\n',
    });
    expect(observed.blockDevices).toContainEqual(expect.objectContaining({ name: hostile, sizeBytes: 1024 }));
    expect(observed.networkInterfaces).toContainEqual(expect.objectContaining({ name: hostile }));
    expect(observed.wekaMounts).toContainEqual({ interface: hostile, active: 2 });
    const without = (list: unknown) =>
      JSON.stringify(list, (_, value: unknown) =>
        Array.isArray(value)
          ? value.filter((each) => !JSON.stringify(each).includes(JSON.stringify(hostile)))
          : value,
      );
    for (const field of ['blockDevices', 'networkInterfaces', 'wekaMounts'] as const) {
      expect(without(observed[field])).toBe(without(plain[field]));
    }
  });

  it('reads what is behind a name that is no text', async () => {
    const root = await fakeRoot(STORAGE_NODE);
    const folder = Buffer.concat([Buffer.from(`${root}/proc/wekafs/`), Buffer.of(0xff, 0x41, 0xfe)]);
    await mkdir(folder);
    await writeFile(Buffer.concat([folder, Buffer.from('/interface')]), 'Active mounts: 5\n');
    const { observed } = await reported(fakeHost(root));
    expect(observed.wekaMounts).toContainEqual({ interface: '\uFFFDA\uFFFD', active: 5 });
  });

  it('is not led out of the root by a link', async () => {
    const root = await fakeRoot({ ...STORAGE_NODE, '/secret/os-release': 'ID=inside\n' });
    await rm(join(root, 'usr/lib/os-release'));
    await symlink('../../../../../../../../../secret/os-release', join(root, 'usr/lib/os-release'));
    expect((await reported(fakeHost(root))).observed.os).toEqual({ id: 'inside' });
  });

  it('takes no line of a module list for a path', async () => {
    const observed = await seen({ ...STORAGE_NODE, '/proc/modules': '../../etc 1 0 - Live 0x0\n' });
    expect(observed.modules).toEqual({
      unknown: '/proc/modules has a line that is no module: "../../etc 1 0 - Live 0x0".',
    });
  });
});
