import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../../../schemas/settings.ts';
import type { GroupKind } from '../../../../reconciler/core/kube/object.ts';
import type { Write } from '../../../../reconciler/core/plan/change.ts';
import type { AwaitedApproval } from '../../../../reconciler/core/plan/approvals/awaited.ts';
import { reportOutput } from '../../../../reconciler/core/report/json.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import { appliedStatus, headStatus, isSameStatus } from '../../../../reconciler/core/review/commit-status.ts';
import { statusSentence } from '../../../../reconciler/core/review/sentence.ts';
import type { Told } from '../../../../reconciler/core/review/told.ts';
import { hostile, withTexts } from '../report/hostile.ts';
import { aChange, aFinding, aReport, done, failed, health, READY } from '../report/samples.ts';
import { planned } from './frames.ts';

const PLACE = { cluster: 'production', url: 'https://status.example/' };
const UNREAD = { kind: 'Ingress.networking.k8s.io' as GroupKind, why: 'not allowed to list ingresses' };
const awaited = (n: number): readonly AwaitedApproval[] =>
  Array.from({ length: n }, () => ({
    request: {
      action: 'replace-object',
      target: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'weka', name: 'format' },
      digest: `sha256:${'ab'.repeat(32)}`,
    },
    targets: [],
    file: { name: 'a', path: 'approvals/a.yaml', text: '' },
  }));
const moved = { is: 'moved', why: 'cluster', since: '2026-11-25T18:00:00Z' } as const;
const create = aChange('create', 'v1/ConfigMap/weka/a', {
  risks: [{ name: 'restart', reason: 'It restarts' }],
});
const refuse = aChange('refuse', 'v1/PersistentVolumeClaim/weka/data', { reason: 'It may hold data' });

function said(told: Told | 'planning'): string {
  const { state, description } = headStatus(told, PLACE);
  return `${state}: ${description}`;
}

describe('headStatus', () => {
  it.each<[string, Told | 'planning', string]>([
    ['while it is planned', 'planning', 'pending: The plan is being made'],
    ['of a plan', planned({ changes: [create] }), 'success: 1 to create; gravest risk: restart'],
    ['of nothing to do', planned(), 'success: nothing to change'],
    ['of no manifest', { result: 'nothing' }, 'success: Nothing here changes production'],
    [
      'of errors, before all else',
      planned({ findings: [aFinding()], changes: [refuse], awaited: awaited(1) }, { gate: moved }),
      'failure: 1 error: weka/web.yaml:12: Deployment has no field spec.replicass.',
    ],
    [
      'of a refusal',
      planned({ changes: [create, refuse] }),
      'failure: 1 refused: PersistentVolumeClaim weka/data: It may hold data',
    ],
    [
      'of what could not be read',
      planned({ unread: [UNREAD] }),
      'failure: Ingress.networking.k8s.io objects could not be listed: not allowed to list ingresses',
    ],
    [
      'of a plan that is another one by now',
      planned({ changes: [create], awaited: awaited(1) }, { gate: moved }),
      'pending: The plan changed after it was shown (the cluster changed): look again',
    ],
    [
      'of consent that is missing',
      planned({ awaited: awaited(2) }),
      'pending: Waits for 2 Approvals: replace-object of Job weka/format',
    ],
    [
      'of changes that a fork is not shown',
      planned({ changes: [create] }, { remarks: { hidden: { isChanged: true, errors: 0 } } }),
      'pending: It changes what is not shown to forks: look at the files',
    ],
    [
      'of errors that a fork is not shown',
      planned({ changes: [create] }, { remarks: { hidden: { isChanged: true, errors: 2 } } }),
      'failure: 2 errors that are not shown to forks: look at the files',
    ],
    [
      'of nothing, by a head that would not be applied',
      { result: 'nothing', unaccepted: { code: 'COMMIT_UNSIGNED', message: 'It is not signed.' } },
      'success: Nothing here changes production; the head would not be applied as it is (COMMIT_UNSIGNED)',
    ],
    [
      'while every pass is suspended',
      planned({ changes: [create] }, { remarks: { suspended: { reason: 'a flood', isLifted: false } } }),
      'success: 1 to create; gravest risk: restart; every pass is suspended',
    ],
    [
      'of a conflict',
      { result: 'conflict', files: ['weka/web.yaml', 'b'] },
      'failure: It cannot be merged: both sides change weka/web.yaml',
    ],
    [
      'of a failure',
      { result: 'failed', error: { code: 'API_UNREACHABLE', message: 'No answer.' } },
      'error: API_UNREACHABLE: No answer.',
    ],
  ])('%s', (_, told, expected) => {
    expect(said(told)).toBe(expected);
  });

  it('has a context of the cluster and leads to its status', () => {
    expect(headStatus('planning', PLACE)).toMatchObject({
      context: 'weka-gitops/production',
      url: 'https://status.example/',
    });
    expect(headStatus('planning', { cluster: 'b' })).not.toHaveProperty('url');
  });
});

