import { describe, expect, it } from 'vitest';
import { WekaContainer } from '../../../../../schemas/weka-container.ts';
import { containerPod } from '../../../../../reconciler/core/desired/container-pod.ts';
import type { KubeObject } from '../../../../../reconciler/core/kube/object.ts';
import { aClusterObject, aDeployment, anObject, aPod } from '../../../../support/objects.ts';
import { gained, plannedReasons } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const context = (securityContext: Json) => aDeployment('web', { container: { securityContext } });
const host = (path: string, readOnly?: boolean) =>
  aDeployment('web', {
    container: { volumeMounts: [{ name: 'host', mountPath: '/host', ...(readOnly && { readOnly }) }] },
    volumes: [{ name: 'host', hostPath: { path } }],
  });

describe('pods', () => {
  it.each<[string, KubeObject, readonly string[]]>([
    ['a plain one', aDeployment('web'), []],
    ['privileged', context({ privileged: true }), ['privileged container main']],
    [
      'added capabilities',
      context({ capabilities: { add: ['SYS_ADMIN'] } }),
      ['capability SYS_ADMIN in container main'],
    ],
    ['dropped ones', context({ capabilities: { drop: ['ALL'] } }), []],
    ['root', context({ runAsUser: 0 }), ['user 0 that may gain privileges in container main']],
    ['root that gains nothing', context({ runAsUser: 0, allowPrivilegeEscalation: false }), []],
    [
      'root by its pod',
      aDeployment('web', { securityContext: { runAsUser: 0 } }),
      ['user 0 that may gain privileges in container main'],
    ],
    [
      'any system call',
      context({ seccompProfile: { type: 'Unconfined' } }),
      ['any system call in container main'],
    ],
    ['an unmasked /proc', context({ procMount: 'Unmasked' }), ['unmasked /proc in container main']],
    [
      'the node’s network and processes',
      aDeployment('web', { hostNetwork: true, hostPID: true, hostIPC: true }),
      ['network of the node, processes of the node, shared memory of the node'],
    ],
    ['a path of the node', host('/dev'), ['host path /dev']],
    ['a path of the node to read', host('/etc', true), ['host path /etc, read only']],
  ])('with %s', (_what, object, words) => {
    const expected = words.map((each) => `Deployment weka/web: ${each}`);
    expect(gained(object)).toEqual(expected);
    expect(gained(object, aDeployment('web', { container: { image: 'old' } }))).toEqual(expected);
    expect(gained({ ...object, metadata: { ...object.metadata, labels: { a: 'b' } } }, object)).toEqual([]);
  });

  it('count for no more where they get less, or what they had includes it', () => {
    expect(gained(aDeployment('web'), context({ privileged: true }))).toEqual([]);
    expect(gained(context({ capabilities: { add: ['SYS_ADMIN'] } }), context({ privileged: true }))).toEqual(
      [],
    );
    expect(gained(host('/etc', true), host('/etc'))).toEqual([]);
    expect(gained(host('/etc'), host('/etc', true))).toEqual(['Deployment weka/web: host path /etc']);
  });

  it('are seen in init containers and schedules, too', () => {
    const init = [{ name: 'init', image: 'a', securityContext: { privileged: true } }];
    expect(gained(aDeployment('web', { initContainers: init }))).toEqual([
      'Deployment weka/web: privileged container init',
    ]);
    const pod = { template: { spec: { containers: [], hostNetwork: true } } };
    const cron = anObject('batch/v1/CronJob', 'c', {
      spec: { schedule: '0 0 * * *', jobTemplate: { spec: pod } },
    });
    expect(gained(cron)).toEqual(['CronJob weka/c: network of the node']);
  });

  it('of WEKA are what their mode makes them, and no more than that', () => {
    const container = WekaContainer.parse({
      apiVersion: 'weka.weka.io/v1alpha1',
      kind: 'WekaContainer',
      metadata: { name: 'builder', namespace: 'weka' },
      spec: { mode: 'drivers-builder', image: 'weka:5', name: 'builder', port: 1, agentPort: 2 },
    });
    const made = containerPod(
      { ...container, spec: { ...container.spec, mode: 'drivers-builder' } },
      'ours:1',
    );
    expect(gained(made)).toEqual([]);

    const spec = made['spec'] as { volumes: Json[]; containers: Json[] };
    const volumes = [...spec.volumes, { name: 'dev', hostPath: { path: '/dev' } }];
    expect(gained({ ...made, spec: { ...spec, volumes } })).toEqual([
      'Pod weka/builder: host path /dev, read only',
    ]);

    const writable = spec.containers.map((each) => ({
      ...each,
      volumeMounts: [{ name: 'lib-modules', mountPath: '/lib/modules' }],
    }));
    expect(gained({ ...made, spec: { ...spec, containers: writable } })).toEqual([
      'Pod weka/builder: host path /lib/modules',
    ]);

    const other = aPod('other', { volumes: [{ name: 'm', hostPath: { path: '/lib/modules' } }] });
    expect(gained(other)).toEqual(['Pod weka/other: host path /lib/modules, read only']);
  });
});

const RBAC = 'rbac.authorization.k8s.io/v1';

