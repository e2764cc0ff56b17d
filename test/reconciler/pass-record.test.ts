import { describe, expect, it } from 'vitest';
import type { Pass } from '../../reconciler/assess.ts';
import { objectId } from '../../reconciler/core/kube/object.ts';
import type { ApprovalUse } from '../../reconciler/core/plan/approvals/use.ts';
import type { Change, Outcome, Write } from '../../reconciler/core/plan/change.ts';
import { EMPTY_RECORD } from '../../reconciler/core/plan/record.ts';
import { recordAfter, recordBefore } from '../../reconciler/pass-record.ts';
import { aConfigMap, aDeployment, aPod, APPLY_SET, applied, wanted } from '../support/objects.ts';

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
const gone: Write = { op: 'prune', id: objectId(live), live, fields: [], flags: [] };

const heldBack: Change = {
  op: 'wait',
  id: deed.id,
  reason: 'It needs another object, which is refused',
  fields: [],
  flags: [],
};
const other: Change = { ...heldBack, id: objectId(aConfigMap('other')) };
const orphan: Change = { ...heldBack, id: objectId(aConfigMap('orphan')), reason: 'Not pruned: it is held' };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'weka', name: 'exporter' };
const budget = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'weka-gitops-system', name: 'weka-gitops' };

interface Given {
  /** Why nothing is concluded from what nobody asks for. */
  readonly blocked?: string;
  readonly asked?: readonly string[];
  readonly seen?: boolean;
  readonly changes?: readonly Change[];
  readonly action?: string;
  readonly drivers?: object;
}

/** What the record says of the consent after a pass that ended so. */
function isUsedUp(
  outcomes: readonly Outcome[],
  { blocked, asked = [], seen = true, changes = [], action = 'update-object', drivers }: Given = {},
): boolean | undefined {
  const record = { ...EMPTY_RECORD, uses: [use] };
  const approval = {
    metadata: { name: use.name },
    spec: {
      action,
      target: action === 'prune-budget' ? budget : action.includes('-driver') ? cluster : target,
      approvalDigest: use.digest,
    },
  };
  const pass = {
    assessment: { commit: 'c'.repeat(40), changes },
    record,
    desired: [],
    spent: { pruned: 0, pruning: [] },
    scope: { applySet: APPLY_SET },
    input: { prune: { blocked }, book: { approvals: [{ approval }] } },
    asked: new Set(asked),
    drivers,
  } as unknown as Pass;
  const after = recordAfter(pass, record, outcomes, seen ? { objects: new Map(), unread: [] } : undefined);
  return after.uses[0]?.done;
}

const cluster = {
  apiVersion: 'weka.weka.io/v1alpha1',
  kind: 'WekaCluster',
  namespace: 'weka',
  name: 'demo',
};
const consent = { action: 'replace-drivers', target: cluster, content: {}, words: '2 in place of 1' };
const shared: Write = { ...deed, consent };

/** What a pass saw of drivers on a node that is asked for some. */
const driversSeen = (state: string, answer: string, { unread, has = true }: Seen = {}) => {
  const target = { version: '4.4.6', kernel: '6.8.0', architecture: 'x86_64' };
  const cell = { target, nodes: ['a'], ...(has ? { package: target } : {}) };
  return {
    decision: {
      seen: unread === undefined ? { cells: [cell], nodes: [{ node: 'a', target }] } : { ...NOTHING, unread },
    },
    nodes: unread === undefined ? { nodes: [], reports: new Map([['a', { state }]]) } : { unread },
    answers: new Map([['question', { state: answer }]]),
  };
};

interface Seen {
  readonly unread?: string;
  /** Whether the package that it needs is there. */
  readonly has?: boolean;
}

const NOTHING = { cells: [], nodes: [] };

const gap = 'Secret objects could not be listed: forbidden';
const asked = [use.digest];

