import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { RiskName } from '../../../../../schemas/risk.ts';
import { Approval } from '../../../../../schemas/approval.ts';
import { DEFAULT_SETTINGS } from '../../../../../schemas/settings.ts';
import { ApprovalBook, type ApprovalSpec } from '../../../../../reconciler/core/plan/approvals/book.ts';
import { approvalFile } from '../../../../../reconciler/core/plan/approvals/file.ts';
import { approvalFindings } from '../../../../../reconciler/core/plan/approvals/findings.ts';
import { withApprovals } from '../../../../../reconciler/core/plan/approvals/gate.ts';
import {
  type ApprovalRequest,
  budgetRequest,
  requestFor as requestIn,
  targetOf,
} from '../../../../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../../../../reconciler/core/plan/approvals/rules.ts';
import { type ApprovalUse, withBegun, withDone } from '../../../../../reconciler/core/plan/approvals/use.ts';
import { planDigest } from '../../../../../reconciler/core/plan/digest.ts';
import type { Change, Write } from '../../../../../reconciler/core/plan/change.ts';
import { type KubeObject, objectId } from '../../../../../reconciler/core/kube/object.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  applied,
  aSecret,
  edited,
  podSpec,
} from '../../../../support/objects.ts';
import { planned } from '../risk/risks-of.ts';
import { parseSpecs } from '../../../../../reconciler/core/spec/parse.ts';

const now = new Date('2026-11-26T12:00:00Z');
const rules = approvalRules(DEFAULT_SETTINGS.spec.approvals);

/** Approvals as they are read from a file of the repository. */
function approvalsIn(text: string): readonly ApprovalSpec[] {
  const content = new TextEncoder().encode(text);
  const read = parseSpecs([{ path: 'approvals/consent.yaml', content }], {
    kinds: [],
    systemNamespace: 'weka-gitops-system',
  });
  expect(read.findings).toEqual([]);
  return read.specs.filter((spec) => spec.kind === 'Approval');
}

interface Filled {
  readonly at?: Date;
  readonly taken?: readonly string[];
}

/** The file that a plan prints for `request`, with the reason filled in, as a person commits it. */
function committed(request: ApprovalRequest, { at = now, taken = [] }: Filled = {}): string {
  const file = approvalFile(request, { rules, now: at, taken: new Set(taken), requestedBy: 'Ada' });
  return file.text.replace(/reason: .*/, 'reason: moved to the new hall');
}

interface Given {
  readonly at?: Date;
  readonly uses?: readonly ApprovalUse[];
  readonly count?: number;
  readonly cluster?: string;
}

const requestFor = (write: Write, dangers: readonly RiskName[]) => requestIn(write, dangers, 'production');

function book(text: string, { at = now, uses = [], count = 1, cluster = 'production' }: Given = {}) {
  return new ApprovalBook(text === '' ? [] : approvalsIn(text), {
    rules: { ...rules, count },
    uses,
    now: at,
    cluster,
  });
}

const live = applied(aDeployment('exporter'));
const update: Write = {
  op: 'update',
  id: objectId(live),
  desired: aDeployment('exporter', { replicas: 3 }),
  live,
  force: false,
  fields: [{ path: 'spec.replicas', from: 1, to: 3 }],
  flags: [],
  risks: [{ name: 'privilege', reason: 'A container gets more rights.' }],
};
const request = requestFor(update, ['privilege']);

const words = (changes: readonly Change[]) =>
  changes.map((change) => ('reason' in change ? `${change.op}: ${change.reason}` : change.op));

