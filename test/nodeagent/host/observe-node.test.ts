import { describe, expect, it } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import { everything, fakeHost, fakeRoot } from '../fake-root.ts';
import type { Tree } from '../write-tree.ts';
import { reported, seen } from '../seen.ts';
import { CPU_INFO, MODULES, STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

describe('an observation of a storage node', () => {
  it('tells everything that WEKA asks of it', async () => {
    const observed = await seen(STORAGE_NODE);
    // The space is that of the disk under the test.
    const { persistence, ...rest } = observed;

    expect(rest).toEqual({
      bootId: '6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11',
      os: { id: 'ubuntu', versionId: '22.04', version: '22.04.4 LTS (Jammy Jellyfish)' },
      kernel: {
        release: '5.15.0-119-generic',
        build: '#129-Ubuntu SMP Fri Aug 2 19:25:20 UTC 2024',
        architecture: 'x86_64',
      },
      modules: [
        {
          name: 'mlx5_core',
          state: 'live',
          version: '24.10-0.7.0',
          inUse: 'no',
          usedBy: [],
          parameters: [
            { name: 'debug_mask', value: '0' },
            { name: 'prof_sel', value: '2' },
          ],
        },
        {
          name: 'wekafsgw',
          state: 'live',
          version: '1.0',
          taints: 'OE',
          inUse: 'yes',
          usedBy: [],
          parameters: [],
        },
        {
          name: 'wekafsio',
          state: 'live',
          version: '1.0-995f26b334137fd78d57c264d5b19852',
          srcversion: 'A1B2C3D4E5F60718293A4B5',
          taints: 'OE',
          inUse: 'yes',
          usedBy: ['wekafsgw'],
          parameters: [],
        },
      ],
      moduleLoading: 'allowed',
      moduleSignatures: 'optional',
      lockdown: 'none',
      secureBoot: 'on',
      headers: ['5.15.0-119-generic'],
      cpus: {
        threads: 8,
        cores: 4,
        sockets: 2,
        vendor: 'GenuineIntel',
        model: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz',
        features: ['aes', 'avx', 'avx2', 'avx512f', 'pdpe1gb', 'sse4_2'],
      },
      hyperThreading: 'on',
      numaNodes: [
        { id: 0, cpus: '0-1,4-5', memoryMiB: 257764 },
        { id: 1, cpus: '2-3,6-7', memoryMiB: 257764 },
      ],
      memoryMiB: 515528,
      hugePages: [
        { sizeKiB: 2048, numaNode: 0, total: 8192, free: 4096 },
        { sizeKiB: 2048, numaNode: 1, total: 8192, free: 8192 },
        { sizeKiB: 1048576, numaNode: 0, total: 0, free: 0 },
        { sizeKiB: 1048576, numaNode: 1, total: 0, free: 0 },
      ],
      iommu: 'on',
      cpuManager: { policy: 'static', sharedCpus: '0,4' },
      wekaMounts: [
        { interface: '', active: 3 },
        { interface: 'client-a', active: 16 },
      ],
      blockDevices: [
        {
          name: 'nvme0n1',
          sizeBytes: 3840755982336,
          model: 'SAMSUNG MZQL23T8HCLS-00A07',
          serial: 'S64HNE0T100001',
          rotational: 'no',
          removable: 'no',
          readOnly: 'no',
          pciAddress: '0000:81:00.0',
        },
      ],
      xfsTools: ['mkfs.xfs', 'xfs_repair'],
      networkInterfaces: [
        {
          name: 'bond0',
          kind: 'ethernet',
          mac: 'b8:3f:d2:00:00:01',
          addresses: ['10.0.0.11/24', '10.0.1.11/24'],
          link: 'up',
          speedMbps: 100000,
          mtu: 9000,
          lower: ['eth2'],
        },
        {
          name: 'eth2',
          kind: 'ethernet',
          mac: 'b8:3f:d2:00:00:01',
          addresses: [],
          link: 'up',
          speedMbps: 100000,
          mtu: 9000,
          driver: 'mlx5_core',
          pciAddress: '0000:3b:00.0',
          pciId: '15b3:101d',
          numaNode: 1,
          lower: [],
        },
      ],
    });
    expect(persistence).toMatchObject({
      path: '/opt/k8s-weka',
      exists: 'yes',
      fileSystem: 'xfs',
      mountPoint: '/opt/k8s-weka',
    });
  });

  it('changes nothing below the root', async () => {
    const root = await fakeRoot(STORAGE_NODE);
    const before = await everything(root);
    await reported(fakeHost(root));
    expect(await everything(root)).toEqual(before);
  });

  it('keeps to itself what only root may read', async () => {
    expect(JSON.stringify(await seen(STORAGE_NODE))).not.toContain('for-root-alone');
  });

  it('is the same, byte for byte, however fast what is read answers', async () => {
    const root = await fakeRoot(STORAGE_NODE);
    const host = fakeHost(root, { interfaces: storageNodeInterfaces });
    const texts = await Promise.all(
      [1, 2, 3].map(async () => {
        let turn = 0;
        const uneven: Host = {
          ...host,
          text: async (...args) => {
            const ticks = (turn++ * 7) % 5;
            for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
            return await host.text(...args);
          },
          space: async () => ({ state: 'read', value: { totalBytes: 2 ** 40, freeBytes: 2 ** 39 } }),
        };
        return JSON.stringify(await reported(uneven));
      }),
    );
    expect(new Set(texts).size).toBe(1);
  });

  it('does not change with what moves by itself', async () => {
    const moved = {
      ...STORAGE_NODE,
      '/proc/meminfo': 'MemTotal:       527900964 kB\nMemFree:        99 kB\n',
      '/proc/cpuinfo': CPU_INFO.replaceAll(/MHz.*/g, 'MHz\t\t: 3500.000'),
      '/proc/modules': MODULES.replace('1519616 3', '1519616 9'),
      '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages': '4111\n',
      '/proc/wekafs/client-a/interface': 'Active mounts: 30\n',
    };
    const { persistence: _one, ...before } = await seen(STORAGE_NODE);
    const { persistence: _other, ...after } = await seen(moved);
    expect(after).toEqual(before);
  });
});

describe('an observation of interfaces on top of others', () => {
  const made = (name: string, ...files: readonly string[]): Tree => ({
    [`/sys/class/net/${name}`]: { link: `../../devices/virtual/net/${name}` },
    [`/sys/devices/virtual/net/${name}/type`]: '1\n',
    ...Object.fromEntries(files.map((file) => [`/sys/devices/virtual/net/${name}/${file}`, ''])),
  });

  it('has those that lead down to a device, however deep, and ends where they go round', async () => {
    const observed = await seen({
      '/sys/class/net/eth0': { link: '../../devices/pci0000:00/0000:00:03.0/net/eth0' },
      '/sys/devices/pci0000:00/0000:00:03.0/net/eth0/type': '1\n',
      '/sys/devices/pci0000:00/0000:00:03.0/net/eth0/upper_bond0': '',
      '/sys/devices/pci0000:00/0000:00:03.0/net/eth0/upper_gone': '',
      ...made('bond0', 'lower_eth0', 'upper_vlan7'),
      ...made('vlan7', 'lower_bond0', 'upper_br0', 'upper_bond0'),
      ...made('br0', 'lower_veth1', 'lower_vlan7'),
      ...made('cni0', 'lower_veth2'),
      ...made('veth1', 'upper_br0'),
      ...made('veth2', 'upper_cni0'),
    });
    const list = observed.networkInterfaces;
    expect(isKnown(list) && list.map(({ name, lower }) => [name, ...lower].join(' '))).toEqual([
      'bond0 eth0',
      'br0 vlan7',
      'eth0',
      'vlan7 bond0',
    ]);
  });
});

describe('an observation of a host that lacks something', () => {
  it('says of everything below an empty root why it is not known', async () => {
    const observed = await seen({ '/proc/uptime': '1\n' });
    for (const [field, value] of Object.entries(observed)) {
      expect({ field, value }).toEqual({ field, value: { unknown: expect.stringMatching(/^[A-Z].*\.$/) } });
    }
  });

  it('takes what a kernel does not have for an answer where its neighbours are there', async () => {
    const { modules: _modules, ...observed } = await seen({
      '/proc/version': 'Linux\n',
      '/proc/modules': '',
      '/sys/firmware/memmap/0/start': '0\n',
      '/sys/kernel/mm/ksm/run': '0\n',
      '/sys/kernel/security/lsm': 'capability',
      '/sys/devices/system/cpu/online': '0\n',
      '/sys/class/tty/console': '',
      '/lib/systemd': { folder: true },
    });
    expect(observed).toMatchObject({
      secureBoot: 'no-uefi',
      iommu: 'off',
      lockdown: 'none',
      moduleSignatures: 'unsupported',
      hugePages: [],
      numaNodes: [],
      headers: [],
      wekaMounts: [],
      blockDevices: [],
    });
  });

  it('reads huge pages of the whole machine where there is no NUMA', async () => {
    const observed = await seen({
      '/sys/devices/system/cpu/online': '0\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '10\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': 'many\n',
    });
    expect(observed.hugePages).toEqual([
      { sizeKiB: 2048, total: 10, free: { unknown: '"many" is no whole number.' } },
    ]);
  });

  it('tells the file system of the nearest folder where the folder is not there yet', async () => {
    const { '/opt/k8s-weka': _gone, ...tree } = STORAGE_NODE;
    expect((await seen({ ...tree, '/opt/cni/bin': { folder: true } })).persistence).toMatchObject({
      path: '/opt/k8s-weka',
      exists: 'no',
      fileSystem: 'ext4',
      mountPoint: '/',
    });
  });

  it('follows the folder to the disk that it is linked to', async () => {
    const tree = {
      ...STORAGE_NODE,
      '/opt/k8s-weka': { link: '/data/weka' },
      '/data/weka': { folder: true as const },
      '/proc/1/mountinfo': `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 8:2 / /data rw - xfs /dev/sdb1 rw\n`,
    };
    expect((await seen(tree)).persistence).toMatchObject({
      exists: 'yes',
      fileSystem: 'xfs',
      mountPoint: '/data',
    });
  });

  it('does not pass its own addresses off as those of a host in another network', async () => {
    const observed = await seen({ ...STORAGE_NODE, '/proc/1/net/dev': '' });
    expect(observed.networkInterfaces).toMatchObject([
      { addresses: { unknown: expect.stringContaining('another network') } },
      { addresses: { unknown: expect.stringContaining('another network') } },
    ]);
  });

  it('does not say of an interface without link that it has no address', async () => {
    const path = '/sys/devices/pci0000:3a/0000:3a:02.0/0000:3b:00.0/net/eth2/operstate';
    const root = await fakeRoot({ ...STORAGE_NODE, [path]: 'down\n' });
    const { observed } = await reported(fakeHost(root));
    expect(observed.networkInterfaces).toMatchObject([
      { name: 'bond0', addresses: [] },
      {
        name: 'eth2',
        link: 'down',
        addresses: { unknown: 'Addresses are seen only of interfaces that have a link.' },
        speedMbps: { unknown: 'It has no link.' },
      },
    ]);
  });
});
