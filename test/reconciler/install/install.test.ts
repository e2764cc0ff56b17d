import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { record, records } from '../../../reconciler/core/kube/json.ts';
import type { KubeObject } from '../../../reconciler/core/kube/object.ts';
import type { Report } from '../../../schemas/output/report.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { until } from '../../cluster/until.ts';
import { wekaContainer } from '../../support/manifests.ts';
import { anInstallPlace, counts, type InstallPlace, those } from './an-install.ts';

let cluster: ControlPlane;

beforeAll(async () => {
  // Agents come to every node, so that these nodes are no other test's.
  cluster = await startControlPlane({ kwok: 2 });
});
afterAll(() => cluster.stop());

const identity = ({ metadata: { uid, resourceVersion } }: KubeObject) => ({ uid, resourceVersion });

/** The object's pod template. */
function podOf(workload: KubeObject): Readonly<Record<string, unknown>> {
  return record(record(record(workload['spec'])['template'])['spec']);
}

const containerOf = (workload: KubeObject) => records(podOf(workload)['containers'])[0] ?? {};

describe('weka-gitops install', () => {
  it('makes all that is needed, waits until it is ready, and changes nothing when it is run again', async () => {
    const place = await anInstallPlace(cluster);
    const first = await place.json(['install']);
    expect(first).toMatchObject({ written: true, notReady: [], notes: [], kubernetes: 'v1.36.3' });
    expect(those(first, 'created')).toEqual(
      expect.arrayContaining([
        `v1/Namespace/${place.system}`,
        `v1/Namespace/${place.app}`,
        `rbac.authorization.k8s.io/v1/Role/${place.app}/${place.name}`,
        `apps/v1/Deployment/${place.system}/${place.name}`,
        `apps/v1/DaemonSet/${place.agents}/weka-nodeagent`,
      ]),
    );
    const agents = await place.get('daemonset', place.agents, 'weka-nodeagent');
    expect(agents['status']).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2 });
    const deployment = await place.get('deployment', place.system, place.name);
    expect(deployment['status']).toMatchObject({ readyReplicas: 1 });

    const again = await place.run(['install']);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).toMatch(/\n\n\d+ unchanged\.\n/);
    expect(identity(await place.get('deployment', place.system, place.name))).toEqual(identity(deployment));
  });

  it('brings a newer version without touching a pod of WEKA', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install']);
    await place.repository.commit({ 'dist.yaml': wekaContainer(place.app, 'dist') });
    const kubeconfig = await place.reconciler();
    expect(await place.run(['reconcile'], { kubeconfig })).toMatchObject({ exitCode: 0, stderr: '' });
    const pods = async () => {
      const { items } = await cluster.api.json<{ items: KubeObject[] }>(
        'GET',
        `/api/v1/namespaces/${place.app}/pods`,
      );
      return items.filter((pod) => record(pod['status'])['phase'] === 'Running').map(identity);
    };
    const before = await until('the pod of WEKA runs', async () => {
      const running = await pods();
      return running.length === 1 && running;
    });

    const how = { version: '1.1.0' };
    const tried = await place.run(
      ['install', '--dry-run', '--image', 'registry.example.com/weka-gitops:1.1.0'],
      how,
    );
    expect(tried.stdout).toContain('Nothing was written. It would be:');
    expect(tried.exitCode).toBe(1);
    const upgraded = await place.json(['install', '--image', 'registry.example.com/weka-gitops:1.1.0'], how);
    expect(upgraded.notReady).toEqual([]);
    expect(Object.keys(counts(upgraded)).toSorted()).toEqual(['changed', 'unchanged']);
    for (const [kind, namespace, name] of [
      ['deployment', place.system, place.name],
      ['daemonset', place.agents, 'weka-nodeagent'],
    ] as const) {
      const workload = await place.get(kind, namespace, name);
      expect(containerOf(workload)['image']).toBe('registry.example.com/weka-gitops:1.1.0');
      expect(workload.metadata.labels?.['app.kubernetes.io/version']).toBe('1.1.0');
    }
    expect(await pods()).toEqual(before);
    // The pass of the new version makes WEKA's pods no others either.
    const { changes } = await place.json<Report>(['reconcile'], { kubeconfig, version: '1.1.0' });
    expect(changes.every(({ op }) => op === 'keep')).toBe(true);
    expect(await pods()).toEqual(before);
  });

  it('makes passes by a CronJob, and removes what made them before', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--planner']);
    const serverless = await place.json(['install', '--serverless', '--schedule', '0 * * * *']);
    expect(serverless.notes).toEqual([
      expect.stringMatching(/^--planner was given before .*: the planner .* goes/),
    ]);
    expect(those(serverless, 'removed')).toEqual(
      expect.arrayContaining([
        `apps/v1/Deployment/${place.system}/${place.name}`,
        `apps/v1/Deployment/${place.system}/${place.name}-planner`,
        `rbac.authorization.k8s.io/v1/ClusterRoleBinding/${place.name}-planner`,
        `admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding/${place.name}-planner`,
      ]),
    );
    const cron = await place.get('cronjob', place.system, place.name);
    expect(cron['spec']).toMatchObject({ schedule: '0 * * * *', concurrencyPolicy: 'Forbid' });
    await cluster.kubectl(['create', 'job', 'now', '-n', place.system, `--from=cronjob/${place.name}`]);
    await until('its pod is let in', async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'pods',
        '-n',
        place.system,
        '-l',
        'job-name=now',
        '-o',
        'name',
      ]);
      return stdout !== '';
    });
  });

  it('says what goes because an option is not given again', async () => {
    const place = await anInstallPlace(cluster);
    const options = ['--serverless', '--pull-secret', 'registry', '--secret', 'keys'];
    const first = await place.json(['install', ...options, '--wait', '0']);
    expect(first.notes).toEqual([]);
    expect((await place.json(['install', ...options, '--wait', '0'])).notes).toEqual([]);
    const { notes } = await place.json(['install', '--dry-run']);
    expect(notes.map((note) => note.replace(/ and is not now.*/, ''))).toEqual([
      '--serverless was given before',
      '--pull-secret registry was given before',
    ]);
  });

  it('says what of this machine the processes do not hear, and which image is of another version', async () => {
    const place = await anInstallPlace(cluster);
    const said = async (env: Readonly<Record<string, string>>, version = '1.0.0') =>
      await place.run(['install', '--export'], { env, version });
    expect(await said({ WEKA_GITOPS_TOKEN: 'geheim', SOPS_AGE_KEY: 'geheim' })).toMatchObject({
      exitCode: 0,
      stderr:
        'WEKA_GITOPS_TOKEN is set here, and no process in the cluster sees it: write repository.tokenFile into the configuration file if they need it.\n' +
        'SOPS_AGE_KEY is set here, and no process in the cluster sees it: write decryption.ageKeyFile into the configuration file if they need it.\n',
    });
    expect(await said({ WEKA_GITOPS_REF: 'prod' })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'INSTALL_CONFIG: WEKA_GITOPS_REF says otherwise than the configuration',
      ),
    });
    expect(await said({ WEKA_GITOPS_REF: 'main', WEKA_GITOPS_PATH: '' })).toMatchObject({ stderr: '' });
    const flagged = ['install', '--export', '--ref', 'prod'];
    expect((await place.run(flagged, { env: { WEKA_GITOPS_REF: 'test' } })).stdout).toContain('ref: prod');
    expect((await said({}, '1.1.0')).stderr).toContain(
      'The image registry.example.com/weka-gitops:1.0.0 is not called after version 1.1.0',
    );
  });

  it('removes no copy that somebody made of what it made, and neither does uninstall', async () => {
    const place = await anInstallPlace(cluster);
    await place.json(['install', '--wait', '0']);
    const copy = `${place.name}-copy`;
    await cluster.kubectl(['create', 'namespace', copy]);
    const { apiVersion, kind, metadata, ...rest } = await place.get('role', place.system, place.name);
    const { name, labels } = metadata;
    const role = { apiVersion, kind, metadata: { name, labels, namespace: copy }, ...rest };
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(role) });
    const stays = {
      target: `rbac.authorization.k8s.io/v1/Role/${copy}/${place.name}`,
      why: expect.stringContaining('others made it'),
    };
    const again = await place.json(['install', '--wait', '0']);
    expect(counts(again)).toEqual({ unchanged: expect.any(Number) });
    expect(again.stays).toEqual([stays]);
    const uninstalled = await place.json(['uninstall', '--yes', '--wait', '0']);
    expect(uninstalled.stays).toContainEqual(stays);
    expect((await place.get('role', copy, place.name)).metadata.deletionTimestamp).toBeUndefined();
  });

  it('takes back rights in namespaces that the configuration names no more', async () => {
    const place = await anInstallPlace(cluster);
    const other = `${place.app}-2`;
    await place.json(['install'], { config: { ceilings: { namespaces: [place.app, other] } } });
    const kubeconfig = await place.reconciler();
    const may = async () =>
      (await cluster.kubectl(['auth', 'can-i', 'patch', 'secrets', '-n', other], { kubeconfig })).stdout;
    expect(await may()).toBe('yes\n');
    const narrowed = await place.json(['install']);
    expect(those(narrowed, 'removed').toSorted()).toEqual([
      `rbac.authorization.k8s.io/v1/Role/${other}/${place.name}`,
      `rbac.authorization.k8s.io/v1/RoleBinding/${other}/${place.name}`,
    ]);
    expect(await may()).toBe('no\n');
  });

  it('gives the pods the files of a Secret under their names, and says which of them are missing', async () => {
    const config = {
      repository: { url: 'https://git.example.com/storage.git', tokenFile: '/home/ada/git-token' },
      forge: { kind: 'gitea', tokenFile: '/home/ada/forge-token', webhookSecretFile: '/home/ada/webhook' },
      status: { signing: { sshKeyFile: '/home/ada/.ssh/status-key' } },
    };
    const place = await anInstallPlace(cluster, config);
    const ran = await place.run(['install', '--planner', '--secret', 'keys', '--wait', '0']);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toBe(
      `Secret keys in namespace ${place.system} is missing, and the pods wait for it: kubectl create secret generic keys ` +
        `-n ${place.system} --from-file=forge-token=FILE --from-file=git-token=FILE --from-file=status-key=FILE --from-file=webhook=FILE\n`,
    );
    const keys = async (name: string) =>
      records(podOf(await place.get('deployment', place.system, name))['volumes']).flatMap(({ secret }) =>
        records(record(secret)['items']).map(({ key }) => key),
      );
    expect(await keys(place.name)).toEqual(['forge-token', 'git-token', 'status-key', 'webhook']);
    // What signs the status is not for whoever looks at pull requests.
    expect(await keys(`${place.name}-planner`)).toEqual(['forge-token', 'git-token', 'webhook']);
    const { data } = await place.get('configmap', place.system, `${place.name}-config`);
    expect(record(data)['config.yaml']).toContain('tokenFile: /run/secrets/weka-gitops/git-token');
    expect(record(data)['config.yaml']).not.toMatch(/kubeconfig|cacheDir|\/home\/ada/);
    expect((await place.get('service', place.system, place.name))['spec']).toMatchObject({
      type: 'ClusterIP',
    });

    await cluster.kubectl([
      'create',
      'secret',
      'generic',
      'keys',
      '-n',
      place.system,
      '--from-literal=git-token=x',
    ]);
    expect((await place.run(['install', '--planner', '--secret', 'keys', '--wait', '0'])).stderr).toBe(
      `Secret keys in namespace ${place.system} lacks forge-token (forge.tokenFile), status-key (status.signing.sshKeyFile), webhook (forge.webhookSecretFile), and the pods wait for it.\n`,
    );
  });

  it('says what is not ready in time, and why', async () => {
    const place = await anInstallPlace(cluster);
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace: place.system },
      spec: { hard: { pods: '0' } },
    };
    await cluster.api.json('POST', '/api/v1/namespaces', { metadata: { name: place.system } });
    await cluster.api.json('POST', `/api/v1/namespaces/${place.system}/resourcequotas`, quota);
    const { exitCode, stdout } = await place.run(['install', '--wait', '3']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Not ready:\n {2}apps\/v1\/Deployment\/\S+\n {4}.*exceeded quota/);
  });

  it('has metrics read where the kind for that exists', async () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'podmonitors.monitoring.coreos.com' },
      spec: {
        group: 'monitoring.coreos.com',
        scope: 'Namespaced',
        names: {
          kind: 'PodMonitor',
          plural: 'podmonitors',
          singular: 'podmonitor',
          listKind: 'PodMonitorList',
        },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await cluster.api.json('POST', crds, crd);
    onTestFinished(async () => void (await cluster.api.json('DELETE', `${crds}/${crd.metadata.name}`)));
    await until('the kind is served', async () => {
      return await cluster.api.json('GET', '/apis/monitoring.coreos.com/v1/podmonitors');
    });
    const place = await anInstallPlace(cluster);
    expect(those(await place.json(['install', '--wait', '0']), 'created')).toContain(
      `monitoring.coreos.com/v1/PodMonitor/${place.system}/${place.name}`,
    );
    expect(counts(await place.json(['install', '--wait', '0']))).toEqual({ unchanged: expect.any(Number) });
  });
});