describe('a change that is dangerous', () => {
  it('waits for an Approval, and says for which danger', () => {
    const [change] = withApprovals([update], book(''));
    expect(words([change!])).toEqual([
      'wait: It waits for an Approval: privilege (A container gets more rights)',
    ]);
    expect(change).toMatchObject({ approval: request, pending: { op: 'update' }, risks: update.risks });
  });

  it('goes ahead with the file that the plan prints, and names it', () => {
    const [change] = withApprovals([update], book(committed(request)));
    expect(change).toMatchObject({
      op: 'update',
      approved: [
        { name: 'update-object-exporter', digest: request.digest, source: 'approvals/consent.yaml:1' },
      ],
    });
  });

  it('waits in any other cluster than the one whose plan printed the file', () => {
    const map = aConfigMap('settings');
    const risks = [{ name: 'irreversible', reason: 'It cannot change any more.' }] as const;
    const create: Write = { op: 'create', id: objectId(map), desired: map, fields: [], flags: [], risks };
    const consent = committed(requestIn(create, ['irreversible'], 'staging'));
    const ops = (cluster: string) => withApprovals([create], book(consent, { cluster })).map(({ op }) => op);
    expect(ops('staging')).toEqual(['create']);
    expect(ops('production')).toEqual(['wait']);
  });

  it('waits for as many as the Settings ask for', () => {
    const one = committed(request);
    const other = committed(request, { taken: ['update-object-exporter'] });
    expect(words(withApprovals([update], book(one, { count: 2 })))).toEqual([
      'wait: It waits for 1 more of 2 Approvals: privilege (A container gets more rights)',
    ]);
    expect(words(withApprovals([update], book(`${one}---\n${other}`, { count: 2 })))).toEqual(['update']);
  });

  it('holds back what needs it, where it is not there yet', () => {
    const map = aConfigMap('settings');
    const create: Write = {
      op: 'create',
      id: objectId(map),
      desired: map,
      fields: [],
      flags: [],
      risks: [{ name: 'irreversible', reason: 'It cannot change any more.' }],
    };
    const user = aDeployment('user', { volumes: [{ name: 'v', configMap: { name: 'settings' } }] });
    const changes = withApprovals(
      [create, { op: 'create', id: objectId(user), desired: user, fields: [], flags: [] }],
      book(''),
    );
    expect(words(changes)[1]).toMatch(/^wait: It needs .*settings, which waits/);
  });

  it('keeps what the live object uses, although its manifest uses something else by now', () => {
    const uses = (name: string) => aDeployment('exporter', { volumes: [{ name: 'v', configMap: { name } }] });
    const old = applied(aConfigMap('old'));
    const changes = withApprovals(
      [
        { ...update, desired: uses('new'), live: applied(uses('old')) },
        { op: 'prune', id: objectId(old), live: old, fields: [], flags: [] },
      ],
      book(''),
    );
    expect(words(changes)[1]).toBe('wait: apps/v1/Deployment/weka/exporter still refers to it, which waits');
  });

  it('keeps what is renamed while its successor waits', () => {
    const [was, becomes] = [applied(aDeployment('a')), aDeployment('b')];
    const risks = [{ name: 'privilege', reason: 'More rights.' }] as const;
    const changes = withApprovals(
      [
        {
          op: 'create',
          id: objectId(becomes),
          desired: becomes,
          fields: [],
          flags: [],
          risks,
          renamedFrom: objectId(was),
        },
        { op: 'prune', id: objectId(was), live: was, fields: [], flags: [], renamedTo: objectId(becomes) },
      ],
      book(''),
    );
    expect(words(changes)).toEqual([
      'wait: It waits for an Approval: privilege (More rights)',
      'wait: It is renamed to apps/v1/Deployment/weka/b, which waits',
    ]);
    expect(changes[0]).toMatchObject({ renamedFrom: objectId(was) });
  });

  it('is left alone where its dangers need no consent', () => {
    const changes = [{ ...update, risks: [{ name: 'restart', reason: 'Pods restart.' }] } satisfies Write];
    expect(withApprovals(changes, book(''))).toBe(changes);
  });
});

describe('an Approval counts for nothing', () => {
  const text = committed(request);
  const used: ApprovalUse = {
    name: 'update-object-exporter',
    digest: request.digest,
    usedAt: '2026-11-26T11:00:00.000Z',
    expires: '2026-12-03T12:00:00Z',
    done: true,
  };
  it.each<[string, string, { at?: Date; uses?: readonly ApprovalUse[] }, string]>([
    [
      'once it has ended',
      text,
      { at: new Date('2026-12-03T12:00:00Z') },
      'approvals/consent.yaml:15:12: warning: [approval-expired] It ended at 2026-12-03T12:00:00Z.',
    ],
    [
      'when it ends further ahead than it may',
      text,
      { at: new Date('2026-11-26T11:59:59Z') },
      'approvals/consent.yaml:15:12: error: [approval-too-long] It would hold for longer than an Approval may, so it counts for nothing.',
    ],
    [
      'once it was used',
      text,
      { uses: [used] },
      'approvals/consent.yaml:13:19: ignored: [approval-used] It was used on 2026-11-26T11:00:00.000Z, and consents to nothing any more.',
    ],
    [
      'without the identity of what is there',
      text.replace(/\n {4}uid: .*/, ''),
      {},
      'approvals/consent.yaml:11:11: warning: [approval-broader] It names Deployment exporter without its uid, so it would hold for any other of that name too.',
    ],
    [
      'for another object than its digest is of',
      text.replace('    name: exporter', '    name: other'),
      {},
      'approvals/consent.yaml:11:11: warning: [approval-unmatched] Its digest stands for Deployment exporter, and it names another target.',
    ],
    [
      'for another action than its digest is of',
      text.replace('action: update-object', 'action: prune-object'),
      {},
      'approvals/consent.yaml:6:11: warning: [approval-unmatched] Its digest stands for update-object, and it names another action.',
    ],
    [
      'when the change is another one by now',
      text.replace(/sha256:./, (start) => (start.endsWith('0') ? 'sha256:1' : 'sha256:0')),
      {},
      'approvals/consent.yaml:13:19: warning: [approval-unmatched] It consents to another update-object of exporter than the one that is planned now.',
    ],
  ])('%s', (_name, file, rest, message) => {
    const of = book(file, rest);
    expect(withApprovals([update], of)[0]?.op).toBe('wait');
    expect(
      approvalFindings(of).map(
        (each) => `${each.file}:${each.line}:${each.column}: ${each.level}: [${each.rule}] ${each.message}`,
      ),
    ).toEqual([message]);
  });

  it('where nothing waits for it', () => {
    expect(approvalFindings(book(text)).map(({ message }) => message)).toEqual([
      'Nothing that the plan holds waits for this consent.',
    ]);
  });
});

