import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeHost, fakeRoot } from '../fake-root.ts';

describe('a host below a folder', () => {
  it('follows absolute links from its own root', async () => {
    const host = fakeHost(
      await fakeRoot({
        '/etc/os-release': { link: '/usr/lib/os-release' },
        '/usr/lib/os-release': 'ID=inside\n',
      }),
    );
    expect(await host.text('/etc/os-release')).toEqual({ state: 'read', value: 'ID=inside\n' });
    expect(await host.follow('/etc/../etc/./os-release')).toEqual({
      state: 'read',
      value: '/usr/lib/os-release',
    });
  });

  it('does not go round in circles', async () => {
    const host = fakeHost(await fakeRoot({ '/a': { link: '/b' }, '/b': { link: 'a' } }));
    expect(await host.text('/a')).toEqual({ state: 'failed', reason: '/a cannot be read (ELOOP).' });
  });

  it('tells what is absent from what cannot be read', async () => {
    const host = fakeHost(await fakeRoot({ '/file': 'x', '/folder': { folder: true } }));
    expect(await host.text('/none')).toEqual({ state: 'absent', reason: 'There is no /none.' });
    expect(await host.text('/file/below')).toEqual({ state: 'absent', reason: 'There is no /file/below.' });
    expect(await host.list('/file')).toEqual({ state: 'absent', reason: 'There is no /file.' });
    expect(await host.text('/folder')).toEqual({ state: 'failed', reason: '/folder is not a plain file.' });
    expect(await host.kind('/folder')).toEqual({ state: 'read', value: 'folder' });
    expect(await host.space('/none')).toMatchObject({ state: 'absent' });
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const root = await fakeRoot({ '/etc': { folder: true } });
    execFileSync('mkfifo', [join(root, 'etc/os-release')]);
    expect(await fakeHost(root).text('/etc/os-release')).toEqual({
      state: 'failed',
      reason: '/etc/os-release is not a plain file.',
    });
  });

  it.each([0, 1, 4095, 4096, 4097, 10_000, 65_536])('reads a file of %d bytes whole', async (length) => {
    const root = await fakeRoot({ '/etc/file': 'ä'.repeat(length).slice(0, length) });
    const text = 'ä'.repeat(length).slice(0, length);
    expect(await fakeHost(root).text('/etc/file', { maxBytes: 200_000 })).toEqual({
      state: 'read',
      value: text,
    });
  });

  it('reads a file of the kernel, which has no size, to its end', async () => {
    const reading = await fakeHost('/').text('/proc/self/smaps', { maxBytes: 16 << 20 });
    expect(reading.state === 'read' && reading.value.length > 8192 && reading.value.endsWith('\n')).toBe(
      true,
    );
  });

  it('reads nothing beyond what was asked for', async () => {
    const host = fakeHost(await fakeRoot({ '/etc/log': 'x'.repeat(65 * 1024) }));
    expect(await host.text('/etc/log')).toEqual({
      state: 'failed',
      reason: '/etc/log is larger than 64 KiB.',
    });
    expect(await host.text('/etc/log', { maxBytes: 65 * 1024 })).toMatchObject({ state: 'read' });
  });

  it('shows bytes that are no text as such, and finds what has such a name', async () => {
    const root = await fakeRoot({ '/x/é': 'accent' });
    await writeFile(Buffer.concat([Buffer.from(`${root}/x/`), Buffer.of(0xe9)]), Buffer.of(0xff, 0x0a));
    const host = fakeHost(root);
    const listing = await host.list('/x');
    const entries = listing.state === 'read' ? listing.value : [];
    expect(entries.map(({ name }) => name)).toEqual(['é', '\uFFFD']);
    expect(await Promise.all(entries.map(async ({ path }) => await host.text(path)))).toEqual([
      { state: 'read', value: 'accent' },
      { state: 'read', value: '\uFFFD\n' },
    ]);
  });

  it('keeps files that are not for everyone to itself where asked to', async () => {
    const host = fakeHost(
      await fakeRoot({ '/key': { mode: 0o640, text: 'k' }, '/open': { mode: 0o444, text: 'o' } }),
    );
    expect(await host.text('/key', { publicOnly: true })).toMatchObject({ state: 'absent' });
    expect(await host.text('/open', { publicOnly: true })).toEqual({ state: 'read', value: 'o' });
  });

  it('sees its own addresses on the host itself', async () => {
    const interfaces = () => ({ eth0: [{ address: '10.0.0.1', cidr: '10.0.0.1/24' }] });
    expect(await fakeHost('/', { interfaces }).addresses()).toEqual({
      state: 'read',
      value: new Map([['eth0', ['10.0.0.1/24']]]),
    });
    expect(await fakeHost(await fakeRoot({}), { interfaces }).addresses()).toMatchObject({ state: 'failed' });
  });
});
