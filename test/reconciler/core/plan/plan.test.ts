import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../../../schemas/settings.ts';
import type { DesiredObject } from '../../../../reconciler/core/desired/desired.ts';
import type { GroupKind, KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import {
  aClusterObject,
  aConfigMap,
  aDeployment,
  aNamespace,
  anObject,
  aPod,
  applied,
  APPLY_SET,
  aSecret,
  aService,
  createdBy,
  edited,
  inWords,
  wanted,
} from '../../../support/objects.ts';

interface Situation {
  readonly desired?: readonly (KubeObject | DesiredObject)[];
  readonly live?: readonly KubeObject[];
  readonly unread?: readonly { readonly kind: string; readonly namespace?: string; readonly why: string }[];
  readonly broken?: Readonly<Record<string, string>>;
  readonly settings?: Partial<Settings['spec']>;
  readonly blocked?: string;
}

function planOf({ desired = [], live = [], unread = [], broken = {}, settings, blocked }: Situation) {
  const spec = { ...DEFAULT_SETTINGS.spec, ...settings };
  return plan({
    desired: desired.map((each) => ('object' in each ? (each as DesiredObject) : wanted(each))),
    live: byId(live),
    unread: unread as never as readonly { kind: GroupKind; why: string }[],
    broken: new Map(Object.entries(broken)) as Map<ObjectId, string>,
    settings: spec,
    prune: { settings: spec.prune, alreadyPruned: 0, ...(blocked === undefined ? {} : { blocked }) },
    applySet: APPLY_SET,
  });
}

const planned = (situation: Situation) => planOf(situation).changes.map(inWords);
const volumes = [{ name: 'token', secret: { secretName: 'token' } }];

describe('plan', () => {
  it('creates what is missing, in the order that it is needed', () => {
    expect(
      planned({ desired: [aDeployment('web', { volumes }), aSecret('token'), aNamespace('weka')] }),
    ).toEqual([
      'create v1/Namespace/weka',
      'create v1/Secret/weka/token',
      'create apps/v1/Deployment/weka/web',
    ]);
  });

  it('keeps what is as desired', () => {
    expect(planned({ desired: [aDeployment('web')], live: [applied(aDeployment('web'))] })).toEqual([
      'keep apps/v1/Deployment/weka/web',
    ]);
  });

  it('updates an object only for fields that the manifest sets', () => {
    const live = applied(aDeployment('web'), { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } });
    expect(planned({ desired: [aDeployment('web', { replicas: 3 })], live: [live] })).toEqual([
      'update apps/v1/Deployment/weka/web (spec.replicas)',
    ]);
  });

  it('says where the manifest stands, and both values', () => {
    const desired = wanted(aConfigMap('a', { x: '2' }), { source: 'app/a.yaml:12' });
    expect(
      planOf({ desired: [desired], live: [applied(aConfigMap('a', { x: '1' }))] }).changes,
    ).toMatchObject([
      {
        op: 'update',
        source: 'app/a.yaml:12',
        force: false,
        fields: [{ path: 'data.x', from: '1', to: '2' }],
      },
    ]);
  });

  describe('where somebody else has been', () => {
    const drifted = edited('kubectl-edit', applied(aConfigMap('a', { x: '1', y: '1' })), {
      data: { x: '2' },
    });

    it('sets drift back by force, and names who caused it', () => {
      const { changes } = planOf({ desired: [aConfigMap('a', { x: '1', y: '1' })], live: [drifted] });
      expect(changes.map(inWords)).toEqual(['update v1/ConfigMap/weka/a (data.x of kubectl-edit) [drift]']);
      expect(changes).toMatchObject([{ force: true }]);
    });

    const waiting = '; other changes of it wait for that too';

    it.each([
      ['alone', { x: '1', y: '1' }, '(data.x of kubectl-edit)', ''],
      ['beside a change of the manifest', { x: '1', y: '2' }, '(data.x of kubectl-edit, data.y)', waiting],
    ])('leaves drift %s where Settings say to report it', (_what, data, fields, others) => {
      expect(
        planned({ desired: [aConfigMap('a', data)], live: [drifted], settings: { drift: 'report' } }),
      ).toEqual([
        `refuse v1/ConfigMap/weka/a ${fields} [drift]: It drifted in data.x (set by hand: kubectl edit), and Settings spec.drift says to report that, so it stays as it is${others}`,
      ]);
    });

    it('lets a change of the manifest through where nothing drifted, whatever Settings say of drift', () => {
      const live = [applied(aConfigMap('a', { x: '1' }))];
      expect(
        planned({ desired: [aConfigMap('a', { x: '2' })], live, settings: { drift: 'report' } }),
      ).toEqual(['update v1/ConfigMap/weka/a (data.x)']);
    });

    const theirs = edited('argocd', applied(aConfigMap('a', { x: '1' })), { data: { y: '2' } });

    it('refuses to take a field that another manager owns', () => {
      expect(planned({ desired: [aConfigMap('a', { x: '1', y: '3' })], live: [theirs] })).toEqual([
        'refuse v1/ConfigMap/weka/a (data.y of argocd) [conflict]: Another manager owns data.y (set by argocd): take it out of the manifest, stop the other manager, or set spec.conflicts: force in Settings',
      ]);
    });

    it('says that other changes of the same object wait for that, too', () => {
      const [refused] = planned({ desired: [aConfigMap('a', { x: '2', y: '3' })], live: [theirs] });
      expect(refused).toMatch(
        /\[conflict\]: Another manager owns data\.y .*; other changes of it wait for that too$/,
      );
    });

    it('does not take back a field of ours that another manager applies now, unless Settings say so', () => {
      const live = edited('argocd', applied(aConfigMap('a', { x: '1' })), { data: { x: '2' } });
      const managedFields = (live.metadata.managedFields ?? []).map((each) => ({
        ...each,
        operation: 'Apply' as const,
      }));
      const situation = {
        desired: [aConfigMap('a', { x: '1' })],
        live: [{ ...live, metadata: { ...live.metadata, managedFields } }],
      };
      expect(planned(situation)).toEqual([
        expect.stringMatching(
          /^refuse v1\/ConfigMap\/weka\/a \(data\.x of argocd\) \[conflict\]: Another manager owns/,
        ),
      ]);
      expect(planned({ ...situation, settings: { conflicts: 'force' } })).toEqual([
        'update v1/ConfigMap/weka/a (data.x of argocd) [conflict, force]',
      ]);
    });

    it('takes it where Settings say so', () => {
      const { changes } = planOf({
        desired: [aConfigMap('a', { x: '1', y: '3' })],
        live: [theirs],
        settings: { conflicts: 'force' },
      });
      expect(changes.map(inWords)).toEqual([
        'update v1/ConfigMap/weka/a (data.y of argocd) [conflict, force]',
      ]);
      expect(changes).toMatchObject([{ force: true }]);
    });

    it('marks what it takes over', () => {
      const live = [createdBy('kubectl-create', aConfigMap('a', { x: '1' }))];
      const { changes } = planOf({ desired: [aConfigMap('a', { x: '1' })], live });
      expect(changes.map(inWords)).toEqual([
        'update v1/ConfigMap/weka/a (metadata.labels["applyset.kubernetes.io/part-of"])',
      ]);
      expect(changes).toMatchObject([{ risks: [{ name: 'takeover' }] }]);
    });

    it('refuses what is in another ApplySet, be it of this program', () => {
      const label = { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'applyset-other-v1' } } };
      const reason = 'It belongs to another ApplySet (applyset-other-v1): remove it there first';
      const other = createdBy('kubectl', anObject('v1/ConfigMap', 'a', label));
      expect(planned({ desired: [aConfigMap('a')], live: [other] })).toEqual([
        `refuse v1/ConfigMap/weka/a: ${reason}`,
      ]);

      const [entry] = other.metadata.managedFields ?? [];
      const managedFields = [{ ...entry, manager: 'weka-gitops', operation: 'Apply' as const }];
      const ours = { ...other, metadata: { ...other.metadata, managedFields } };
      expect(planned({ desired: [aConfigMap('a')], live: [ours] })).toEqual([
        `refuse v1/ConfigMap/weka/a: ${reason}`,
      ]);
    });

    it('sets our own label back where somebody wrote over it', () => {
      const live = edited('kubectl-label', applied(aConfigMap('a')), {
        metadata: { labels: { 'applyset.kubernetes.io/part-of': 'applyset-other-v1' } },
      });
      expect(planned({ desired: [aConfigMap('a')], live: [live] })).toEqual([
        'update v1/ConfigMap/weka/a (metadata.labels["applyset.kubernetes.io/part-of"] of kubectl-label) [drift]',
      ]);
    });

    it('refuses what a controller made and would set back', () => {
      const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u', controller: true };
      const live = createdBy('kube-controller-manager', aConfigMap('a'), {
        metadata: { ownerReferences: [owner] },
      });
      expect(planned({ desired: [aConfigMap('a', { x: '1' })], live: [live] })).toEqual([
        'refuse v1/ConfigMap/weka/a: StatefulSet db controls it, and would undo our change',
      ]);
    });
  });

  describe('where something stands in the way', () => {
    it('waits for an object that is being deleted, and so does what needs it', () => {
      const going = applied(aSecret('token'), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
      expect(
        planned({
          desired: [aSecret('token'), aDeployment('web', { volumes }), aDeployment('api')],
          live: [going],
        }),
      ).toEqual([
        'wait v1/Secret/weka/token: It is being deleted; it is made again when it is gone',
        'create apps/v1/Deployment/weka/api',
        'wait apps/v1/Deployment/weka/web: It needs v1/Secret/weka/token, which waits',
      ]);
    });

    it('leaves what a broken manifest asked for before as it is, and what needs it waits, however far', () => {
      const ingress = anObject('networking.k8s.io/v1/Ingress', 'web', {
        spec: { defaultBackend: { service: { name: 'web' } }, tls: [{ secretName: 'token' }] },
      });
      const binding = anObject('rbac.authorization.k8s.io/v1/RoleBinding', 'b', {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [{ kind: 'ServiceAccount', name: 's' }],
      });
      const account = anObject('v1/ServiceAccount', 's', { imagePullSecrets: [{ name: 'token' }] });
      const live = [applied(aSecret('token', { a: '1' })), applied(aConfigMap('gone'))];
      const broken = { 'v1/Secret/weka/token': 'secret.yaml:3' };
      expect(planned({ desired: [ingress, binding, account, aConfigMap('a')], live, broken })).toEqual([
        'wait rbac.authorization.k8s.io/v1/RoleBinding/weka/b: It needs v1/ServiceAccount/weka/s, which waits',
        'wait v1/ServiceAccount/weka/s: It needs v1/Secret/weka/token, whose manifest has an error (secret.yaml:3)',
        'create v1/ConfigMap/weka/a',
        'wait v1/ConfigMap/weka/gone: Not pruned: a manifest has an error',
        'wait networking.k8s.io/v1/Ingress/weka/web: It needs v1/Secret/weka/token, whose manifest has an error (secret.yaml:3)',
      ]);
    });

    it('concludes nothing from a list that could not be read', () => {
      const unread = [{ kind: 'Secret', namespace: 'weka', why: 'forbidden' }];
      const elsewhere = anObject('v1/Secret', 'token', { metadata: { namespace: 'other' } });
      const { changes, pruneBlocked } = planOf({
        desired: [aSecret('token'), elsewhere, aConfigMap('a')],
        live: [applied(aConfigMap('gone'))],
        unread,
      });
      expect(changes.map(inWords)).toEqual([
        'create v1/ConfigMap/weka/a',
        'wait v1/ConfigMap/weka/gone: Not pruned: Secret objects could not be listed: forbidden',
        'create v1/Secret/other/token',
        'wait v1/Secret/weka/token: The cluster could not be asked for it: forbidden',
      ]);
      expect(pruneBlocked).toBe('Secret objects could not be listed: forbidden');
    });

    it('takes a list without a namespace for all of them', () => {
      const unread = [{ kind: 'StorageClass.storage.k8s.io', why: 'forbidden' }];
      expect(planned({ desired: [aClusterObject('storage.k8s.io/v1/StorageClass', 'sc')], unread })).toEqual([
        'wait storage.k8s.io/v1/StorageClass/sc: The cluster could not be asked for it: forbidden',
      ]);
    });

    it('creates what may not be changed yet, and lets changes of it wait', () => {
      const only = (image: string) =>
        wanted(aPod('weka-0', { container: { image } }), { createOnly: 'Not yet' });
      expect(planned({ desired: [only('a')] })).toEqual(['create v1/Pod/weka/weka-0']);
      expect(
        planned({ desired: [only('b')], live: [applied(aPod('weka-0', { container: { image: 'a' } }))] }),
      ).toEqual(['wait v1/Pod/weka/weka-0 (spec.containers[name=main].image): Not yet']);
    });

    it('does not replace a Secret in which others have set data', () => {
      const typed = (type: string) => ({ ...aSecret('a', { x: '1' }), type });
      const live = edited('kubectl-patch', applied(typed('Opaque')), { data: { theirs: 'eA==' } });
      expect(planned({ desired: [typed('example.com/a')], live: [live] })).toEqual([
        'refuse v1/Secret/weka/a (type) [secret]: type cannot be changed in place, and if it were deleted and made again, data that kubectl-patch set would be lost',
      ]);
    });

    it('replaces what cannot be changed where nothing is lost by that, and else refuses', () => {
      const fixed = (x: string) => ({ ...aConfigMap('a', { x }), immutable: true });
      expect(
        planned({
          desired: [fixed('2'), aService('web', { clusterIP: 'None' })],
          live: [applied(fixed('1')), applied(aService('web', { clusterIP: '10.0.0.1' }))],
        }),
      ).toEqual([
        'replace v1/ConfigMap/weka/a (data.x): It is marked immutable, and data.x changes',
        'refuse v1/Service/weka/web (spec.clusterIP): spec.clusterIP cannot be changed in place, and if it were deleted and made again, its address would change',
      ]);
    });
  });

  describe('of what no manifest asks for any more', () => {
    it('prunes the members of our ApplySet, last', () => {
      const live = [
        applied(aConfigMap('a')),
        applied(aConfigMap('gone')),
        createdBy('other', aConfigMap('theirs')),
      ];
      expect(planned({ desired: [aConfigMap('a'), aConfigMap('b')], live })).toEqual([
        'keep v1/ConfigMap/weka/a',
        'create v1/ConfigMap/weka/b',
        'prune v1/ConfigMap/weka/gone',
      ]);
    });

    it('prunes nothing when the repository asks for nothing at all', () => {
      const { changes, pruneBlocked } = planOf({ live: [applied(aConfigMap('a'))] });
      const why = 'the repository asks for no object at all';
      expect(changes.map(inWords)).toEqual([`wait v1/ConfigMap/weka/a: Not pruned: ${why}`]);
      expect(pruneBlocked).toBe(why);
    });

    it('prunes nothing while the record names a kind that this version does not know', () => {
      const { changes, pruneBlocked } = planOf({
        desired: [aConfigMap('a')],
        live: [applied(aConfigMap('a')), applied(aConfigMap('gone'))],
        unread: [{ kind: 'Widget.example.com', why: 'it is not known' }],
      });
      expect(changes.map(inWords)).toEqual([
        'keep v1/ConfigMap/weka/a',
        'wait v1/ConfigMap/weka/gone: Not pruned: Widget.example.com objects could not be listed: it is not known',
      ]);
      expect(pruneBlocked).toBe('Widget.example.com objects could not be listed: it is not known');
    });

    it('does not count what is going already as there, for the budget', () => {
      const going = (name: string) =>
        applied(aConfigMap(name), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
      const live = [
        ...Array.from({ length: 10 }, (_, index) => going(`going-${index}`)),
        ...Array.from({ length: 10 }, (_, index) => applied(aConfigMap(`gone-${index}`))),
      ].slice(0, 18);
      expect(planOf({ desired: [aConfigMap('a')], live }).pruneBlocked).toContain('10 % of 8,');
    });

    it('says why the pass must not prune, in the words of whoever knows', () => {
      const live = [applied(aConfigMap('gone'))];
      expect(planOf({ desired: [aConfigMap('a')], live, blocked: 'files were not read' }).pruneBlocked).toBe(
        'files were not read',
      );
    });

    it('keeps what an object uses that is not changed in this pass', () => {
      const drifted = edited('kubectl-edit', applied(aDeployment('web', { volumes })), {
        spec: { replicas: 7 },
      });
      expect(
        planned({
          desired: [aDeployment('web')],
          live: [drifted, applied(aSecret('token'))],
          settings: { drift: 'report' },
        }),
      ).toEqual([
        'wait v1/Secret/weka/token: Not pruned: apps/v1/Deployment/weka/web refers to it, and is not changed in this pass',
        expect.stringMatching(/^refuse apps\/v1\/Deployment\/weka\/web /),
      ]);
    });
  });

  it('shows that a Secret changes, and not what is in it', () => {
    const desired = [aSecret('token', { password: 'new-value', user: 'a' })];
    const { changes } = planOf({
      desired,
      live: [applied(aSecret('token', { password: 'old-value', user: 'a' }))],
    });
    expect(changes).toMatchObject([
      {
        op: 'update',
        flags: ['secret'],
        fields: [{ path: 'data.password', from: '(hidden)', to: '(hidden)' }],
      },
    ]);
  });
});
