import { describe, expect, it } from 'vitest';
import { Health } from '../../../nodeagent/run/health.ts';
import { ManualTime } from '../manual-time.ts';

const MINUTE = 60_000;

function begun() {
  const time = new ManualTime();
  const health = new Health(time);
  return {
    health,
    pass: async (minutes: number) => await time.pass(minutes * MINUTE, async () => undefined),
  };
}

/** One that has made a pass, and hears of the API server from now on whenever `pass` is called. */
function atWork() {
  const { health, pass } = begun();
  health.answered();
  health.told();
  return {
    health,
    pass: async (minutes: number) => {
      await pass(minutes);
      health.answered();
    },
  };
}

describe('the health of an agent', () => {
  it('is not ready before it has made a pass, and says what that waits for', async () => {
    const { health } = begun();
    expect(health.waits()).toEqual(['No pass was made yet.']);
    health.untold('We may not patch configmaps.');
    expect(health.waits()).toEqual(['We may not patch configmaps.']);
    health.answered();
    health.told();
    expect(health.waits()).toEqual([]);
  });

  it('is ready for as long as the API server says something', async () => {
    const { health, pass } = begun();
    health.answered();
    health.told();
    await pass(3);
    expect(health.waits()).toEqual([]);
    await pass(1);
    expect(health.waits()).toEqual(['The API server has said nothing for 4 min.']);
    health.answered();
    expect(health.waits()).toEqual([]);
  });

  it('is ready while a change waits for a minute, and not while it cannot be told', async () => {
    const { health, pass } = atWork();
    health.untold('The next waits for its turn.');
    await pass(2);
    expect(health.waits()).toEqual([]);
    health.untold('We may not patch configmaps.');
    await pass(2);
    expect(health.waits()).toEqual([
      'The report in the cluster has been old for 4 min. We may not patch configmaps.',
    ]);
    health.told();
    expect(health.waits()).toEqual([]);
  });

  it('is not ready where no pass was made lately', async () => {
    const { health, pass } = atWork();
    await pass(10);
    expect(health.waits()).toEqual([]);
    await pass(1);
    expect(health.waits()).toEqual(['No pass was made for 11 min.']);
  });

  it('lives while each loop goes on about when it said, however long it waits', async () => {
    const { health, pass } = begun();
    expect(health.stuck()).toEqual([]);
    health.turns('The next pass', 60 * MINUTE);
    health.turns('The watch of the host', 0);
    await pass(10);
    expect(health.stuck()).toEqual([]);
    await pass(1);
    expect(health.stuck()).toEqual(['The watch of the host should have gone on 11 min ago.']);
    health.turns('The watch of the host', 0);
    expect(health.stuck()).toEqual([]);
  });
});
