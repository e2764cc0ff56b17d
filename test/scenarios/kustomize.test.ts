import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { script, scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation, told } from '../support/installation.ts';

const cluster = await sharedCluster();

/** A base that any cluster may use, outside the path that is reconciled. */
const BASE = {
  'base/kustomization.yaml': 'resources: [deployment.yaml]\n',
  'base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers:
        - name: app
          image: registry.example.com/app:1
          envFrom:
            - configMapRef: { name: settings }
            - secretRef: { name: login }
`,
};

/** A generated Secret stands in plain in git, which is an error otherwise. */
const SETTINGS = `apiVersion: weka-gitops.dev/v1
kind: Settings
metadata: { name: prod }
spec: { rules: { plain-secret: silent } }
`;

function overlay(namespace: string, { replicas = 2, mode = 'slow' } = {}): Readonly<Record<string, string>> {
  return {
    'clusters/prod/app/kustomization.yaml': `namespace: ${namespace}
namePrefix: prod-
resources: [../../../base]
patches: [{ path: replicas.yaml }]
configMapGenerator:
  - name: settings
    literals: [mode=${mode}]
secretGenerator:
  - name: login
    literals: [password=hunter2]
`,
    'clusters/prod/app/replicas.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec: { replicas: ${replicas} }
`,
  };
}

async function aKustomizeInstallation() {
  const program = cluster.address.kubectl;
  const plain = await anInstallation(cluster);
  const { repository, namespace } = plain;
  const config = {
    repository: { url: repository.url, username: 'reconciler', path: 'clusters/prod' },
    kustomize: program,
  };
  await repository.commit({ ...BASE, ...overlay(namespace), 'clusters/prod/settings.yaml': SETTINGS });
  return plain.beside(config);
}

/** Targets without the hash that kustomize gives what it generates. */
function unhashed(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/-[a-z0-9]{10}(?= |:|$)/, '-HASH'));
}

