import { describe, expect, it } from 'vitest';
import { firstByte, watchMeasured } from './process.ts';

/** 64 MiB that are written to, and CPU time of a third of a second, in a process that says what it is asked to. */
const BUSY = `
  const held = Buffer.alloc(64 * 1024 * 1024, 1);
  const used = () => Object.values(process.cpuUsage()).reduce((sum, each) => sum + each) / 1e6;
  while (used() < 0.33);
  console.log('done with', held.length);
  process.exitCode = 3;
`;

describe('watchMeasured', () => {
  it('gives what a program used, said and ended with', async () => {
    const ended = await watchMeasured(process.execPath, ['-e', BUSY]);
    expect(ended).toMatchObject({ exitCode: 3, stdout: 'done with 67108864\n', stderr: '' });
    expect(ended.peakMiB).toBeGreaterThan(64);
    expect(ended.cpuSeconds).toBeGreaterThan(0.2);
    expect(ended.seconds).toBeGreaterThan(0.2);
  });

  it('throws where there is no such program', async () => {
    await expect(watchMeasured('/nowhere/program', [])).rejects.toThrow('ENOENT');
  });
});

describe('firstByte', () => {
  it('takes the first thing that is said, and reads on to the end', async () => {
    const args = ['-e', "console.log('a line'); setImmediate(() => console.log('a fault'));"];
    const started = performance.now();
    const first = await firstByte(process.execPath, args, { about: 'fault' });
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(performance.now() - started);
  });

  it('throws where the program says something else', async () => {
    const said = firstByte(process.execPath, ['-e', "console.log('all is well')"], { about: 'fault' });
    await expect(said).rejects.toThrow('all is well');
  });
});
