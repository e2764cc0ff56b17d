import type { Node, Tree } from './write-tree.ts';

/** A link of sysfs: relative, as the kernel makes them. */
function links(from: string, to: string): Readonly<Record<string, Node>> {
  const up = '../'.repeat(from.split('/').length - 2);
  return { [from]: { link: `${up}${to.slice(1)}` } };
}

const NIC = '/sys/devices/pci0000:3a/0000:3a:02.0/0000:3b:00.0';
const DISK = '/sys/devices/pci0000:80/0000:80:03.0/0000:81:00.0/nvme/nvme0';

function loadedModule(name: string, files: Readonly<Record<string, Node>>): Tree {
  return Object.fromEntries(
    Object.entries(files).map(([file, node]) => [`/sys/module/${name}/${file}`, node]),
  );
}

function pages(folder: string, total: number, free: number): Tree {
  return { [`${folder}/nr_hugepages`]: `${total}\n`, [`${folder}/free_hugepages`]: `${free}\n` };
}

function cpu(number: number, socket: number, core: number): string {
  return `processor\t: ${number}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz
cpu MHz\t\t: ${2000 + number}.123
physical id\t: ${socket}
siblings\t: 4
core id\t\t: ${core}
cpu cores\t: 2
flags\t\t: fpu pdpe1gb aes avx avx2 sse4_2 avx512f
`;
}

export const CPU_INFO = [cpu(0, 0, 0), cpu(1, 0, 1), cpu(2, 1, 0), cpu(3, 1, 1)]
  .concat([cpu(4, 0, 0), cpu(5, 0, 1), cpu(6, 1, 0), cpu(7, 1, 1)])
  .join('\n');

export const MODULES = `wekafsio 1519616 3 wekafsgw, Live 0x0000000000000000 (OE)
wekafsgw 57344 1 - Live 0x0000000000000000 (OE)
mlx5_core 2170880 0 - Live 0x0000000000000000
`;

