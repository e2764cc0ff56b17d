import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { NodeReport } from '../../schemas/node-report.ts';
import { bundle, RUNTIME, runtimeEnv } from '../../scripts/bundle.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { startGitServer } from '../support/git-server.ts';
import { installedReconciler } from '../support/installed-account.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();
let app: string;

beforeAll(async () => {
  const built = await scratchFolder(afterAll);
  await bundle(join(built, 'app'));
  // As the image copies it: to where there is no package and no source.
  app = join(await scratchFolder(afterAll), 'app');
  await cp(join(built, 'app'), app, { recursive: true });
}, 60_000);

/** Runs the program as the image does: with nothing of this checkout in reach. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program = 'weka-gitops',
) {
  const file = join(app, `${program}.mjs`);
  const options = { cwd: app, env: { ...runtimeEnv(file), HOME: await scratchFolder(), ...env } };
  return await promisify(execFile)(process.execPath, [...RUNTIME.flags, file, ...args], options);
}

describe('the bundled program', () => {
  it('says its version', async () => {
    expect((await start(['--version'])).stdout).toBe(`weka-gitops ${packageJson.version}\n`);
  });

  it('brings along what Node compiled of it', async () => {
    const [version] = await readdir(join(app, 'compiled'));
    expect((await readdir(join(app, 'compiled', version ?? ''))).length).toBeGreaterThan(1);
  });

  it('validates a folder', async () => {
    const folder = join(await scratchFolder(), 'manifests');
    await mkdir(folder);
    await writeFile(join(folder, 'a.yaml'), configMap('weka', 'a', { k: 'v' }));
    expect((await start(['validate', folder])).stdout).toMatch(/1 object/);
  });

  it('makes a pass, by git and the API server over TLS', async () => {
    const namespace = await cluster.namespace();
    const systemNamespace = `${namespace}-system`;
    onTestFinished(() => cluster.deleteNamespace(systemNamespace));
    const account = await installedReconciler(cluster, { name: namespace, namespace: systemNamespace });
    onTestFinished(() => account.remove());
    const server = await startGitServer({ tls: true, users: { reconciler: 'secret' } });
    onTestFinished(() => server.stop());
    const repository = await server.createRepository('storage');
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'v' }) });
    const folder = await scratchFolder();
    const [config, caFile] = [join(folder, 'config.yaml'), join(folder, 'ca.pem')];
    await writeFile(caFile, server.ca);
    await writeFile(
      config,
      stringify({
        cluster: namespace,
        repository: { url: repository.url, username: 'reconciler', caFile },
        kubernetes: { kubeconfig: account.kubeconfig },
        installation: { name: namespace, namespace: systemNamespace },
        cacheDir: join(folder, 'clone'),
      }),
    );
    const env = { WEKA_GITOPS_CONFIG: config, WEKA_GITOPS_PASSWORD: 'secret' };
    await start(['reconcile'], env);
    const query = ['get', 'configmap', 'a', '-n', namespace, '-o', 'jsonpath={.data.k}'];
    expect((await cluster.kubectl(query)).stdout).toBe('v');
    expect(await repository.resolve(`refs/heads/weka-gitops/status/${namespace}`)).toBeDefined();
  });

  it('complains of what it cannot do with its own words, which packages are a part of', async () => {
    const name = `none-${randomBytes(3).toString('hex')}`;
    const account = await installedReconciler(cluster, { name, namespace: `${name}-system` });
    onTestFinished(() => account.remove());
    onTestFinished(() => cluster.deleteNamespace(`${name}-system`));
    const env = { WEKA_GITOPS_REPOSITORY: 'http://127.0.0.1:1/none', KUBECONFIG: account.kubeconfig };
    const failed = (await start(['plan'], env).catch((error: unknown) => error)) as { stderr: string };
    expect(failed.stderr).toContain('REPOSITORY_UNREACHABLE');
  });
});

describe('the bundled agent', () => {
  const agent = async (...args: readonly string[]) => await start(args, {}, 'weka-nodeagent');

  it('says its version', async () => {
    expect((await agent('--version')).stdout).toBe(`weka-nodeagent ${packageJson.version}\n`);
  });

  it('tells what this very host is', async () => {
    const { stdout } = await agent('observe', '--node', 'this-host', '--output', 'json');
    expect(NodeReport.parse(JSON.parse(stdout))).toMatchObject({ node: 'this-host' });
  });

  it('looks for the cluster with its own words', async () => {
    const failed = (await agent('run', '--node', 'a', '--kubeconfig', '/none').catch(
      (error: unknown) => error,
    )) as { stderr: string };
    expect(failed.stderr).toContain('KUBECONFIG: The kubeconfig /none does not exist.');
  });
});
