import { applySetId } from '../../../reconciler/core/desired/ownership.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../reconciler/core/kube/object.ts';
import type { Report } from '../../../schemas/output/report.ts';
import type { Installation } from '../../../schemas/output/installation.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { until } from '../../cluster/until.ts';
import { configMap, wekaContainer } from '../../support/manifests.ts';
import { anInstallPlace, counts, type InstallPlace, ops, those } from './an-install.ts';

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane({ kwok: 1 });
});
afterAll(() => cluster.stop());

/** What an account may do in a namespace, as the API server answers it, without what everybody may. */
async function mayDo(kubeconfig: string, namespace: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl(
    ['create', '--raw', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', '-f', '-'],
    {
      kubeconfig,
      input: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace },
      }),
    },
  );
  const { status } = JSON.parse(stdout) as {
    status: {
      resourceRules: {
        verbs: string[];
        apiGroups: string[];
        resources: string[];
        resourceNames?: string[];
      }[];
    };
  };
  return status.resourceRules
    .filter(({ apiGroups }) => !apiGroups.some((group) => /^auth(orization|entication)\./.test(group)))
    .flatMap(({ verbs, resources, resourceNames }) =>
      resources.map((resource) => {
        const names = resourceNames === undefined ? '' : ` ${resourceNames.join(',')}`;
        return `${resource}${names}: ${verbs.join(' ')}`;
      }),
    )
    .toSorted();
}

