import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Settings } from '../../../schemas/settings.ts';
import { DEFAULT_SETTINGS } from '../../../schemas/settings.ts';
import type { Health } from '../../../reconciler/core/health/health.ts';
import type { Report } from '../../../reconciler/core/report/report.ts';
import type { CommitSha, History } from '../../../reconciler/ports.ts';
import type { Duty } from '../../../reconciler/unattended/duty.ts';
import { ForgeTelling } from '../../../reconciler/unattended/forge-telling.ts';
import { Turns } from '../../../reconciler/unattended/turns.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { writeMarker } from '../../../reconciler/core/review/marker.ts';
import { aPlanMarker } from '../core/review/frames.ts';
import { aChange, aReport, done, health } from '../core/report/samples.ts';
import { ManualTime } from '../world/lease/manual-time.ts';
import { ToldForge } from './told-forge.ts';

const ID = 'apps/v1/Deployment/weka/exporter';
const ZERO = '0'.repeat(40) as CommitSha;
const ONE = '1'.repeat(40) as CommitSha;
const TWO = '2'.repeat(40) as CommitSha;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

const STARTS: Health = { state: 'progressing', message: '0 of 1 pods are ready' };
const ROLLS: Health = { state: 'progressing', message: '1 of 2 pods are ready' };
const READY: Health = { state: 'current', message: '1 of 1 pods are ready' };

const AWAY = new ForgeError('FORGE_UNREACHABLE', 'The forge cannot be reached.');

interface Told {
  readonly telling: ForgeTelling;
  readonly warnings: string[];
  readonly failures: string[];
  /** Ends it, as when the process is asked to. */
  stop(): void;
}

function aTelling(forge: ToldForge, time: ManualTime): Told {
  const warnings: string[] = [];
  const failures: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (_fields: object, message: string) => void warnings.push(message),
    error: () => {},
  };
  const metrics = { observeError: () => {}, observeForgeError: (code: string) => void failures.push(code) };
  const lease = { assertHeld: () => {} };
  const statusBranch = { ref: 'refs/heads/weka-gitops/status/production' };
  const duty = { forge: forge.port, statusBranch, lease, metrics, time, log, random: () => 0.99 };
  const telling = new ForgeTelling(duty as unknown as Duty, {
    cluster: 'production',
    turns: new Turns(time),
  });
  const stop = new AbortController();
  telling.run(stop.signal, new AbortController().signal).catch(() => {});
  const end = () => stop.abort(new Error('The test is over.'));
  onTestFinished(end);
  return { telling, warnings, failures, stop: end };
}

function report(
  commit: CommitSha,
  state: Health,
  rest: Partial<Report> & { readonly wrote?: boolean } = {},
): Report {
  const { wrote = false, ...others } = rest;
  const change = aChange(wrote ? 'create' : 'keep', ID);
  return aReport({
    commit,
    changes: [change],
    outcomes: change.op === 'create' ? [done(change)] : [],
    health: health({ [ID]: state }),
    ...others,
  });
}

function settings(told: Partial<Settings['spec']['report']>): Settings {
  const { spec } = DEFAULT_SETTINGS;
  return { ...DEFAULT_SETTINGS, spec: { ...spec, report: { ...spec.report, ...told } } };
}

/** Waits until all that could go on has. */
async function settled(): Promise<void> {
  for (let n = 0; n < 40; n++) await turn();
}

async function pass(time: ManualTime, ms: number): Promise<void> {
  time.pass(ms);
  await settled();
}

/** Lets that much time pass in steps, as loops that wake and sleep again need it. */
async function passLong(time: ManualTime, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10 * SECOND) await pass(time, Math.min(left, 10 * SECOND));
}

const states = ({ statuses }: ToldForge) => statuses.map((status) => status.split(':')[0]);

