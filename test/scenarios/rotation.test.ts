import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { startGitServer } from '../support/git-server.ts';
import { runCli } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';
import { CertificateAuthority } from '../cluster/certificates.ts';
import { startFaultServer } from '../support/fault-server.ts';

const cluster = await sharedCluster();

/** As those do who rotate credentials: never half a file. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** `run` against a repository that takes the token in a file, started once it is asked for. */
async function unattended(kubeconfig: string = cluster.kubeconfig()) {
  const folder = await scratchFolder();
  const namespace = await cluster.namespace();
  const systemNamespace = `${namespace}-system`;
  onTestFinished(() => cluster.deleteNamespace(systemNamespace));
  const users = { reconciler: 'first-token' };
  const server = await startGitServer({ users });
  onTestFinished(() => server.stop());
  const repository = await server.createRepository('storage');
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${users.reconciler}\n`);
  const port = await freePort();
  const config = {
    cluster: namespace,
    repository: { url: repository.url, username: 'reconciler', tokenFile },
    kubernetes: { kubeconfig },
    installation: { name: namespace, namespace: systemNamespace },
    cacheDir: join(folder, 'clone'),
    run: { pollSeconds: 1, listen: `127.0.0.1:${port}` },
  };
  const page = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`);
  const metrics = async () => await (await page('/metrics')).text();
  let edition = 0;
  /** Pushes a commit, and waits until it is applied. */
  const push = async () => {
    edition += 1;
    const text = String(edition);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: text }) });
    return {
      applied: () =>
        until(`edition ${text}`, async () => {
          const query = ['get', 'configmap', 'a', '-n', namespace, '-o', 'jsonpath={.data.k}'];
          return (await cluster.kubectl(query)).stdout === text;
        }),
    };
  };
  const told = async () => await repository.resolve(`refs/heads/weka-gitops/status/${namespace}`);
  await push();
  const stop = new AbortController();
  const ended = runCli(
    ['run'],
    { WEKA_GITOPS_CONFIG: 'the-configuration.yaml' },
    stringify(config),
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort(new Error('SIGTERM'));
    await ended;
  });
  await until('readiness', async () => (await page('/readyz').catch(() => undefined))?.ok === true);
  return { users, tokenFile, server, metrics, push, told };
}

describe('while it runs', () => {
  it('takes the token that was put in place of the one for the repository', async () => {
    const { users, tokenFile, metrics, push, told } = await unattended();
    await replace(tokenFile, 'second-token\n');
    users.reconciler = 'second-token';
    const before = await told();
    await (await push()).applied();
    await until('the status branch', async () => (await told()) !== before);
    expect(await metrics()).not.toMatch(/polls_total\{result="failed"\} [1-9]/);
  });

  it('goes on once there is a token that the repository takes', async () => {
    const { users, tokenFile, metrics, push } = await unattended();
    users.reconciler = 'second-token';
    const pushed = await push();
    await until('a refused poll', async () => /polls_total\{result="failed"\} [1-9]/.test(await metrics()));
    await replace(tokenFile, 'second-token\n');
    await pushed.applied();
  });

  it('takes the client certificate that was put in place of its own', async () => {
    const folder = await scratchFolder();
    const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
    const identity = async (user: string) => {
      const path = await cluster.kubeconfigFor({ user, groups: [user] });
      return parse(await readFile(path, 'utf8')) as Kubeconfig;
    };
    const prove = async ({ users: [{ user }] }: Kubeconfig) => {
      await replace(certificate, decoded(user['client-certificate-data']));
      await replace(key, decoded(user['client-key-data']));
    };
    const [old, next] = ['old', 'next'].map((age) => `${basename(folder)}-${age}`.toLowerCase()) as [
      string,
      string,
    ];
    const forget = await mayAll(old);
    const first = await identity(old);
    await prove(first);
    const kubeconfig = join(folder, 'config');
    const user = { 'client-certificate': certificate, 'client-key': key };
    await writeFile(kubeconfig, stringify({ ...first, users: [{ name: first.users[0].name, user }] }));
    const { push } = await unattended(kubeconfig);

    await mayAll(next);
    await prove(await identity(next));
    await forget();
    await (await push()).applied();
  });

  it('trusts the API server by the authority that was put in place of the one in its kubeconfig', async () => {
    const folder = await scratchFolder();
    const faults = await startFaultServer(cluster);
    onTestFinished(() => faults.stop());
    const [old, next] = ['Old', 'Next'].map((name) => CertificateAuthority.create(name)) as [
      CertificateAuthority,
      CertificateAuthority,
    ];
    const server = { commonName: 'kube-apiserver', hosts: ['127.0.0.1'] };
    await faults.showCertificate(old.issue(server));
    const path = join(folder, 'config');
    const trusting = async ({ certificate }: CertificateAuthority) => {
      const config = kubeconfigOf(faults.url, Buffer.from(certificate).toString('base64'));
      await replace(path, stringify(config));
    };
    await trusting(old);
    const { push } = await unattended(path);

    await trusting(next);
    await faults.showCertificate(next.issue(server));
    await (await push()).applied();
  });
});

interface Kubeconfig {
  readonly users: readonly [{ readonly name: string; readonly user: Readonly<Record<string, string>> }];
}

function decoded(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString();
}

function kubeconfigOf(server: string, authority: string): object {
  const name = 'faults';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}

/** Lets a group do everything, until what it returns is called. */
async function mayAll(group: string): Promise<() => Promise<void>> {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  await cluster.api.json('POST', path, {
    metadata: { name: group },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  });
  let isThere = true;
  const forget = async () => {
    if (isThere) await cluster.api.json('DELETE', `${path}/${group}`);
    isThere = false;
  };
  onTestFinished(forget);
  return forget;
}
