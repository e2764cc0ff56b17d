import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '../command.ts';
import { valueOf } from '../observe/reading.ts';
import { StepFailedError } from '../plan/fault.ts';
import type { Host } from './host.ts';
import { loadFault, unloadFault } from './module-faults.ts';

/** All that is done to a host about drivers. */
export interface DriverHands {
  /** Loads the module in a file; one that is there already is no failure. */
  load(module: string, file: string): Promise<void>;
  /** Unloads a module, unless anything uses it. */
  unload(module: string): Promise<void>;
  /** Tells what uses WEKA's driver to let go of it. */
  drain(): Promise<void>;
  /** The vermagic of the running kernel's own modules; undefined where it cannot be told. */
  vermagic(release: string): Promise<string | undefined>;
  /** Where a file of the host is for programs here. */
  place(path: string): string;
}

/** Some of them every distribution has as modules. */
const COMMON = ['uio', 'arp_tables', 'loop', 'vfio-pci', 'dummy'];

/** The hands at the host whose root is that folder, by kmod's own programs. */
export function openDriverHands(host: Host, root: string, exec: Exec): DriverHands {
  const place = (path: string): string => join(root, path);
  return {
    place,
    async load(module, file) {
      const { exitCode, stderr } = await exec('insmod', [file]);
      if (exitCode !== 0 && !/File exists/.test(stderr)) throw new StepFailedError(loadFault(module, stderr));
      if (!(await isLive(host, module))) {
        throw new StepFailedError(loadFault(module, `${module} was taken by the kernel, and is not there`));
      }
    },
    async unload(module) {
      const { exitCode, stderr } = await exec('rmmod', [module]);
      if (exitCode !== 0 && !/not currently loaded/.test(stderr))
        throw new StepFailedError(unloadFault(module, stderr));
    },
    async drain() {
      const entries = valueOf(await host.list('/proc/wekafs')) ?? [];
      for (const { name, path } of entries) {
        const at = name === 'interface' ? path : `${path}/interface`;
        if (valueOf(await host.kind(at)) !== 'file') continue;
        try {
          await writeFile(place(at), 'drain\n', { flag: 'r+' });
        } catch (error) {
          throw new StepFailedError(
            {
              state: 'failed',
              code: 'UNLOAD_FAILED',
              message: `WEKA's driver cannot be told to let go (${(error as NodeJS.ErrnoException).code ?? ''}).`,
            },
            { cause: error },
          );
        }
      }
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

async function isLive(host: Host, module: string): Promise<boolean> {
  const text = valueOf(await host.text('/proc/modules', { maxBytes: 1 << 20 }));
  return text === undefined || text.split('\n').some((line) => line.startsWith(`${module} `));
}