describe('the rights of an installation', () => {
  it('of the reconciler are those to write in the namespaces that specs may name, and to look for places', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    const kubeconfig = await place.reconciler();
    const everywhere = [
      'csidrivers: get list watch create patch delete',
      `namespaces ${place.app}: create patch`,
      'namespaces: get list watch',
      'nodes: get list watch patch',
      'persistentvolumes: get list watch create patch',
      'pods: list',
      'priorityclasses: get list watch create patch delete',
      'storageclasses: get list watch create patch delete',
    ];
    expect(await mayDo(kubeconfig, 'default')).toEqual(everywhere);
    const own = [
      `configmaps ${place.name}-suspend,${place.name}-freeze: get list watch`,
      `configmaps ${place.name},${place.name}-drivers: get list watch create patch`,
      `secrets ${place.name}-drivers-ca: get create patch`,
      `leases ${place.name}: get update`,
      'leases: create',
    ];
    expect(await mayDo(kubeconfig, place.system)).toEqual([...everywhere, ...own].toSorted());
    expect(await mayDo(kubeconfig, place.agents)).toEqual(
      [...everywhere, 'configmaps: get list watch create patch delete', 'pods: get list watch'].toSorted(),
    );
    const all = 'get list watch create patch delete';
    const kept = [
      'configmaps',
      'cronjobs',
      'daemonsets',
      'deployments',
      'ingresses',
      'jobs',
      'networkpolicies',
    ];
    const more = ['poddisruptionbudgets', 'secrets', 'serviceaccounts', 'services', 'statefulsets'];
    expect(await mayDo(kubeconfig, place.app)).toEqual(
      [
        ...everywhere,
        ...[...kept, ...more].map((resource) => `${resource}: ${all}`),
        'persistentvolumeclaims: get list watch create patch',
        'pods: get list watch create patch delete',
      ].toSorted(),
    );
  });

  it('of the reconciler over nodes are those to label them, with labels that Kubernetes does not go by', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    const kubeconfig = await place.reconciler();
    const [node = ''] = await cluster.addNodes(1);
    const patch = async (body: object, ...more: readonly string[]) => {
      const args = ['patch', 'node', node, '--type=merge', '-p', JSON.stringify(body), ...more];
      return (await cluster.kubectl(args, { kubeconfig })).stderr;
    };
    await until('the policy holds', async () => {
      const said = await patch({ spec: { unschedulable: true } }, '--dry-run=server');
      return said.includes('changes labels of nodes, and nothing else of them');
    });
    expect(await patch({ metadata: { labels: { 'weka.io/kernel': '6.8.0' } } })).toBe('');
    expect(await patch({ metadata: { labels: { 'weka.io/kernel': null } } })).toBe('');
    for (const labels of [
      { 'kubernetes.io/hostname': 'other' },
      { 'kubernetes.io/hostname': null },
      { 'node.kubernetes.io/new': 'x' },
    ]) {
      expect(await patch({ metadata: { labels } })).toContain('no label that Kubernetes itself goes by');
    }
    expect(await patch({ metadata: { annotations: { a: 'b' } } })).toContain('and nothing else of them');
    expect(
      await patch({ status: { capacity: { 'weka.io/drives': '1' } } }, '--subresource=status'),
    ).toContain('Forbidden');
    const remove = await cluster.kubectl(['delete', 'node', node], { kubeconfig });
    expect(remove.stderr).toContain('Forbidden');
    const none = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'none' } };
    const apply = ['apply', '--server-side', '-f', '-'];
    const made = await cluster.kubectl(apply, { kubeconfig, input: JSON.stringify(none) });
    expect(made.stderr).toContain('Forbidden');
  });

  it('of the reconciler over pods are to delete those that work on drivers, and no others', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    const kubeconfig = await place.reconciler();
    const create = async (name: string, annotations: object) => {
      const spec = { containers: [{ name: 'a', image: 'a' }], automountServiceAccountToken: false };
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: place.app, annotations },
        spec,
      };
      await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(pod) });
    };
    await create('storage', {});
    await create('builder', { 'weka-gitops.dev/driver-work': '{}' });
    const remove = async (name: string, ...more: readonly string[]) =>
      await cluster.kubectl(['delete', 'pod', name, '-n', place.app, '--wait=false', ...more], {
        kubeconfig,
      });
    await until('the policy holds', async () => {
      const { stderr } = await remove('storage', '--dry-run=server');
      return stderr.includes('deletes pods that work on drivers, and no others');
    });
    expect((await remove('builder')).stderr).toBe('');
    expect((await remove('storage')).stderr).toContain('and no others');
  });

  it('of whoever makes pods in a namespace do not make one whose word about drivers is believed', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    await cluster.kubectl([
      'create',
      'rolebinding',
      'editor',
      '--clusterrole=edit',
      '--user=editor',
      '-n',
      place.app,
    ]);
    const kubeconfig = await cluster.kubeconfigFor({ user: 'editor' });
    const applySet = applySetId({ name: place.name, namespace: place.system });
    const labels = { 'applyset.kubernetes.io/part-of': applySet };
    const apply = async (name: string, annotations: object, image = 'a') => {
      const spec = { containers: [{ name: 'a', image }], automountServiceAccountToken: false };
      const metadata = { name, namespace: place.app, annotations, labels };
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
      const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=weka-gitops', '-f', '-'];
      return (await cluster.kubectl(args, { kubeconfig, input })).stderr;
    };
    const work = { 'weka-gitops.dev/driver-work': '{}' };
    const refusal = 'Only the reconciler makes pods that work on drivers';
    await until('the policy holds', async () => (await apply('forged', work)).includes(refusal));
    expect(await apply('plain', {})).toBe('');
    expect(await apply('plain', work)).toContain(refusal);
    expect(await apply('plain', { other: 'x' }, 'b')).toBe('');

    const made = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'builder', namespace: place.app, annotations: work, labels },
      spec: { containers: [{ name: 'a', image: 'a' }], automountServiceAccountToken: false },
    });
    const own = { kubeconfig: await place.reconciler(), input: made };
    expect((await cluster.kubectl(['apply', '--server-side', '-f', '-'], own)).stderr).toBe('');
    expect(await apply('builder', work, 'b')).toContain(refusal);
    const label = ['label', 'pod', 'builder', 'a=b', '-n', place.app];
    expect((await cluster.kubectl(label, { kubeconfig })).stderr).toBe('');
  });

  it('of the planner are those to read, and to try: no Secret, no deletion, nothing that is kept', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--planner', '--wait', '0']);
    const account = { namespace: place.system, serviceAccount: `${place.name}-planner` };
    const kubeconfig = await cluster.kubeconfigFor(account);
    const everywhere = [
      'csidrivers: get list watch create patch',
      `namespaces ${place.app}: create patch`,
      'namespaces: get list watch',
      'nodes: get list',
      'persistentvolumes: get list watch create patch',
      'pods: list',
      'priorityclasses: get list watch create patch',
      'storageclasses: get list watch create patch',
    ];
    expect(await mayDo(kubeconfig, 'default')).toEqual(everywhere);
    expect(await mayDo(kubeconfig, place.system)).toEqual(
      [
        ...everywhere,
        `configmaps ${place.name},${place.name}-drivers,${place.name}-suspend,${place.name}-freeze: get list watch`,
      ].toSorted(),
    );
    const inApp = await mayDo(kubeconfig, place.app);
    expect(inApp.filter((rule) => /secrets|delete/.test(rule))).toEqual([]);
    expect(inApp).toContain('deployments: get list watch create patch');
    await until('the policy holds', async () => {
      const { stderr } = await cluster.kubectl(['create', 'configmap', 'probe', '-n', place.app], {
        kubeconfig,
      });
      return stderr.includes('may only try what it shows');
    });
  });

  it('of the node agents are those to their own ConfigMaps', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    const account = { namespace: place.agents, serviceAccount: 'weka-nodeagent' };
    const kubeconfig = await cluster.kubeconfigFor(account);
    expect(await mayDo(kubeconfig, 'default')).toEqual([]);
    expect(await mayDo(kubeconfig, place.system)).toEqual([]);
    expect(await mayDo(kubeconfig, place.agents)).toEqual(['configmaps: get watch create patch']);
  });

  it('are enough, where specs may name every namespace, for the reconciler to work in each', async () => {
    const place = await anInstallPlace(cluster, { ceilings: {} });
    await cluster.api.json('POST', '/api/v1/namespaces', { metadata: { name: place.app } });
    await place.json(['install', '--wait', '0']);
    await place.repository.commit({ 'site.yaml': configMap(place.app, 'site', { k: 'v' }) });
    const kubeconfig = await place.reconciler();
    expect(await place.run(['reconcile'], { kubeconfig })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await place.get('configmap', place.app, 'site'))['data']).toEqual({ k: 'v' });
  });
});

