import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PassConfig } from '../../../reconciler/assess.ts';
import { ReconcilerError } from '../../../reconciler/errors.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import type { Duty } from '../../../reconciler/unattended/duty.ts';
import { Schedule } from '../../../reconciler/unattended/schedule.ts';
import type { Hint } from '../../../reconciler/world/forge/webhook-hint.ts';
import { Metrics } from '../../../reconciler/world/server/metrics.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const PUSH: Hint = { event: 'push', repository: 'acme/storage', ref: 'refs/heads/main' };

class Unread extends ReconcilerError {
  readonly code = 'REPOSITORY_CORRUPT';
  readonly retry = 'after-change';
}

/** A schedule whose repository has a tip that no pass can read: nothing happens but polls. */
async function polling(ref = 'main') {
  const time = new ManualTime();
  let polls = 0;
  let fails = false;
  const quiet = () => {};
  const duty = {
    repository: {
      tip: () => {
        polls += 1;
        return fails
          ? Promise.reject(new Unread('It is away.'))
          : Promise.resolve('1'.repeat(40) as CommitSha);
      },
      read: () => Promise.reject(new Unread('It is damaged.')),
    },
    cluster: {
      get: () => Promise.resolve(undefined),
      state: () => ({
        synced: true,
        waitingFor: [],
        waiting: 0,
        blocked: [],
        watches: 0,
        counts: { reopened: 0 },
      }),
      readAgain: quiet,
      onChange: () => ({ [Symbol.dispose]: quiet }),
    },
    lease: {
      acquire: () => Promise.resolve(),
      release: () => Promise.resolve(),
      isHeld: () => true,
      onLost: () => quiet,
      assertHeld: quiet,
    },
    metrics: new Metrics({ version: '1.2.3' }),
    clock: { now: () => new Date(1_800_000_000_000 + time.now()) },
    time,
    random: () => 0.5,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  };
  const installation = { name: 'weka-gitops', namespace: 'weka-gitops-system', image: 'a' };
  const config = { cluster: 'production', ref, installation, ceilings: { kinds: [] }, version: '1.2.3' };
  const schedule = new Schedule(duty as unknown as Duty, config, {
    pollSeconds: 60,
  });
  const stop = new AbortController();
  const ended = schedule.run(stop.signal);
  onTestFinished(async () => {
    stop.abort(new Error('The test is over.'));
    await ended;
  });
  const settled = async () => {
    for (let n = 0; n < 40; n++) await turn();
  };
  await settled();
  return {
    schedule,
    polls: () => polls,
    fail: () => (fails = true),
    async pass(ms: number) {
      time.pass(ms);
      await settled();
    },
  };
}

describe('a push that is heard of', () => {
  it('leads to a poll within a tenth of a second', async () => {
    const { schedule, polls, pass } = await polling();
    await pass(10_000);
    const before = polls();
    schedule.hint(PUSH);
    await pass(100);
    expect(polls() - before).toBe(1);
    // And the next one comes when it would have come after any other.
    await pass(59_000);
    expect(polls() - before).toBe(1);
    await pass(1_000);
    expect(polls() - before).toBe(2);
  });

  it('leads to a poll a second where there are hundreds', async () => {
    const { schedule, polls, pass } = await polling();
    await pass(10_000);
    const before = polls();
    for (let n = 0; n < 300; n++) {
      schedule.hint(PUSH);
      await pass(10);
    }
    await pass(1_000);
    expect(polls() - before).toBeGreaterThanOrEqual(3);
    expect(polls() - before).toBeLessThanOrEqual(5);
  });

  it.each<[string, Hint]>([
    ['another branch', { ...PUSH, ref: 'refs/heads/feature' }],
    ['our own status branch', { ...PUSH, ref: 'refs/heads/weka-gitops/status/production' }],
    ['a tag', { ...PUSH, ref: 'refs/tags/v1' }],
    ['no push', { event: 'pull_request', pullRequest: 7 }],
    ['no push at all', { event: 'comment', pullRequest: 7 }],
  ])('leads to none where it is about %s', async (_name, hint) => {
    const { schedule, polls, pass } = await polling();
    await pass(10_000);
    const before = polls();
    schedule.hint(hint);
    await pass(10_000);
    expect(polls() - before).toBe(0);
  });

  it.each(['refs/heads/main', 'main'])('is about what is followed, named %s', async (ref) => {
    const { schedule, polls, pass } = await polling(ref);
    await pass(10_000);
    const before = polls();
    schedule.hint(PUSH);
    await pass(100);
    expect(polls() - before).toBe(1);
  });

  it('makes nobody ask a server that fails sooner than it is its turn', async () => {
    const { schedule, polls, pass, fail } = await polling();
    fail();
    await pass(66_000);
    const before = polls();
    // It waits for one to two seconds after its first failure.
    for (let n = 0; n < 20; n++) {
      schedule.hint(PUSH);
      await pass(10);
    }
    expect(polls() - before).toBe(0);
  });

  it('is no matter before the lease is held', () => {
    const duty = { time: new ManualTime(), log: {}, metrics: {}, clock: {} } as unknown as Duty;
    const config = { ref: 'main', cluster: 'c' } as unknown as PassConfig;
    const schedule = new Schedule(duty, config, { pollSeconds: 60 });
    expect(() => schedule.hint(PUSH)).not.toThrow();
  });
});
