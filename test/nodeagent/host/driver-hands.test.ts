import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../../nodeagent/command.ts';
import { openDriverHands } from '../../../nodeagent/host/driver-hands.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';

const LATE: CommandResult = { exitCode: 137, stdout: '', stderr: 'It did not end.\n', isLate: true };

async function handsWith(modules: string, ...results: CommandResult[]) {
  const root = await fakeRoot({ '/proc/modules': modules });
  const calls: string[] = [];
  const hands = openDriverHands(fakeHost(root), root, async (file, args) => {
    calls.push([file, ...args].join(' '));
    return await Promise.resolve(results.shift() ?? { exitCode: 0, stdout: '', stderr: '' });
  });
  return { hands, calls };
}

describe('the hands at the drivers of a host', () => {
  it('begin nothing with a module a second time while the kernel holds the first', async () => {
    const first = Promise.withResolvers<void>();
    const { hands, calls } = await handsWith('one 1 0 - Live 0x0\n', { ...LATE, hangs: first.promise });
    const hangs = { code: 'HANGS', fault: { state: 'failed', module: 'one' } };
    await expect(hands.load('one', '/1.ko')).rejects.toMatchObject(hangs);
    await expect(hands.load('one', '/1.ko')).rejects.toMatchObject(hangs);
    await expect(hands.unload('one')).rejects.toMatchObject(hangs);
    expect(calls).toEqual(['insmod /1.ko']);
    first.resolve();
    await first.promise;
    await hands.load('one', '/1.ko');
    expect(calls).toHaveLength(2);
  });

  it('do not take a module that is still being loaded for one that failed', async () => {
    const { hands } = await handsWith('one 1 0 - Loading 0x0\n', LATE, LATE);
    await expect(hands.load('one', '/1.ko')).rejects.toMatchObject({ code: 'HANGS' });
    await expect((await handsWith('', LATE)).hands.load('one', '/1.ko')).rejects.toMatchObject({
      code: 'LOAD_FAILED',
    });
  });
});