/** A storage node: two processors, a network card with a bond on it, an NVMe drive, WEKA's drivers loaded and mounted. */
export const STORAGE_NODE: Tree = {
  '/proc/version': 'Linux version 5.15.0-119-generic\n',
  // Of the network of this process.
  '/proc/1/net/dev': { link: '/proc/self/net/dev' },
  '/proc/1/mountinfo': `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 8:2 / /opt/k8s-weka rw,noatime shared:9 master:1 - xfs /dev/sdb1 rw,attr2
31 22 0:40 / /mnt/with\\040blank\\012line rw - tmpfs tm\\134pfs rw
`,
  '/proc/sys/kernel/hostname': 'Node-A\n',
  '/proc/sys/kernel/osrelease': '5.15.0-119-generic\n',
  '/proc/sys/kernel/version': '#129-Ubuntu SMP Fri Aug 2 19:25:20 UTC 2024\n',
  '/proc/sys/kernel/modules_disabled': '0\n',
  '/proc/sys/kernel/random/boot_id': '6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11\n',
  '/proc/meminfo': 'MemTotal:       527900964 kB\nMemFree:        13154820 kB\n',
  '/proc/cpuinfo': CPU_INFO,
  '/proc/modules': MODULES,
  '/proc/wekafs/interface': 'Container=default\nActive mounts: 3\n',
  '/proc/wekafs/client-a/interface': 'Active mounts: 21\n',

  ...loadedModule('wekafsio', {
    version: '1.0-995f26b334137fd78d57c264d5b19852\n',
    srcversion: 'A1B2C3D4E5F60718293A4B5\n',
  }),
  ...loadedModule('wekafsgw', { version: '1.0\n', refcnt: '1\n' }),
  ...loadedModule('mlx5_core', {
    version: '24.10-0.7.0\n',
    'parameters/prof_sel': '2\n',
    'parameters/debug_mask': '0\n',
    'parameters/key': { mode: 0o600, text: 'for-root-alone\n' },
  }),
  '/sys/module/module/parameters/sig_enforce': 'N\n',
  '/sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
  '/sys/kernel/security/lsm': 'lockdown,capability,apparmor',
  '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': Uint8Array.of(6, 0, 0, 0, 1),
  '/sys/kernel/iommu_groups/0/type': 'DMA\n',
  '/sys/kernel/iommu_groups/1/type': 'DMA\n',
  '/sys/devices/system/cpu/smt/control': 'on\n',
  '/sys/devices/system/node/online': '0-1\n',
  '/sys/devices/system/node/node0/cpulist': '0-1,4-5\n',
  '/sys/devices/system/node/node0/meminfo': 'Node 0 MemTotal:       263950482 kB\n',
  '/sys/devices/system/node/node1/cpulist': '2-3,6-7\n',
  '/sys/devices/system/node/node1/meminfo': 'Node 1 MemTotal:       263950482 kB\n',
  ...pages('/sys/devices/system/node/node0/hugepages/hugepages-2048kB', 8192, 4100),
  ...pages('/sys/devices/system/node/node1/hugepages/hugepages-2048kB', 8192, 8192),
  ...pages('/sys/devices/system/node/node0/hugepages/hugepages-1048576kB', 0, 0),
  ...pages('/sys/devices/system/node/node1/hugepages/hugepages-1048576kB', 0, 0),

  ...links('/sys/class/net/eth2', `${NIC}/net/eth2`),
  [`${NIC}/net/eth2/type`]: '1\n',
  [`${NIC}/net/eth2/address`]: 'b8:3f:d2:00:00:01\n',
  [`${NIC}/net/eth2/operstate`]: 'up\n',
  [`${NIC}/net/eth2/speed`]: '100000\n',
  [`${NIC}/net/eth2/mtu`]: '9000\n',
  [`${NIC}/net/eth2/device`]: { link: '../../../0000:3b:00.0' },
  [`${NIC}/net/eth2/upper_bond0`]: { link: '../../../../../virtual/net/bond0' },
  [`${NIC}/numa_node`]: '1\n',
  [`${NIC}/vendor`]: '0x15b3\n',
  [`${NIC}/device`]: '0x101d\n',
  [`${NIC}/driver`]: { link: '../../../../bus/pci/drivers/mlx5_core' },
  ...links('/sys/bus/pci/devices/0000:3b:00.0', NIC),
  '/sys/bus/pci/drivers/mlx5_core/module': '',
  ...links('/sys/class/net/bond0', '/sys/devices/virtual/net/bond0'),
  '/sys/devices/virtual/net/bond0/type': '1\n',
  '/sys/devices/virtual/net/bond0/address': 'b8:3f:d2:00:00:01\n',
  '/sys/devices/virtual/net/bond0/operstate': 'up\n',
  '/sys/devices/virtual/net/bond0/speed': '100000\n',
  '/sys/devices/virtual/net/bond0/mtu': '9000\n',
  '/sys/devices/virtual/net/bond0/lower_eth2': {
    link: `../../../pci0000:3a/0000:3a:02.0/0000:3b:00.0/net/eth2`,
  },
  ...links('/sys/class/net/veth7', '/sys/devices/virtual/net/veth7'),
  '/sys/devices/virtual/net/veth7/type': '1\n',
  ...links('/sys/class/net/br0', '/sys/devices/virtual/net/br0'),
  '/sys/devices/virtual/net/br0/type': '1\n',
  '/sys/devices/virtual/net/br0/lower_veth7': { link: '../veth7' },
  ...links('/sys/class/net/lo', '/sys/devices/virtual/net/lo'),
  '/sys/devices/virtual/net/lo/type': '772\n',
  '/sys/class/net/bonding_masters': 'bond0\n',

  ...links('/sys/block/nvme0n1', `${DISK}/nvme0n1`),
  [`${DISK}/nvme0n1/size`]: '7501476528\n',
  [`${DISK}/nvme0n1/hidden`]: '0\n',
  [`${DISK}/nvme0n1/removable`]: '0\n',
  [`${DISK}/nvme0n1/ro`]: '0\n',
  [`${DISK}/nvme0n1/queue/rotational`]: '0\n',
  [`${DISK}/nvme0n1/device`]: { link: '../../nvme0' },
  [`${DISK}/model`]: 'SAMSUNG MZQL23T8HCLS-00A07              \n',
  [`${DISK}/serial`]: 'S64HNE0T100001      \n',
  ...links('/sys/block/nvme0c0n1', `${DISK}/nvme0c0n1`),
  [`${DISK}/nvme0c0n1/size`]: '7501476528\n',
  [`${DISK}/nvme0c0n1/hidden`]: '1\n',
  ...links('/sys/block/loop0', '/sys/devices/virtual/block/loop0'),
  '/sys/devices/virtual/block/loop0/size': '8\n',

  '/etc/os-release': { link: '/usr/lib/os-release' },
  '/usr/lib/os-release':
    'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\nID=ubuntu\n',
  '/lib': { link: 'usr/lib' },
  '/usr/lib/modules/5.15.0-119-generic/build': { link: '/usr/src/linux-headers-5.15.0-119-generic' },
  '/usr/src/linux-headers-5.15.0-119-generic/Makefile': 'include\n',
  '/usr/lib/modules/5.15.0-117-generic/build': { link: '/usr/src/linux-headers-5.15.0-117-generic' },
  '/sbin': { link: 'usr/sbin' },
  '/usr/sbin/mkfs.xfs': '',
  '/usr/sbin/xfs_repair': '',
  '/opt/k8s-weka': { folder: true },
  '/var/lib/kubelet/cpu_manager_state':
    '{"policyName":"static","defaultCpuSet":"0,4","entries":{"8d0f":{"weka":"1,5"}},"checksum":1353318690}',
};

/** The network interfaces of that node, as Node tells them. */
export function storageNodeInterfaces() {
  const address = (text: string) => ({ address: text.split('/')[0] ?? '', cidr: text });
  return {
    lo: [address('127.0.0.1/8')],
    bond0: [address('10.0.0.11/24'), address('fe80::ba3f:d2ff:fe00:1/64')],
    'bond0:1': [address('10.0.1.11/24')],
    veth7: [address('169.254.1.1/32')],
  };
}
