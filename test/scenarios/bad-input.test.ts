import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, runCli } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';
import type { Entry } from '../support/git-repository.ts';

const cluster = await sharedCluster();

/** What `reconcile` says of a repository that holds these files, beside a good one. */
async function told(files: (namespace: string) => Readonly<Record<string, Entry>>) {
  const installation = await anInstallation(cluster);
  const { repository, namespace, run } = installation;
  await repository.commit({ 'good.yaml': configMap(namespace, 'good'), ...files(namespace) });
  const { stdout, exitCode } = await run('reconcile');
  expect(exitCode).toBe(1);
  // Whatever is wrong with one file, the others are applied.
  const good = await cluster.kubectl(['get', 'configmap', 'good', '-n', namespace]);
  expect(good.exitCode).toBe(0);
  return stdout;
}

describe('a repository', () => {
  it('that is not configured', async () => {
    const { exitCode, stderr } = await runCli(['reconcile']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'weka-gitops: CONFIG: No repository is configured.\n' +
        '  hint: Give --repository URL, set WEKA_GITOPS_REPOSITORY, or write repository.url into the configuration file.\n',
    );
  });

  it('that does not exist', async () => {
    const { server, run } = await anInstallation(cluster);
    const { exitCode, stderr } = await run('reconcile', '--repository', `${server.url}/none.git`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPOSITORY_NOT_FOUND');
    expect(stderr).toContain(`${server.url}/none.git`);
    expect(stderr).toContain('hint:');
  });

  it('that refuses the credentials', async () => {
    const { repository, kubeconfig } = await anInstallation(cluster);
    const env = { WEKA_GITOPS_USERNAME: 'reconciler', WEKA_GITOPS_PASSWORD: 'wrong-secret-9' };
    const flags = ['--repository', repository.url, '--kubeconfig', kubeconfig];
    const { exitCode, stderr } = await runCli(['reconcile', ...flags], env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPOSITORY_AUTH');
    expect(stderr).toContain('hint:');
    expect(stderr).not.toContain('wrong-secret-9');
  });

  it('whose branch is unknown', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await repository.branch('production');
    const { exitCode, stderr } = await run('reconcile', '--ref', 'prodction');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REF_NOT_FOUND');
    expect(stderr).toContain('production');
  });

  it('whose server cannot be reached', async () => {
    const { server, repository, run } = await anInstallation(cluster);
    await server.stop();
    const { exitCode, stderr } = await run('reconcile');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPOSITORY_UNREACHABLE');
    expect(stderr).toContain(new URL(repository.url).host);
  });

  it.each([
    'git@git.example.com:storage.git',
    'ssh://git.example.com/storage.git',
    'git://git.example.com/storage.git',
    'ext::sh -c id',
  ])('at %s', async (url) => {
    const { run } = await anInstallation(cluster);
    const { exitCode, stderr } = await run('reconcile', '--repository', url);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPOSITORY_URL');
    expect(stderr).toMatch(/hint: .*https/);
  });

  it('at a file:// address, for which there is a plain path', async () => {
    const { run } = await anInstallation(cluster);
    const { exitCode, stderr } = await run('reconcile', '--repository', 'file:///srv/git/storage.git');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPOSITORY_URL');
    expect(stderr).toContain('hint: Give the plain path: /srv/git/storage.git');
  });

  it('without the configured folder', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'hall-1/a.yaml': configMap(namespace, 'a') });
    const { exitCode, stderr } = await run('reconcile', '--path', 'hall-2');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('PATH_NOT_FOUND');
    expect(stderr).toContain('hall-2');
  });
});

