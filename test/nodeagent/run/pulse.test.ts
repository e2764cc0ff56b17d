import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { Pulse } from '../../../nodeagent/run/pulse.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { reported } from '../seen.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

async function aPulse() {
  const root = await fakeRoot({
    ...STORAGE_NODE,
    '/sys/kernel/uevent_seqnum': '1000\n',
    '/proc/sys/vm/nr_hugepages': '0\n',
  });
  let interfaces: ReturnType<typeof storageNodeInterfaces> = storageNodeInterfaces();
  const plain = fakeHost(root, { interfaces: () => interfaces });
  const asked: string[] = [];
  const host: Host = {
    ...plain,
    text: async (path, limits) => {
      asked.push(path);
      return await plain.text(path, limits);
    },
    list: async (path) => {
      asked.push(path);
      return await plain.list(path);
    },
  };
  const pulse = new Pulse(host);
  const report = await reported(plain);
  await pulse.changed(report);
  asked.length = 0;
  const change = async (path: string, content: string) => await writeFile(join(root, path), content);
  const setInterfaces = (next: typeof interfaces) => void (interfaces = next);
  return { root, asked, change, setInterfaces, changed: async () => await pulse.changed(report) };
}

describe('the pulse of a host', () => {
  it('takes three reads while nothing happens', async () => {
    const { asked, changed } = await aPulse();
    expect(await changed()).toBe(false);
    expect(asked.toSorted()).toEqual([
      '/proc/sys/vm/nr_hugepages',
      '/proc/wekafs',
      '/sys/kernel/uevent_seqnum',
    ]);
  });

  it('does not beat for what comes and goes with pods', async () => {
    const { root, change, changed, setInterfaces } = await aPulse();
    await mkdir(join(root, 'sys/devices/virtual/net/veth9'), { recursive: true });
    await change('sys/kernel/uevent_seqnum', '1001\n');
    setInterfaces({ ...storageNodeInterfaces(), veth7: [] });
    expect(await changed()).toBe(false);
  });

  it.each([
    ['a module', 'sys/module/nvme_tcp', true],
    ['a disk', 'sys/block/nvme9n1', true],
    ['a mount of WEKA', 'proc/wekafs/client-z', false],
  ])('beats once for %s', async (_, folder, isEvent) => {
    const { root, change, changed } = await aPulse();
    await mkdir(join(root, folder));
    if (isEvent) await change('sys/kernel/uevent_seqnum', '1001\n');
    expect(await changed()).toBe(true);
    expect(await changed()).toBe(false);
  });

  it('beats for huge pages, and for an address that goes', async () => {
    const { change, changed, setInterfaces } = await aPulse();
    await change('proc/sys/vm/nr_hugepages', '512\n');
    expect(await changed()).toBe(true);
    setInterfaces({ ...storageNodeInterfaces(), bond0: [] });
    expect(await changed()).toBe(true);
  });

  it('looks each time at what there is where the kernel does not count', async () => {
    const { root, changed } = await aPulse();
    await rm(join(root, 'sys/kernel/uevent_seqnum'));
    expect(await changed()).toBe(false);
    await mkdir(join(root, 'sys/module/nvme_tcp'));
    expect(await changed()).toBe(true);
  });
});
