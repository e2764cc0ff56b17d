import { describe, expect, it } from 'vitest';
import { commitEnd } from '../../../../reconciler/core/report/commit-end.ts';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';
import { aChange, aReport, done, failed, health } from './samples.ts';

const WEB = 'apps/v1/Deployment/weka/web';
const ERROR: Finding = {
  level: 'error',
  rule: 'r',
  file: 'a.yaml',
  line: 1,
  column: 1,
  message: 'It is broken.',
};

const READY = { state: 'current', message: 'It is there' } as const;
const STARTS = { state: 'progressing', message: '1 of 2' } as const;
const BROKEN = { state: 'failed', message: 'It crashes' } as const;

describe('the end of a commit', () => {
  it.each([
    ['healthy', 'all works', aReport({ health: health({ [WEB]: READY }) })],
    ['applied', 'not all works yet', aReport({ health: health({ [WEB]: STARTS }) })],
    ['failed', 'an object fails', aReport({ health: health({ [WEB]: BROKEN }) })],
    ['failed', 'a manifest is broken', aReport({ findings: [ERROR] })],
    ['failed', 'a change is refused', aReport({ changes: [aChange('refuse', WEB)] })],
    ['failed', 'a write failed', aReport({ outcomes: [failed(aChange('create', WEB), 'no', 'do')] })],
    ['waiting', 'a change waits', aReport({ changes: [aChange('wait', WEB)] })],
    ['waiting', 'a person has suspended all', aReport({ brake: { state: 'suspended', reason: 'Look' } })],
  ] as const)('is %s where %s', (state, _why, report) => {
    expect(commitEnd(report)?.state).toBe(state);
  });

  it('is not reached while writes are held back', () => {
    const change = aChange('create', WEB);
    expect(commitEnd(aReport({ outcomes: [{ change, result: 'held', why: 'It waits' }] }))).toBeUndefined();
  });

  it('is another one where something else is in the way, and not where more was done', () => {
    const one = aReport({ findings: [ERROR] });
    const change = aChange('create', WEB);
    expect(commitEnd({ ...one, outcomes: [done(change)] })).toEqual(commitEnd(one));
    expect(commitEnd({ ...one, findings: [{ ...ERROR, line: 2 }] })).not.toEqual(commitEnd(one));
  });
});
