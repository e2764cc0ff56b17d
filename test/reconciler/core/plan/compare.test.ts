import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withOwnership } from '../../../../reconciler/core/desired/ownership.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { compare } from '../../../../reconciler/core/plan/compare.ts';
import { formatPath } from '../../../../reconciler/core/plan/field-path.ts';
import {
  alsoAppliedBy,
  anObject,
  APPLY_SET,
  applied,
  aClusterObject,
  aConfigMap,
  aDeployment,
  aService,
  createdBy,
  edited,
  podSpec,
} from '../../../support/objects.ts';

/** The differences in words: `drift spec.replicas 1 -> 5 of kubectl-edit`. */
function told(desired: KubeObject, live: KubeObject): readonly string[] {
  return compare(withOwnership(desired, APPLY_SET), live).map(({ cause, path, from, to, manager }) => {
    const values = [from, to].map((value) => (value === undefined ? '-' : JSON.stringify(value)));
    return [cause, formatPath(path), values.join(' -> '), ...(manager ? [`of ${manager}`] : [])].join(' ');
  });
}

const inContainer = 'spec.template.spec.containers[name=main]';

describe('compare', () => {
  it('finds nothing where live is as it was applied', () => {
    const web = aDeployment('web', { container: { ports: [{ containerPort: 80 }] } });
    expect(told(web, applied(web))).toEqual([]);
  });

  it('takes what the server puts in place of a value that stands for none for what was asked for', () => {
    const web = aDeployment('web', { container: { imagePullPolicy: '', image: 'weka:4' } });
    const chosen = {
      spec: { template: { spec: { containers: [{ name: 'main', imagePullPolicy: 'Always' }] } } },
    };
    expect(told(web, applied(web, chosen))).toEqual([]);
    const before = aDeployment('web', { container: { imagePullPolicy: 'Always', image: 'weka:4' } });
    expect(told(web, applied(before))).toEqual([`spec ${inContainer}.imagePullPolicy "Always" -> ""`]);
    const scaled = edited('kubectl', applied(aDeployment('web', { replicas: 0 })), { spec: { replicas: 3 } });
    expect(told(aDeployment('web', { replicas: 0 }), scaled)).toEqual([
      'drift spec.replicas 3 -> 0 of kubectl',
    ]);
  });

  it('leaves to the cluster what an empty field leaves to it, whoever chose', () => {
    const claim = anObject('v1/PersistentVolumeClaim', 'a', { spec: { volumeName: '' } });
    const bound = edited('kube-controller-manager', applied(claim), { spec: { volumeName: 'pv-1' } });
    expect(told(claim, bound)).toEqual([]);
    const web = applied(aService('a', { clusterIP: '10.0.0.1' }));
    const differing = told(aService('a', { clusterIP: '' }), web);
    expect(differing.filter((words) => !words.includes('applied-fields'))).toEqual([]);
  });

  it('finds nothing where a whole list is spelled out as it is stored', () => {
    const terse = aDeployment('web', { tolerations: [{ key: 'a' }] });
    const full = aDeployment('web', { tolerations: [{ key: 'a', operator: 'Equal' }] });
    const live = applied(terse, {
      spec: { template: { spec: { tolerations: [{ key: 'a', operator: 'Equal' }] } } },
    });
    expect(told(terse, live)).toEqual([]);
    expect(told(full, live).filter((words) => !words.includes('applied-fields'))).toEqual([]);
  });

  it('takes what only the server set for defaults', () => {
    const web = aDeployment('web', { container: { ports: [{ containerPort: 80 }], resources: {} } });
    const live = applied(web, {
      spec: { progressDeadlineSeconds: 600, template: { spec: { dnsPolicy: 'ClusterFirst' } } },
      status: { replicas: 1 },
      metadata: { generation: 3, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    });
    expect(told(web, live)).toEqual([]);
  });

  describe('where the manifest changed', () => {
    it('tells the field with both values', () => {
      const live = applied(aDeployment('web', { container: { image: 'weka:4' } }));
      expect(told(aDeployment('web', { container: { image: 'weka:5' } }), live)).toEqual([
        `spec ${inContainer}.image "weka:4" -> "weka:5"`,
      ]);
    });

    it('tells a new field, and one that is no longer there', () => {
      const live = applied(aConfigMap('a', { old: '1', same: '2' }));
      expect(told(aConfigMap('a', { same: '2', new: '3' }), live)).toEqual([
        'spec data.new - -> "3"',
        'spec data.old "1" -> -',
      ]);
    });

    it('tells a container that is no longer there by its name', () => {
      const both = aDeployment('web', {});
      const live = applied(
        anObject('apps/v1/Deployment', 'web', {
          spec: {
            ...(both['spec'] as object),
            template: {
              metadata: {},
              spec: {
                containers: [
                  { name: 'side', image: 'x' },
                  { name: 'main', image: 'busybox:1' },
                ],
              },
            },
          },
        }),
      );
      const desired = anObject('apps/v1/Deployment', 'web', {
        spec: { ...(both['spec'] as object), template: { metadata: {}, spec: podSpec() } },
      });
      expect(told(desired, live)).toEqual([
        'spec spec.template.spec.containers[name=side] {"name":"side","image":"x"} -> -',
      ]);
    });

    it('leaves what somebody else owns as well: it stays when we let go of it', () => {
      const live = alsoAppliedBy('argocd', applied(aConfigMap('a', { old: '1', same: '2' })), {
        data: { old: '1' },
      });
      expect(told(aConfigMap('a', { same: '2' }), live)).toEqual([
        expect.stringContaining('spec metadata.annotations["weka-gitops.dev/applied-fields"]'),
      ]);
    });
  });

  describe('a value that stands for none', () => {
    const template = 'spec.template.spec';
    const isTold = (pod: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>> = {}) =>
      told(aDeployment('web', pod), applied(aDeployment('web', before))).filter(
        (words) => !words.includes('applied-fields'),
      );

    it.each<[unknown, string]>([
      [false, 'false'],
      [0, '0'],
      ['', '""'],
      [{}, '{}'],
      [[], '[]'],
    ])('is a change where it is new: %j', (value, text) => {
      expect(isTold({ hostUsers: value })).toEqual([`spec ${template}.hostUsers - -> ${text}`]);
      expect(isTold({ hostUsers: value }, { hostUsers: value })).toEqual([]);
    });

    it('is told beside what else changes, in what is replaced as a whole and in keyed lists too', () => {
      const web = { hostUsers: false, nodeSelector: {}, container: { image: 'weka:5', env: [] } };
      expect(isTold(web)).toEqual([
        `spec ${inContainer}.image "busybox:1" -> "weka:5"`,
        `spec ${inContainer}.env - -> []`,
        `spec ${template}.hostUsers - -> false`,
        `spec ${template}.nodeSelector - -> {}`,
      ]);
    });

    it('is new in what was empty, and in maps of texts', () => {
      const empty = { container: { securityContext: {} } };
      const root = { container: { securityContext: { runAsUser: 0 } } };
      const live = applied(aDeployment('web', empty));
      expect(told(aDeployment('web', root), live)).toEqual([
        `spec ${inContainer}.securityContext.runAsUser - -> 0`,
      ]);
      expect(told(aConfigMap('a', { x: '1', y: '' }), applied(aConfigMap('a', { x: '1' })))).toEqual([
        'spec data.y - -> ""',
      ]);
    });

    it('is none where we have it, although nothing tells any more what we applied', () => {
      const web = aDeployment('web', { hostUsers: false });
      const { annotations: _record, ...metadata } = applied(web).metadata;
      const { hostUsers: _none, ...pod } = podSpec({ hostUsers: false });
      const stored = { ...aDeployment('web', pod), metadata };
      expect(told(web, stored).filter((words) => !words.includes('applied-fields'))).toEqual([]);
    });
  });

  describe('drift', () => {
    const web = aDeployment('web', { replicas: 3, container: { env: [{ name: 'MODE', value: 'a' }] } });

    it('is a field of ours that somebody changed; it names who', () => {
      const live = edited('kubectl-edit', applied(web), { spec: { replicas: 5 } });
      expect(told(web, live)).toEqual(['drift spec.replicas 5 -> 3 of kubectl-edit']);
    });

    it('is a field of ours that somebody removed', () => {
      const live = edited('kubectl-edit', applied(aConfigMap('a', { x: '1', y: '2' })), {
        data: { x: undefined },
      });
      expect(told(aConfigMap('a', { x: '1', y: '2' }), live)).toEqual(['drift data.x - -> "1"']);
    });

    it('is a whole element of a list that somebody removed', () => {
      const live = edited('kubectl-edit', applied(web), {
        spec: { template: { spec: { containers: [{ name: 'main', env: undefined }] } } },
      });
      expect(told(web, live)).toEqual([
        `drift ${inContainer}.env[name=MODE] - -> {"name":"MODE","value":"a"}`,
      ]);
    });

    it('is a false of ours that somebody removed, although live never shows it', () => {
      const desired = aDeployment('web', { hostNetwork: false, automountServiceAccountToken: false });
      const shown = applied(desired, { spec: { template: { spec: { hostNetwork: undefined } } } });
      expect(told(desired, shown)).toEqual([]);

      const live = edited('kubectl-patch', shown, {
        spec: { template: { spec: { automountServiceAccountToken: undefined } } },
      });
      expect(told(desired, live)).toEqual([
        'drift spec.template.spec.automountServiceAccountToken - -> false',
      ]);
    });

    it('is a key that somebody added to a map that is replaced as a whole', () => {
      const service = aService('web');
      const live = edited('kubectl-edit', applied(service), { spec: { selector: { track: 'canary' } } });
      expect(told(service, live)).toEqual([
        'drift spec.selector {"app":"web","track":"canary"} -> {"app":"web"} of kubectl-edit',
      ]);
    });

    it('is not what somebody added beside our fields', () => {
      const live = edited('kubectl-label', applied(web), { metadata: { labels: { team: 'storage' } } });
      expect(told(web, live)).toEqual([]);
    });

    it('is seen even where somebody else took all our fields', () => {
      const map = aConfigMap('a', { x: '1' });
      const live = edited('other', applied(map), { data: { x: '2' } });
      const { managedFields = [] } = live.metadata;
      const without = { ...live, metadata: { ...live.metadata, managedFields: managedFields.slice(1) } };
      expect(told(map, without)).toEqual(['drift data.x "2" -> "1" of other']);
    });

    it('is our own record of what we applied, when somebody changed it', () => {
      const map = aConfigMap('a', { x: '1' });
      const live = edited('kubectl-annotate', applied(map), {
        metadata: { annotations: { 'weka-gitops.dev/applied-fields': 'broken' } },
      });
      expect(told(map, live)).toEqual([
        expect.stringMatching(
          /^drift metadata\.annotations\["weka-gitops\.dev\/applied-fields"\] .* of kubectl-annotate$/,
        ),
      ]);
    });
  });

  describe('a conflict', () => {
    it('is a field that another manager set and we never did', () => {
      const live = edited('hpa', applied(aConfigMap('a', { x: '1' })), { data: { y: '2' } });
      expect(told(aConfigMap('a', { x: '1', y: '3' }), live)).toEqual(['conflict data.y "2" -> "3" of hpa']);
    });

    it('is none while both want the same', () => {
      const live = edited('hpa', applied(aConfigMap('a', { x: '1' })), { data: { y: '2' } });
      expect(told(aConfigMap('a', { x: '1', y: '2' }), live)).toEqual([
        expect.stringContaining('spec metadata.annotations["weka-gitops.dev/applied-fields"]'),
      ]);
    });

    it('is a field that another manager applies too, when the manifest changes it', () => {
      const live = alsoAppliedBy('argocd', applied(aConfigMap('a', { x: '1' })), { data: { x: '1' } });
      expect(told(aConfigMap('a', { x: '2' }), live)).toEqual(['conflict data.x "1" -> "2" of argocd']);
    });

    it('is a field of ours that another manager applies now, and not one that somebody edits', () => {
      const map = aConfigMap('a', { x: '1' });
      const live = edited('argocd', applied(map), { data: { x: '2' } });
      expect(told(map, live)).toEqual(['drift data.x "2" -> "1" of argocd']);
      const managedFields = (live.metadata.managedFields ?? []).map((each) =>
        each.manager === 'argocd' ? { ...each, operation: 'Apply' as const } : each,
      );
      const theirs = { ...live, metadata: { ...live.metadata, managedFields } };
      expect(told(map, theirs)).toEqual(['conflict data.x "2" -> "1" of argocd']);
      expect(told(aConfigMap('a', { x: '3' }), theirs)).toEqual(['conflict data.x "2" -> "3" of argocd']);
    });

    it('is not our own record of what we applied, whoever applies a copy of it', () => {
      const map = aConfigMap('a', { x: '1' });
      const live = edited('argocd', applied(map), {
        metadata: { annotations: { 'weka-gitops.dev/applied-fields': 'copied' } },
      });
      const managedFields = (live.metadata.managedFields ?? []).map((each) => ({
        ...each,
        operation: 'Apply' as const,
      }));
      expect(told(map, { ...live, metadata: { ...live.metadata, managedFields } })).toEqual([
        expect.stringMatching(/^drift metadata\.annotations/),
      ]);
    });

    it('is not a field that somebody once wrote by hand and that we have applied since', () => {
      const map = aConfigMap('a', { x: '1' });
      const both = applied(map);
      const [theirs] = createdBy('kubectl-create', map).metadata.managedFields ?? [];
      const managedFields = [...(both.metadata.managedFields ?? []), theirs!];
      const live = { ...both, metadata: { ...both.metadata, managedFields } };
      expect(told(aConfigMap('a', { x: '2' }), live)).toEqual(['spec data.x "1" -> "2" of kubectl-create']);
    });

    it('is found in an object that was never ours', () => {
      const live = createdBy('kubectl-create', aConfigMap('a', { x: '1', y: '2' }));
      expect(told(aConfigMap('a', { x: '9', y: '2' }), live).toSorted()).toEqual([
        'conflict data.x "1" -> "9" of kubectl-create',
        'spec metadata.labels["applyset.kubernetes.io/part-of"] - -> "applyset-of-tests-v1"',
      ]);
    });
  });

  describe('lists', () => {
    it('are told apart by their keys, with the protocol that the server assumes', () => {
      const ports = (name: string) => ({
        ports: [
          { port: 53, protocol: 'UDP', name },
          { port: 53, name: 'tcp' },
        ],
      });
      const live = applied(aService('dns', ports('udp')));
      expect(told(aService('dns', ports('dns')), live)).toEqual([
        'spec spec.ports[port=53,protocol=UDP].name "udp" -> "dns"',
      ]);
    });

    it.each([
      [
        'initContainers',
        (names: string[]) => ({ initContainers: names.map((name) => ({ name, image: 'x' })) }),
      ],
      [
        'containers[name=main].env',
        (names: string[]) => ({ container: { env: names.map((name) => ({ name, value: '1' })) } }),
      ],
    ])('%s change when nothing but their order does', (list, of) => {
      const live = applied(aDeployment('web', of(['a', 'b', 'c'])));
      expect(told(aDeployment('web', of(['c', 'a', 'b'])), live)).toEqual([
        `spec spec.template.spec.${list} ["a","b","c"] -> ["c","a","b"]`,
      ]);
    });

    it('tell the order of those that stay, and what comes and goes for itself', () => {
      const of = (...names: readonly string[]) =>
        aDeployment('web', { container: { env: names.map((name) => ({ name, value: '1' })) } });
      expect(told(of('C', 'B', 'A'), applied(of('A', 'B', 'D')))).toEqual([
        `spec ${inContainer}.env ["A","B"] -> ["B","A"]`,
        `spec ${inContainer}.env[name=C] - -> {"name":"C","value":"1"}`,
        expect.stringContaining(`spec ${inContainer}.env[name=D] `),
      ]);
    });

    it('whose order means nothing do not change with it', () => {
      const volumes = [
        { name: 'a', emptyDir: {} },
        { name: 'b', emptyDir: {} },
      ];
      const live = applied(aDeployment('web', { volumes }));
      expect(told(aDeployment('web', { volumes: volumes.toReversed() }), live)).toEqual([]);
    });

    it('that are sets hold what others added', () => {
      const of = (...finalizers: string[]) => anObject('v1/ConfigMap', 'a', { metadata: { finalizers } });
      const live = edited('other', applied(of('example.com/a', 'example.com/b')), {
        metadata: { finalizers: ['example.com/a', 'example.com/b', 'example.com/theirs'] },
      });
      expect(told(of('example.com/b', 'example.com/a'), live)).toEqual([]);
      expect(told(of('example.com/b'), live)).toEqual([
        'spec metadata.finalizers["example.com/a"] "example.com/a" -> -',
      ]);
    });

    it('without keys are replaced as a whole, defaults inside them aside', () => {
      const policy = (...from: object[]) =>
        anObject('networking.k8s.io/v1/NetworkPolicy', 'p', {
          spec: { podSelector: {}, ingress: [{ from, ports: [{ port: 80 }] }] },
        });
      const one = { podSelector: { matchLabels: { app: 'a' } } };
      const live = applied(policy(one), {
        spec: { ingress: [{ from: [one], ports: [{ port: 80, protocol: 'TCP' }] }] },
      });
      expect(told(policy(one), live)).toEqual([]);
      expect(told(policy(one, { podSelector: {} }), live)).toHaveLength(1);
    });

    it('without keys change when the manifest says less inside them', () => {
      const role = (rule: object) =>
        aClusterObject('rbac.authorization.k8s.io/v1/ClusterRole', 'r', { rules: [rule] });
      const narrow = { apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['one'] };
      const { resourceNames: _names, ...wide } = narrow;
      expect(told(role(wide), applied(role(narrow)))).toEqual([
        `spec rules [${JSON.stringify(narrow)}] -> [${JSON.stringify(wide)}]`,
      ]);
    });

    it('maps that are replaced as a whole change when the manifest says less in them', () => {
      const live = applied(aService('web', { selector: { app: 'web', track: 'canary' } }));
      expect(told(aService('web'), live)).toEqual([
        'spec spec.selector {"app":"web","track":"canary"} -> {"app":"web"}',
      ]);
    });

    it('of a ServiceAccount are not those of a pod', () => {
      const account = anObject('v1/ServiceAccount', 'a', { imagePullSecrets: [{ name: 'x' }] });
      const live = edited('other', applied(account), { imagePullSecrets: [{ name: 'y' }] });
      expect(told(account, live)).toEqual([
        'drift imagePullSecrets [{"name":"x"},{"name":"y"}] -> [{"name":"x"}] of other',
      ]);
    });
  });

  describe('values', () => {
    const limited = (cpu: unknown, memory: unknown) =>
      aDeployment('web', { container: { resources: { limits: { cpu, memory } } } });

    it('of resources are quantities', () => {
      const live = applied(limited(0.5, '1024Mi'), {
        spec: {
          template: {
            spec: { containers: [{ name: 'main', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
          },
        },
      });
      expect(told(limited(0.5, '1024Mi'), live)).toEqual([]);
      expect(told(limited('0.5', '1Gi'), live)).toEqual([]);
      expect(told(limited('0.6', '1Gi'), live)).toEqual([
        `spec ${inContainer}.resources.limits.cpu "500m" -> "0.6"`,
      ]);
    });

    it('that look like quantities elsewhere are texts', () => {
      const live = applied(aConfigMap('a', { storage: '1Gi', cpu: '1', sizeLimit: '1', divisor: '1' }));
      expect(
        told(aConfigMap('a', { storage: '1024Mi', cpu: '1000m', sizeLimit: '1000m', divisor: '1k' }), live),
      ).toHaveLength(4);
    });

    it('that are empty are as good as missing', () => {
      const container = { env: [], resources: {}, args: [], stdin: false, workingDir: '' };
      const desired = aDeployment('web', { container, hostPID: false, priority: 0 });
      const live = { ...applied(aDeployment('web')), metadata: applied(desired).metadata };
      expect(told(desired, live)).toEqual([]);
    });

    it('of labels are told one by one where live has none yet', () => {
      const map = anObject('v1/ConfigMap', 'a', { metadata: { labels: { x: '1' } } });
      const { labels: _labels, ...metadata } = createdBy('other', aConfigMap('a')).metadata;
      expect(told(map, { ...aConfigMap('a'), metadata })).toEqual([
        'spec metadata.labels.x - -> "1"',
        'spec metadata.labels["applyset.kubernetes.io/part-of"] - -> "applyset-of-tests-v1"',
      ]);
    });
  });

  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const scalar = fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean());
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, tie('map'), tie('list')),
    map: fc.dictionary(word, tie('value'), { maxKeys: 4 }),
    list: fc.array(tie('value'), { maxLength: 3 }),
  })).map;
  const named = fc.uniqueArray(fc.record({ name: word, image: word, rest: tree }), {
    selector: ({ name }) => name,
    maxLength: 4,
  });
  const object = fc
    .record({
      spec: tree,
      containers: named,
      volumes: named,
      labels: fc.dictionary(word, word, { maxKeys: 3 }),
    })
    .map(({ spec, containers, volumes, labels }) =>
      anObject('apps/v1/Deployment', 'web', { metadata: { labels }, spec: { ...spec, containers, volumes } }),
    );

  it('never finds a difference between an object and itself as applied', () => {
    fc.assert(
      fc.property(object, (any) => {
        expect(told(any, applied(any))).toEqual([]);
      }),
    );
  });

  it('never finds one in what nobody owns', () => {
    fc.assert(
      fc.property(object, tree, (any, defaults) => {
        expect(told(any, applied(any, { status: defaults, defaulted: defaults }))).toEqual([]);
      }),
    );
  });

  it('does not care for the order of members', () => {
    fc.assert(
      fc.property(object, (any) => {
        expect(told(reversed(any) as KubeObject, applied(any))).toEqual([]);
      }),
    );
  });

  it('finds every change of a scalar', () => {
    fc.assert(
      fc.property(object, word, scalar, scalar, (any, field, before, after) => {
        fc.pre(before !== after);
        const of = (value: unknown) => ({
          ...any,
          spec: { ...(any['spec'] as object), [`x${field}`]: value },
        });
        expect(told(of(after), applied(of(before)))).toEqual([
          `spec spec.x${field} ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
        ]);
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]));
}