describe('a file', () => {
  it('of 50 MB', async () => {
    const stdout = await told(() => ({ 'huge.yaml': Buffer.alloc(50_000_000, '# huge\n') }));
    expect(stdout).toContain('huge.yaml:1:1');
    expect(stdout).toContain('file-too-large');
  });

  it('that is a YAML bomb', async () => {
    const layers = Array.from({ length: 30 }, (_, index) => {
      const inner = index === 0 ? '[x, x]' : `[*a${index - 1}, *a${index - 1}]`;
      return `a${index}: &a${index} ${inner}`;
    });
    const stdout = await told(() => ({ 'bomb.yaml': `${layers.join('\n')}\n` }));
    expect(stdout).toContain('bomb.yaml:');
    expect(stdout).toContain('yaml-limits');
  });

  it('that is a symbolic link out of the folder', async () => {
    const stdout = await told(() => ({ 'link.yaml': { symlink: '../../../etc/passwd' } }));
    expect(stdout).toContain('link.yaml:1:1');
    expect(stdout).toContain('symlink');
    expect(stdout).not.toContain('root:');
  });

  it('with a key twice', async () => {
    const stdout = await told((namespace) => ({
      'twice.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: ${namespace}\n  name: b\n`,
    }));
    expect(stdout).toContain('twice.yaml:6:3');
    expect(stdout).toContain('duplicate-key');
  });

  it('indented with a tab', async () => {
    const stdout = await told(() => ({
      'tab.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n',
    }));
    expect(stdout).toContain('tab.yaml:4:1');
    expect(stdout).toMatch(/tab/);
  });

  it('of an unknown kind', async () => {
    const stdout = await told((namespace) => ({
      'kind.yaml': `apiVersion: apps/v1\nkind: Deploymnet\nmetadata: { name: a, namespace: ${namespace} }\n`,
    }));
    expect(stdout).toContain('kind.yaml:2:7');
    expect(stdout).toContain('Deployment');
  });

  it('with an unknown field', async () => {
    const stdout = await told((namespace) => ({
      'field.yaml': `apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: ${namespace} }\nspec:\n  selectr: { app: a }\n`,
    }));
    expect(stdout).toContain('field.yaml:5:3');
    expect(stdout).toContain('selector');
  });

  it('that asks for the same object as another', async () => {
    const stdout = await told((namespace) => ({
      'one.yaml': configMap(namespace, 'same'),
      'two.yaml': configMap(namespace, 'same'),
    }));
    expect(stdout).toContain('duplicate-object');
    expect(stdout).toContain('one.yaml');
    expect(stdout).toContain('two.yaml');
  });

  it('that puts an object outside the allowed namespaces', async () => {
    const stdout = await told(() => ({ 'out.yaml': configMap('kube-system', 'a') }));
    expect(stdout).toContain('out.yaml:');
    expect(stdout).toContain('kube-system');
    expect(stdout).toContain('namespace-not-allowed');
  });

  it('in a working tree, linked from outside', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'worktree-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await symlink('/etc/passwd', join(folder, 'link.yaml'));
    await writeFile(join(folder, 'a.yaml'), configMap('x', 'a'));
    const { exitCode, stdout } = await runCli(['validate', folder]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('symlink');
    expect(stdout).not.toContain('root:');
  });
});

describe('an API server', () => {
  it('that cannot be reached', async () => {
    const { repository, namespace, run, statusRef } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const kubeconfig = join(folder, 'config');
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'gone',
        clusters: [{ name: 'gone', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'gone', user: { token: 'secret-token-7' } }],
        contexts: [{ name: 'gone', context: { cluster: 'gone', user: 'gone' } }],
      }),
    );
    const { exitCode, stderr } = await run('reconcile', '--kubeconfig', kubeconfig);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('API_UNREACHABLE');
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).not.toContain('secret-token-7');
    expect(await repository.resolve(statusRef)).toBeUndefined();
  });

  it('that forbids', async () => {
    const { repository, namespace, systemNamespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const kubeconfig = await cluster.kubeconfigFor({ namespace, serviceAccount: 'default' });
    const { exitCode, stderr } = await run('reconcile', '--kubeconfig', kubeconfig);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('API_FORBIDDEN');
    expect(stderr).toContain('configmaps');
    expect(stderr).toContain(systemNamespace);
    expect(stderr).toMatch(/hint: .*(get|verb)/);
  });

  it('whose kubeconfig is missing', async () => {
    const { run } = await anInstallation(cluster);
    const { exitCode, stderr } = await run('plan', '--kubeconfig', '/nowhere/config');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('KUBECONFIG');
    expect(stderr).toContain('/nowhere/config');
  });
});

describe('a status branch', () => {
  it('that is not ours hides nothing that the cluster says', async () => {
    const { repository, namespace, run, statusRef } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await repository.commit({ 'other.txt': 'x' }, { branch: statusRef.replace('refs/heads/', '') });
    const pass = await run('reconcile');
    expect(pass.exitCode).toBe(2);
    expect(pass.stdout).toContain(`v1/ConfigMap/${namespace}/a`);
    expect(pass.stderr).toContain('The pass is done, but could not be told');
    expect(pass.stderr).toContain('STATUS_FOREIGN');
    const status = await run('status');
    expect(status.exitCode).toBe(2);
    expect(status.stdout).toContain(`v1/ConfigMap/${namespace}/a`);
    expect(status.stderr).toContain('STATUS_FOREIGN');
  });
});

describe('the record of what was applied', () => {
  async function recorded() {
    const installation = await anInstallation(cluster);
    const { repository, namespace, systemNamespace, run } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await run('reconcile');
    const name = systemNamespace.replace(/-system$/, '');
    const kubectl = (verb: string, ...args: readonly string[]) =>
      cluster.kubectl([verb, 'configmap', name, '-n', systemNamespace, ...args]);
    return { ...installation, name, kubectl };
  }

  it('that was damaged by hand stops everything, and the hint says what is lost', async () => {
    const { run, kubectl, name, systemNamespace } = await recorded();
    await kubectl('patch', '--patch', '{"data":{"state.json":"?"}}');
    const { exitCode, stderr } = await run('reconcile');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`RECORD_DAMAGED: ConfigMap ${systemNamespace}/${name}`);
    expect(stderr).toMatch(/hint: .*applyset\.kubernetes\.io\/part-of=applyset-.*Approvals were used/);
  });

  it('that belongs to another tool is left to it', async () => {
    const { run, kubectl } = await recorded();
    await kubectl('annotate', '--overwrite', 'applyset.kubernetes.io/tooling=kubectl/v1.36.0');
    const { exitCode, stderr } = await run('reconcile');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('RECORD_FOREIGN');
    expect(stderr).toContain('kubectl/v1.36.0');
  });
});