describe('an installation that cannot be', () => {
  const nothing = async (place: InstallPlace) => {
    const { stdout } = await cluster.kubectl([
      'get',
      'ns,clusterrole,validatingadmissionpolicy',
      '-o',
      'name',
    ]);
    return !stdout.includes(place.name);
  };

  it('is refused by a cluster that is too old, before anything is asked of it but its version', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ major: '1', minor: '31', gitVersion: 'v1.31.9-eks-0' }));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-old-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'config');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(
      kubeconfig,
      stringify({
        clusters: [{ name: 'old', cluster: { server: url } }],
        users: [{ name: 'me', user: {} }],
        contexts: [{ name: 'old', context: { cluster: 'old', user: 'me' } }],
        'current-context': 'old',
      }),
    );
    const place = await anInstallPlace(cluster);
    const { exitCode, stderr } = await place.run(['install'], { kubeconfig });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^weka-gitops: KUBERNETES_TOO_OLD: This is Kubernetes v1\.31\.9-eks-0: .*\n {2}hint: Upgrade/,
    );
    expect(asked).toEqual(['/version']);
  });

  it('is refused with every right that is missing, and nothing is written', async () => {
    const place = await anInstallPlace(cluster);
    const kubeconfig = await cluster.kubeconfigFor({ user: `reader-${place.name}`, groups: ['readers'] });
    const { exitCode, stderr } = await place.run(['install'], { kubeconfig });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/INSTALL_REFUSED: \d+ objects would not be taken, so nothing was written:\n/);
    expect(stderr).toContain(`v1/Namespace/${place.system}:`);
    expect(await nothing(place)).toBe(true);
  });

  it('is refused where somebody else manages an object otherwise, and nothing is written', async () => {
    const place = await anInstallPlace(cluster);
    await cluster.kubectl(['apply', '--server-side', '--field-manager=somebody', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: place.name },
        rules: [],
      }),
    });
    const { exitCode, stderr } = await place.run(['install']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `One object would not be taken, so nothing was written:\n    rbac.authorization.k8s.io/v1/ClusterRole/${place.name}: rules is managed by somebody, which says otherwise\n`,
    );
    const { stdout } = await cluster.kubectl(['get', 'ns', '-o', 'name']);
    expect(stdout).not.toContain(place.name);
  });

  it('leaves priorities as others made them', async () => {
    const helm = (await cluster.kubectl(['get', 'priorityclass', 'weka-targeted', '-o', 'name'])).stdout;
    if (helm !== '') await cluster.kubectl(['delete', 'priorityclass', 'weka-targeted']);
    await cluster.kubectl(['create', 'priorityclass', 'weka-targeted', '--value=7']);
    onTestFinished(async () => void (await cluster.kubectl(['delete', 'priorityclass', 'weka-targeted'])));
    const place = await anInstallPlace(cluster);
    const made = await place.json(['install', '--wait', '0']);
    expect(those(made, 'kept')).toEqual(['scheduling.k8s.io/v1/PriorityClass/weka-targeted']);
  });

  it('is told by the configuration: no repository, one that no pod has, files of one name, no forge', async () => {
    const place = await anInstallPlace(cluster);
    const said = async (config: object) =>
      (await place.run(['install', '--export'], { config: { ...config } })).stderr;
    expect(await said({ repository: undefined })).toContain('INSTALL_CONFIG: No repository is configured.');
    for (const url of ['https://ada:geheim@git.example.com/a', 'https://geheim@git.example.com/a']) {
      const { stdout, stderr } = await place.run(['install', '--export'], {
        config: { repository: { url } },
      });
      expect(stderr).toContain('INSTALL_CONFIG: repository.url has a user or a password in it');
      expect(`${stdout}${stderr}`).not.toContain('geheim');
    }
    // Objects that are called after it would not be taken later.
    expect(await said({ installation: { name: 'a'.repeat(46) } })).toContain('at most 45');
    expect(await said({ repository: { url: '/srv/git' } })).toContain('a folder of this machine');
    expect(
      await said({
        repository: { url: 'https://a', tokenFile: '/a/token' },
        forge: { kind: 'github', tokenFile: '/b/token' },
      }),
    ).toContain('repository.tokenFile and forge.tokenFile name two files that are both called token.');
    expect(
      (await place.run(['install', '--export', '--planner'], { config: { forge: undefined } })).stderr,
    ).toContain('needs a forge');
    expect(await said({ run: { listen: '127.0.0.1:8080' } })).toContain(
      'is not reached from outside of the pod',
    );
  });
});

describe('weka-gitops install --export', () => {
  it('prints the same bytes each time, asks nobody, and is what the API server takes', async () => {
    const place = await anInstallPlace(cluster);
    const args = ['install', '--export', '--planner'];
    const nowhere = { kubeconfig: '/nowhere' };
    const { exitCode, stdout, stderr } = await place.run(args, nowhere);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect((await place.run(args, nowhere)).stdout).toBe(stdout);
    const applied = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: stdout });
    expect(applied.stderr).toBe('');
    const after = await place.json(['install', '--planner']);
    // Nothing but that it is ours now.
    expect(those(after, 'created')).toEqual([]);
    expect(after.notReady).toEqual([]);
  });
});
