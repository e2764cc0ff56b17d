import { describe, expect, it } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { readModuleUsers } from '../../../nodeagent/host/read-module-users.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import type { Tree } from '../write-tree.ts';

const MODULES = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];

async function usersOf(tree: Tree, modules: readonly string[] = MODULES): Promise<readonly string[]> {
  const host = fakeHost(await fakeRoot({ '/proc/version': 'Linux\n', ...tree }));
  return (await readModuleUsers(host, modules)).map(({ module, who }) => `${module}: ${who}`);
}

describe('what uses a driver', () => {
  it('is nothing where nothing does', async () => {
    expect(
      await usersOf({
        '/proc/wekafs/interface': 'Active mounts: 0\n',
        '/proc/1/fd/0': { link: '/dev/null' },
      }),
    ).toEqual([]);
  });

  it('is mounts, by the container whose they are', async () => {
    expect(
      await usersOf({
        '/proc/wekafs/client-a/interface': 'Active mounts: 2\n',
        '/proc/wekafs/client-b/interface': 'Active mounts: 1\n',
        '/proc/wekafs/idle/interface': 'Active mounts: 0\n',
      }),
    ).toEqual(['wekafsio: 2 mounts of container client-a', 'wekafsio: 1 mount of container client-b']);
  });

  it('is the places where the host has it mounted', async () => {
    const mount = (point: string, type: string) => `31 22 0:40 / ${point} rw - ${type} backend/default rw\n`;
    expect(
      await usersOf({
        '/proc/1/mountinfo': [mount('/mnt/weka', 'wekafs'), mount('/mnt/other', 'ext4')].join(''),
        '/proc/wekafs/interface': 'Active mounts: 1\n',
      }),
    ).toEqual(['wekafsio: 1 mount', 'wekafsio: mount at /mnt/weka']);
  });

  it('is devices that cannot be seen, since being bound takes no hold', async () => {
    const root = await fakeRoot({
      '/proc/version': 'Linux\n',
      '/sys/module/igb_uio/drivers/pci:igb_uio': { link: '../../../bus/pci/drivers/igb_uio' },
      '/sys/bus/pci/drivers/igb_uio/bind': '',
    });
    const host = fakeHost(root);
    for (const hidden of ['igb_uio/drivers', 'drivers/pci:igb_uio']) {
      const list: Host['list'] = async (path) =>
        path.endsWith(hidden) ? { state: 'failed', reason: 'It is hidden.' } : await host.list(path);
      expect(await readModuleUsers({ ...host, list }, MODULES)).toEqual([
        { module: 'igb_uio', who: 'an unknown number of devices (It is hidden.)' },
      ]);
    }
    expect(await readModuleUsers(host, MODULES)).toEqual([]);
  });

  it('is what the driver does not say', async () => {
    expect(await usersOf({ '/proc/wekafs/interface': 'Something else\n' })).toEqual([
      "wekafsio: an unknown number of mounts (WEKA's driver does not say how many mounts are active.)",
    ]);
  });

  it('is processes that have its files open', async () => {
    expect(
      await usersOf({
        '/proc/812/comm': 'weka_node\n',
        '/proc/812/fd/3': { link: '/dev/uio0' },
        '/proc/812/fd/4': { link: 'socket:[123]' },
        '/proc/813/comm': 'wekanode\n',
        '/proc/813/fd/9': { link: '/proc/wekafs/interface' },
        '/proc/814/comm': 'other\n',
        '/proc/814/fd/9': { link: '/dev/uio' },
        '/proc/sys/kernel/osrelease': '6.1\n',
      }),
    ).toEqual(['igb_uio: process 812 (weka_node)', 'wekafsio: process 813 (wekanode)']);
  });

  it('is processes that the driver names, though nobody may look what they have open', async () => {
    expect(
      await usersOf({
        '/proc/wekafs/interface':
          'Active mounts: 0\nUsers: 2\nContainer=client Process=812 Connected frontend\nContainer=drive Process=813 Connected frontend\n',
        '/proc/812/comm': 'weka_node\n',
        '/proc/813/fd/9': { link: '/proc/wekafs/interface' },
        '/proc/814/comm': 'wekanode\n',
        '/proc/814/fd/9': { link: '/proc/wekafs/interface' },
      }),
    ).toEqual([
      'wekafsio: process 812 (weka_node) of container client',
      'wekafsio: process 813 of container drive',
      'wekafsio: process 814 (wekanode)',
    ]);
  });

  it('is containers whose process the driver does not tell, and none that is not connected', async () => {
    expect(
      await usersOf({
        '/proc/wekafs/a/interface': 'Active mounts: 0\nContainer=a Connected frontend\n',
        '/proc/wekafs/b/interface': 'Active mounts: 0\nContainer=b Process=9 Disconnected frontend\n',
      }),
    ).toEqual(['wekafsio: frontend of container a']);
  });

  it('is devices that are bound to it', async () => {
    const tree = {
      '/sys/module/igb_uio/drivers/pci:igb_uio': { link: '../../../bus/pci/drivers/igb_uio' },
      '/sys/bus/pci/drivers/igb_uio/0000:3b:00.0': '',
      '/sys/bus/pci/drivers/igb_uio/bind': '',
    };
    expect(await usersOf(tree)).toEqual(['igb_uio: device 0000:3b:00.0, which is bound to igb_uio']);
    expect(await usersOf(tree, ['wekafsgw'])).toEqual([]);
  });
});