describe('the use of an Approval', () => {
  const grant = { name: 'consent', digest: 'sha256:a', expires: '2026-12-01T00:00:00Z' };

  it('is known from before the deed until nobody could take the file for valid', () => {
    const at = (time: string, isThere = false) => ({ now: new Date(time), isThere: () => isThere });
    const begun = withBegun([], [grant], at('2026-11-26T12:00:00Z'));
    expect(begun).toEqual([{ ...grant, usedAt: now.toISOString(), done: false }]);
    expect(withBegun(begun, [grant], at('2026-11-27T00:00:00Z'))).toEqual(begun);
    expect(withBegun(begun, [], at('2026-12-01T23:00:00Z'))).toEqual(begun);
    expect(withBegun(begun, [], at('2026-12-02T01:00:00Z'))).toEqual([]);
    expect(withBegun(begun, [], at('2027-12-02T01:00:00Z', true))).toEqual(begun);
  });

  it('may be taken up again until it was seen done', () => {
    const begun: ApprovalUse = {
      ...grant,
      name: 'update-object-exporter',
      digest: request.digest,
      usedAt: now.toISOString(),
      done: false,
    };
    const changes = (uses: readonly ApprovalUse[]) =>
      withApprovals([update], book(committed(request), { uses })).map(({ op }) => op);
    expect(changes([begun])).toEqual(['update']);
    expect(changes(withDone([begun], () => false))).toEqual(['update']);
    expect(changes(withDone([begun], () => true))).toEqual(['wait']);
  });
});

describe('the digest of a request', () => {
  it('does not depend on what only the cluster writes', () => {
    const later = { ...update, live: { ...live, metadata: { ...live.metadata, resourceVersion: '99999' } } };
    expect(requestFor(later, ['privilege']).digest).toBe(request.digest);
  });

  it.each<[string, Write]>([
    ['content', { ...update, desired: aDeployment('exporter', { replicas: 4 }) }],
    ['target', { ...update, live: { ...live, metadata: { ...live.metadata, uid: 'another' } } }],
    ['action', { ...update, op: 'replace', reason: 'it cannot change' }],
  ])('is another one for another %s', (_what, other) => {
    expect(requestFor(other, ['privilege']).digest).not.toBe(request.digest);
  });

  it('is another one for another danger', () => {
    expect(requestFor(update, ['privilege', 'data-loss']).digest).not.toBe(request.digest);
  });

  it.each(['data-loss', 'irreversible', 'takeover', 'privilege'] as const)(
    'is another one where more is at stake: %s',
    (name) => {
      const digest = (evidence: string, bound?: string) => {
        const risk = { name, reason: 'Something goes', evidence, ...(bound === undefined ? {} : { bound }) };
        return requestFor({ ...update, risks: [risk] }, [name]).digest;
      };
      expect(digest('1 of 4 pods')).toBe(digest('1 of 4 pods'));
      expect(digest('6 of 9 pods')).not.toBe(digest('1 of 4 pods'));
      expect(digest('a and 1 more', 'a, b')).not.toBe(digest('a and 1 more', 'a, c'));
    },
  );

  it('is the same however many pods run, and whatever the dangers that need no consent', () => {
    const digest = (evidence: string) =>
      requestFor({ ...update, risks: [{ name: 'restart', reason: 'Its pods stop', evidence }] }, ['restart'])
        .digest;
    expect(digest('2 pods')).toBe(digest('3 pods'));
    const risks = (evidence: string) => [
      ...(update.risks ?? []),
      { name: 'takeover', reason: 'It was there', evidence } as const,
    ];
    expect(requestFor({ ...update, risks: risks('x') }, ['privilege']).digest).toBe(
      requestFor({ ...update, risks: risks('y') }, ['privilege']).digest,
    );
  });

  it('is another one for another cluster, of more deletions than the budget too', () => {
    expect(requestIn(update, ['privilege'], 'staging').digest).not.toBe(request.digest);
    const set = targetOf(aConfigMap('weka-gitops'));
    const budget = (cluster: string) => budgetRequest([live], set, cluster).digest;
    expect(budget('staging')).not.toBe(budget('production'));
  });

  it('tells which keys a Secret has', () => {
    const secret = (values: Readonly<Record<string, string>>): Write => {
      const desired = aSecret('login', values);
      return { op: 'create', id: objectId(desired), desired, fields: [], flags: [] };
    };
    const [one, two] = [secret({ a: '1' }), secret({ a: '1', b: '2' })];
    expect(requestFor(one, []).digest).not.toBe(requestFor(two, []).digest);
    expect(planDigest([one])).not.toBe(planDigest([two]));
    expect(planDigest([one])).toBe(planDigest([secret({ a: '2' })]));
  });

  it('tells nothing of a Secret’s values', () => {
    const secret = (value: string): Write => {
      const desired = aSecret('login', { password: value });
      return { op: 'create', id: objectId(desired), desired, fields: [], flags: [] };
    };
    const digest = (write: Write) => requestFor(write, ['data-loss']).digest;
    expect(digest(secret('YQ=='))).toBe(digest(secret('Yg==')));
  });
});