describe('the status of a commit', () => {
  it('follows the commit until it is well, and is written once for each news', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, STARTS, { wrote: true }));
    await settled();
    expect(states(forge)).toEqual(['1111111 pending']);
    telling.offer(report(ONE, STARTS));
    await pass(time, 10 * SECOND);
    telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    expect(states(forge)).toEqual(['1111111 pending', '1111111 success']);
    // What was done in the first pass is part of it.
    expect(forge.statuses[1]).toContain('1 created');
  });

  it('is written every ten seconds at most, and then is the latest', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, STARTS));
    await settled();
    telling.offer(report(ONE, ROLLS));
    await pass(time, 5 * SECOND);
    telling.offer(report(ONE, READY));
    await pass(time, 4 * SECOND);
    expect(forge.statuses).toHaveLength(1);
    await pass(time, 1 * SECOND);
    expect(states(forge)).toEqual(['1111111 pending', '1111111 success']);
  });

  it('is written more and more seldom where health goes to and fro for a week', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    for (let n = 0; n < 7 * 24 * 60; n++) {
      telling.offer(report(ONE, n % 2 === 0 ? READY : STARTS));
      await turn();
      time.pass(60 * SECOND);
      await turn();
    }
    // GitHub takes a thousand at most.
    expect(forge.statuses.length).toBeLessThan(100);
  });

  it('of another commit is written at once, and the one before is not in progress for ever', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, STARTS));
    await settled();
    telling.offer(report(TWO, READY));
    await settled();
    expect(forge.statuses.map((status) => status.split(';')[0])).toEqual([
      expect.stringMatching(/^1111111 pending: /),
      '1111111 pending: 2222222 followed before it was healthy',
      expect.stringMatching(/^2222222 success: /),
    ]);
  });

  it('says that it is being applied where the pass takes its time, and not before', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.begins({ commit: ONE });
    await pass(time, 5 * SECOND);
    // Whether the repository wants to be told is not known yet.
    expect(forge.statuses).toEqual([]);
    telling.offer(report(ONE, READY));
    await settled();
    telling.begins({ commit: TWO });
    await pass(time, 1 * SECOND);
    expect(forge.statuses).toHaveLength(1);
    await pass(time, 1 * SECOND);
    expect(states(forge)).toEqual(['1111111 success', '2222222 pending']);
    telling.offer(report(TWO, READY));
    await settled();
    expect(states(forge).at(-1)).toBe('2222222 success');
  });

  it('says of a commit that cannot be read why, and the one that stands is none the worse', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, READY));
    telling.halted(undefined);
    await settled();
    const error = new ForgeError('FORGE_REJECTED', 'A file is too large.');
    // Of what time mends nothing is said.
    telling.halted({ commit: TWO, error: AWAY });
    await pass(time, 10 * SECOND);
    expect(forge.statuses).toHaveLength(1);
    const halt = { commit: TWO, error };
    telling.offer(
      report(ONE, READY, {
        findings: [
          { level: 'error', rule: 'commit-unread', file: 'main', line: 1, column: 1, message: 'No.' },
        ],
      }),
    );
    telling.halted(halt);
    await pass(time, 10 * SECOND);
    expect(forge.statuses.slice(1)).toEqual(['2222222 error: FORGE_REJECTED: A file is too large.']);

    telling.offer(report(TWO, READY));
    telling.halted(undefined);
    await pass(time, 10 * SECOND);
    expect(states(forge).at(-1)).toBe('2222222 success');
  });

  it('is not written again by the process that comes next', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const first = aTelling(forge, time);
    first.telling.offer(report(ONE, READY));
    await settled();
    first.stop();
    const second = aTelling(forge, time);
    second.telling.offer(report(ONE, READY));
    await settled();
    expect(forge.statuses).toHaveLength(1);
  });

  it('does not stay in progress where it is the commit itself that wants no more of it', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, READY));
    await settled();
    telling.begins({ commit: TWO });
    await pass(time, 2 * SECOND);
    telling.offer(report(TWO, READY, { settings: settings({ commitStatus: false }) }));
    await settled();
    expect(states(forge)).toEqual(['1111111 success', '2222222 pending', '2222222 success']);
  });

  it('is left alone where the Settings say so', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE);
    telling.offer(report(ONE, READY, { settings: settings({ commitStatus: false, comment: false }) }));
    telling.begins({ commit: TWO });
    await pass(time, 10 * SECOND);
    expect(forge.calls).toEqual([]);
  });
});