describe('appliedStatus', () => {
  const applied = (report: Partial<Report>, approvals = 0): string => {
    const news = { news: 'report', report: reportOutput(aReport(report)), approvals } as const;
    const { state, description } = appliedStatus(news, PLACE);
    return `${state}: ${description}`;
  };
  const writes: readonly Write[] = [create, aChange('update', 'apps/v1/DaemonSet/weka/agent')];
  const [first, second] = writes as [Write, Write];
  const well = {
    changes: writes,
    outcomes: writes.map(done),
    health: health({ 'v1/ConfigMap/weka/a': READY }),
  };

  it.each<[string, Partial<Report>, number, string]>([
    ['healthy', well, 0, 'success: 1 created, 1 changed; 1 object: 1 ready'],
    [
      'in progress',
      {
        ...well,
        health: health({
          a: READY,
          'apps/v1/DaemonSet/weka/agent': { state: 'progressing', message: '1 of 4 pods' },
        }),
      },
      0,
      'pending: 1 of 2 objects not ready: DaemonSet weka/agent: 1 of 4 pods',
    ],
    [
      'a write that failed',
      { ...well, outcomes: [done(first), failed(second, 'not allowed to patch daemonsets')] },
      0,
      'failure: 1 failed: DaemonSet weka/agent: not allowed to patch daemonsets',
    ],
    [
      'a write that was held back',
      { ...well, outcomes: [{ change: second, result: 'held', why: 'It needs more' }] },
      0,
      'failure: Held back: DaemonSet weka/agent: It needs more',
    ],
    [
      'an error',
      { findings: [aFinding()] },
      0,
      'failure: 1 error: weka/web.yaml:12: Deployment has no field spec.replicass.',
    ],
    [
      'a refusal',
      { changes: [refuse] },
      0,
      'failure: 1 refused: PersistentVolumeClaim weka/data: It may hold data',
    ],
    [
      'an object that does not work',
      {
        health: health({ 'apps/v1/DaemonSet/weka/agent': { state: 'failed', message: 'CrashLoopBackOff' } }),
      },
      0,
      'failure: 1 failed: DaemonSet weka/agent: CrashLoopBackOff',
    ],
    [
      'consent that is missing',
      {
        changes: [
          aChange('wait', 'batch/v1/Job/weka/format', { reason: 'It waits for an Approval: restart' }),
        ],
      },
      1,
      'failure: Waits for 1 Approval: Job weka/format',
    ],
    [
      'a brake',
      { brake: { state: 'suspended', reason: 'the hall moves' } },
      0,
      'pending: Suspended: the hall moves',
    ],
    [
      'something that waits',
      { changes: [aChange('wait', 'batch/v1/Job/weka/format', { reason: 'It needs v1/Namespace/weka' })] },
      0,
      'pending: 1 waiting: Job weka/format: It needs v1/Namespace/weka',
    ],
    [
      'what could not be read',
      { unread: [UNREAD] },
      0,
      'pending: Ingress.networking.k8s.io objects could not be listed: not allowed to list ingresses',
    ],
    [
      'what stays since nothing is pruned',
      {
        ...well,
        settings: Settings.parse({ ...DEFAULT_SETTINGS, spec: { prune: { enabled: false } } }),
        changes: [...writes, aChange('wait', 'v1/ConfigMap/weka/old')],
      },
      0,
      'success: 1 created, 1 changed; 1 waiting; 1 object: 1 ready',
    ],
  ])('tells of %s', (_, report, approvals, expected) => {
    expect(applied(report, approvals)).toBe(expected);
  });

  it('tells of a pass that has begun, and of one that could not be made', () => {
    expect(appliedStatus({ news: 'applying' }, PLACE).state).toBe('pending');
    const error = { code: 'GIT_UNREACHABLE', message: 'No answer from https://bot:hunter22@git.example.' };
    const { state, description } = appliedStatus({ news: 'error', error }, PLACE);
    expect(state).toBe('error');
    expect(description).toMatch(/^GIT_UNREACHABLE: No answer from /);
    expect(description).not.toContain('hunter22');
  });
});

describe('a description', () => {
  it('is cut at a word', () => {
    const text = statusSentence(`It needs ${'words and '.repeat(20)}`);
    expect(text).toHaveLength(text.length);
    expect(text.length).toBeLessThanOrEqual(140);
    expect(text).toMatch(/ (words|and)…$/);
    expect(statusSentence('x'.repeat(200))).toBe(`${'x'.repeat(139)}…`);
    expect(statusSentence('a'.repeat(140))).toBe('a'.repeat(140));
  });

  it('is one line of at most 140 characters of the basic plane, whatever it tells', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        const { plan, report } = withTexts(a, b, c);
        const error = { code: 'X', message: a, hint: b };
        const all = [
          ...[
            planned({}, { plan }),
            { result: 'conflict' as const, files: [a] },
            { result: 'failed' as const, error },
          ].map((told) => headStatus(told, PLACE)),
          appliedStatus({ news: 'report', report, approvals: 0 }, PLACE),
          appliedStatus({ news: 'error', error }, PLACE),
        ];
        for (const { description } of all) {
          expect(description.length).toBeLessThanOrEqual(140);
          expect(description).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10ffff}]/u);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('isSameStatus', () => {
  it('holds where state, description and address are the same', () => {
    const status = headStatus('planning', PLACE);
    expect(isSameStatus({ ...status, context: 'other' }, status)).toBe(true);
    expect(isSameStatus(undefined, status)).toBe(false);
    expect(isSameStatus({ ...status, state: 'success' }, status)).toBe(false);
    expect(isSameStatus(headStatus('planning', { cluster: 'production' }), status)).toBe(false);
  });
});
