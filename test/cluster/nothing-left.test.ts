import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startControlPlane } from './control-plane.ts';
import { descendants, isRunning } from './processes.ts';
import { findPrograms, programNames } from './programs.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

// No timeout cuts off a first build here.
await findPrograms(programNames);

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const options = '{ controllerManager: false, scheduler: false }';

describe('nothing is left', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'of a control plane when the process that started it ends by %s',
    async (signal) => {
      const { child, folder, held } = await startElsewhere();
      child.kill(signal);
      await untilGone(held, folder);
    },
  );

  it('when that process is killed before the control plane is ready', async () => {
    const child = startNode(`await startControlPlane(${options})`);
    const held = await until('etcd is started', () => {
      const found = descendants(child.pid!);
      return found.length >= 2 && found;
    });
    child.kill('SIGKILL');
    await untilGone(held);
  });

  it('when that process throws', async () => {
    const { child, folder, held } = await startElsewhere(
      'setImmediate(() => { throw new Error("a bug"); });',
    );
    await once(child, 'exit');
    await untilGone(held, folder);
  });

  it('when the supervisor itself is killed', async () => {
    const plane = await startControlPlane({ controllerManager: false, scheduler: false });
    const { folder } = plane.address;
    const parts = [plane.part('etcd').pid!, plane.part('kube-apiserver').pid!];
    process.kill(Number(/cluster-(\d+)-/.exec(folder)![1]), 'SIGKILL');
    await untilGone(parts, folder);
    await plane.stop();
  });

  it('when a test runner is killed', async () => {
    const scratch = await scratchFolder();
    const config = join(scratch, 'vitest.config.mjs');
    await writeFile(
      config,
      `export default { test: {
        root: ${JSON.stringify(scratch)},
        include: ['endless.test.mjs'],
        globals: true,
        globalSetup: ${JSON.stringify(here('global-setup.ts'))},
      } };`,
    );
    await writeFile(
      join(scratch, 'endless.test.mjs'),
      `import { sharedCluster } from ${JSON.stringify(here('shared.ts'))};
      const { address } = await sharedCluster();
      process.stdout.write('folder ' + address.folder + '\\n');
      it('goes on', () => new Promise(() => {}), 0);`,
    );
    const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
    const args = [vitest, 'run', '--config', config, '--root', scratch, '--silent=false'];
    const runner = spawn(process.execPath, args, { cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void runner.kill('SIGKILL'));
    const folder = await lineAfter(runner, 'folder ');
    const held = descendants(runner.pid!);
    expect(held.length).toBeGreaterThan(5);
    runner.kill('SIGKILL');
    await untilGone(held, folder);
  });
});

/** A control plane that another Node process has started, and all processes that belong to it. */
async function startElsewhere(then = 'setInterval(() => {}, 1000);') {
  const child = startNode(
    `const { address } = await startControlPlane(${options}); console.log('folder ' + address.folder); ${then}`,
  );
  const folder = await lineAfter(child, 'folder ');
  const held = descendants(child.pid!);
  return { child, folder, held };
}

function startNode(program: string): ChildProcess {
  const source = `import { startControlPlane } from ${JSON.stringify(here('control-plane.ts'))}; ${program}`;
  const args = ['--input-type=module', '-e', source];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function lineAfter(child: ChildProcess, prefix: string): Promise<string> {
  const seen: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith(prefix)) return line.slice(prefix.length);
    seen.push(line);
  }
  throw new Error(`It never said ${JSON.stringify(prefix)}, but:\n${seen.join('\n')}`);
}

async function untilGone(processes: readonly number[], folder?: string): Promise<void> {
  expect(processes.length).toBeGreaterThanOrEqual(2);
  await until('every process is gone', () => !processes.some(isRunning), { timeoutMs: 20_000 });
  if (folder !== undefined)
    await until(`${folder} is gone`, () => !existsSync(folder), { timeoutMs: 20_000 });
}
