import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../../../schemas/settings.ts';
import type { DesiredObject } from '../../../../reconciler/core/desired/desired.ts';
import { withWorkConsent } from '../../../../reconciler/core/desired/work-consent.ts';
import { replaceConsent } from '../../../../reconciler/core/drivers/consents.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { awaitedApprovals } from '../../../../reconciler/core/plan/approvals/awaited.ts';
import { withApprovals } from '../../../../reconciler/core/plan/approvals/gate.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import { withBrake } from '../../../../reconciler/core/plan/brake.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import { anObject, aPod, applied, APPLY_SET, createdBy, inWords, wanted } from '../../../support/objects.ts';

const NODES = 'weka-gitops-nodes';

const intent = (node: string, text = 'first', namespace = NODES): KubeObject =>
  anObject('v1/ConfigMap', `weka-node-intent-${node}`, {
    metadata: { namespace },
    data: { 'intent.json': text },
  });

/** A pod that works on drivers. */
const work = (
  name: string,
  extra: object = {},
  order: object = { does: 'build', service: 'weka/dist' },
): KubeObject => {
  const pod = aPod(name);
  const annotations = { 'weka-gitops.dev/driver-work': JSON.stringify(order) };
  return { ...pod, ...extra, metadata: { ...pod.metadata, annotations } };
};

interface Situation {
  readonly desired?: readonly DesiredObject[];
  readonly live?: readonly KubeObject[];
  readonly settings?: Partial<Settings['spec']>;
  readonly blocked?: string;
  readonly keepsDriverWork?: boolean;
}

function planOf({ desired = [], live = [], settings, blocked, keepsDriverWork = false }: Situation) {
  const spec = { ...DEFAULT_SETTINGS.spec, ...settings };
  const kept = anObject('v1/ConfigMap', 'kept');
  return plan({
    desired: [wanted(kept), ...desired],
    live: byId([applied(kept), ...live]),
    unread: [],
    broken: new Map(),
    settings: spec,
    prune: { settings: spec.prune, alreadyPruned: 0, ...(blocked === undefined ? {} : { blocked }) },
    applySet: APPLY_SET,
    agentNamespace: NODES,
    keepsDriverWork,
  });
}

const planned = (situation: Situation) =>
  planOf(situation)
    .changes.filter(({ op }) => op !== 'keep')
    .map(inWords);

describe('what is asked of nodes', () => {
  it('is told with the node and with what it makes it do', () => {
    const desired = {
      ...wanted(intent('node-a')),
      node: { name: 'node-a', does: ['load drivers of 4.4.5'] },
    };
    const [change] = planOf({ desired: [desired] }).changes.filter(({ op }) => op === 'create');
    expect(change).toMatchObject({ node: { name: 'node-a', does: ['load drivers of 4.4.5'] } });
    expect(change).not.toHaveProperty('risks');
  });

  it('stays when nobody asks for it any more, and is no part of what a commit may remove', () => {
    const live = Array.from({ length: 200 }, (_, index) => applied(intent(`node-${index}`)));
    expect(planned({ live })).toEqual([]);
    // A tenth of two hundred would be more.
    const orphans = ['a', 'b'].map((name) => applied(anObject('v1/ConfigMap', name)));
    expect(planned({ live: [...live, ...orphans] })).toEqual([
      expect.stringMatching(/^wait .*2 objects would go for this commit, and the budget is 1/),
      expect.stringMatching(/^wait /),
    ]);
  });

  it('is an object as any other where agents are not', () => {
    expect(planned({ live: [applied(intent('node-a', 'x', 'weka'))] })).toEqual([
      'prune v1/ConfigMap/weka/weka-node-intent-node-a',
    ]);
  });
});

