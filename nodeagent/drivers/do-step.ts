import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriverHands } from '../host/driver-hands.ts';
import type { DriversState } from '../plan/drivers-state.ts';
import { StepFailedError } from '../plan/fault.ts';
import type { Step } from '../plan/step.ts';
import { hashHandle } from './hash-slowly.ts';
import type { PackageCache } from './package-cache.ts';

export interface StepParts {
  readonly cache: PackageCache;
  readonly hands: DriverHands;
  readonly signal: AbortSignal;
  readonly remember: (state: DriversState) => Promise<void>;
  /** Packages that are asked for, by SHA-256: what came of them stays. */
  readonly wanted: () => readonly string[];
  /** Bytes of a package came. */
  readonly progress: () => void;
}

/** Does one step. It may be done again, and the process may end at any moment of it. Throws a StepFailedError. */
export async function doStep(step: Step, parts: StepParts): Promise<void> {
  const { cache, hands, signal, progress } = parts;
  switch (step.do) {
    case 'remember':
      await parts.remember(step.state);
      return;
    case 'download': {
      const { download } = await import('./download.ts');
      const { sha256 } = step.package;
      await cache.forgetOthers([sha256, ...parts.wanted()]);
      await download({
        package: step.package,
        from: step.from,
        to: await cache.place(sha256),
        signal,
        progress,
      });
      cache.isWhole(sha256);
      return;
    }
    case 'verify':
      await cache.verify(step.sha256);
      return;
    case 'unpack':
      await cache.unpack(step.package.sha256);
      return;
    case 'load-of-kernel':
      await hands.load(step.module, hands.place(step.path));
      return;
    case 'load': {
      const { file, name, sha256 } = step.module;
      const handle = await open(join(cache.folderOf(step.sha256), file)).catch(() => undefined);
      try {
        const found = handle && (await hashHandle(handle).catch(() => undefined));
        if (handle === undefined || found !== sha256) {
          await cache.tidy();
          throw new StepFailedError(
            {
              state: 'failed',
              code: 'DIGEST',
              message: `Module ${name} changed on the disk since it was unpacked.`,
              hint: 'Look whether the disk of the node is sound, and who writes to the folder of the agent.',
              module: name,
            },
            { hasProgressed: true },
          );
        }
        // What was hashed is loaded, whatever has that name by now.
        await hands.load(name, handle);
      } finally {
        await handle?.close();
      }
      return;
    }
    case 'drain':
      await hands.drain();
      return;
    case 'unload':
      await hands.unload(step.module);
      return;
    case 'tidy':
      await cache.tidy();
      return;
    case 'drop':
      await cache.drop(step.sha256);
      return;
  }
}
