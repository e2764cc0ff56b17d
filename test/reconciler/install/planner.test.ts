import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KINDS } from '../../../reconciler/core/kube/kinds.ts';
import { groupKind, type KubeObject } from '../../../reconciler/core/kube/object.ts';
import { roleBinding } from '../../../reconciler/install/account.ts';
import { planner as plannerObjects } from '../../../reconciler/install/planner.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { anInstallation } from '../../support/installation.ts';
import { configMap, deployment } from '../../support/manifests.ts';
import { everyKind } from '../world/apply/every-kind.ts';

const cluster = await sharedCluster();

type Kubectl = (args: readonly string[], input?: unknown) => ReturnType<typeof cluster.kubectl>;

interface Planner {
  /** Where its account is. */
  readonly namespace: string;
  readonly name: string;
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
}

const asList = (items: unknown) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const asAdmin: Kubectl = (args, input) =>
  cluster.kubectl(args, input === undefined ? {} : { input: asList(input) });

/** The account as it is installed; its token, and the policy once it holds. */
async function installed(): Promise<Planner> {
  const namespace = `planner-${randomBytes(4).toString('hex')}`;
  const name = namespace;
  const account = { namespace, serviceAccount: 'planner' };
  onTestFinished(() => cluster.deleteNamespace(namespace));
  onTestFinished(async () => {
    const kinds = ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'];
    for (const kind of [...kinds, 'clusterrolebinding', 'clusterrole']) {
      await asAdmin(['delete', kind, name, '--ignore-not-found']);
    }
  });
  const made = await asAdmin(['apply', '-f', '-'], plannerObjects({ ...account, name }));
  expect(made.stderr).toBe('');
  const kubeconfig = await cluster.kubeconfigFor(account);
  const kubectl: Kubectl = (args, input) =>
    cluster.kubectl(args, { kubeconfig, ...(input === undefined ? {} : { input: asList(input) }) });
  let n = 0;
  await until('the policy holds', async () => {
    const { stderr } = await kubectl(['create', 'configmap', `probe-${n++}`, '-n', namespace]);
    return stderr.includes('may only try what it shows');
  });
  return { namespace, name, kubeconfig, kubectl };
}

/** What a plan may hold without any ceiling lifted, and the pods of WEKA. */
const allowed = new Set<string>(
  KINDS.filter((kind) => kind.allowed === 'always' || kind.kind === 'Pod').map(groupKind),
);
const APPLY = ['apply', '--server-side', '-f', '-'];
const TRY = [...APPLY, '--dry-run=server'];

const secret = (namespace: string, value = 'x'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace },
  stringData: { password: value },
});

