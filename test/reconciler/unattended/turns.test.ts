import { describe, expect, it } from 'vitest';
import { Turns } from '../../../reconciler/unattended/turns.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const MINUTE = 60_000;

describe('what the loops are at', () => {
  it('is said once it has gone on for half an hour, whatever the others do', async () => {
    const time = new ManualTime();
    const turns = new Turns(time);
    let end = () => {};
    const pass = turns.during('The pass', () => new Promise<void>((resolve) => (end = resolve)));
    for (let minute = 0; minute < 30; minute++) {
      expect(turns.stalled()).toBeUndefined();
      time.pass(MINUTE);
      await turns.during('The poll', () => Promise.resolve());
    }
    expect(turns.stalled()).toBe('The pass has gone on for 30 minutes');
    end();
    await pass;
    expect(turns.stalled()).toBeUndefined();
  });

  it('is nothing while one waits, however long', async () => {
    const time = new ManualTime();
    const turns = new Turns(time);
    await expect(turns.during('The pass', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    time.pass(100 * MINUTE);
    expect(turns.stalled()).toBeUndefined();
  });
});
