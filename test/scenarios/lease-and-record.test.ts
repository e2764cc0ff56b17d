import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/ports.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

async function stateOf({ systemNamespace }: Installation): Promise<{ readonly lastCommit?: string }> {
  const name = systemNamespace.replace(/-system$/, '');
  const path = 'jsonpath={.data.state\\.json}';
  const { stdout } = await cluster.kubectl(['get', 'configmap', name, '-n', systemNamespace, '-o', path]);
  return JSON.parse(stdout) as { readonly lastCommit?: string };
}

async function holder({ systemNamespace }: Installation): Promise<string> {
  const path = 'jsonpath={.items[*].spec.holderIdentity}';
  return (await cluster.kubectl(['get', 'lease', '-n', systemNamespace, '-o', path])).stdout;
}

describe('the record', () => {
  it('is left alone under a suspension, and names a commit as applied only once it was', async () => {
    const one = await anInstallation(cluster);
    const first = await one.repository.commit({ 'a.yaml': configMap(one.namespace, 'a', { k: '1' }) });
    await one.run('reconcile');
    expect(await stateOf(one)).toMatchObject({ lastCommit: first });
    await one.run('suspend', '--reason', 'power work');
    const second = await one.repository.commit({ 'a.yaml': configMap(one.namespace, 'a', { k: '2' }) });
    expect((await one.run('reconcile')).exitCode).toBe(1);
    expect(await stateOf(one)).toMatchObject({ lastCommit: first });
    await one.run('resume');
    await one.run('reconcile');
    expect(await stateOf(one)).toMatchObject({ lastCommit: second });
  });
});

describe.each([['reconcile'], ['run', '--once']])('%s %s', (...args) => {
  const command = args.filter((arg) => arg !== undefined);

  it('gives back the lease that it takes for its writes', async () => {
    const one = await anInstallation(cluster);
    await one.repository.commit({ 'a.yaml': configMap(one.namespace, 'a') });
    expect((await one.run(...command)).exitCode).toBe(0);
    expect(await holder(one)).toBe('');
  });

  it('writes nothing beside a process that is at work, and asks for no lease where nothing is to be written', async () => {
    const one = await anInstallation(cluster, {
      config: { run: { pollSeconds: 3600, listen: `127.0.0.1:${await freePort()}` } },
    });
    await one.repository.commit({ 'a.yaml': configMap(one.namespace, 'a') });
    const process = one.start('run');
    onTestFinished(async () => {
      process.stop();
      await process.ended;
    });
    await until('its first pass', async () => {
      const found = await cluster.kubectl(['get', 'configmap', 'a', '-n', one.namespace]);
      return found.exitCode === 0 && (await stateOf(one)).lastCommit !== undefined;
    });
    expect((await one.run(...command)).exitCode).toBe(0);
    await one.repository.commit({ 'b.yaml': configMap(one.namespace, 'b') });
    const { exitCode, stderr } = await one.run(...command);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/LEASE_HELD: test_[0-9a-f]{8} is at work on this installation/);
    expect((await cluster.kubectl(['get', 'configmap', 'b', '-n', one.namespace])).exitCode).toBe(1);
  });
});
