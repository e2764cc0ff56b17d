import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cli, type Program } from '../../nodeagent/cli.ts';
import { NodeReport } from '../../schemas/node-report.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import { fakeHost, fakeRoot } from './fake-root.ts';
import type { Tree } from './write-tree.ts';
import { STORAGE_NODE, storageNodeInterfaces } from './storage-node.ts';

const MAIN = fileURLToPath(new URL('../../nodeagent/main.ts', import.meta.url));

async function run(argv: readonly string[], change: Partial<Program> = {}) {
  let out = '';
  let err = '';
  let abandoned = false;
  const code = await cli(argv, {
    version: '0.1.0',
    print: (text) => void (out += text),
    complain: (text) => void (err += text),
    openHost: (root) => fakeHost(root, { interfaces: storageNodeInterfaces }),
    abandon: () => void (abandoned = true),
    env: {},
    stopSignal: () => new AbortController().signal,
    ...change,
  });
  return { code, out, err, abandoned };
}

async function observe(tree: Tree, ...args: readonly string[]) {
  return await run(['observe', '--root', await fakeRoot(tree), ...args]);
}

describe('weka-nodeagent observe', () => {
  it('prints a line for each fact', async () => {
    const { code, out, err } = await observe(STORAGE_NODE, '--node', 'node-a');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // The space is that of the disk under the test.
    expect(out.replace(/\d+ of \d+ GiB free/, 'N of N GiB free')).toBe(`Node node-a
  Boot             6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11
  System           ubuntu 22.04 22.04.4 LTS (Jammy Jellyfish)
  Kernel           5.15.0-119-generic x86_64, #129-Ubuntu SMP Fri Aug 2 19:25:20 UTC 2024
  Headers for      5.15.0-119-generic
  Modules          3 loaded, not of the kernel: wekafsgw, wekafsio
  Module loading   allowed
  Signatures       optional
  Lockdown         none
  Secure Boot      on
  CPUs             8 CPUs, cores 4, sockets 2, Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz, AVX2
  Hyper-threading  on
  Memory           515528 MiB
  NUMA             node 0: CPUs 0-1,4-5, 257764 MiB
                   node 1: CPUs 2-3,6-7, 257764 MiB
  Huge pages       2048 KiB on node 0: 8192, free 4096
                   2048 KiB on node 1: 8192, free 8192
                   1048576 KiB on node 0: 0, free 0
                   1048576 KiB on node 1: 0, free 0
  IOMMU            on
  CPU manager      static, shared CPUs 0,4
  WEKA folder      /opt/k8s-weka: xfs at /opt/k8s-weka, N of N GiB free
  XFS tools        mkfs.xfs, xfs_repair
  WEKA mounts      driver: 3 active
                   client-a: 16 active
  Disks            nvme0n1, 3577.0 GiB, SAMSUNG MZQL23T8HCLS-00A07, serial S64HNE0T100001, 0000:81:00.0
  Network          bond0 up, 10.0.0.11/24 10.0.1.11/24, MTU 9000, speed 100000 Mbit/s
                   eth2 up, no address, MTU 9000, speed 100000 Mbit/s, mlx5_core, 0000:3b:00.0, 15b3:101d
`);
  });

  it("takes the host's name, as kubelet does, where none is given", async () => {
    const { out } = await observe(STORAGE_NODE, '--output', 'json');
    expect(NodeReport.parse(JSON.parse(out)).node).toBe('node-a');
    expect(await observe({ '/proc/uptime': '' })).toMatchObject({
      code: 2,
      err: 'weka-nodeagent: NODE_NAME: The name of the node is not known. There is no /proc/sys/kernel/hostname.\n  hint: Set --node to the name that kubectl shows.\n',
    });
  });

  it('lets no name of the host write to the terminal', async () => {
    const { out } = await observe({
      ...STORAGE_NODE,
      '/sys/block/sd\u001b]0;owned\u0007\n\u202eb/size': '8\n',
      '/usr/lib/os-release': 'ID=x\u001b[2J\u009b1m\n',
    });
    expect(out).toContain(String.raw`sd\u{1b}]0;owned\u{7}\u{a}\u{202e}b, 0.0 GiB`);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('says so where there is no host', async () => {
    const root = await fakeRoot({ '/etc/hostname': 'x' });
    expect(await run(['observe', '--root', root])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^weka-nodeagent: NO_HOST: There is no host below ".*": it has no folder proc\.\n/,
      ),
    });
  });

  it('prints what it has and ends by force where something never answers', async () => {
    const root = await fakeRoot(STORAGE_NODE);
    const openHost = () => ({ ...fakeHost(root), late: () => ['/opt/k8s-weka'] });
    expect(await run(['observe'], { openHost })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Node node-a\n/),
      err: 'weka-nodeagent: This process ends by a signal, since there is no answer from /opt/k8s-weka.\n',
      abandoned: true,
    });
  });

  it.each([
    [['observer'], 'There is no command "observer".'],
    [['observe', '--rot', '/'], "Unknown option '--rot'."],
    [['observe', 'this'], "Unexpected argument 'this'."],
    [['observe', '--root', 'host'], '--root "host" does not begin with /.'],
    [['observe', '--output', 'yaml'], '--output "yaml" is not known.'],
    [['observe', '--node', 'Node_A'], '--node "Node_A" is no name of a node.'],
    [['observe', '--namespace', 'a'], 'observe has no option --namespace.'],
    [['run', '--output', 'json'], 'run has no option --output.'],
    [['observe', '--listen', ''], 'observe has no option --listen.'],
    [['run', '--listen', '14299'], '--listen "14299" is no HOST:PORT.'],
    [['run', '--listen', '127.0.0.1:70000'], '--listen "127.0.0.1:70000" is no HOST:PORT.'],
    [['run', '--namespace', 'A/b'], '--namespace "A/b" is no name of a namespace.'],
    [['run', '--state', 'here'], '--state "here" does not begin with /.'],
    [['drivers', '--node', 'a'], 'drivers has no option --node.'],
    [['dist', '--folder', 'here'], '--folder "here" does not begin with /.'],
    [['dist', '--listen', ''], '--listen "" is no HOST:PORT.'],
    [['dist', '--result', '/x'], 'dist has no option --result.'],
    [['build', '--tls', 'here'], '--tls "here" does not begin with /.'],
    [['fetch', '--result', 'here'], '--result "here" does not begin with /.'],
    [['fetch', '--folder', '/x'], 'fetch has no option --folder.'],
    [['load', '--tls', '/x'], 'load has no option --tls.'],
    [['copy-programs'], 'copy-programs is not told where to.'],
    [['copy-programs', 'here'], 'copy-programs "here" does not begin with /.'],
    [['copy-programs', '/a', '/b'], 'Unexpected argument "/b".'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await run(argv);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`USAGE: ${message}`) });
  });

  it('helps, and tells its version', async () => {
    expect((await run([])).out).toContain('weka-nodeagent COMMAND');
    expect((await run(['observe', '--help'])).out).toContain('--root DIR');
    expect((await run(['run', '-h'])).out).toContain('--namespace NAME');
    expect((await run(['--version'])).out).toBe('weka-nodeagent 0.1.0\n');
  });
});