describe('the closing comment', () => {
  it('is one, which says at last that all is well, and is left alone then', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE);
    telling.offer(report(ONE, STARTS, { wrote: true }));
    await settled();
    expect(forge.comments.map(({ text }) => text)).toEqual([
      expect.stringContaining('0 of 1 pods are ready'),
    ]);
    telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.text).toContain('1 created');
    expect(forge.comments[0]?.isEdited).toBe(true);

    // Weeks later, somebody deletes a pod.
    forge.calls.length = 0;
    telling.offer(report(ONE, STARTS));
    await pass(time, 10 * SECOND);
    expect(forge.calls).toEqual(['setCommitStatus']);
  });

  it('is one also where the forge shows it under another name than it says is ours', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    forge.author = 'robot-of-another-name';
    forge.merged(ONE);
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, STARTS));
    await passLong(time, 60 * SECOND);
    telling.offer(report(ONE, READY));
    await passLong(time, 60 * SECOND);

    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.isEdited).toBe(true);
  });

  it('is only written to pull requests that were merged into this commit', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE, { state: 'open' });
    forge.merged(ONE, { state: 'closed' });
    forge.merged(ONE, { mergeCommit: TWO });
    telling.offer(report(ONE, READY));
    await passLong(time, HOUR);
    expect(forge.comments).toEqual([]);
  });

  it('is written to all pull requests that were merged since the pass before', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    const [older, three] = [ZERO, '3'.repeat(40) as CommitSha];
    forge.merged(older, { number: 5 });
    forge.merged(TWO, { number: 6 });
    forge.merged(three, { number: 7 });
    const asked: string[] = [];
    const commitsSince = (commit: CommitSha) => {
      asked.push(commit);
      return Promise.resolve([three, TWO, ONE]);
    };
    const history = () => ({ commitsSince }) as unknown as History;
    telling.begins({ commit: three, history }, older);
    telling.offer(report(three, READY));
    // The next pass goes by the same commit, which was carried out last by then.
    telling.begins({ commit: three, history }, three);
    telling.offer(report(three, READY));
    await passLong(time, 60 * SECOND);
    expect(asked).toEqual([older]);
    expect(forge.commented).toEqual([7, 6]);
  });

  describe.each([
    ['the same manifests', 'k: 1', []],
    ['other manifests', 'k: 2', [7]],
  ])('of a commit with %s as the one before', (_, text, commented) => {
    const files = (content: string) => [{ path: 'a.yaml', content: new TextEncoder().encode(content) }];
    const merged = async (prepare: (forge: ToldForge) => void = () => {}) => {
      const [forge, time] = [new ToldForge(), new ManualTime()];
      const { telling } = aTelling(forge, time);
      telling.begins({ commit: ONE, files: files('k: 1') });
      telling.offer(report(ONE, READY));
      await passLong(time, HOUR);
      forge.merged(TWO);
      prepare(forge);
      telling.begins({ commit: TWO, files: files(text) }, ONE);
      telling.offer(report(TWO, READY));
      await passLong(time, 60 * SECOND);
      telling.offer(report(TWO, ROLLS));
      await passLong(time, 60 * SECOND);
      return forge;
    };

    it(`is on ${commented.length} pull requests`, async () => {
      expect((await merged()).commented).toEqual(commented);
    });

    it('is there where the pull request was shown a plan', async () => {
      const plan = `${writeMarker(aPlanMarker({ repository: 'acme/storage' }))}\n\nThe plan.`;
      expect((await merged((forge) => void forge.add('robot', plan))).commented).toEqual([7]);
    });
  });

  it('is written where the forge finds the pull request only later', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, READY));
    await settled();
    forge.merged(ONE);
    await pass(time, 10 * SECOND);
    expect(forge.comments).toHaveLength(1);
    await passLong(time, HOUR);
    expect(forge.count('pullRequestsOf')).toBe(2);
  });

  it('is not looked for for ever where nobody opened a pull request', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    telling.offer(report(ONE, READY));
    await passLong(time, HOUR);
    expect(forge.count('pullRequestsOf')).toBe(4);
  });

  it('is not written twice where the answer to the first time is lost', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE);
    let lost = 0;
    forge.fault = (method) =>
      method === 'comment' && lost++ === 0 ? { error: AWAY, isDone: true } : undefined;
    telling.offer(report(ONE, READY));
    await passLong(time, 60 * SECOND);
    expect([lost, forge.comments.length]).toEqual([1, 1]);
  });

  it('is written anew where somebody deleted it, and one of two goes', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE);
    telling.offer(report(ONE, STARTS));
    await settled();
    const [first] = forge.comments.splice(0);
    telling.offer(report(ONE, ROLLS));
    await pass(time, 10 * SECOND);
    expect(forge.comments).toHaveLength(1);
    forge.add('robot', first!.text);
    telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    expect(forge.comments.map(({ text }) => text)).toEqual([expect.stringContaining('applied and healthy')]);
  });

  it('is not what somebody else wrote with our marker', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    forge.merged(ONE);
    telling.offer(report(ONE, READY));
    await settled();
    const [ours] = forge.comments.splice(0);
    forge.add('mallory', ours!.text);
    const { telling: next } = aTelling(forge, time);
    next.offer(report(ONE, READY));
    await settled();
    expect(forge.comments.map(({ author }) => author)).toEqual(['mallory', 'robot']);
  });

  it('of long ago stays as it is when another process begins', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    forge.merged(ONE);
    const first = aTelling(forge, time);
    first.telling.offer(report(ONE, READY, { wrote: true }));
    await settled();
    first.stop();
    const [before] = forge.comments;
    const second = aTelling(forge, time);
    second.telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    expect(forge.comments).toEqual([before]);
  });

  it('shows nothing of Secrets to a fork', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    forge.merged(ONE, { isFork: true });
    const { telling } = aTelling(forge, time);
    const secret = aChange('create', 'v1/Secret/weka/login-of-the-admin');
    telling.offer(aReport({ commit: ONE, changes: [secret], outcomes: [done(secret)] }));
    await settled();
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.text).not.toContain('login-of-the-admin');
  });
});

