import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { startGitServer } from '../support/git-server.ts';
import {
  type InstalledAccount,
  installedReconciler,
  type InstalledRights,
  shareRights,
} from '../support/installed-account.ts';
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
async function unattended(way: (account: InstalledAccount, rights: InstalledRights) => Promise<string>) {
  const folder = await scratchFolder();
  const namespace = await cluster.namespace();
  const systemNamespace = `${namespace}-system`;
  onTestFinished(() => cluster.deleteNamespace(systemNamespace));
  const rights = { name: namespace, namespace: systemNamespace };
  const account = await installedReconciler(cluster, rights);
  onTestFinished(() => account.remove());
  const kubeconfig = await way(account, rights);
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
    const { users, tokenFile, metrics, push, told } = await unattended(async ({ kubeconfig }) => kubeconfig);
    await replace(tokenFile, 'second-token\n');
    users.reconciler = 'second-token';
    const before = await told();
    await (await push()).applied();
    await until('the status branch', async () => (await told()) !== before);
    expect(await metrics()).not.toMatch(/polls_total\{result="failed"\} [1-9]/);
  });

  it('goes on once there is a token that the repository takes', async () => {
    const { users, tokenFile, metrics, push } = await unattended(async ({ kubeconfig }) => kubeconfig);
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
      const path = await cluster.kubeconfigFor({ user });
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
    const first = await identity(old);
    await prove(first);
    const path = join(folder, 'config');
    const user = { 'client-certificate': certificate, 'client-key': key };
    await writeFile(path, stringify({ ...first, users: [{ name: first.users[0].name, user }] }));
    let forget = async () => {};
    let allow = forget;
    const { push } = await unattended(async (_, rights) => {
      forget = await isAllowed(rights, old);
      allow = async () => void (await isAllowed(rights, next));
      return path;
    });

    await allow();
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
    let token = '';
    const trusting = async ({ certificate }: CertificateAuthority) => {
      const config = kubeconfigOf(faults.url, Buffer.from(certificate).toString('base64'), token);
      await replace(path, stringify(config));
    };
    const { push } = await unattended(async (account) => {
      token = account.token;
      await trusting(old);
      return path;
    });

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

function kubeconfigOf(server: string, authority: string, token: string): object {
  const name = 'faults';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}

/** Gives a user the rights of the reconciler, until what it returns is called. */
async function isAllowed(rights: InstalledRights, user: string): Promise<() => Promise<void>> {
  const forget = await shareRights(cluster, rights, user);
  onTestFinished(forget);
  return forget;
}