describe('a kustomize-shaped repository', () => {
  it('is planned and applied as kustomize makes it, and leads back to what was written', async () => {
    const { namespace, run, json } = await aKustomizeInstallation();
    const first = await json('plan');
    expect(first.findings).toEqual([]);
    expect(unhashed(told(first))).toEqual([
      `create v1/ConfigMap/${namespace}/prod-settings-HASH`,
      `create v1/Secret/${namespace}/prod-login-HASH`,
      `create apps/v1/Deployment/${namespace}/prod-app`,
    ]);
    expect(first.changes.map((change) => change.source)).toEqual([
      'clusters/prod/app/kustomization.yaml:6',
      'clusters/prod/app/kustomization.yaml:9',
      'base/deployment.yaml:1',
    ]);
    for (const output of ['text', 'markdown', 'json']) {
      const { stdout } = await run('plan', '--output', output);
      expect(stdout).not.toMatch(/hunter2|aHVudGVyMg/);
    }

    const report = await json('reconcile');
    expect(report.outcomes.map(({ op, result }) => `${op} ${result}`)).toEqual(Array(3).fill('create done'));
    const { stdout } = await cluster.kubectl([
      'get',
      'deployment',
      'prod-app',
      '-n',
      namespace,
      '-o',
      'json',
    ]);
    const made = JSON.parse(stdout) as { spec: { replicas: number }; metadata: { annotations?: object } };
    expect(made.spec.replicas).toBe(2);
    expect(JSON.stringify(made.metadata.annotations ?? {})).not.toContain('config.kubernetes.io/origin');
    expect((await run('plan')).stdout).toContain('Nothing to do');
    expect((await run('status')).exitCode).toBeLessThan(2);
  });

  it('shows a patched value that changed, and nothing else', async () => {
    const { repository, namespace, json } = await aKustomizeInstallation();
    await json('reconcile');
    await repository.commit(overlay(namespace, { replicas: 3 }));
    const { changes } = await json('plan');
    expect(changes.filter(({ op }) => op !== 'keep')).toMatchObject([
      {
        op: 'update',
        target: `apps/v1/Deployment/${namespace}/prod-app`,
        fields: [{ path: 'spec.replicas', from: 2, to: 3 }],
        source: 'base/deployment.yaml:1',
      },
    ]);
    const { outcomes } = await json('reconcile');
    expect(outcomes).toMatchObject([{ op: 'update', result: 'done' }]);
  });

  it('replaces a generated ConfigMap whose content changed, and all that refers to it', async () => {
    const { repository, namespace, json } = await aKustomizeInstallation();
    await json('reconcile');
    await repository.commit(overlay(namespace, { mode: 'fast' }));
    expect(unhashed(told(await json('plan')).map((line) => line.replace(/ \(.*/, '')))).toEqual([
      `create v1/ConfigMap/${namespace}/prod-settings-HASH`,
      `update apps/v1/Deployment/${namespace}/prod-app`,
      `prune v1/ConfigMap/${namespace}/prod-settings-HASH`,
    ]);
    const { outcomes } = await json('reconcile');
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'done', 'done']);
  });

  it('that kustomize cannot build leaves the cluster as it is', async () => {
    const { repository, namespace, run, json } = await aKustomizeInstallation();
    await json('reconcile');
    await repository.commit({
      'clusters/prod/app/kustomization.yaml': `namespace: ${namespace}\nresources: [https://example.com/base.yaml]\n`,
    });
    const { exitCode, stdout } = await run('reconcile');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('clusters/prod/app/kustomization.yaml:2:13');
    expect(stdout).toContain('This is read from another place than this repository.');
    const { stdout: names } = await cluster.kubectl(['get', 'deployment', '-n', namespace, '-o', 'name']);
    expect(names.trim()).toBe('deployment.apps/prod-app');
  });

  it('is followed by run, which builds it once for each change of its files', async () => {
    const { repository, namespace, beside } = await aKustomizeInstallation();
    const folder = await scratchFolder();
    const counting = await script(
      join(folder, 'kubectl'),
      `echo >> ${folder}/calls`,
      `exec ${cluster.address.kubectl} "$@"`,
    );
    const replicas = async () => {
      const path = 'jsonpath={.spec.replicas}';
      return (await cluster.kubectl(['get', 'deployment', 'prod-app', '-n', namespace, '-o', path])).stdout;
    };
    const running = beside({
      repository: { url: repository.url, username: 'reconciler', path: 'clusters/prod' },
      kustomize: counting,
      run: { pollSeconds: 1, listen: `127.0.0.1:${await freePort()}` },
    }).start('run');
    onTestFinished(async () => {
      running.stop();
      await running.ended;
    });
    await until('the first commit', async () => (await replicas()) === '2');
    await cluster.kubectl(['scale', 'deployment', 'prod-app', '-n', namespace, '--replicas', '5']);
    await until('the correction', async () => (await replicas()) === '2');
    expect((await readFile(join(folder, 'calls'))).length).toBe(1);

    await repository.commit(overlay(namespace, { replicas: 3 }));
    await until('the second commit', async () => (await replicas()) === '3');
    expect((await readFile(join(folder, 'calls'))).length).toBe(2);
  });

  it('is left half-built where the process is told to end, and nothing of it stays behind', async () => {
    const { repository, namespace, systemNamespace, kubeconfig } = await aKustomizeInstallation();
    const folder = await scratchFolder();
    const slow = await script(join(folder, 'kustomize'), `echo $$ > ${folder}/pid`, 'exec /bin/sleep 600');
    const config = {
      repository: { url: repository.path, path: 'clusters/prod' },
      kubernetes: { kubeconfig },
      installation: { name: 'slow', namespace: systemNamespace },
      kustomize: slow,
      cacheDir: join(folder, 'cache'),
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const main = join(import.meta.dirname, '../../reconciler/main.ts');
    const child = spawn(process.execPath, [main, 'reconcile', '--config', join(folder, 'config.json')], {
      env: { ...process.env, TMPDIR: folder },
    });
    const ended = once(child, 'exit');
    const complaint = text(child.stderr);
    await until('the build', async () => (await readdir(folder)).includes('pid'));
    child.kill('SIGTERM');

    expect(await ended).toEqual([2, null]);
    expect(await complaint).toContain('STOPPED: Ended by SIGTERM before anything was written.');
    expect((await readdir(folder)).filter((name) => name.startsWith('weka-gitops-'))).toEqual([]);
    const { stdout } = await cluster.kubectl(['get', 'deployment', '-n', namespace, '-o', 'name']);
    expect(stdout).toBe('');
  });

  it('is not built where the machine has neither kustomize nor kubectl', async () => {
    const { beside, repository } = await aKustomizeInstallation();
    const repositoryConfig = { url: repository.url, username: 'reconciler', path: 'clusters/prod' };
    const { run } = beside({ repository: repositoryConfig, kustomize: undefined });
    const { exitCode, stdout } = await run('plan');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('neither kustomize nor kubectl is on the path');
  });
});
