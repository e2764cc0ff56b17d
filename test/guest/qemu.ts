import { join } from 'node:path';
import { toolOf, type Tool } from '../tools/debian/tool.ts';
import type { GuestKernel } from './kernel.ts';
import { hostTools } from './packages.ts';

/** An NVMe drive. */
export interface Drive {
  /** At most 20 characters, any of them. */
  readonly serial: string;
  readonly sizeMiB: number;
}

/** A network interface of virtio, in a network of its own where the host is `.2` and the guest `.15`. */
export interface Nic {
  readonly name: string;
  readonly mac?: string;
  /** `10.0.2.0/24` where unset. */
  readonly network?: string;
  /** Ports of 127.0.0.1 that lead to ports of the guest. */
  readonly forwards?: readonly { readonly host: number; readonly guest: number }[];
}

/** What QEMU is started with. */
export interface Machine {
  readonly folder: string;
  readonly kernel: GuestKernel;
  readonly initrd: string;
  /** Image of the root disk, which stays as it is. */
  readonly root: string;
  readonly drives: readonly Drive[];
  readonly nics: readonly Nic[];
  /** As QEMU takes it: `2`, or `2,cores=1,threads=2`. */
  readonly cpus: string;
  readonly memoryMiB: number;
  readonly kernelLine: readonly string[];
  /** What its clock is off. */
  readonly clockOffsetMs: number;
  /** Properties of the machine. */
  readonly properties: readonly string[];
  /** Further arguments. */
  readonly arguments: readonly string[];
}

/** Slots on the PCI bus that are free when the guest starts, and then for what is plugged in. */
const FREE_SLOTS = 4;

export const driveFile = (folder: string, slot: number) => join(folder, `drive-${slot}.raw`);
export const socketsIn = (folder: string) => ({
  qmp: join(folder, 'qmp.sock'),
  console: join(folder, 'console.sock'),
  commands: join(folder, 'commands.sock'),
});

/** Debian's QEMU, which has its firmware and its parts in its root. */
export async function qemu(): Promise<Tool> {
  const root = await hostTools();
  const { file, args, env } = toolOf(root, '/usr/bin/qemu-system-x86_64');
  const firmware = ['usr/share/qemu', 'usr/share/seabios'].flatMap((folder) => ['-L', join(root, folder)]);
  return {
    file,
    args: [...args, ...firmware],
    env: { ...env, QEMU_MODULE_DIR: join(root, 'usr/lib/x86_64-linux-gnu/qemu') },
  };
}

/** To be started in the folder of its sockets. Only emulation: what is tested shall not depend on what a machine allows. */
export function qemuArguments(machine: Machine): readonly string[] {
  const { folder, kernel, initrd, root, drives, nics, cpus, memoryMiB, clockOffsetMs } = machine;
  const plugged = [
    ...drives.map((drive) => (slot: number) => driveArguments(folder, drive, slot)),
    ...nics.map((nic) => (slot: number) => nicArguments(nic, slot)),
  ];
  const slots = Array.from({ length: plugged.length + FREE_SLOTS }, (_, slot) => slot);
  const words = [
    '-nodefaults -no-user-config -display none -accel tcg,thread=multi,tb-size=512 -cpu Nehalem,+pdpe1gb',
    `-M ${['q35', ...machine.properties].join(',')} -smp ${cpus} -m ${memoryMiB}M -rtc base=${clock(clockOffsetMs)}`,
    '-chardev socket,id=qmp,path=qmp.sock -mon chardev=qmp,mode=control',
    '-chardev socket,id=console,path=console.sock -serial chardev:console',
    '-chardev socket,id=commands,path=commands.sock -device virtio-serial-pci',
    '-device virtserialport,chardev=commands,name=weka-gitops.commands -device virtio-rng-pci',
    ...slots.map((slot) => `-device pcie-root-port,id=slot${slot},chassis=1,slot=${slot + 1}`),
  ];
  const disk = `file=${root.replaceAll(',', ',,')},if=none,id=root,format=raw,snapshot=on,cache=unsafe`;
  return [
    ...words.flatMap((line) => line.split(' ')),
    '-kernel',
    kernel.image,
    '-initrd',
    initrd,
    '-append',
    machine.kernelLine.join(' '),
    '-drive',
    disk,
    '-device',
    'virtio-blk-pci,drive=root',
    ...plugged.flatMap((place, slot) => place(slot)),
    ...machine.arguments,
  ];
}

/** How the drive is described to QEMU at its start; what is plugged in later is described by the same words. */
function driveArguments(folder: string, drive: Drive, slot: number): readonly string[] {
  const storage = JSON.stringify(driveStorage(folder, slot));
  return ['-blockdev', storage, '-device', JSON.stringify(driveDevice(drive, slot))];
}

export function driveStorage(folder: string, slot: number) {
  const file = { driver: 'file', filename: driveFile(folder, slot) };
  return { 'node-name': `storage${slot}`, driver: 'raw', file, cache: { 'no-flush': true } };
}

export function driveDevice({ serial }: Drive, slot: number) {
  return { driver: 'nvme', id: `device${slot}`, drive: `storage${slot}`, serial, bus: `slot${slot}` };
}

function nicArguments(nic: Nic, slot: number): readonly string[] {
  return ['-netdev', JSON.stringify(nicNetwork(nic)), '-device', JSON.stringify(nicDevice(nic, slot))];
}

export function nicNetwork({ name, network = '10.0.2.0/24', forwards = [] }: Nic) {
  const hostfwd = forwards.map(({ host, guest }) => ({
    str: `tcp:127.0.0.1:${host}-${network.replace(/0\/\d+$/, '15')}:${guest}`,
  }));
  return {
    type: 'user',
    id: `net-${name}`,
    net: network,
    ipv6: false,
    ...(hostfwd.length > 0 && { hostfwd }),
  };
}

export function nicDevice({ name, mac }: Nic, slot: number) {
  const place = { id: `device${slot}`, bus: `slot${slot}` };
  // Nobody boots from it.
  const device = { driver: 'virtio-net-pci', ...place, netdev: `net-${name}`, romfile: '' };
  return mac === undefined ? device : { ...device, mac };
}

function clock(offsetMs: number): string {
  return offsetMs === 0 ? 'utc' : new Date(Date.now() + offsetMs).toISOString().slice(0, 19);
}
