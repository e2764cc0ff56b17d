import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { MergePreview, Merges } from '../../../reconciler/forge-port.ts';
import type { CommitSha, Snapshot } from '../../../reconciler/ports.ts';
import { Review, type ReviewOptions } from '../../../reconciler/review/review.ts';
import type { ReviewDuty } from '../../../reconciler/review/review-duty.ts';
import { Metrics } from '../../../reconciler/world/server/metrics.ts';
import { STEADY_TIME } from '../../../reconciler/world/steady-time.ts';
import { until } from '../../cluster/until.ts';
import { githubFixture } from '../../forge/github/fixture.ts';

const { standIn, forgeAt } = await githubFixture();

const MANY = 500;
const AT_ONCE = 4;

describe('five hundred open pull requests on GitHub', () => {
  it('are planned one after the other, the one changed last first, so many at once as may be, and little is kept of each', async () => {
    const github = await standIn();
    for (let number = 1; number <= MANY; number++) github.state.pull(number);
    // Somebody says something in an old one.
    github.state.comment(17, 'anna', 'What of this one?');
    const forge = await forgeAt(github);

    let base = 'b'.repeat(40) as CommitSha;
    let atOnce = 0;
    let most = 0;
    const reached = Promise.withResolvers<void>();
    const order: number[] = [];
    const merges: Merges = {
      base: () => Promise.resolve(base),
      async preview({ ref }): Promise<MergePreview> {
        atOnce += 1;
        most = Math.max(most, atOnce);
        order.push(Number(ref.split('/')[2]));
        // As many as may be are at it before the first of them is done.
        if (most >= AT_ONCE) reached.resolve();
        await reached.promise;
        atOnce -= 1;
        const same: Snapshot = { commit: base, author: 'anna', subject: '', files: [], findings: [] };
        return { result: 'merged', base: same, merged: same, files: [] };
      },
    };
    const quiet = () => undefined;
    const warned: object[] = [];
    const state = { synced: true, waitingFor: [], blocked: [], watches: 0, waiting: 0, counts: new Map() };
    const cluster = {
      get: () => Promise.resolve(undefined),
      onChange: () => ({ [Symbol.dispose]: quiet }),
      state: () => state,
    };
    const duty = {
      forge,
      merges,
      cluster,
      fresh: cluster,
      metrics: new Metrics({ version: '0.0.0-test' }),
      clock: { now: () => new Date() },
      time: STEADY_TIME,
      random: () => 0.5,
      log: { debug: quiet, info: quiet, warn: (fields: object) => void warned.push(fields), error: quiet },
    } as unknown as ReviewDuty;
    const options = {
      pass: { cluster: 'hall-1', ref: 'main', installation: { name: 'weka', namespace: 'weka' } },
      review: { concurrency: AT_ONCE, settleSeconds: 1, annotations: true, commands: true, drafts: true },
      folder: '',
      statusUrl: undefined,
      pollSeconds: 1,
    } as unknown as ReviewOptions;
    const review = new Review(duty, options);
    const stop = new AbortController();
    const cpu = process.cpuUsage();
    const ended = review.run(stop.signal);
    const statuses = () => github.state.statuses.size;
    const patience = { timeoutMs: 100_000, everyMs: 100 };
    await until('all statuses', () => statuses() === MANY, patience);
    const { user, system } = process.cpuUsage(cpu);
    console.log(`CPU of ${MANY} plans, GitHub’s side included: ${((user + system) / 1e6).toFixed(1)} s`);

    expect(most).toBe(AT_ONCE);
    const wanted = [17, ...Array.from({ length: MANY }, (_, index) => MANY - index).filter((n) => n !== 17)];
    expect(new Set(order)).toEqual(new Set(wanted));
    // Of those that are at it at once, any may be the first to come that far.
    const apart = wanted.map((number, place) => Math.abs(order.indexOf(number) - place));
    expect(Math.max(...apart)).toBeLessThan(4 * AT_ONCE);
    for (const all of github.state.statuses.values()) {
      expect(all.map(({ description }) => description)).toEqual(['Nothing here changes hall-1']);
    }
    expect(github.state.comments.size).toBe(1);

    // Where the base moves all are looked at again, and nothing is written that is there already.
    const writes = () => github.heard.filter(({ line }) => !line.startsWith('GET')).length;
    const [written, kept] = [writes(), heapUsed()];
    base = 'c'.repeat(40) as CommitSha;
    await until('all of them again', () => order.length >= 2 * MANY && atOnce === 0, patience);
    expect(writes()).toBe(written);
    expect(heapUsed() - kept).toBeLessThan(16 * 2 ** 20);
    stop.abort();
    await ended;
    expect(warned).toEqual([]);
  }, 240_000);
});

/** What is in use once all is let go that can be. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
