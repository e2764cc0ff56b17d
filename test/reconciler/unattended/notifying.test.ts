import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { Notification } from '../../../schemas/output/notification.ts';
import type { Health } from '../../../reconciler/core/health/health.ts';
import type { Report } from '../../../reconciler/core/report/report.ts';
import { statusCommit } from '../../../reconciler/core/report/status-page.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import type { Duty } from '../../../reconciler/unattended/duty.ts';
import { Notifying } from '../../../reconciler/unattended/notifying.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { NotifyError } from '../../../reconciler/world/notify/errors.ts';
import type { Receiver } from '../../../reconciler/world/notify/receiver.ts';
import { aChange, aReport, done, health } from '../core/report/samples.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

const ID = 'apps/v1/Deployment/weka/exporter';
const ONE = '1'.repeat(40) as CommitSha;
const TWO = '2'.repeat(40) as CommitSha;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const READY: Health = { state: 'current', message: '1 of 1 pods are ready' };
const STARTS: Health = { state: 'progressing', message: '0 of 1 pods are ready' };
const CRASHES: Health = { state: 'failed', message: 'It crashes' };

const AWAY = new NotifyError('NOTIFY_UNREACHABLE', 'It is away.');

/** A receiver that takes what it is sent, unless a test says otherwise. */
class Noted implements Receiver {
  readonly name = 'notifications[0]';
  readonly on: readonly CommitState[];
  readonly taken: Notification[] = [];
  tries = 0;
  fault: NotifyError | undefined;

  constructor(on: readonly CommitState[] = ['applied', 'healthy', 'waiting', 'failed']) {
    this.on = on;
  }

  get states(): readonly string[] {
    return this.taken.map(
      ({ commit, state, recovered }) => `${commit.slice(0, 1)} ${state}${recovered ? ' again' : ''}`,
    );
  }

  // oxlint-disable-next-line typescript/require-await -- as a server does
  async send(notification: Notification): Promise<void> {
    this.tries += 1;
    if (this.fault !== undefined) throw this.fault;
    this.taken.push(notification);
  }
}

const BEGAN = 1_800_000_000_000;

function notifying(...receivers: readonly Noted[]) {
  return notifyingAfter(undefined, ...receivers);
}

/** A process that finds a status branch where the one before it recorded that report, so many minutes ago. */
function notifyingAfter(
  recorded: { readonly report: Report; readonly minutesAgo: number } | undefined,
  ...receivers: readonly Noted[]
) {
  const time = new ManualTime();
  const warnings: string[] = [];
  const results: string[] = [];
  const quiet = () => {};
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (_: object, said: string) => void warnings.push(said),
  };
  const metrics = { observeError: quiet, observeNotification: (result: string) => void results.push(result) };
  const clock = { now: () => new Date(BEGAN + time.now()) };
  const statusBranch = recorded && {
    ref: 'refs/heads/weka-gitops/status/production',
    read: () => {
      const now = new Date(BEGAN - recorded.minutesAgo * MINUTE);
      return Promise.resolve(statusCommit(recorded.report, [], { now, history: 1 }));
    },
  };
  const duty = { receivers, statusBranch, metrics, time, clock, log, random: () => 0.99 } as unknown as Duty;
  const loop = new Notifying(duty, { cluster: 'production', ref: 'main' });
  const stop = new AbortController();
  loop.run(stop.signal, new AbortController().signal).catch(quiet);
  onTestFinished(() => stop.abort(new Error('The test is over.')));
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 5 * SECOND) {
      time.pass(Math.min(left, 5 * SECOND));
      for (let n = 0; n < 10; n++) await turn();
    }
  };
  return { loop, pass, warnings, results };
}

function report(commit: CommitSha, state: Health, wrote = false): Report {
  const change = aChange(wrote ? 'create' : 'keep', ID);
  return aReport({
    commit,
    changes: [change],
    outcomes: change.op === 'create' ? [done(change)] : [],
    health: health({ [ID]: state }),
  });
}

