import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { GroupKind, KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import { decide, type DecideInput } from '../../../../reconciler/core/plan/decide.ts';
import { byId } from '../../../../reconciler/core/plan/plan.ts';
import { forkAssessment, forkView } from '../../../../reconciler/core/review/fork-view.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { aConfigMap, aDeployment, APPLY_SET, applied, wanted } from '../../../support/objects.ts';
import { anAssessment } from '../report/samples.ts';

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'guessed', namespace: 'weka' },
  type: 'Opaque',
};
const user = aDeployment('web', {
  template: {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'a', image: 'a:1', envFrom: [{ secretRef: { name: 'guessed' } }] }] },
  },
});
const foreign: KubeObject = {
  ...secret,
  metadata: {
    ...secret.metadata,
    uid: 'theirs',
    managedFields: [{ manager: 'helm', operation: 'Apply', fieldsV1: { 'f:type': {} } }],
  },
};

/** What a fork is shown that asks for a Secret of some name and for what needs it. */
function shown(live: readonly KubeObject[], rest: Partial<DecideInput> = {}): string {
  const prune = { enabled: true, budget: { objects: 5, percent: 100 } };
  const settings = { ...DEFAULT_SETTINGS.spec, prune };
  const rules = approvalRules(settings.approvals);
  const input: DecideInput = {
    desired: [secret, user, aConfigMap('a')].map((object) => wanted(object)),
    live: byId([...live, applied(aConfigMap('old'))]),
    unread: [],
    broken: new Map(),
    settings,
    applySet: APPLY_SET,
    prune: { settings: settings.prune, alreadyPruned: 0 },
    book: new ApprovalBook([], {
      rules,
      uses: [],
      now: new Date('2026-11-26T12:00:00Z'),
      cluster: 'production',
    }),
    set: targetOf(aConfigMap('weka-gitops')),
    author: 'Mallory',
    brake: undefined,
    ...rest,
  };
  const { findings: _consent, ...decision } = decide(input);
  const { assessment } = forkAssessment(anAssessment({ ...decision }), input);
  return JSON.stringify(planOutput(forkView(assessment).assessment), undefined, 2);
}

describe('forkAssessment', () => {
  it('tells a fork the same whatever becomes of a Secret', () => {
    const without = shown([]);
    expect(without).toContain('apps/v1/Deployment/weka/web');
    expect(without).not.toContain('guessed');
    expect(without).toContain('"op": "prune"');
    const many = Array.from({ length: 9 }, (_, n) =>
      applied({ ...secret, metadata: { ...secret.metadata, name: `other-${n}` } }),
    );
    const worlds = [
      shown(many),
      shown([foreign]),
      shown([applied(secret)]),
      shown([applied({ ...secret, metadata: { ...secret.metadata, name: 'other' } })]),
      shown([], { unread: [{ kind: 'Secret' as GroupKind, why: 'not allowed' }] }),
      shown([], { broken: new Map([['v1/Secret/weka/guessed' as ObjectId, 'a.yaml:1']]) }),
    ];
    for (const world of worlds) expect(world).toBe(without);
  });
});