describe('an installation that its own repository holds', () => {
  /** Installed, and what it exports committed. */
  async function selfManaged(): Promise<InstallPlace & { readonly kubeconfig: string }> {
    const place = await anInstallPlace(cluster, { installation: { selfManaged: true } });
    await place.json(['install', '--planner', '--wait', '0']);
    const { stdout } = await place.run(['install', '--planner', '--export']);
    await place.repository.commit({ 'weka-gitops.yaml': stdout });
    return { ...place, kubeconfig: await place.reconciler() };
  }

  it('is taken over by a pass of its own, under its own rights, and is kept from then on', async () => {
    const { json, name, system, kubeconfig } = await selfManaged();
    const first = await json<Report>(['reconcile'], { kubeconfig });
    expect(first.findings).toEqual([]);
    expect(first.outcomes.filter(({ result }) => result !== 'done')).toEqual([]);
    expect(ops(first)).toContain(`update apps/v1/Deployment/${system}/${name}`);
    const second = await json<Report>(['reconcile'], { kubeconfig });
    expect(ops(second).filter((each) => !each.startsWith('keep '))).toEqual([]);
    // Whoever installs the same again changes nothing either.
    expect(counts(await json(['install', '--planner', '--wait', '0']))).toEqual({
      unchanged: expect.any(Number),
    });
  });

  it('may be upgraded by a commit, once somebody approves it', async () => {
    const place = await selfManaged();
    const { run, json, repository, name, system, agents, kubeconfig } = place;
    expect(await run(['reconcile'], { kubeconfig })).toMatchObject({ exitCode: 0 });
    const image = 'registry.example.com/weka-gitops:1.1.0';
    const version = '1.1.0';
    const { stdout } = await run(['install', '--planner', '--export', '--image', image], { version });
    await repository.commit({ 'weka-gitops.yaml': stdout });
    const plan = await json<Plan>(['plan'], { kubeconfig });
    expect(ops(plan).filter((each) => each.startsWith('wait '))).toEqual([
      `wait apps/v1/DaemonSet/${agents}/weka-nodeagent`,
      `wait apps/v1/Deployment/${system}/${name}`,
      `wait apps/v1/Deployment/${system}/${name}-planner`,
    ]);
    await repository.commit(
      Object.fromEntries(
        plan.approvals.map(({ file }, index) => [
          `approval-${index}.yaml`,
          file.replace(/reason: .*/, 'reason: tried in hall 2'),
        ]),
      ),
    );
    const report = await json<Report>(['reconcile'], { kubeconfig });
    expect(report.outcomes.filter(({ result }) => result !== 'done')).toEqual([]);
    const deployment = await place.get('deployment', system, name);
    expect(JSON.stringify(deployment)).toContain(image);
    expect(deployment.metadata.labels?.['app.kubernetes.io/version']).toBe(version);
  });

  it('may hold nothing else where it stands, least of all its own configuration', async () => {
    const { json, repository, name, system, agents, app, kubeconfig } = await selfManaged();
    const role = (roleName: string, namespace: string): KubeObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: roleName, namespace },
      rules: [],
    });
    await repository.commit({
      'a.yaml': configMap(system, `${name}-config`, { 'config.yaml': '{}' }),
      'b.yaml': configMap(agents, 'weka-node-intent-a', {}),
      'c.yaml': configMap(system, name, {}),
      'd.yaml': JSON.stringify(role('another', app)),
      'e.yaml': JSON.stringify(role(name, 'default')),
    });
    const { findings, outcomes } = await json<Report>(['reconcile'], { kubeconfig });
    expect(findings.map(({ file, rule }) => `${file} ${rule}`)).toEqual([
      'a.yaml namespace-not-allowed',
      'b.yaml namespace-not-allowed',
      'c.yaml namespace-not-allowed',
      'd.yaml kind-not-allowed',
      'e.yaml kind-not-allowed',
    ]);
    expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([]);
  });

  it('gets no right from it that it does not have: the API server refuses that', async () => {
    const { json, repository, name, app, kubeconfig } = await selfManaged();
    const { stdout } = await cluster.kubectl(['get', 'clusterrole', name, '-o', 'json']);
    const { rules } = JSON.parse(stdout) as { rules: object[] };
    const wider = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [...rules, { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
    };
    await repository.commit({
      'weka-gitops.yaml': null,
      'role.yaml': JSON.stringify(wider),
      'site.yaml': configMap(app, 'site'),
    });
    const plan = await json<Plan>(['plan'], { kubeconfig });
    const change = plan.changes.find(({ target }) => target.endsWith(`ClusterRole/${name}`));
    expect(change).toMatchObject({
      op: 'refuse',
      reason: expect.stringContaining('attempting to grant RBAC permissions not currently held'),
    });
    const { outcomes } = await json<Report>(['reconcile'], { kubeconfig });
    expect(outcomes.map(({ target }) => target)).toEqual([`v1/ConfigMap/${app}/site`]);
  });

  it('gives its planner no right to write what keeps it from writing', async () => {
    const opened = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
    const place = await anInstallPlace(cluster, {
      installation: { selfManaged: true },
      ceilings: { kinds: opened.map((kind) => `${kind}.admissionregistration.k8s.io`) },
    });
    await cluster.api.json('POST', '/api/v1/namespaces', { metadata: { name: place.app } });
    await place.json(['install', '--planner', '--wait', '0']);
    const account = { namespace: place.system, serviceAccount: `${place.name}-planner` };
    const kubeconfig = await cluster.kubeconfigFor(account);
    const places = [place.system, place.agents, place.app];
    const rules = (await Promise.all(places.map((namespace) => mayDo(kubeconfig, namespace)))).flat();
    const policies = rules.filter((rule) => rule.includes('validatingadmissionpolic'));
    expect(policies.length).toBeGreaterThan(0);
    expect(policies.filter((rule) => !rule.endsWith(': get list watch'))).toEqual([]);

    await until('the policy holds', async () => {
      const { stderr } = await cluster.kubectl(['create', 'configmap', 'probe', '-n', place.app], {
        kubeconfig,
      });
      return stderr.includes('may only try what it shows');
    });
    const audit = ['--type=merge', '-p', '{"spec":{"validationActions":["Audit"]}}'];
    const ours = ['planner', 'nodeagent', 'nodeagent-pods', 'nodes', 'pods'].map(
      (each) => `${place.name}-${each}`,
    );
    for (const name of ours) {
      const binding = ['patch', 'validatingadmissionpolicybinding', name, ...audit];
      const { stderr } = await cluster.kubectl(binding, { kubeconfig });
      expect(stderr).toMatch(/\(Forbidden\).*cannot patch resource/);
    }
    const workload = ['patch', 'deployment', place.name, '-n', place.system, '-p', '{"spec":{"replicas":0}}'];
    expect((await cluster.kubectl(workload, { kubeconfig })).stderr).toContain('may only try what it shows');
    // What it is there for still works.
    expect(await cluster.kubectl([...workload, '--dry-run=server'], { kubeconfig })).toMatchObject({
      exitCode: 0,
    });
  });

  it('is not removed because its manifests went away', async () => {
    const { json, run, repository, name, system, app, kubeconfig, get } = await selfManaged();
    expect(await run(['reconcile'], { kubeconfig })).toMatchObject({ exitCode: 0 });
    await repository.commit({ 'weka-gitops.yaml': null, 'site.yaml': configMap(app, 'site') });
    const { changes } = await json<Report>(['reconcile'], { kubeconfig });
    expect(changes.filter(({ op }) => op === 'prune')).toEqual([]);
    expect((await get('deployment', system, name)).metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('weka-gitops uninstall', () => {
  it('says what it would remove, and removes that and nothing else when it is told to', async () => {
    const place = await anInstallPlace(cluster);
    const { run, json, name, system, agents, app, repository } = place;
    const installed = await json(['install', '--planner']);
    await repository.commit({ 'dist.yaml': wekaContainer(app, 'dist'), 'site.yaml': configMap(app, 'site') });
    expect(await run(['reconcile'], { kubeconfig: await place.reconciler() })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    await cluster.kubectl(['create', 'rolebinding', 'ours', '-n', agents, '--role=ours', '--user=ada']);
    const storage = async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'pods,configmaps',
        '-n',
        app,
        '-o',
        'jsonpath={.items[*].metadata.uid}',
      ]);
      return stdout;
    };
    const before = await storage();

    const asked = await run(['uninstall']);
    expect(asked.exitCode).toBe(1);
    expect(asked.stdout).toContain('Add --yes to remove these.');
    expect(await place.get('deployment', system, name)).toBeDefined();

    const removed = await json(['uninstall', '--yes']);
    const shared = (target: string) =>
      /\/(weka-(targeted|initial)(-no-evict)?)$/.test(target) || target === `v1/Namespace/${app}`;
    const stays = removed.stays.map(({ target }) => target);
    expect(stays).toEqual([
      `v1/Namespace/${agents}`,
      `v1/Namespace/${system}`,
      `v1/ConfigMap/${system}/${name}`,
      `v1/ConfigMap/${system}/${name}-drivers`,
      `v1/Secret/${system}/${name}-drivers-ca`,
      'What was made for the repository',
      'weka-targeted, weka-targeted-no-evict, weka-initial, weka-initial-no-evict',
      '/var/lib/weka-nodeagent and /var/lib/weka-drivers-loader of the nodes',
    ]);
    expect(those(removed, 'removed').toSorted()).toEqual(
      installed.objects
        .map(({ target }) => target)
        .filter((target) => !shared(target) && !stays.includes(target))
        .toSorted(),
    );
    expect(removed.stays[5]?.why).toBe('6 objects, 1 pod of WEKA among them: all of it runs on.');
    expect(await storage()).toBe(before);
    expect(await place.get('secret', system, `${name}-drivers-ca`)).toBeDefined();
    const left = await cluster.kubectl([
      'get',
      'clusterrole,clusterrolebinding,validatingadmissionpolicy',
      '-o',
      'name',
    ]);
    expect(left.stdout).not.toContain(name);
    const again = await run(['uninstall', '--yes']);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing to do.') });
  });

  it('removes namespaces in which nothing else is', async () => {
    const { json, agents, system, reconciler } = await anInstallPlace(cluster);
    await json(['install']);
    // What reconciler and agents said to each other goes with them.
    const said = ['create', 'configmap', 'weka-node-intent-a', '-n', agents];
    expect(await cluster.kubectl(said, { kubeconfig: await reconciler() })).toMatchObject({ stderr: '' });
    expect(those(await json(['uninstall', '--yes']), 'removed')).toEqual(
      expect.arrayContaining([`v1/Namespace/${agents}`, `v1/Namespace/${system}`]),
    );
    const { stdout } = await cluster.kubectl(['get', 'namespaces', '-o', 'name']);
    expect(stdout).not.toContain(system);
  });

  it('leaves a namespace where something of others is behind many objects that controllers made', async () => {
    const { json, agents } = await anInstallPlace(cluster);
    await json(['install', '--wait', '0']);
    const create = async (objects: readonly object[]) => {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      expect((await cluster.kubectl(['create', '-n', agents, '-f', '-'], { input })).stderr).toBe('');
    };
    const map = (name: string, more: object = {}) => {
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more } };
    };
    await create([map('others')]);
    const { uid } = (
      await cluster.api.json<KubeObject>('GET', `/api/v1/namespaces/${agents}/configmaps/others`)
    ).metadata;
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'others', uid, controller: true };
    await create(Array.from({ length: 110 }, (_, n) => map(`made-${n}`, { ownerReferences: [owner] })));
    const { stays } = await json(['uninstall', '--yes']);
    expect(stays[0]).toEqual({
      target: `v1/Namespace/${agents}`,
      why: `It holds v1/ConfigMap/${agents}/others, which install did not make.`,
    });
  });

  it('tells all that it removed where an API is down, and leaves the namespaces', async () => {
    const { run, json, name, agents, system } = await anInstallPlace(cluster);
    await json(['install', '--wait', '0']);
    const services = '/apis/apiregistration.k8s.io/v1/apiservices';
    await cluster.api.json('POST', services, {
      metadata: { name: 'v1.down.example.com' },
      spec: {
        group: 'down.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'down', namespace: 'default' },
      },
    });
    onTestFinished(async () => void (await cluster.api.json('DELETE', `${services}/v1.down.example.com`)));
    await until('it is listed', async () =>
      (await cluster.kubectl(['get', '--raw', '/apis'])).stdout.includes('down.example.com'),
    );
    const { exitCode, stdout, stderr } = await run(['uninstall', '--yes', '--output', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const removed = JSON.parse(stdout) as Installation;
    expect(those(removed, 'removed')).toContain(`apps/v1/Deployment/${system}/${name}`);
    const why = expect.stringMatching(/^What down\.example\.com\/v1 has could not be looked at: /);
    expect(removed.stays.slice(0, 2)).toEqual([
      { target: `v1/Namespace/${agents}`, why },
      { target: `v1/Namespace/${system}`, why },
    ]);
  });
});
