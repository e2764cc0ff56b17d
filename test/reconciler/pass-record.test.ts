import { describe, expect, it } from 'vitest';
import type { Pass } from '../../reconciler/assess.ts';
import { objectId } from '../../reconciler/core/kube/object.ts';
import type { ApprovalUse } from '../../reconciler/core/plan/approvals/use.ts';
import type { Outcome, Write } from '../../reconciler/core/plan/change.ts';
import { EMPTY_RECORD } from '../../reconciler/core/plan/record.ts';
import { recordAfter } from '../../reconciler/pass-record.ts';
import { aDeployment, APPLY_SET, applied } from '../support/objects.ts';

const use: ApprovalUse = {
  name: 'consent',
  digest: 'sha256:a',
  usedAt: '2026-11-26T12:00:00.000Z',
  expires: '2026-12-01T00:00:00Z',
  done: false,
};
const live = applied(aDeployment('exporter'));
const deed: Write = {
  op: 'update',
  id: objectId(live),
  desired: aDeployment('exporter', { replicas: 3 }),
  live,
  force: false,
  fields: [],
  flags: [],
  approved: [{ name: use.name, digest: use.digest, expires: use.expires, source: 'consent.yaml:1' }],
};
const done: Outcome = { change: deed, result: 'done' };
const failed: Outcome = { change: deed, result: 'failed', code: 'API_TIMEOUT', why: 'no answer' };
const gap = { kind: 'Secret', why: 'forbidden', code: 'API_FORBIDDEN' };

/** What the record says of the consent after a pass that ended so. */
function isUsedUp(
  outcomes: readonly Outcome[],
  {
    unread = [],
    asked = [],
    seen = true,
  }: { unread?: readonly object[]; asked?: string[]; seen?: boolean } = {},
): boolean | undefined {
  const record = { ...EMPTY_RECORD, uses: [use] };
  const pass = {
    assessment: { commit: 'c'.repeat(40), unread, changes: [] },
    record,
    desired: [],
    spent: { pruned: 0, pruning: [] },
    scope: { applySet: APPLY_SET },
    asked: new Set(asked),
  } as unknown as Pass;
  const after = recordAfter(pass, record, outcomes, seen ? { objects: new Map(), unread: [] } : undefined);
  return after.uses[0]?.done;
}

describe('a consent that a pass began to use', () => {
  it.each<[string, boolean, Parameters<typeof isUsedUp>]>([
    ['is used up once its deed is done', true, [[done]]],
    [
      'is used up even where something else could not be read',
      true,
      [[done], { unread: [gap], asked: ['sha256:a'] }],
    ],
    ['is used up even where nothing could be looked at again', true, [[done], { seen: false }]],
    ['may be taken up again after a failure', false, [[failed], { asked: ['sha256:a'] }]],
    ['is used up where the deed of a pass that died is seen done: nobody asks for it', true, [[]]],
    ['stays open while not all can be read', false, [[], { unread: [gap] }]],
    [
      'stays open while it is asked for, and something else holds it back',
      false,
      [[], { asked: ['sha256:a'] }],
    ],
  ])('%s', (_name, expected, args) => {
    expect(isUsedUp(...args)).toBe(expected);
  });
});
