import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { readDriverFacts } from '../../../nodeagent/host/read-driver-facts.ts';
import { readKernelParts } from '../../../nodeagent/host/read-kernel-parts.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { STORAGE_NODE } from '../storage-node.ts';
import type { Tree } from '../write-tree.ts';

const NOTE = Buffer.concat([
  Buffer.from(Uint32Array.of(4, 4, 3).buffer),
  Buffer.from('GNU\0'),
  Buffer.from('d35ba78d', 'hex'),
]);
const MODULES = '/usr/lib/modules/5.15.0-119-generic';

async function facts(more: Tree, withUsers = false) {
  const host = fakeHost(await fakeRoot({ ...STORAGE_NODE, ...more }));
  return await readDriverFacts(host, {
    modules: new Set(['wekafsgw', 'wekafsio', 'igb_uio']),
    ofKernel: ['uio', 'vfio_pci', 'arp_tables', 'mlx5_core'],
    readParts: async (kernel, names) => await readKernelParts(host, kernel, names),
    vermagic: undefined,
    withUsers,
    freeBytes: 1000,
  });
}

describe('what is seen of a host for its drivers', () => {
  it('is the loaded modules, with details of those that a package has', async () => {
    const { modules, iommu, os, signedOnly } = await facts({
      '/sys/module/wekafsio/refcnt': '3\n',
      '/sys/module/wekafsio/notes/.note.gnu.build-id': NOTE,
    });
    expect(isKnown(modules) && modules.filter(({ name }) => name !== 'mlx5_core')).toEqual([
      { name: 'wekafsgw', state: 'live', holds: 1, usedBy: [], version: '1.0' },
      {
        name: 'wekafsio',
        state: 'live',
        holds: 3,
        usedBy: ['wekafsgw'],
        version: '1.0-995f26b334137fd78d57c264d5b19852',
        srcversion: 'A1B2C3D4E5F60718293A4B5',
        buildId: 'd35ba78d',
      },
    ]);
    expect({ iommu, os, signedOnly }).toEqual({ iommu: 'yes', os: 'ubuntu', signedOnly: 'no' });
  });

  it('is unknown of a module of the kernel whose file does not come, and absent where there is none', async () => {
    const host = fakeHost(
      await fakeRoot({
        '/lib/modules/6.1/modules.dep': 'kernel/a.ko:\nkernel/b.ko: kernel/a.ko\nkernel/c.ko:\n',
        '/lib/modules/6.1/modules.builtin': '',
        '/lib/modules/6.1/kernel/b.ko': '',
      }),
    );
    const said = new Map<string | undefined, Awaited<ReturnType<Host['follow']>>>([
      ['a.ko', { state: 'failed', reason: 'It did not come.' }],
      ['c.ko', { state: 'absent', reason: 'It is not there.' }],
    ]);
    const follow: Host['follow'] = async (path) =>
      said.get(path.split('/').at(-1)) ?? (await host.follow(path));
    const kernel = { release: '6.1', build: '#1', architecture: 'x86_64' } as const;
    expect(await readKernelParts({ ...host, follow }, kernel, ['a', 'b', 'c', 'd'])).toEqual(
      new Map([
        ['a', { state: 'unknown', reason: 'It did not come.' }],
        ['b', { state: 'unknown', reason: 'It did not come.' }],
        ['c', { state: 'absent' }],
        ['d', { state: 'absent' }],
      ]),
    );
  });

  it('is no longer than what a package says of itself', async () => {
    const { modules } = await facts({
      '/sys/module/wekafsio/version': `${'1'.repeat(300)}\n`,
      '/sys/module/wekafsio/srcversion': `${'A'.repeat(100)}\n`,
    });
    expect(isKnown(modules) && modules.find(({ name }) => name === 'wekafsio')).toMatchObject({
      version: '1'.repeat(256),
      srcversion: 'A'.repeat(64),
    });
  });

  it('looks what uses them only where it is asked to', async () => {
    expect((await facts({})).users).toBeUndefined();
    expect((await facts({}, true)).users).toContainEqual({ module: 'wekafsio', who: '3 mounts' });
  });

  it('finds the modules of the kernel where a distribution lists them', async () => {
    const { kernelParts } = await facts({
      [`${MODULES}/modules.dep`]: 'kernel/vfio-pci.ko: kernel/vfio.ko\nkernel/vfio.ko:\nextra/gone.ko:\n',
      [`${MODULES}/modules.builtin`]: 'kernel/drivers/uio/uio.ko\n',
      [`${MODULES}/kernel/vfio-pci.ko`]: '',
      [`${MODULES}/kernel/vfio.ko`]: '',
    });
    expect(Object.fromEntries(kernelParts)).toEqual({
      // It is loaded.
      mlx5_core: { state: 'built-in' },
      uio: { state: 'built-in' },
      arp_tables: { state: 'absent' },
      vfio_pci: {
        state: 'file',
        files: [
          { name: 'vfio', path: `${MODULES}/kernel/vfio.ko` },
          { name: 'vfio_pci', path: `${MODULES}/kernel/vfio-pci.ko` },
        ],
      },
    });
  });

  it('knows nothing of the modules of the kernel where there is no list', async () => {
    expect((await facts({})).kernelParts.get('uio')).toMatchObject({ state: 'unknown' });
  });

  it('takes lockdown and enforced signatures for the same, and neither for the other where it is not known', async () => {
    expect(
      (await facts({ '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' })).signedOnly,
    ).toBe('yes');
    expect((await facts({ '/sys/module/module/parameters/sig_enforce': 'Y\n' })).signedOnly).toBe('yes');
    expect((await facts({ '/sys/kernel/security/lockdown': 'something\n' })).signedOnly).toMatchObject({
      unknown: expect.any(String) as string,
    });
  });
});