describe('a forge that fails', () => {
  it('for an hour is asked ever more seldom, and told the latest once it is back', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling, warnings, failures } = aTelling(forge, time);
    forge.merged(ONE);
    forge.fault = () => ({ error: AWAY });
    for (let minute = 0; minute < 60; minute++) {
      telling.offer(report(ONE, minute % 2 === 0 ? STARTS : ROLLS));
      await passLong(time, 60 * SECOND);
    }
    // Two things are told, each at its own pace.
    expect(forge.calls.length).toBeLessThan(60);
    expect(failures.length).toBe(forge.calls.length);
    expect(warnings.toSorted()).toEqual([
      'Could not set the commit status',
      'Could not write the closing comment',
    ]);

    forge.fault = () => undefined;
    telling.offer(report(ONE, READY));
    await passLong(time, 600 * SECOND);
    expect(states(forge)).toEqual(['1111111 success']);
    expect(forge.comments).toHaveLength(1);
  });

  it('is left alone for as long as it asks', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling } = aTelling(forge, time);
    const error = new ForgeError('FORGE_RATE_LIMIT', 'Too many requests.', { retryAfterMs: 1_800 * SECOND });
    forge.fault = () => ({ error });
    telling.offer(report(ONE, STARTS));
    await settled();
    expect(forge.calls).toHaveLength(2);
    telling.offer(report(ONE, READY));
    await passLong(time, 1_790 * SECOND);
    expect(forge.calls).toHaveLength(2);
    forge.fault = () => undefined;
    await passLong(time, 20 * SECOND);
    expect(states(forge)).toEqual(['1111111 success']);
  });

  it('takes what the account may write, though there is something that it may not', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling, warnings } = aTelling(forge, time);
    forge.merged(ONE);
    const error = new ForgeError('FORGE_FORBIDDEN', 'The token lacks the scope repo:status.');
    forge.fault = (method) => (method === 'setCommitStatus' ? { error } : undefined);
    telling.offer(report(ONE, STARTS));
    await settled();
    telling.offer(report(ONE, READY));
    await pass(time, 10 * SECOND);
    expect(forge.comments.map(({ text }) => text)).toEqual([expect.stringContaining('applied and healthy')]);
    expect(warnings).toEqual(['Could not set the commit status']);
  });

  it('is told what is left when the process ends, where it can be', async () => {
    const [forge, time] = [new ToldForge(), new ManualTime()];
    const { telling, stop } = aTelling(forge, time);
    telling.offer(report(ONE, STARTS));
    await settled();
    telling.offer(report(ONE, READY));
    await settled();
    stop();
    await telling.finish(new AbortController().signal);
    expect(states(forge)).toEqual(['1111111 pending', '1111111 success']);
  });
});