describe('on this very host', () => {
  it('ends quietly where nobody reads what it prints', async () => {
    const child = spawn(process.execPath, [MAIN, 'observe', '--node', 'this-host']);
    child.stdout.destroy();
    const stderr = text(child.stderr);
    const [code] = await once(child, 'exit');
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('loads nothing that speaks HTTP where it only observes', async () => {
    const said = 'process.on("exit", () => console.error(process.moduleLoadList.join("\\n")))';
    const { stderr } = await promisify(execFile)(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(said)}`,
      MAIN,
      'observe',
      '--node',
      'this-host',
    ]);
    expect(stderr).toContain('NativeModule fs\n');
    expect(stderr).not.toMatch(/^NativeModule (http|https|_http_server|tls)$/m);
  });

  it('knows everything or says why not, and agrees with the kernel', async () => {
    const args = [MAIN, 'observe', '--node', 'this-host', '--output', 'json'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr).toBe('');
    const report = NodeReport.parse(JSON.parse(stdout));
    expect(JSON.parse(stdout)).toEqual(report);
    for (const value of Object.values(report.observed)) {
      if (!isKnown<unknown>(value))
        expect(value).toEqual({ unknown: expect.stringMatching(/^[A-Z/"].*\.$/) });
    }
    const release = (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim();
    expect(report.observed).toMatchObject({
      kernel: { release },
      bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
      cpus: { threads: (await readFile('/proc/cpuinfo', 'utf8')).match(/^processor\t/gm)?.length },
    });
  });
});
