import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Health } from '../../../reconciler/core/health/health.ts';
import type { Report } from '../../../reconciler/core/report/report.ts';
import { ReconcilerError } from '../../../reconciler/errors.ts';
import type { StatusBranch, StatusFile } from '../../../reconciler/ports.ts';
import type { Duty } from '../../../reconciler/unattended/duty.ts';
import { Telling } from '../../../reconciler/unattended/telling.ts';
import { Trouble } from '../../../reconciler/unattended/trouble.ts';
import { Turns } from '../../../reconciler/unattended/turns.ts';
import { aNode, factsOf } from '../core/lint/facts/build-facts.ts';
import { anAgent, aReport as aNodeReport, aReportMap, BOOT } from '../core/nodes/build-reports.ts';
import { aChange, aReport, done, health } from '../core/report/samples.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const ID = 'apps/v1/Deployment/weka/exporter';
const SECOND = 1_000;

class PushFailure extends ReconcilerError {
  readonly code = 'REPOSITORY_UNREACHABLE';
  readonly retry = 'next-pass';
}

/** A branch that keeps what it is told once the test lets a push through. */
function aBranch() {
  let files: readonly StatusFile[] = [];
  const messages: string[] = [];
  const pushes: PromiseWithResolvers<void>[] = [];
  const branch: StatusBranch = {
    ref: 'refs/heads/status',
    read: () => Promise.resolve(undefined),
    async publish(build) {
      const commit = build(files);
      if (commit === undefined) return undefined;
      const push = Promise.withResolvers<void>();
      pushes.push(push);
      await push.promise;
      files = commit.files;
      messages.push(commit.message.split('\n')[0] ?? '');
      return undefined;
    },
  };
  /** What the history says was done, pass by pass. */
  const passes = () =>
    files
      .filter(({ path }) => path.startsWith('history/') && path.endsWith('.json'))
      .map(({ text }) => (JSON.parse(text) as { readonly outcomes: readonly object[] }).outcomes.length);
  return { branch, messages, pushes, passes };
}

function aTelling(statusBranch: StatusBranch | undefined) {
  const time = new ManualTime();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => new Date(1_800_000_000_000 + time.now()) };
  const trouble = new Trouble({ metrics: { observeError: () => {} }, time, random: () => 0.5, log });
  const lease = { assertHeld: () => {} };
  const duty = { statusBranch, lease, clock, time, log } as unknown as Duty;
  const telling = new Telling(duty, { trouble, turns: new Turns(time) });
  const stop = new AbortController();
  const loop = telling.run(stop.signal, new AbortController().signal);
  loop.catch(() => {});
  onTestFinished(() => stop.abort(new Error('The test is over.')));
  const report = (wrote: boolean, state: Health): Report => {
    const change = aChange(wrote ? 'create' : 'keep', ID);
    const at = clock.now();
    return aReport({
      changes: [change],
      outcomes: change.op === 'create' ? [done(change)] : [],
      health: health({ [ID]: state }),
      startedAt: at,
      finishedAt: at,
    });
  };
  return { telling, time, report };
}

/** Waits until all that could go on has. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await turn();
}

const STARTS: Health = { state: 'progressing', message: '0 of 1 pods are ready' };
const ROLLS: Health = { state: 'progressing', message: '1 of 1 pods is new' };

describe('what agents tell of nodes', () => {
  const seen = (free: number, hasAgent = true) =>
    factsOf(
      aNode('node-a', { info: { bootID: BOOT } }),
      ...(hasAgent ? [anAgent('node-a')] : []),
      aReportMap('node-a', aNodeReport('node-a', { hugePages: [{ sizeKiB: 2048, total: 4096, free }] })),
    );

  it('is told at most once a minute where it is all that is news, and not where only figures moved', async () => {
    const { branch, pushes } = aBranch();
    const { telling, time, report } = aTelling(branch);
    const offer = async (nodes: ReturnType<typeof seen>, state = STARTS) => {
      telling.offer({ ...report(false, state), nodes });
      await settled();
    };
    const told = async (afterMs: number) => {
      time.pass(afterMs);
      await settled();
      pushes.at(-1)?.resolve();
      await settled();
      return pushes.length;
    };
    await offer(seen(4096));
    expect(await told(0)).toBe(1);
    expect(telling.isNews({ ...report(false, STARTS), nodes: seen(7) })).toBe(false);
    await offer(seen(7, false));
    expect(await told(30 * SECOND)).toBe(1);
    expect(await told(31 * SECOND)).toBe(2);
    await offer(seen(7));
    await offer(seen(7), ROLLS);
    expect(await told(11 * SECOND)).toBe(3);
  });
});

describe('what a pass did', () => {
  it('is told once, though another pass ends while it is being pushed', async () => {
    const { branch, messages, pushes, passes } = aBranch();
    const { telling, time, report } = aTelling(branch);
    telling.offer(report(true, STARTS));
    await settled();
    expect(pushes).toHaveLength(1);
    time.pass(200);
    const second = report(false, ROLLS);
    expect(telling.isNews(second)).toBe(true);
    telling.offer(second);
    // What is on its way is no news.
    expect(telling.isNews(report(false, ROLLS))).toBe(false);
    pushes[0]?.resolve();
    await settled();
    time.pass(20 * SECOND);
    await settled();
    pushes[1]?.resolve();
    await settled();
    expect(messages).toHaveLength(2);
    expect(passes().toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it('is no news while it is being pushed', async () => {
    const { branch, pushes } = aBranch();
    const { telling, report } = aTelling(branch);
    telling.offer(report(true, STARTS));
    await settled();
    telling.offer(report(false, STARTS));
    pushes[0]?.resolve();
    await settled();
    expect(pushes).toHaveLength(1);
    expect(telling.isNews(report(false, STARTS))).toBe(false);
  });

  it('is told with what came after it where its push fails', async () => {
    const { branch, messages, pushes, passes } = aBranch();
    const { telling, time, report } = aTelling(branch);
    telling.offer(report(true, STARTS));
    await settled();
    telling.offer(report(false, ROLLS));
    pushes[0]?.reject(new PushFailure('It is away.'));
    await settled();
    time.pass(20 * SECOND);
    await settled();
    pushes[1]?.resolve();
    await settled();
    expect(messages).toHaveLength(1);
    expect(passes()).toEqual([1]);
  });
});

describe('without a status branch', () => {
  it('a pass that found nothing else than the one before is no news', () => {
    const { telling, report } = aTelling(undefined);
    expect(telling.isNews(report(false, STARTS))).toBe(true);
    telling.offer(report(false, STARTS));
    expect(telling.isNews(report(false, STARTS))).toBe(false);
    expect(telling.isNews(report(false, ROLLS))).toBe(true);
  });
});