describe('pods that work on drivers', () => {
  it('are as they were made, whatever they would be by now', () => {
    const live = applied(work('build', { spec: { containers: [{ name: 'old', image: 'old:1' }] } }));
    expect(planned({ desired: [wanted(work('build'))], live: [live] })).toEqual([]);
  });

  it('are made anew where that is asked for, and told why', () => {
    const again = 'The package was missing from the service';
    expect(
      planned({ desired: [{ ...wanted(work('build')), again }], live: [applied(work('build'))] }),
    ).toEqual([`replace v1/Pod/weka/build: ${again}`]);
    expect(planned({ desired: [{ ...wanted(work('build')), again }] })).toEqual(['create v1/Pod/weka/build']);
  });

  it('go when nobody has use for them, however small the budget is', () => {
    const live = ['one', 'two', 'three'].map((name) => applied(work(name)));
    const settings = { prune: { enabled: true, budget: { objects: 0, percent: 0 } } };
    expect(planned({ live, settings })).toEqual([
      'prune v1/Pod/weka/one',
      'prune v1/Pod/weka/three',
      'prune v1/Pod/weka/two',
    ]);
  });

  it('go before what they refer to', () => {
    const pod = work('build', {
      spec: { containers: [], volumes: [{ name: 's', secret: { secretName: 's' } }] },
    });
    expect(planned({ live: [applied(pod), applied(anObject('v1/Secret', 's'))] })).toEqual([
      'wait v1/Secret/weka/s: Not pruned: v1/Pod/weka/build refers to it, and is still there',
      'prune v1/Pod/weka/build',
    ]);
  });

  it('stay where nobody can tell what is needed, where nothing is pruned, and where they are not ours', () => {
    const live = [applied(work('build'))];
    expect(planned({ live, keepsDriverWork: true })).toEqual([]);
    expect(planned({ live, blocked: 'a manifest has an error' })).toEqual([
      'wait v1/Pod/weka/build: Not pruned: a manifest has an error',
    ]);
    const settings = { prune: { enabled: false, budget: { objects: 5, percent: 10 } } };
    expect(planned({ live, settings })).toEqual([expect.stringMatching(/^wait .*switched off/)]);
    expect(planned({ live: [createdBy('kubectl', work('build'))] })).toEqual([]);
    const going = applied(work('build'), { metadata: { deletionTimestamp: '2026-11-26T12:00:00Z' } });
    expect(planned({ live: [going] })).toEqual(['wait v1/Pod/weka/build: It is being deleted']);
  });
});

describe('a pod that others have made under the name of one that works on drivers', () => {
  it('is not taken for it: the plan says so, and touches nothing', () => {
    expect(
      planned({ desired: [wanted(work('build'))], live: [createdBy('somebody', aPod('build'))] }),
    ).toEqual([
      'refuse v1/Pod/weka/build: Others have made a pod of its name: delete that one, and it is made',
    ]);
    expect(planned({ desired: [wanted(work('build'))], live: [applied(work('build'))] })).toEqual([]);
  });
});

describe('fields of something that others made', () => {
  const node = (labels: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-a', labels },
  });
  const asked: DesiredObject = {
    id: 'v1/Node/node-a' as ObjectId,
    object: node({ 'weka.io/kernel': '6.8' }),
    source: 'policy.yaml:1',
    partly: true,
  };

  it('are set where they differ, at no risk, and nothing is made or removed', () => {
    const { changes } = planOf({ desired: [asked], live: [node({ other: 'x' })] });
    expect(changes.filter(({ op }) => op !== 'keep').map(inWords)).toEqual([
      'update v1/Node/node-a (metadata.labels["weka.io/kernel"])',
    ]);
    expect(changes.find(({ op }) => op === 'update')).not.toHaveProperty('risks');
    expect(planned({ desired: [asked], live: [node({ other: 'x', 'weka.io/kernel': '6.8' })] })).toEqual([]);
    expect(planned({ desired: [asked] })).toEqual([]);
    expect(planned({ live: [node({ 'weka.io/kernel': '6.8' })] })).toEqual([]);
  });
});