describe('a receiver', () => {
  it('is told how a commit ended, with what was done on the way', async () => {
    const receiver = new Noted();
    const { loop, pass } = notifying(receiver);
    loop.offer(report(ONE, STARTS, true));
    await pass(5 * SECOND);
    loop.offer(report(ONE, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['1 healthy']);
    expect(receiver.taken[0]?.made?.created).toBe(1);
  });

  it('is not told anew what the process before has told', async () => {
    const receiver = new Noted();
    const { loop, pass } = notifying(receiver);
    loop.offer(report(ONE, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual([]);
    loop.offer(report(TWO, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['2 healthy']);
  });

  it('is told that something fails though it did before the process began, and that it is well again', async () => {
    const receiver = new Noted(['failed']);
    const { loop, pass } = notifying(receiver);
    loop.offer(report(ONE, CRASHES));
    await pass(MINUTE);
    loop.offer(report(ONE, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['1 failed', '1 healthy again']);
  });

  it('is not told anew of a failure that the process before recorded, but that it is over', async () => {
    const receiver = new Noted(['failed']);
    const recorded = { report: report(ONE, CRASHES), minutesAgo: 5 };
    const { loop, pass } = notifyingAfter(recorded, receiver);
    loop.offer(report(ONE, CRASHES));
    await pass(10 * MINUTE);
    expect(receiver.states).toEqual([]);
    loop.offer(report(ONE, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['1 healthy again']);
  });

  it('is told of a failure that the process before recorded so shortly before that it may not have told it', async () => {
    const receiver = new Noted();
    const { loop, pass } = notifyingAfter({ report: report(ONE, CRASHES), minutesAgo: 1 }, receiver);
    loop.offer(report(ONE, CRASHES));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['1 failed']);
  });

  it('is told of another failure than the one that the process before recorded', async () => {
    const receiver = new Noted();
    const { loop, pass } = notifyingAfter({ report: report(ONE, CRASHES), minutesAgo: 5 }, receiver);
    loop.offer(report(TWO, CRASHES, true));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['2 failed']);
  });

  it('is told of a commit that cannot be read', async () => {
    const receiver = new Noted(['failed']);
    const { loop, pass } = notifying(receiver);
    loop.offer(report(ONE, READY));
    loop.halted({ commit: TWO, error: new ForgeError('FORGE_ANSWER', 'A file is too large.') });
    await pass(MINUTE);
    loop.halted(undefined);
    loop.offer(report(TWO, READY));
    await pass(MINUTE);
    expect(receiver.states).toEqual(['2 failed', '2 healthy again']);
    expect(receiver.taken[0]?.summary).toBe('production at main@2222222 cannot be read (FORGE_ANSWER)');
  });

  it('that is away for an hour is asked ever more seldom, and told all that it missed, but no more than a little', async () => {
    const receiver = new Noted();
    const { loop, pass, warnings, results } = notifying(receiver);
    receiver.fault = AWAY;
    for (let n = 0; n < 60; n++) {
      loop.offer(report(n.toString(16).padStart(40, '0') as CommitSha, READY, true));
      await pass(MINUTE);
    }
    expect(receiver.tries).toBeLessThan(40);
    expect(warnings).toEqual(['Could not notify notifications[0]']);
    receiver.fault = undefined;
    await pass(6 * MINUTE);
    expect(receiver.taken).toHaveLength(20);
    expect(receiver.taken.at(-1)?.commit).toBe((59).toString(16).padStart(40, '0'));
    expect(results.filter((result) => result === 'dropped')).toHaveLength(40);
  });

  it('that takes no such message is not sent it again', async () => {
    const receiver = new Noted();
    const { loop, pass } = notifying(receiver);
    receiver.fault = new NotifyError('NOTIFY_REJECTED', 'No.', { isMessage: true });
    loop.offer(report(ONE, READY, true));
    await pass(10 * MINUTE);
    expect(receiver.tries).toBe(1);
    receiver.fault = undefined;
    loop.offer(report(TWO, READY, true));
    await pass(10 * MINUTE);
    expect(receiver.states).toEqual(['2 healthy']);
  });

  it('that is away keeps no other from being told', async () => {
    const [away, well] = [new Noted(), new Noted()];
    away.fault = AWAY;
    const { loop, pass } = notifying(away, well);
    loop.offer(report(ONE, READY, true));
    await pass(MINUTE);
    expect([away.states, well.states]).toEqual([[], ['1 healthy']]);
  });
});