describe('a consent that a pass began to use', () => {
  it.each<[string, boolean, Parameters<typeof isUsedUp>]>([
    ['is used up once its deed is done', true, [[done]]],
    ['is used up even where something else could not be read', true, [[done], { blocked: gap, asked }]],
    [
      'is used up even where another manifest is broken',
      true,
      [[done], { blocked: 'a manifest has an error', asked }],
    ],
    ['is used up even where nothing could be looked at again', true, [[done], { seen: false }]],
    ['may be taken up again after a failure', false, [[failed], { asked }]],
    ['is used up where the deed of a pass that died is seen done: nobody asks for it', true, [[]]],
    ['is used up although something else waits', true, [[], { changes: [other] }]],
    ['stays open while not all can be read', false, [[], { blocked: gap }]],
    ['stays open while a broken manifest holds it back', false, [[], { blocked: 'a manifest has an error' }]],
    ['stays open while what it changes waits for something else', false, [[], { changes: [heldBack] }]],
    ['stays open while it is asked for, and something else holds it back', false, [[], { asked }]],
    [
      'stays open while what it lets go of more than the budget is not gone',
      false,
      [[], { changes: [orphan], action: 'prune-budget' }],
    ],
    [
      'stays open while one of those deletions failed that a pass before it began',
      false,
      [[{ ...failed, change: gone }], { action: 'prune-budget' }],
    ],
    [
      'stays open once the nodes of today are told, where it is for many: others may come to the same',
      false,
      [[{ change: shared, result: 'done' }], { action: 'replace-drivers', asked }],
    ],
    [
      'stays open while something else holds one of many back',
      false,
      [[], { action: 'replace-drivers', changes: [{ ...other, consent }] }],
    ],
    [
      'is used up where it is for many and none asks for it any more',
      true,
      [[], { action: 'replace-drivers', changes: [other] }],
    ],
    [
      'is used up once all of them are gone',
      true,
      [
        [{ change: gone, result: 'done' }],
        { changes: [{ ...heldBack, source: 'a.yaml:1' }], action: 'prune-budget' },
      ],
    ],
  ])('%s', (_name, expected, args) => {
    expect(isUsedUp(...args)).toBe(expected);
  });

  it.each(['replace-drivers', 'accept-driver-package', 'load-drivers', 'build-drivers'])(
    'stays open, where it is to %s, until all is seen that may ask for it',
    (action) => {
      const after = (...seen: Parameters<typeof driversSeen>) =>
        isUsedUp([], { action, drivers: driversSeen(...seen) });
      expect(after('told', 'has')).toBe(true);
      expect(after('told', 'has', { unread: 'Nodes could not be listed.' })).toBe(false);
      expect(after('told', 'has', { has: false })).toBe(false);
      expect(after('unknown', 'has')).toBe(false);
      expect(after('told', 'unknown')).toBe(action !== 'accept-driver-package');
    },
  );

  it('is used up where drivers have nothing to do with it, whatever is seen of them', () => {
    expect(isUsedUp([], { drivers: driversSeen('unknown', 'unknown') })).toBe(true);
  });
});

describe('what a pass records of drivers', () => {
  const pod = applied(aPod('build'), {
    metadata: { annotations: { 'weka-gitops.dev/driver-work': '{}' } },
  });
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } };
  const label = { id: objectId(node), object: node, source: 'policy.yaml:1', partly: true as const };
  const deletion = (object: typeof pod): Write => ({
    op: 'prune',
    id: objectId(object),
    live: object,
    fields: [],
    flags: [],
  });

  it('is no kind of which only fields are set, and no deletion of what worked on drivers', () => {
    const pass = {
      assessment: { commit: 'c'.repeat(40), changes: [deletion(pod), deletion(applied(aConfigMap('gone')))] },
      record: EMPTY_RECORD,
      desired: [wanted(aConfigMap('a')), label],
      spent: { pruned: 0, pruning: [] },
      scope: { applySet: APPLY_SET },
      input: { prune: {}, book: { approvals: [] } },
      asked: new Set(),
    } as unknown as Pass;
    const before = recordBefore(pass, new Date());
    expect(before.kinds).toEqual(['ConfigMap']);
    expect(before.pruning).toEqual(['uid of v1/ConfigMap/weka/gone']);
    const outcomes = [deletion(pod)].map((change): Outcome => ({ change, result: 'done' }));
    const after = recordAfter(pass, before, outcomes, { objects: new Map(), unread: [] });
    expect(after).toMatchObject({ kinds: ['ConfigMap'], pruned: 0 });
  });
});
