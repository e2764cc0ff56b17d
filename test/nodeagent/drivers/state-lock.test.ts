import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openExec } from '../../../nodeagent/command.ts';
import { StateLock } from '../../../nodeagent/drivers/state-lock.ts';
import { openDriverHands } from '../../../nodeagent/host/driver-hands.ts';
import { fakeHost } from '../fake-root.ts';
import { temporaryFolder } from './temporary-folder.ts';

function lockOf(folder: string, exec = openExec()): StateLock {
  const lock = new StateLock(folder, openDriverHands(fakeHost('/'), '/', exec));
  onTestFinished(async () => await lock.release());
  return lock;
}

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url));

/** Another process that has the lock of a folder. */
async function holder(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [HOLDER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(line).toBe('ours');
  return child;
}

describe('the lock of a folder of state', () => {
  it('is one process’s, which whoever comes second is told', async () => {
    const folder = await temporaryFolder();
    const [first, second] = [lockOf(folder), lockOf(folder)];
    expect(await first.take()).toEqual({ is: 'ours' });
    expect(await first.take()).toEqual({ is: 'ours' });
    expect(await second.take()).toEqual({
      is: 'taken',
      by: expect.stringMatching(new RegExp(`^process ${process.pid} on .+, since 20`)) as string,
    });
    await first.release();
    expect(await second.take()).toEqual({ is: 'ours' });
    expect((await first.take()).is).toBe('taken');
  });

  it('is nobody’s once the process was killed that had it', async () => {
    const folder = await temporaryFolder();
    const child = await holder(folder);
    const lock = lockOf(folder);
    expect(await lock.take()).toMatchObject({
      is: 'taken',
      by: expect.stringContaining(`process ${child.pid} `) as string,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    // What it wrote there is still there.
    expect(await readFile(join(folder, 'lock'), 'utf8')).toContain(`process ${child.pid} `);
    expect(await lock.take()).toEqual({ is: 'ours' });
  });

  it('is not held by a program that was begun while it was, and goes on', async () => {
    const folder = await temporaryFolder();
    const first = lockOf(folder);
    await first.take();
    const child = spawn('sleep', ['600']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    await first.release();
    expect(await lockOf(folder).take()).toEqual({ is: 'ours' });
  });

  it('is not known where there is no such folder, or no program that locks', async () => {
    const folder = await temporaryFolder();
    const without = openExec({ path: folder });
    expect(await lockOf(folder, without).take()).toEqual({
      is: 'unknown',
      why: 'flock cannot be run (ENOENT).',
    });
    await writeFile(join(folder, 'file'), '');
    expect(await lockOf(join(folder, 'file')).take()).toEqual({
      is: 'unknown',
      why: expect.stringMatching(/cannot be opened \((EEXIST|ENOTDIR)\)/) as string,
    });
  });
});