describe('drivers that make way for others', () => {
  const owner = 'weka.weka.io/v1alpha1/WekaCluster/weka/demo' as ObjectId;
  const replacing = (node: string, how = 'unused', from = '4.4.5', letter = 'b'): DesiredObject => ({
    ...wanted(intent(node, `second ${how}`)),
    node: { name: node, does: [] },
    consent: replaceConsent(owner, {
      from,
      fromSha256: 'a'.repeat(64),
      to: '4.4.6',
      sha256: letter.repeat(64),
      how,
    }),
  });
  const book = () =>
    new ApprovalBook([], {
      rules: approvalRules(DEFAULT_SETTINGS.spec.approvals),
      uses: [],
      now: new Date('2026-11-26T12:00:00Z'),
      cluster: 'production',
    });
  const live = ['node-a', 'node-b', 'node-c'].map((node) => applied(intent(node)));
  const awaited = (...desired: readonly DesiredObject[]) => {
    const its = book();
    const gated = withApprovals(planOf({ desired, live }).changes, its);
    return awaitedApprovals(gated, its, { requestedBy: 'Ada' });
  };

  it('are a risk of each node, and say which version goes', () => {
    const changes = planOf({ desired: [replacing('node-a')], live }).changes.filter(
      ({ op }) => op === 'update',
    );
    expect(changes).toMatchObject([
      {
        risks: [
          {
            name: 'kernel-module',
            evidence: `4.4.6 (sha256:${'b'.repeat(64)}) in place of 4.4.5 (sha256:${'a'.repeat(64)}) on node-a`,
          },
        ],
      },
    ]);
  });

  it('wait while the cluster is frozen, and what is asked of a node that has none loaded does not', () => {
    const first = { ...wanted(intent('node-d')), node: { name: 'node-d', does: [] } };
    const { changes } = planOf({ desired: [replacing('node-a'), first], live });
    const frozen = withBrake(changes, { state: 'frozen', reason: 'an incident' });
    expect(frozen.filter(({ op }) => op !== 'keep').map(inWords)).toEqual([
      'wait v1/ConfigMap/weka-gitops-nodes/weka-node-intent-node-a (data["intent.json"]): Frozen: an incident',
      'create v1/ConfigMap/weka-gitops-nodes/weka-node-intent-node-d',
    ]);
  });

  it('wait for one Approval for all nodes of a manifest, which names it', () => {
    const [one, ...others] = awaited(replacing('node-a'), replacing('node-b'));
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      request: {
        action: 'replace-drivers',
        target: { kind: 'WekaCluster', namespace: 'weka', name: 'demo' },
      },
      targets: [replacing('node-a').id, replacing('node-b').id],
    });
    // Whoever reviews the file sees which bytes are meant.
    expect(one?.file.text.split('\n')[0]).toBe(
      `# 4.4.6 (sha256:${'b'.repeat(64)}) in place of 4.4.5 (sha256:${'a'.repeat(64)})`,
    );
    // Which nodes these are is no part of it: one that joins later comes to the same.
    expect(awaited(replacing('node-c'))[0]?.request.digest).toBe(one?.request.digest);
  });

  it('wait for another one from another version, with other bytes, and where what uses them is told to let go', () => {
    const digests = [
      replacing('node-a'),
      replacing('node-a', 'drain'),
      replacing('node-a', 'unused', '4.4.4'),
      replacing('node-a', 'unused', '4.4.5', 'e'),
    ].map((each) => awaited(each)[0]?.request.digest);
    expect(new Set(digests).size).toBe(4);
  });

  /** The pod that loads on a node, by an image of its manifest. */
  const loader = (node: string, image = 'weka:4.4.6'): DesiredObject => {
    const order = {
      does: 'load',
      service: 'weka/dist',
      owner: 'weka.weka.io/v1alpha1/WekaCluster/weka/demo',
      image,
      node,
      target: { version: '4.4.6', kernel: '6.8.0', architecture: 'x86_64' },
    };
    const container = { name: 'main', image, securityContext: { privileged: true } };
    const object = work(`loader-${node}`, { spec: { containers: [container] } }, order);
    const [consented] = withWorkConsent([wanted(object)]);
    if (consented === undefined) throw new Error('Nothing is wanted.');
    return consented;
  };

  it('are loaded by pods that are consented to once for all nodes, those that come later among them', () => {
    const [one, ...others] = awaited(loader('a'), loader('b'));
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      request: { action: 'load-drivers', target: { kind: 'WekaCluster' } },
      targets: [loader('a').id, loader('b').id],
    });
    const { id, object } = loader('a');
    const there = applied(object);
    const gained = (next: DesiredObject) =>
      planOf({
        desired: [{ ...wanted(there), id }, next].flatMap((each) => withWorkConsent([each])),
        live: [there],
      })
        .changes.filter(({ op }) => op === 'create')
        .flatMap(({ risks = [] }) => risks.map(({ name }) => name));
    expect(gained(loader('b'))).toEqual([]);
    expect(gained(loader('b', 'other:1'))).toEqual(['privilege']);
  });

  it('need another consent for another image, although pods of the one before are there', () => {
    const there = applied(loader('a').object);
    const again = (image: string): DesiredObject => ({
      ...loader('a', image),
      again: 'The node has booted.',
    });
    const awaitedOf = (...desired: readonly DesiredObject[]) =>
      planOf({ desired, live: [there] }).changes.flatMap(({ id, op, risks = [] }) =>
        risks.some(({ name }) => name === 'privilege') ? [`${op} ${id}`] : [],
      );
    expect(awaitedOf(again('weka:4.4.6'), loader('b'))).toEqual([]);
    expect(awaitedOf(again('evil:4.4.6'), loader('b', 'evil:4.4.6')).toSorted()).toEqual([
      'create v1/Pod/weka/loader-b',
      'replace v1/Pod/weka/loader-a',
    ]);
    expect(awaitedOf(again('evil:4.4.6'))).toEqual(['replace v1/Pod/weka/loader-a']);
  });

  it('wait for a consent of their own where anything else is dangerous about an object', () => {
    const taken = createdBy('somebody', intent('node-d'));
    const its = new ApprovalBook([], {
      rules: approvalRules({ ...DEFAULT_SETTINGS.spec.approvals, required: ['kernel-module', 'takeover'] }),
      uses: [],
      now: new Date('2026-11-26T12:00:00Z'),
      cluster: 'production',
    });
    const settings = { conflicts: 'force' } as const;
    const { changes } = planOf({ desired: [replacing('node-d')], live: [taken], settings });
    const [one] = awaitedApprovals(withApprovals(changes, its), its, { requestedBy: 'Ada' });
    expect(one?.request).toMatchObject({ action: 'update-object', target: { kind: 'ConfigMap' } });
  });
});
