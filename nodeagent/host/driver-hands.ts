import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, Exec } from '../command.ts';
import { type Unknown, unknown } from '../../schemas/node/observed.ts';
import { valueOf } from '../observe/reading.ts';
import { StepFailedError } from '../plan/fault.ts';
import type { Host } from './host.ts';
import { hangingFault, loadFault, unloadFault } from './module-faults.ts';

/** All that is done to a host about drivers. */
export interface DriverHands {
  /** Loads the module in a file, by its path or as it is open; one that is there already is no failure. */
  load(module: string, file: string | FileHandle): Promise<void>;
  /** Unloads a module, unless anything uses it. */
  unload(module: string): Promise<void>;
  /** Tells what uses WEKA's driver to let go of it. */
  drain(): Promise<void>;
  /** The vermagic of the running kernel's own modules; undefined where it cannot be told. */
  vermagic(release: string): Promise<string | undefined>;
  /** Locks an open file, for as long as it is open; `held`: another process has. */
  lock(file: FileHandle): Promise<'locked' | 'held' | Unknown>;
  /** Where a file of the host is for programs here. */
  place(path: string): string;
}

/** Some of them every distribution has as modules. */
const COMMON = ['uio', 'arp_tables', 'loop', 'vfio-pci', 'dummy'];

/** Where a program finds the first file that it is handed. */
const HANDED = '/proc/self/fd/3';

/** The hands at the host whose root is that folder, by kmod's own programs. */
export function openDriverHands(host: Host, root: string, exec: Exec): DriverHands {
  const place = (path: string): string => join(root, path);
  // What still hangs in the kernel, by what it is about: it is not begun a second time.
  const hanging = new Set<string>();
  const run = async (
    about: string,
    module: string,
    [file, ...args]: readonly [string, ...string[]],
    ...handles: readonly FileHandle[]
  ): Promise<CommandResult> => {
    if (hanging.has(about)) throw new StepFailedError(hangingFault(module));
    const result = await exec(file, args, handles);
    if (result.hangs === undefined) return result;
    hanging.add(about);
    void result.hangs.then(() => hanging.delete(about));
    throw new StepFailedError(hangingFault(module));
  };
  return {
    place,
    async load(module, file) {
      const { exitCode, stderr, isLate } = await (typeof file === 'string'
        ? run(module, module, ['insmod', file])
        : run(module, module, ['insmod', HANDED], file));
      if (isLate === true && (await stateOf(host, module)) === 'other')
        throw new StepFailedError(hangingFault(module));
      if (isLate === true && (await stateOf(host, module)) === 'Live') return;
      if (exitCode !== 0 && !/File exists/.test(stderr)) throw new StepFailedError(loadFault(module, stderr));
      if ((await stateOf(host, module)) === undefined) {
        throw new StepFailedError(loadFault(module, `${module} was taken by the kernel, and is not there`));
      }
    },
    async unload(module) {
      const { exitCode, stderr, isLate } = await run(module, module, ['rmmod', module]);
      if (isLate === true && (await stateOf(host, module)) === 'other')
        throw new StepFailedError(hangingFault(module));
      if (exitCode !== 0 && !/not currently loaded/.test(stderr))
        throw new StepFailedError(unloadFault(module, stderr));
    },
    async drain() {
      const entries = valueOf(await host.list('/proc/wekafs')) ?? [];
      for (const { name, path } of entries) {
        const at = name === 'interface' ? path : `${path}/interface`;
        if (valueOf(await host.kind(at)) !== 'file') continue;
        // By another process, since the kernel may keep the one that writes.
        const told = await run(at, 'wekafsio', ['sh', '-c', 'printf "drain\\n" 1<>"$1"', 'sh', place(at)]);
        if (told.exitCode === 0) continue;
        throw new StepFailedError({
          state: 'failed',
          code: 'UNLOAD_FAILED',
          message: `WEKA's driver cannot be told to let go (${told.stderr.trim().split(': ').at(-1) ?? ''}).`,
        });
      }
    },
    async lock(file) {
      const { exitCode, stderr } = await exec('flock', ['-n', '3'], [file]);
      if (exitCode === 0) return 'locked';
      return exitCode === 1 && stderr === ''
        ? 'held'
        : unknown(stderr.trim() || `flock ended with ${exitCode}.`);
    },
    async vermagic(release) {
      for (const module of COMMON) {
        const { exitCode, stdout } = await exec('modinfo', [
          '-b',
          root,
          '-k',
          release,
          '-F',
          'vermagic',
          module,
        ]);
        if (exitCode === 0 && stdout.startsWith(`${release} `)) return stdout.trim();
      }
      return undefined;
    },
  };
}

/** Undefined where it is not there; what cannot be read is taken for fine. */
async function stateOf(host: Host, module: string): Promise<'Live' | 'other' | undefined> {
  const text = valueOf(await host.text('/proc/modules', { maxBytes: 1 << 20 }));
  if (text === undefined) return 'Live';
  const line = text.split('\n').find((each) => each.startsWith(`${module} `));
  return line === undefined ? undefined : line.split(' ')[4] === 'Live' ? 'Live' : 'other';
}