describe('roles', () => {
  const role = (...rules: readonly Json[]) => anObject(`${RBAC}/Role`, 'r', { rules });
  const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]) => ({
    apiGroups,
    resources,
    verbs,
    ...(resourceNames && { resourceNames }),
  });
  const reads = rule([''], ['pods', 'secrets'], ['get', 'list']);

  it.each<[string, Json, Json | undefined, readonly string[]]>([
    [
      'all that a new one allows, what leads on first',
      reads,
      undefined,
      ['get, list on secrets; get, list on pods'],
    ],
    ['nothing where it stays', reads, reads, []],
    [
      'a verb more',
      rule([''], ['pods'], ['get', 'list', 'watch']),
      rule([''], ['pods'], ['list', 'get']),
      ['watch on pods'],
    ],
    ['nothing below a wildcard', reads, rule(['*'], ['*'], ['*']), []],
    ['a wildcard', rule(['*'], ['*'], ['*']), reads, ['everything on all kinds of all groups']],
    [
      'more than named objects',
      rule([''], ['secrets'], ['get']),
      rule([''], ['secrets'], ['get'], ['a']),
      ['get on secrets'],
    ],
    [
      'another name',
      rule([''], ['secrets'], ['get'], ['a', 'b']),
      rule([''], ['secrets'], ['get'], ['a']),
      ['get on secrets named a, b'],
    ],
    ['fewer names: none', rule([''], ['secrets'], ['get'], ['a']), rule([''], ['secrets'], ['get']), []],
    [
      'no subresource with its resource',
      rule([''], ['pods/exec'], ['create']),
      rule([''], ['pods'], ['create']),
      ['create on pods/exec'],
    ],
    [
      'a subresource by its star',
      rule(['apps'], ['deployments/scale'], ['update']),
      rule(['apps'], ['*/scale'], ['update']),
      [],
    ],
    [
      'another group',
      rule(['apps'], ['deployments'], ['patch']),
      rule(['batch'], ['jobs'], ['patch']),
      ['patch on deployments.apps'],
    ],
  ])('give %s', (_what, after, before, words) => {
    const live = before === undefined ? undefined : role(before);
    const labelled = { ...role(after), metadata: { ...role(after).metadata, labels: { a: 'b' } } };
    expect(gained(labelled, live)).toEqual(words.map((each) => `Role weka/r: ${each}`));
  });

  it('of more kinds than anybody reads are counted', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `kind-${n}`);
    const huge = role(rule(many, many, ['get']));
    expect(gained(huge)).toEqual(['Role weka/r: get on 9000000 kinds']);
    expect(gained({ ...huge, metadata: { ...huge.metadata, labels: { a: 'b' } } }, huge)).toEqual([]);
  });

  it('say so where what they give leads to more', () => {
    const reasons = (verb: string) =>
      plannedReasons([role(rule([RBAC.slice(0, -3)], ['clusterroles'], [verb]))]);
    expect(reasons('escalate')).toEqual([expect.stringMatching(/leads to secrets or further rights$/)]);
    expect(reasons('get')).toEqual(['It allows more in the Kubernetes API']);
  });

  it('count where they join others, or others join them', () => {
    const cluster = (rest: Json) => aClusterObject(`${RBAC}/ClusterRole`, 'c', { rules: [], ...rest });
    const joins = { metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } } };
    expect(gained(cluster(joins), cluster({}))).toEqual([
      'ClusterRole c: its rights for all who are bound to ClusterRole edit',
    ]);
    expect(gained(cluster({ ...joins, rules: [reads] }), cluster(joins))).toEqual([
      'ClusterRole c: get, list on secrets; get, list on pods',
    ]);
    expect(gained(cluster({ aggregationRule: { clusterRoleSelectors: [{}] } }), cluster({}))).toEqual([
      'ClusterRole c: all that the ClusterRoles allow which its aggregation rule selects',
    ]);
  });

  it('allow URLs as far as they did', () => {
    const urls = (...nonResourceURLs: string[]) =>
      aClusterObject(`${RBAC}/ClusterRole`, 'c', { rules: [{ nonResourceURLs, verbs: ['get'] }] });
    expect(gained(urls('/metrics', '/logs/a'), urls('/logs/*'))).toEqual(['ClusterRole c: get on /metrics']);
  });
});

describe('bindings', () => {
  const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'weka' });
  const binding = (role: string, ...subjects: readonly Json[]) =>
    aClusterObject(`${RBAC}/ClusterRoleBinding`, 'b', {
      roleRef: { apiGroup: RBAC.slice(0, -3), kind: 'ClusterRole', name: role },
      subjects,
    });

  it('name who gets which role, and where', () => {
    expect(gained(binding('admin', account('a'), { kind: 'Group', name: 'everybody' }))).toEqual([
      'ServiceAccount weka/a, Group everybody: ClusterRole admin in every namespace',
    ]);
    const within = anObject(`${RBAC}/RoleBinding`, 'b', {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 'a' }],
    });
    expect(gained(within)).toEqual(['ServiceAccount weka/a: Role r in namespace weka']);
  });

  it('count for new subjects alone, and for all where the role is another', () => {
    expect(gained(binding('view', account('a'), account('b')), binding('view', account('a')))).toEqual([
      'ServiceAccount weka/b: ClusterRole view in every namespace',
    ]);
    expect(gained(binding('view', account('a')), binding('view', account('a'), account('b')))).toEqual([]);
    expect(gained(binding('admin', account('a')), binding('view', account('a')))).toEqual([
      'ServiceAccount weka/a: ClusterRole admin in every namespace',
    ]);
  });
});

describe('namespaces', () => {
  const namespace = (level?: string) =>
    aClusterObject('v1/Namespace', 'weka', {
      metadata: { labels: level === undefined ? {} : { 'pod-security.kubernetes.io/enforce': level } },
    });

  it('count where they let pods ask for more than before', () => {
    const weaker = (to: string) => [`Namespace weka: Pod Security restricted becomes ${to}`];
    expect(gained(namespace('baseline'), namespace('restricted'))).toEqual(weaker('baseline'));
    expect(gained(namespace(), namespace('restricted'))).toEqual(weaker('privileged'));
    expect(gained(namespace('restricted'), namespace('baseline'))).toEqual([]);
    expect(gained(namespace('privileged'))).toEqual([]);
  });
});
