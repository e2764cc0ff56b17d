import { describe, expect, it } from 'vitest';
import { Findings } from '../../../../schemas/output/finding.ts';
import { Plan } from '../../../../schemas/output/plan.ts';
import { Report } from '../../../../schemas/output/report.ts';
import { Status } from '../../../../schemas/output/status.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import {
  findingsOutput,
  jsonText,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import {
  aChange,
  aFinding,
  aFullAssessment,
  aFullReport,
  anAssessment,
  aReport,
  done,
  failed,
  health,
  READY,
} from './samples.ts';

const AT = new Date('2026-11-25T19:00:00Z');

describe('JSON output', () => {
  it('fits its schema, and comes back as it went', () => {
    const forms = [
      [Plan, planOutput(aFullAssessment())],
      [Report, reportOutput(aFullReport())],
      [Status, statusOutput(aFullReport(), AT)],
      [Status, statusOutput(aFullAssessment(), AT, statusOutput(aFullReport(), AT))],
      [Findings, findingsOutput(aFullAssessment().findings, { files: 3, documents: 5 })],
    ] as const;
    for (const [schema, output] of forms) {
      expect(schema.parse(JSON.parse(jsonText(output)))).toEqual(output);
    }
  });

  it('escapes what a terminal obeys', () => {
    const text = jsonText(planOutput(anAssessment({ subject: 'a\u001b\u009b\u202e\u2028\u{e0041}é\n' })));
    expect(text).toContain('"subject": "a\\u001b\\u009b\\u202e\\u2028\\udb40\\udc41é\\n"');
    expect(JSON.parse(text)).toHaveProperty('subject', 'a\u001b\u009b\u202e\u2028\u{e0041}é\n');
  });
});

describe('planOutput', () => {
  it('counts everything', () => {
    expect(planOutput(aFullAssessment()).summary).toEqual({
      create: 2,
      update: 4,
      replace: 1,
      prune: 1,
      keep: 14,
      refuse: 1,
      wait: 1,
      run: 0,
      errors: 1,
      warnings: 1,
      ignored: 0,
    });
  });

  it('gives of a change what a reader needs, and no whole object', () => {
    const change = aChange('update', 'apps/v1/Deployment/weka/web', {
      source: 'weka/web.yaml:1',
      flags: ['drift'],
      fields: [{ path: 'spec.replicas', from: 3, to: 4, manager: 'kubectl-scale' }],
      risks: [{ name: 'restart', reason: 'Its pods are made again', evidence: '3 pods' }],
    });
    expect(planOutput(anAssessment({ changes: [change] })).changes).toEqual([
      {
        op: 'update',
        target: 'apps/v1/Deployment/weka/web',
        stage: 'workload',
        fields: [{ path: 'spec.replicas', from: 3, to: 4, manager: 'kubectl-scale' }],
        flags: ['drift'],
        risks: [{ name: 'restart', reason: 'Its pods are made again', evidence: '3 pods' }],
        source: 'weka/web.yaml:1',
      },
    ]);
  });
});

describe('reportOutput', () => {
  it('is clean when all that was asked for is done', () => {
    const change = aChange('create', 'v1/ConfigMap/weka/a');
    const clean = (rest: Parameters<typeof aReport>[0]) => reportOutput(aReport(rest)).clean;
    expect(clean({ changes: [change], outcomes: [done(change)] })).toBe(true);
    expect(clean({ findings: [aFinding({ level: 'warning' })] })).toBe(true);
    expect(clean({ changes: [change], outcomes: [failed(change, 'no')] })).toBe(false);
    expect(clean({ findings: [aFinding()] })).toBe(false);
    expect(clean({ changes: [aChange('refuse', 'v1/Pod/weka/a')] })).toBe(false);
    expect(clean({ unread: [{ kind: 'Pod' as never, why: 'no' }] })).toBe(false);
  });
});

describe('statusOutput', () => {
  it('tells how things stand after the pass, not what the pass set out to do', () => {
    const create = aChange('create', 'v1/ConfigMap/weka/a');
    const update = aChange('update', 'v1/ConfigMap/weka/b');
    const prune = aChange('prune', 'v1/ConfigMap/weka/c');
    const rest = { changes: [create, update, prune, aChange('keep', 'v1/ConfigMap/weka/d')] };
    const all = statusOutput(aReport({ ...rest, outcomes: [create, update, prune].map(done) }), AT);
    expect(all.summary).toMatchObject({ create: 0, update: 0, prune: 0, keep: 3 });
    expect(all.clean).toBe(true);

    const some = statusOutput(aReport({ ...rest, outcomes: [done(create), failed(update, 'no')] }), AT);
    expect(some.summary).toMatchObject({ create: 0, update: 1, prune: 1, keep: 2 });
    expect(some.clean).toBe(false);
    expect(some.lastPass).toMatchObject({ made: { created: 1, changed: 0, failed: 1 }, clean: false });
  });

  it('is not clean while something waits', () => {
    const changes = [aChange('wait', 'v1/Pod/weka/a', { reason: 'Later' })];
    const status = statusOutput(aReport({ changes }), AT);
    expect(status.clean).toBe(false);
    expect(status.waiting).toEqual([{ target: 'v1/Pod/weka/a', why: 'Later' }]);
  });

  it('remembers what failed for as long as it is still to do', () => {
    const [a, b] = [aChange('update', 'v1/ConfigMap/weka/a'), aChange('update', 'v1/ConfigMap/weka/b')];
    const recorded = statusOutput(
      aReport({ changes: [a, b], outcomes: [failed(a, 'no'), failed(b, 'no')] }),
      AT,
    );
    const seen = anAssessment({ changes: [a, aChange('keep', b.id)] });
    expect(statusOutput(seen, AT, recorded).failed.map(({ target }) => target)).toEqual([a.id]);
    expect(statusOutput(seen, AT, recorded).lastPass).toEqual(recorded.lastPass);
  });

  it('remembers what the loop leaves alone, until it is as it should be or a commit has it tried again', () => {
    const [a, b] = [aChange('update', 'v1/ConfigMap/weka/a'), aChange('update', 'v1/ConfigMap/weka/b')];
    const left = [a, b].map(({ id }) =>
      aChange('wait', id, { reason: 'rival undoes each correction of it' }),
    );
    const recorded = statusOutput(aReport({ changes: left }), AT);
    const waitingOf = (rest: Parameters<typeof anAssessment>[0]) =>
      statusOutput(anAssessment(rest), AT, recorded).waiting;
    const why = 'rival undoes each correction of it';
    expect(waitingOf({ changes: [a, aChange('keep', b.id)] })).toEqual([{ target: a.id, why }]);
    expect(waitingOf({ changes: [aChange('wait', a.id, { reason: 'Later' })] })).toEqual([
      { target: a.id, why: 'Later' },
    ]);
    expect(waitingOf({ changes: [aChange('refuse', a.id)] })).toEqual([]);
    expect(waitingOf({ changes: [a], commit: 'c'.repeat(40) as CommitSha })).toEqual([]);
  });

  it('lists objects in the order of their names', () => {
    const states = health({ 'v1/Pod/weka/b': READY, 'v1/Pod/weka/a': READY });
    expect(statusOutput(anAssessment({ health: states }), AT).objects.map(({ target }) => target)).toEqual([
      'v1/Pod/weka/a',
      'v1/Pod/weka/b',
    ]);
  });
});
