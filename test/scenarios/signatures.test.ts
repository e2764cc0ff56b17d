import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { freePort } from '../cluster/ports.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { until } from '../cluster/until.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';
import { pushTo, sshKeyPair } from '../support/signing-keys.ts';

const cluster = await sharedCluster();
const folder = await scratchFolder(afterAll);
const ada = await sshKeyPair(folder);
const robot = await sshKeyPair(folder);
const ADA = { sign: { ssh: ada } } as const;
const signers = join(folder, 'signers');
await writeFile(signers, `ada@example.com ${ada.publicKey}\nrobot ${robot.publicKey}\n`);

/** An installation that applies what Ada signed, and signs its status. */
async function verifying(
  refOf: (statusRef: string) => string = () => 'main',
  status: object = {},
  allowedSignersFile = signers,
) {
  const base = await anInstallation(cluster);
  const port = await freePort();
  const installation = base.beside({
    repository: {
      url: base.repository.url,
      username: 'reconciler',
      ref: refOf(base.statusRef),
      verify: { allowedSignersFile },
    },
    status: { signing: { sshKeyFile: robot.file }, ...status },
    run: { pollSeconds: 1, listen: `127.0.0.1:${port}` },
  });
  return { ...installation, ...running(installation, port) };
}

function running(installation: Installation, port: number) {
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return {
    metric: async (name: string) =>
      Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await page('/metrics')).text)?.[1] ?? 0),
    /** Starts it, and waits until it is ready; it is stopped at the end of the test. */
    async started() {
      const process = installation.start('run');
      onTestFinished(async () => {
        process.stop();
        await process.ended;
      });
      await until('readiness', async () => (await page('/readyz').catch(() => undefined))?.status === 200);
    },
  };
}

async function value(namespace: string, name: string): Promise<string> {
  return (await cluster.kubectl(['get', 'configmap', name, '-n', namespace, '-o', 'jsonpath={.data.k}']))
    .stdout;
}

describe('where only signed commits are applied', () => {
  it('a commit that nobody signed is neither planned nor applied, and the command says what to do', async () => {
    const { repository, namespace, run } = await verifying();
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '1' }) }, ADA);
    expect((await run('reconcile')).exitCode).toBe(0);
    const unsigned = await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '2' }) });
    for (const verb of ['plan', 'reconcile']) {
      const { exitCode, stderr } = await run(verb);
      expect([verb, exitCode]).toEqual([verb, 2]);
      expect(stderr).toContain(
        `COMMIT_UNSIGNED: Commit ${unsigned} by Ada Author is not signed.\n  hint: Sign it `,
      );
    }
    expect(await value(namespace, 'a')).toBe('1');
  });

  it('run goes on with the commit before, corrects hand edits, and takes the next one that is signed', async () => {
    const { repository, namespace, metric, started } = await verifying();
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '1' }) }, ADA);
    await started();
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '2' }) });
    await until(
      'the halt',
      async () => (await metric('weka_gitops_errors_total{code="COMMIT_UNSIGNED"}')) > 0,
    );
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await until('the correction', async () => (await value(namespace, 'a')) === '1');
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '3' }) }, ADA);
    await until('the signed commit', async () => (await value(namespace, 'a')) === '3');
  });
});

describe('where the key of the commit that is applied is taken out of the file', () => {
  it('run says so, and applies nothing more of it until the key is put back', async () => {
    const file = join(folder, 'changing-signers');
    await writeFile(file, `ada@example.com ${ada.publicKey}\n`);
    const { repository, namespace, metric, started, statusRef } = await verifying(() => 'main', {}, file);
    const said = () => repository.file('status.json', statusRef).catch(() => '');
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '1' }) }, ADA);
    await started();
    await until('the commit', async () => (await value(namespace, 'a').catch(() => '')) === '1');
    await writeFile(file, `robot ${robot.publicKey}\n`);
    const refusals = () => metric('weka_gitops_errors_total{code="COMMIT_SIGNER_UNKNOWN"}');
    await until('the halt', async () => (await refusals()) > 0);
    await until('the status', async () => (await said()).includes('is not accepted any more'));

    const failed = () => metric('weka_gitops_passes_total{result="failed"}');
    const before = await failed();
    await cluster.kubectl(['patch', 'configmap', 'a', '-n', namespace, '-p', '{"data":{"k":"changed"}}']);
    await until('a pass', async () => (await failed()) > before);
    expect(await value(namespace, 'a')).toBe('changed');
    await writeFile(file, `ada@example.com ${ada.publicKey}\n`);
    await until('the correction', async () => (await value(namespace, 'a')) === '1');
    await until('the status', async () => !(await said()).includes('is not accepted any more'));
  });
});

describe('commits of our own', () => {
  it('carry the signature that is asked for, and name us', async () => {
    const { repository, namespace, run, statusRef } = await verifying();
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '1' }) }, ADA);
    expect((await run('reconcile')).exitCode).toBe(0);
    const told = await repository.git([
      '-c',
      `gpg.ssh.allowedSignersFile=${signers}`,
      'log',
      '--format=%G? %GS, %an <%ae>, %(trailers:key=Status-Commits,separator=;)',
      statusRef,
    ]);
    expect(told).toBe('G robot, weka-gitops <weka-gitops@localhost>, Status-Commits: 1');
  });

  it('never lead to a pass, nor do those of others on the status branch', async () => {
    const { repository, namespace, server, statusRef, metric, started } = await verifying();
    await pushTo(repository, { 'a.yaml': configMap(namespace, 'a', { k: '1' }) }, ADA);
    await started();
    const clean = () => metric('weka_gitops_passes_total{result="clean"}');
    const unchanged = () => metric('weka_gitops_repository_polls_total{result="unchanged"}');
    await until('the status', () => repository.resolve(statusRef));
    const before = await unchanged();
    await until('it has settled', async () => (await unchanged()) >= before + 2);

    const seen = {
      passes: await clean(),
      polls: await unchanged(),
      status: await repository.resolve(statusRef),
    };
    server.clearRequests();
    const branch = statusRef.replace('refs/heads/', '');
    await repository.commit({ 'b.yaml': configMap(namespace, 'b') }, { branch });
    await until('three polls', async () => (await unchanged()) >= seen.polls + 3);
    expect(seen.passes).toBeGreaterThan(0);
    expect(await clean()).toBe(seen.passes);
    const asked = server.requests.map(({ method, url }) => `${method} ${url.split('/').at(-1)}`);
    expect(new Set(asked)).toEqual(new Set(['GET refs?service=git-upload-pack']));
    expect(await repository.resolve(`${statusRef}~1`)).toBe(seen.status);
    expect(await repository.git(['log', '--format=%an', 'main'])).toBe('Ada Author');
  });

  it.each([
    ['by its name', (statusRef: string) => statusRef.replace('refs/heads/', '')],
    ['by its full name', (statusRef: string) => statusRef],
    ['of another cluster', () => 'weka-gitops/status/another'],
  ])('cannot be watched by mistake: %s', async (_how, refOf) => {
    for (const enabled of [true, false]) {
      const { run, repository } = await verifying(refOf, { enabled });
      for (const verb of ['plan', 'reconcile', 'run']) {
        const { exitCode, stderr } = await run(verb);
        expect([enabled, verb, exitCode]).toEqual([enabled, verb, 2]);
        expect(stderr).toMatch(
          /REF_IS_STATUS: weka-gitops\/status\/\S+ of \S+ is a branch that the status is written to\./,
        );
      }
      expect(await repository.git(['for-each-ref'])).toBe('');
    }
  });
});
