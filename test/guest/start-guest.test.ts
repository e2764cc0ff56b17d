import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isRunning } from '../cluster/processes.ts';
import { until } from '../cluster/until.ts';
import { agentImage } from './agent-image.ts';
import { startAgentGuest } from './agent-guest.ts';
import { guestKernel } from './kernel.ts';
import { startGuest } from './start-guest.ts';

describe('startGuest', { timeout: 600_000 }, () => {
  it('runs programs by their arguments as they are, with what they are given to read, several at a time', async () => {
    const guest = await startAgentGuest({ kernel: '6.12' });
    onTestFinished(async () => await guest.end());
    const odd = ['', ' a  b ', '$(reboot)', `'"\\n`, '*', 'ü\n\n', '-'];
    const said = await guest.run('printf', ['[%s]', ...odd]);
    expect(said).toEqual({ stdout: odd.map((word) => `[${word}]`).join(''), stderr: '', exitCode: 0 });
    expect(await guest.run('cat', [], { input: 'öne\0two\n\n' })).toMatchObject({ stdout: 'öne\0two\n\n' });
    expect(await guest.run('no-such-program')).toMatchObject({ exitCode: 127 });
    const large = 'x'.repeat(300_000);
    const both = await Promise.all([
      guest.run('sh', ['-c', 'yes | head -c 300000']),
      guest.run('sh', ['-c', `yes ${'n'.repeat(50)} | head -c 300000; echo no >&2; exit 3`]),
    ]);
    expect(both.map(({ stdout }) => stdout.length)).toEqual([large.length, large.length]);
    expect(both[1]).toMatchObject({ stderr: 'no\n', exitCode: 3 });
    await expect(guest.run('sleep', ['60'], { timeoutMs: 500 })).rejects.toThrow(
      'sleep 60 did not end within 0.5 s.',
    );

    const { pid } = guest;
    await guest.powerDown();
    await until('QEMU is gone', () => !isRunning(pid));
    await expect(guest.run('true')).rejects.toThrow('the guest has ended');
  });

  it('gives up a boot that hangs, says so, boots once more, and keeps what the console said', async () => {
    const reports: string[] = [];
    const root = await agentImage(await guestKernel('6.1'));
    const starting = startGuest({
      name: 'hanging-guest',
      kernel: '6.1',
      root,
      files: {
        '/usr/sbin/init': {
          content: '#!/bin/sh\necho It hangs now >/dev/console\nexec sleep 1000\n',
          mode: 0o755,
        },
      },
      silentMs: 8_000,
      report: (line) => void reports.push(line),
    });
    const error = await starting.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    const told =
      /^hanging-guest hung while booting: nothing was said for 8 s. Its console is kept in (\S+)\.$/;
    const path = told.exec(error?.message ?? '')?.[1];
    expect(error?.message).toMatch(told);
    expect(await readFile(path!, 'utf8')).toMatch(/Linux version 6\.1(.*\n)+.*It hangs now/);
    const retried = reports.filter((line) => line.endsWith('It is booted once more.'));
    expect(retried).toHaveLength(1);
    const first = /kept in (\S+)\. It is/.exec(retried[0]!)?.[1];
    for (const each of [path!, first!]) await rm(each);
  });

  it('leaves no QEMU behind when whoever started it is killed', async () => {
    const from = JSON.stringify(new URL('agent-guest.ts', import.meta.url).href);
    const script = `
      const { startAgentGuest } = await import(${from});
      const guest = await startAgentGuest({ kernel: '6.12' });
      console.log(guest.pid);
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    expect(isRunning(pid)).toBe(true);
    child.kill('SIGKILL');
    await until('QEMU is gone', () => !isRunning(pid));
  });
});