describe('consent to let claims go', () => {
  const set = (replicas: number) =>
    anObject('apps/v1/StatefulSet', 's', {
      spec: {
        replicas,
        serviceName: 's',
        selector: { matchLabels: { app: 's' } },
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
        template: { metadata: { labels: { app: 's' } }, spec: podSpec() },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
      },
    });
  const pass = (text: string, there: KubeObject = applied(set(4))) => {
    const [change] = withApprovals(planned([set(3)], [there]), book(text));
    return change;
  };

  it('holds from pass to pass, and through its own commit', () => {
    const first = pass('');
    expect(first).toMatchObject({ op: 'wait' });
    const asked = (change: Change | undefined) => (change?.op === 'wait' ? change.approval : undefined);
    expect(asked(pass(''))).toEqual(asked(first));
    const consent = committed(asked(first)!);
    expect(pass(consent)?.op).toBe('update');
    // What the cluster writes meanwhile is nobody's loss.
    const busy = applied(set(4), {
      status: { replicas: 4 },
      metadata: { resourceVersion: '99', generation: 3 },
    });
    expect(pass(consent, busy)?.op).toBe('update');
  });

  it('is none to let more of them go', () => {
    const first = pass('');
    const consent = committed((first?.op === 'wait' ? first.approval : undefined)!);
    const scaled = edited('kubectl', applied(set(4)), { spec: { replicas: 9 } });
    expect(pass(consent, scaled)).toMatchObject({ op: 'wait' });
  });
});

describe('the file to commit', () => {
  it('is an Approval, whatever the target is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (name) => {
        const odd = { ...request, target: { ...request.target, name } };
        const file = approvalFile(odd, { rules, now, taken: new Set(), requestedBy: name });
        const read: unknown = parse(file.text.replace('reason: ""', 'reason: why'));
        expect(Approval.parse(read).spec.target.name).toBe(name);
        expect(file.path).toMatch(/^approvals\/[a-z0-9-]+\.yaml$/);
      }),
    );
  });

  it('wants a reason before it counts', () => {
    const { text } = approvalFile(request, { rules, now, taken: new Set(), requestedBy: '' });
    expect(Approval.safeParse(parse(text)).success).toBe(false);
  });
});

describe('the rules', () => {
  it('are the stricter of the process’s and the repository’s', () => {
    const settings = { required: ['data-loss'], count: 1, maxAge: '30d' } as const;
    const floor = { required: ['privilege'], count: 2, maxAge: '1d' } as const;
    expect(approvalRules({ ...settings, required: [...settings.required] }, floor)).toEqual({
      required: new Set(['data-loss', 'privilege']),
      count: 2,
      maxAgeMs: 86_400_000,
    });
    expect(approvalRules({ ...settings, required: [], count: 3 }, { maxAge: '60d' })).toEqual({
      required: new Set(),
      count: 3,
      maxAgeMs: 30 * 86_400_000,
    });
  });
});
