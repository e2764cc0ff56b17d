import { describe, expect, it } from 'vitest';
import { openExec } from '../../nodeagent/command.ts';

describe('a program that the agent runs', () => {
  const exec = openExec();

  it('gets its arguments as they are, through no shell, and nothing of the environment', async () => {
    const { stdout } = await exec('printf', ['%s|', '$(id)', '; ls', 'ü']);
    expect(stdout).toBe('$(id)|; ls|ü|');
    const { stdout: env } = await exec('env', []);
    expect(env.split('\n').map((line) => line.split('=')[0])).toEqual(['PATH', 'LC_ALL', '']);
  });

  it('tells how it ended and what it said', async () => {
    expect(await exec('sh', ['-c', 'echo no >&2; exit 3'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'no\n',
    });
  });

  it('is told apart from one that is not there', async () => {
    expect(await exec('weka-no-such-program', [])).toMatchObject({
      exitCode: 127,
      stderr: 'weka-no-such-program cannot be run (ENOENT).',
    });
  });

  it('is told not to be run where the system says so at once', async () => {
    expect(await exec('true', ['x'.repeat(1 << 20)])).toEqual({
      exitCode: 127,
      stdout: '',
      stderr: 'true cannot be run (E2BIG).',
    });
  });

  it('is not waited for where another process holds what it says', async () => {
    const began = performance.now();
    const { exitCode, stdout } = await exec('sh', ['-c', 'echo said; sleep 20 & exit 3']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: 'said\n' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('is told to have been killed by somebody else where it was', async () => {
    const { exitCode, stderr, isLate } = await exec('sh', ['-c', 'kill -9 $$']);
    expect({ exitCode, stderr, isLate }).toEqual({
      exitCode: 137,
      stderr: 'sh was ended by SIGKILL.\n',
      isLate: undefined,
    });
  });

  it('is killed where it does not end, and keeps no more of its words than anybody reads', async () => {
    const impatient = openExec({ timeoutMs: 300 });
    const { exitCode, stdout, stderr } = await impatient('yes', []);
    expect(exitCode).toBe(137);
    expect(stdout).toHaveLength(64 * 1024);
    expect(stderr).toBe('yes did not end within 0.3 s.\n');
  });
});
