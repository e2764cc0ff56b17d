import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const TEST = 'test/guest/drivers-kill.test.ts';

/**
 * Kills the agent, and then the whole guest, at every call by which the disk or the kernel changes while drivers are replaced. Gives
 * the exit code.
 */
export async function driverSweep(print: (text: string) => void): Promise<number> {
  print('The agent, and then its guest, are killed at each step of an upgrade of drivers.\n');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', TEST], {
    cwd: ROOT,
    env: { ...process.env, WEKA_GITOPS_SWEEP: 'drivers' },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