describe('the account of the planner', () => {
  it('reads what a plan is made of, tries every kind that a repository may hold, and writes none', async () => {
    const { namespace, kubectl } = await installed();
    const objects = everyKind(namespace, namespace).filter(
      (each) => allowed.has(groupKind(each)) && each.kind !== 'Secret',
    );
    expect(new Set([...objects.map(groupKind), 'Secret'])).toEqual(allowed);
    const plurals = KINDS.filter(
      (kind) => allowed.has(groupKind(kind)) && kind.kind !== 'Secret' && kind.kind !== 'Pod',
    ).map(({ plural, apiVersion }) => [plural, ...apiVersion.split('/').slice(0, -1)].join('.'));
    const listed = await kubectl(['get', [...plurals, 'pods', 'nodes'].join(','), '-A', '-o', 'name']);
    expect(listed.stderr).toBe('');

    // Without its account no pod could be tried by anybody.
    await asAdmin(['create', 'serviceaccount', 'web', '-n', namespace]);
    const tried = await kubectl(TRY, objects);
    expect(tried.stderr).toBe('');
    expect(tried.stdout.match(/serverside-applied \(server dry run\)/g)).toHaveLength(objects.length);

    const written = await kubectl(APPLY, objects);
    expect(written.stdout).toBe('');
    expect(written.stderr.match(/may only try what it shows, and never write/g)).toHaveLength(objects.length);
    const made = await asAdmin(['get', '-f', '-', '-o', 'name', '--ignore-not-found'], objects);
    expect(made.stdout).toBe('serviceaccount/web\n');
  });

  it('neither changes nor deletes what is there, nor tries to delete it', async () => {
    const { namespace, kubectl } = await installed();
    await asAdmin(['create', 'configmap', 'kept', '-n', namespace, '--from-literal=k=v']);
    const kept = ['configmap', 'kept', '-n', namespace];
    const patch = ['patch', ...kept, '-p', '{"data":{"k":"w"}}'];
    expect((await kubectl([...patch, '--dry-run=server'])).exitCode).toBe(0);
    expect((await kubectl(patch)).stderr).toContain('may only try what it shows');
    for (const args of [
      ['label', ...kept, 'a=b'],
      ['replace', '-f', '-'],
    ]) {
      const input =
        args[0] === 'replace' ? [JSON.parse(configMap(namespace, 'kept', { k: 'w' }))] : undefined;
      expect((await kubectl(args, input)).exitCode).toBe(1);
    }
    expect((await kubectl(['delete', ...kept])).stderr).toContain('cannot delete');
    expect((await kubectl(['delete', ...kept, '--dry-run=server'])).stderr).toContain('cannot delete');
    expect((await kubectl(['create', 'token', 'planner', '-n', namespace])).exitCode).toBe(1);
    const { stdout } = await asAdmin(['get', ...kept, '-o', 'jsonpath={.data.k}{.metadata.labels}']);
    expect(stdout).toBe('v');
  });

  it('may delete nothing even where somebody gives it the right to', async () => {
    const { namespace, name, kubectl } = await installed();
    const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace },
      rules: everything,
    };
    const account = { namespace, serviceAccount: 'planner' };
    await asAdmin(['apply', '-f', '-'], [role, roleBinding(role, account)]);
    await asAdmin(['create', 'configmap', 'kept', '-n', namespace]);
    const remove = ['delete', 'configmap', 'kept', '-n', namespace];
    await until('the right counts', async () => {
      const { stderr } = await kubectl(remove);
      return stderr.includes('may only try what it shows');
    });
    expect((await kubectl([...remove, '--dry-run=server'])).stderr).toContain('may only try what it shows');
    expect((await kubectl(['create', 'token', 'planner', '-n', namespace])).stderr).toContain(
      'may only try what it shows',
    );
  });

  it('sees no Secret, not even by trying to write one, save in namespaces where it was given the right', async () => {
    const { namespace, name, kubectl } = await installed();
    const open = await cluster.namespace();
    await asAdmin(['create', '-f', '-'], [secret(namespace), secret(open)]);
    const get = (where: string) => kubectl(['get', 'secret', 'login', '-n', where, '-o', 'yaml']);
    for (const where of [namespace, open]) {
      expect((await get(where)).stderr).toContain('forbidden');
      const tried = await kubectl([...TRY, '-o', 'yaml'], [secret(where, 'y')]);
      expect(tried).toMatchObject({ stdout: '', stderr: expect.stringContaining('forbidden') });
    }
    expect((await kubectl(['get', 'secrets', '-A'])).stderr).toContain('forbidden');

    const account = { namespace, serviceAccount: 'planner' };
    const withSecrets = plannerObjects({ ...account, secretsIn: [open], name });
    expect((await asAdmin(['apply', '-f', '-'], withSecrets)).stderr).toBe('');
    await until('the right counts', async () => (await get(open)).exitCode === 0);
    expect((await kubectl([...TRY, '--force-conflicts'], [secret(open, 'y')])).stderr).toBe('');
    expect((await kubectl([...APPLY, '--force-conflicts'], [secret(open, 'y')])).stderr).toContain(
      'may only try what it shows',
    );
    expect((await get(namespace)).stderr).toContain('forbidden');
  });

  it('makes the plan that the reconciler makes, and can carry out none', async () => {
    const { kubeconfig } = await installed();
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    const config = { kubernetes: { kubeconfig } };
    const planner = installation.beside(config);
    await repository.commit({
      'app.yaml': deployment(namespace, 'app', { configMap: 'app' }),
      'app-config.yaml': configMap(namespace, 'app', { k: 'v' }),
      'gone.yaml': configMap(namespace, 'gone'),
    });
    expect((await planner.run('reconcile')).exitCode).toBe(2);
    expect((await run('reconcile')).exitCode).toBe(0);
    await repository.commit({
      'app.yaml': deployment(namespace, 'app', { configMap: 'app', image: 'registry.example.com/app:2' }),
      'app-config.yaml': configMap(namespace, 'app', { k: 'w' }),
      'gone.yaml': null,
    });
    const [theirs, ours] = [await planner.json('plan'), await installation.json('plan')];
    expect(theirs.changes.map(({ op }) => op).toSorted()).toEqual(['prune', 'update', 'update']);
    expect(theirs.digest).toBe(ours.digest);
    expect((await planner.run('reconcile')).exitCode).not.toBe(0);
    const after = await cluster.kubectl([
      'get',
      'configmap',
      'app',
      '-n',
      namespace,
      '-o',
      'jsonpath={.data.k}',
    ]);
    expect(after.stdout).toBe('v');
  });
});
