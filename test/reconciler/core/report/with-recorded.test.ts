import { describe, expect, it } from 'vitest';
import { reportOutput } from '../../../../reconciler/core/report/json.ts';
import { withRecorded } from '../../../../reconciler/core/report/with-recorded.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import { aChange, aReport, done, failed } from './samples.ts';

const WEB = 'apps/v1/Deployment/weka/web';
const API = 'apps/v1/Deployment/weka/api';
const OTHER = 'f'.repeat(40) as CommitSha;

/** A pass that wrote these, and how it ended for each. */
function pass(outcomes: Parameters<typeof aReport>[0], startedAt = '2026-11-25T18:00:00.000Z') {
  return reportOutput(aReport({ ...outcomes, startedAt: new Date(startedAt) }));
}

const created = (id: string) => done(aChange('create', id));

function told(report: ReturnType<typeof withRecorded>): readonly string[] {
  return report.outcomes.map(({ op, target, result }) => `${op} ${target.split('/').at(-1)} ${result}`);
}

describe('a pass with what the ones before it did', () => {
  it('tells all that was done for the commit, since the first of them', () => {
    const before = [
      pass({ outcomes: [created(WEB)] }, '2026-11-25T17:00:00.000Z'),
      pass({ outcomes: [created(API)] }, '2026-11-25T17:05:00.000Z'),
    ];
    const report = withRecorded(pass({}), before);
    expect(told(report)).toEqual(['create web done', 'create api done']);
    expect(report.startedAt).toBe('2026-11-25T17:00:00.000Z');
  });

  it('tells nothing that was done for another commit, even if the same one was carried out before', () => {
    const before = [pass({ outcomes: [created(WEB)] }), pass({ commit: OTHER, outcomes: [created(API)] })];
    expect(told(withRecorded(pass({}), before))).toEqual([]);
  });

  it('tells of an object what became of it last', () => {
    const failing = pass({ outcomes: [failed(aChange('create', WEB), 'It is refused')] });
    expect(told(withRecorded(pass({ outcomes: [created(WEB)] }), [failing]))).toEqual(['create web done']);
    expect(told(withRecorded(pass({}), [pass({ outcomes: [created(WEB)] }), failing]))).toEqual([]);
    const again = pass({ changes: [aChange('update', WEB)] });
    expect(told(withRecorded(again, [pass({ outcomes: [created(WEB)] })]))).toEqual([]);
  });
});
