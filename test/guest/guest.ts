import { open } from 'node:fs/promises';
import type { Result } from '../cluster/run.ts';
import type { Supervised, Supervisor } from '../cluster/supervisor.ts';
import { until } from '../cluster/until.ts';
import type { Commands, CommandOptions } from './commands.ts';
import type { GuestConsole } from './console.ts';
import { keepConsole } from './keep-console.ts';
import { type Drive, driveDevice, driveFile, driveStorage, type Nic, nicDevice, nicNetwork } from './qemu.ts';
import type { Qmp } from './qmp.ts';

export interface GuestParts {
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly process: Supervised;
  readonly qmp: Qmp;
  readonly console: GuestConsole;
  readonly commands: Commands;
  /** Slots on the PCI bus by what is in them. */
  readonly slots: readonly (string | undefined)[];
  readonly bootMs: number;
  readonly rebootWithinMs: number;
  readonly letGo: () => void;
}

/** A machine that QEMU emulates, with its own kernel. It ends with the process that started it, even if that is killed. */
export class Guest {
  readonly console: GuestConsole;
  readonly qmp: Qmp;
  /** From the start of QEMU until programs could be run. */
  readonly bootMs: number;
  readonly #parts: GuestParts;
  readonly #slots: (string | undefined)[];

  constructor(parts: GuestParts) {
    this.#parts = parts;
    this.console = parts.console;
    this.qmp = parts.qmp;
    this.bootMs = parts.bootMs;
    this.#slots = [...parts.slots];
  }

  /** Process id of QEMU. */
  get pid(): number {
    return this.#parts.process.pid;
  }

  /** Folder on the host that goes with the guest. */
  get folder(): string {
    return this.#parts.supervisor.folder;
  }

  /** Runs a program in the guest, as root, to its end. */
  async run(file: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<Result> {
    return await this.#parts.commands.run(file, args, options);
  }

  /** What a program in the guest printed that has to succeed. */
  async output(file: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.run(file, args);
    if (exitCode === 0) return stdout;
    throw new Error(`In the guest, ${[file, ...args].join(' ')} ended with ${exitCode}: ${stderr}`);
  }

  /** Writes a file of the guest, as those of `/proc` and `/sys`. */
  async write(path: string, text: string): Promise<void> {
    const { stderr, exitCode } = await this.run('dd', [`of=${path}`, 'bs=64k'], { input: text });
    if (exitCode !== 0) throw new Error(`In the guest, ${path} cannot be written: ${stderr}`);
  }

  /** Plugs in an empty NVMe drive. */
  async addDrive(drive: Drive): Promise<void> {
    const slot = this.#freeSlot(drive.serial);
    await emptyDrive(this.folder, drive, slot);
    await this.qmp.execute('blockdev-add', driveStorage(this.folder, slot));
    await this.qmp.execute('device_add', driveDevice(drive, slot));
  }

  /** Pulls out the drive of this serial number, and waits until the guest has let go of it. */
  async removeDrive(serial: string): Promise<void> {
    const slot = await this.#unplug(serial);
    await this.qmp.execute('blockdev-del', { 'node-name': `storage${slot}` });
  }

  /** Plugs in a network interface. */
  async addNic(nic: Nic): Promise<void> {
    const slot = this.#freeSlot(nic.name);
    await this.qmp.execute('netdev_add', nicNetwork(nic));
    await this.qmp.execute('device_add', nicDevice(nic, slot));
  }

  async removeNic(name: string): Promise<void> {
    await this.#unplug(name);
    await this.qmp.execute('netdev_del', { id: `net-${name}` });
  }

  /** Takes the cable of a network interface out, or puts it in again. */
  async setLink(name: string, link: 'up' | 'down'): Promise<void> {
    await this.qmp.execute('set_link', { name: `device${this.#slotOf(name)}`, up: link === 'up' });
  }

  /** Presses the reset button, and waits until programs can be run again. */
  async reset(): Promise<void> {
    const boots = this.#parts.commands.boots.length;
    await this.qmp.execute('system_reset');
    await this.#parts.commands.ready(boots, { timeoutMs: this.#parts.rebootWithinMs });
  }

  /** Presses the power button, and waits until the guest has ended. */
  async powerDown(): Promise<void> {
    await this.qmp.execute('system_powerdown');
    await this.#parts.process.ended;
    await this.end();
  }

  /** Stops the machine as it is, its clock among it, until `resume`. */
  async pause(): Promise<void> {
    await this.qmp.execute('stop');
  }

  async resume(): Promise<void> {
    await this.qmp.execute('cont');
  }

  /** Ends it as a power cut would. Where a test `failed`, what the console said is kept, and it is said where. */
  async end({ failed = false }: { readonly failed?: boolean } = {}): Promise<void> {
    if (failed) console.error(`The console of ${this.#parts.name} is kept in ${await this.keepConsole()}`);
    await this.#parts.supervisor.end();
    this.#parts.letGo();
  }

  /** Writes what the console said to a file that stays, and gives its path. */
  async keepConsole(): Promise<string> {
    return await keepConsole(this.#parts.name, this.console);
  }

  #freeSlot(what: string): number {
    const slot = this.#slots.indexOf(undefined);
    if (slot === -1) throw new Error(`There is no free slot for ${what}.`);
    this.#slots[slot] = what;
    return slot;
  }

  #slotOf(what: string): number {
    const slot = this.#slots.indexOf(what);
    if (slot === -1) throw new Error(`${what} is not plugged in.`);
    return slot;
  }

  async #unplug(what: string): Promise<number> {
    const slot = this.#slotOf(what);
    const device = `device${slot}`;
    const isThis = (data: Readonly<Record<string, unknown>>) => data['device'] === device;
    const before = this.qmp.events.length;
    await this.qmp.execute('device_del', { id: device });
    await until(`the guest lets go of ${what}`, () =>
      this.qmp.events.slice(before).some(({ event, data }) => event === 'DEVICE_DELETED' && isThis(data)),
    );
    this.#slots[slot] = undefined;
    return slot;
  }
}

/** A drive takes no space on the host until it is written. */
export async function emptyDrive(folder: string, { sizeMiB }: Drive, slot: number): Promise<void> {
  const file = await open(driveFile(folder, slot), 'w');
  await file.truncate(sizeMiB * 1024 ** 2);
  await file.close();
}
