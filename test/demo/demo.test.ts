import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findPrograms, programNames } from '../cluster/programs.ts';
import { descendants, isRunning } from '../cluster/processes.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { until } from '../cluster/until.ts';

// Where they have to be built first, no timeout of a test cuts that short.
await findPrograms(programNames);

const MAIN = fileURLToPath(new URL('../../reconciler/main.ts', import.meta.url));

/** Starts the demo as a user without a terminal does. */
function startDemo(env: Readonly<Record<string, string>> = {}) {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [MAIN, 'demo'], {
    env: { ...process.env, ...env },
    stdio: [...stdio],
    // A group of its own, as a shell gives to each command.
    detached: true,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, exit, output: () => output };
}

/** As a terminal does it: all that runs in the foreground gets the signal. */
function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // All of it has ended by itself a moment ago.
  }
}

describe('the demo', () => {
  it('tells the whole story, and every promise in it holds', { timeout: 300_000 }, async () => {
    const { exit, output } = startDemo();
    const code = await exit;
    expect(output()).not.toContain('✗');
    expect(output()).toMatch(/All \d+ promises held\.\n$/);
    expect(code).toBe(0);
    const titles = [...output().matchAll(/^── (\d\. .*?) ─+$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      '1. A push becomes objects in the cluster',
      '2. A push changes one field',
      '3. Somebody edits an object by hand, and deletes another',
      '4. A push removes a file, and another one empties the repository',
      '5. A push with a broken manifest',
      '6. The status branch holds what happened',
      '7. Nobody has to run anything',
    ]);
  });

  it(
    'ends soon when it is interrupted, and leaves no process and no file behind',
    { timeout: 120_000 },
    async () => {
      const folder = await scratchFolder();
      const { child, exit, output } = startDemo({ TMPDIR: folder });
      await until('a step that is under way', () => output().includes('$ weka-gitops reconcile'));
      const started = descendants(child.pid ?? 0);
      expect(started.length).toBeGreaterThan(5);
      const at = performance.now();
      child.kill('SIGINT');
      expect(await exit).toBe(130);
      // Its steps wait for up to a minute.
      expect(performance.now() - at).toBeLessThan(30_000);
      expect(output()).not.toContain('✗');
      expect(output()).toMatch(/Stopping …\n$/);
      await until('the end of every process', () => started.every((pid) => !isRunning(pid)));
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.each([
    ['Ctrl-C is pressed twice while a pass is under way', '$ weka-gitops reconcile', ['SIGINT', 'SIGINT']],
    ['Ctrl-C is pressed twice while the control plane starts', 'Starting etcd', ['SIGINT', 'SIGINT']],
    ['its terminal is closed', '$ weka-gitops reconcile', ['SIGHUP']],
  ] as const)('leaves nothing behind when %s', { timeout: 120_000 }, async (_what, sign, signals) => {
    const folder = await scratchFolder();
    const { child, exit, output } = startDemo({ TMPDIR: folder });
    await until('it is so far', () => output().includes(sign));
    const started = descendants(child.pid!);
    for (const signal of signals) {
      signalGroup(child.pid!, signal);
      await until('it has heard', () => output().includes('Stopping …'));
    }
    expect(await exit).toBe(130);
    await until('the end of every process', () => started.every((pid) => !isRunning(pid)));
    // What holds the control plane removes its files when it has seen that we are gone.
    await until('an empty folder', async () => (await readdir(folder)).length === 0);
  });
});
