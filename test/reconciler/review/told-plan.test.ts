import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import type { PlannedMerge } from '../../../reconciler/review/planner.ts';
import { planAgainMs, toldPlan, wordsOf } from '../../../reconciler/review/told-plan.ts';
import { planOutput } from '../../../reconciler/core/report/json.ts';
import { aChange, anAssessment } from '../core/report/samples.ts';

const NOW = new Date('2026-11-26T12:00:00Z');
const [BASE, LATER] = ['b'.repeat(40) as CommitSha, 'c'.repeat(40) as CommitSha];
const MINUTE_MS = 60_000;

const pullRequest: PullRequest = {
  number: 7,
  title: 'Scale the web tier',
  author: 'jane',
  url: 'https://forge.example/acme/storage/pulls/7',
  state: 'open',
  isDraft: false,
  head: { commit: 'a'.repeat(40) as CommitSha, branch: 'scale', repository: 'acme/storage' },
  base: 'main',
  isFork: false,
  updatedAt: new Date(0),
};

function aPlan(rest: Partial<PlannedMerge> = {}): PlannedMerge {
  return {
    result: 'planned',
    base: BASE,
    plan: planOutput(anAssessment({ changes: [aChange('create', 'v1/ConfigMap/weka/a')] })),
    alsoWithout: { changes: [], undone: [], findings: 0 },
    settingsChanges: [],
    files: [],
    approved: [],
    consentEnds: [],
    remarks: {},
    ...rest,
  };
}

const told = (plan: PlannedMerge, state?: Parameters<typeof toldPlan>[2]['state']) =>
  toldPlan(pullRequest, plan, { state }, 0);

describe('a plan that is told', () => {
  it('is the same with another tip of the base and another time that a proposed Approval ends at', () => {
    const awaiting = (expires: string, base: CommitSha) => {
      const { plan } = aPlan();
      const approval = { file: `spec:\n  expires: ${expires}\n` } as (typeof plan.approvals)[number];
      return wordsOf(aPlan({ base, plan: { ...plan, approvals: [approval] } }));
    };
    const first = awaiting('2026-12-03T12:00:00Z', BASE);
    expect(awaiting('2026-12-03T12:10:00Z', LATER)).toBe(first);
    expect(awaiting('2026-12-04T00:10:00Z', LATER)).not.toBe(first);
    expect(wordsOf(aPlan({ files: ['a.yaml'] }))).not.toBe(wordsOf(aPlan()));
  });

  it('is planned again within ten minutes, and as soon as consent runs out that it counts on', () => {
    const ending = (inMs: number) => told(aPlan({ consentEnds: [new Date(NOW.getTime() + inMs)] }));
    expect(planAgainMs(undefined, NOW)).toBe(10 * MINUTE_MS);
    expect(planAgainMs(told(aPlan()), NOW)).toBe(10 * MINUTE_MS);
    expect(planAgainMs(ending(3 * MINUTE_MS), NOW)).toBe(3 * MINUTE_MS + 1_000);
    expect(planAgainMs(ending(3 * 24 * 60 * MINUTE_MS), NOW)).toBe(10 * MINUTE_MS);
    // It is never planned all the time.
    expect(planAgainMs(ending(-5 * MINUTE_MS), NOW)).toBe(1_000);
  });

  it('is not taken as told while people have to look', () => {
    const state = { head: '', base: '', digest: 'new', reviewed: 'old', reviewedBase: '', shownAt: '' };
    expect(told(aPlan(), state)).toBeUndefined();
    expect(told(aPlan(), { ...state, reviewed: 'new' })).toBeDefined();
  });
});
