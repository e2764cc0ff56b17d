import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneOf } from '../cluster/lock.ts';
import { lastLines, Supervisor } from '../cluster/supervisor.ts';
import { Commands } from './commands.ts';
import { listenAt } from './connection.ts';
import { GuestConsole } from './console.ts';
import { cpio, type GuestFiles } from './cpio.ts';
import { emptyDrive, Guest } from './guest.ts';
import { keepConsole } from './keep-console.ts';
import { guestKernel, type KernelVersion } from './kernel.ts';
import { type Drive, type Machine, type Nic, qemu, qemuArguments, socketsIn } from './qemu.ts';
import { Qmp } from './qmp.ts';

export interface GuestOptions {
  /** What progress and kept consoles call it. */
  readonly name: string;
  readonly kernel: KernelVersion;
  /** Image of the root disk: one ext4 file system, whose `/sbin/init` is started. What the guest writes is forgotten. */
  readonly root: string;
  /** Laid over the root disk at each boot. Its init starts `inside/commands`, which comes as `/usr/lib/guest/commands`. */
  readonly files?: GuestFiles;
  readonly drives?: readonly Drive[];
  readonly nics?: readonly Nic[];
  /** As QEMU takes it: `2`, or `2,cores=1,threads=2`. */
  readonly cpus?: string;
  readonly memoryMiB?: number;
  /** More words for the kernel. */
  readonly kernelLine?: readonly string[];
  /** What the clock of the machine is off. */
  readonly clockOffsetMs?: number;
  /** Properties of QEMU's machine, as `kernel-irqchip=split`. */
  readonly machine?: readonly string[];
  /** More arguments for QEMU. */
  readonly qemuArguments?: readonly string[];
  /** How long a boot may take until programs can be run, and how long the console may be silent meanwhile. */
  readonly bootWithinMs?: number;
  readonly silentMs?: number;
  readonly report?: (line: string) => void;
}

/** Emulated processors are slow: what guards against attacks, and what waits for devices that are not there, is left out. */
const KERNEL_LINE =
  'console=ttyS0 mitigations=off nokaslr apparmor=0 audit=0 random.trust_cpu=on 8250.nr_uarts=1 no_timer_check panic=0';

/** Each takes both processors of a small machine, and more than a gigabyte. */
const SLOTS = ['guest-1', 'guest-2'];

/**
 * Boots a guest and waits until programs can be run in it. At most two run on a machine at once, whoever started them; a boot that
 * hangs is said and tried once more.
 */
export async function startGuest(options: GuestOptions): Promise<Guest> {
  const { name, report = console.error } = options;
  const letGo = await oneOf(SLOTS, () => report(`Two guests run already; ${name} waits for one to end.`));
  try {
    try {
      return await boot(options, letGo);
    } catch (error) {
      if (!(error instanceof BootHung)) throw error;
      report(`${error.message} It is booted once more.`);
      return await boot(options, letGo);
    }
  } catch (error) {
    letGo();
    throw error;
  }
}

/** Emulation of several processors makes a boot hang now and then. */
class BootHung extends Error {}

async function boot(options: GuestOptions, letGo: () => void): Promise<Guest> {
  const { name, bootWithinMs = 180_000 } = options;
  const supervisor = await Supervisor.start();
  const console = new GuestConsole();
  try {
    const machine = await prepare(options, supervisor.folder);
    const { file, args, env } = await qemu();
    const at = socketsIn(supervisor.folder);
    const [forQmp, forConsole, forCommands] = await Promise.all([
      listenAt(at.qmp),
      listenAt(at.console),
      listenAt(at.commands),
    ]);
    const log = join(supervisor.folder, 'qemu.log');
    const all = [...args, ...qemuArguments(machine)];
    const started = Date.now();
    const process = await supervisor.spawn({ file, args: all, cwd: supervisor.folder, env, log });
    void forConsole.connected.then((socket) => console.listen(socket));
    const ended = process.ended.then(async (how) => {
      for (const each of [forQmp, forConsole, forCommands]) each.close();
      throw new Error(`QEMU ended, ${how}: ${await lastLines(log)}`);
    });
    const connected = Promise.all([
      forQmp.connected.then(async (socket) => await Qmp.open(socket)),
      forCommands.connected,
    ]);
    // Why it ended says more than that a connection did.
    const [qmp, channel] = await Promise.race([connected.catch(async () => await ended), ended]);
    const commands = new Commands(channel);
    const watch = new BootWatch(console, options.silentMs ?? 60_000, name);
    await Promise.race([
      commands.ready(0, { timeoutMs: bootWithinMs }).catch(async (error: unknown) => {
        throw new BootHung(`${name} did not boot within ${bootWithinMs / 1000} s.`, { cause: error });
      }),
      ended,
      watch.hung,
    ]).finally(() => watch.end());
    ended.catch(() => {});
    return new Guest({
      name,
      supervisor,
      process,
      qmp,
      console,
      commands,
      slots: slotsOf(machine),
      bootMs: Date.now() - started,
      rebootWithinMs: bootWithinMs,
      letGo,
    });
  } catch (error) {
    await supervisor.end();
    if (console.lines.length === 0) throw error;
    const why = `${(error as Error).message} Its console is kept in ${await keepConsole(name, console)}.`;
    throw error instanceof BootHung ? new BootHung(why, { cause: error }) : new Error(why, { cause: error });
  }
}

async function prepare(options: GuestOptions, folder: string): Promise<Machine> {
  const { drives = [], nics = [{ name: 'first' }], files = {}, kernelLine = [] } = options;
  const kernel = await guestKernel(options.kernel);
  const initrd = join(folder, 'initrd');
  const own = { '/usr/lib/guest/commands': await inside('commands') };
  await writeFile(
    initrd,
    Buffer.concat([await readFile(kernel.initrd), cpio({ ...own, ...files }, '/files')]),
  );
  await Promise.all(drives.map(async (drive, slot) => await emptyDrive(folder, drive, slot)));
  return {
    folder,
    kernel,
    initrd,
    root: options.root,
    drives,
    nics,
    cpus: options.cpus ?? '2',
    memoryMiB: options.memoryMiB ?? 1024,
    kernelLine: [KERNEL_LINE, ...kernelLine],
    clockOffsetMs: options.clockOffsetMs ?? 0,
    properties: options.machine ?? [],
    arguments: options.qemuArguments ?? [],
  };
}

/** A script of the folder `inside`. */
export async function inside(name: string) {
  return { content: await readFile(join(import.meta.dirname, 'inside', name)), mode: 0o755 };
}

function slotsOf({ drives, nics }: Machine): readonly (string | undefined)[] {
  const taken = [...drives.map(({ serial }) => serial), ...nics.map(({ name }) => name)];
  return [...taken, undefined, undefined, undefined, undefined];
}

/** Sees on the console that a boot will not come to its end. */
class BootWatch {
  readonly hung: Promise<never>;
  readonly #timer: NodeJS.Timeout;

  constructor(console: GuestConsole, silentMs: number, name: string) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.hung = promise;
    let seen = 0;
    this.#timer = setInterval(() => {
      const lines = console.lines.slice(seen);
      seen += Math.max(0, lines.length - 1);
      const sign = lines.find((line) => /soft lockup|rcu.*detected stalls|Kernel panic/.test(line));
      if (sign !== undefined) reject(new BootHung(`${name} hung while booting: "${sign.trim()}".`));
      else if (console.silentMs > silentMs) {
        reject(new BootHung(`${name} hung while booting: nothing was said for ${silentMs / 1000} s.`));
      }
    }, 250);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
