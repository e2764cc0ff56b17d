import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, type Installation, told } from '../support/installation.ts';
import { configMapFiles as many, configMapNames } from '../support/config-maps.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

const names = (namespace: string) => configMapNames(cluster, namespace);

const gone = (...indexes: readonly number[]): Record<string, null> =>
  Object.fromEntries(indexes.map((index) => [`c${index}.yaml`, null]));

/** Commits the consent that the plan prints, with a reason, as a person does. */
async function consent({ json, repository }: Installation): Promise<string> {
  const { approvals } = await json('plan');
  expect(approvals).toHaveLength(1);
  const [{ path, file }] = approvals as [(typeof approvals)[0]];
  await repository.commit({ [path]: file.replace('reason: ""', 'reason: the old hall is closed') });
  return path;
}

describe('more deletions than the budget', () => {
  it('wait for the Approval that the plan prints, and go with it, once', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, systemNamespace, run, json } = installation;
    await repository.commit(many(namespace, 20));
    await run('reconcile');
    await repository.commit(gone(1, 2, 3));

    const { stdout } = await run('plan');
    expect(stdout).toContain('3 objects would go for this commit, and the budget is 2');
    expect(stdout).toContain('that waits for an Approval');
    expect(stdout).toContain('Approvals to commit, if this is what you want (1)');
    const name = systemNamespace.replace('-system', '');
    expect(stdout.replaceAll('\n  ', ' ')).toContain(
      `approvals/prune-budget-${name}.yaml: prune-budget of ConfigMap ${systemNamespace}/${name}, for 3 changes`,
    );
    expect((await run('reconcile')).exitCode).toBe(1);
    expect(await names(namespace)).toHaveLength(20);

    const path = await consent(installation);
    const plan = await json('plan');
    expect(told(plan)).toEqual(['c1', 'c2', 'c3'].map((name) => `prune v1/ConfigMap/${namespace}/${name}`));
    expect((await run('plan')).stdout).toContain(`approved by prune-budget-${name}`);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect(await names(namespace)).toHaveLength(17);

    const after = await json('plan');
    expect(after.findings.map(({ file, rule, level }) => `${file} ${rule} ${level}`)).toEqual([
      `${path} approval-used ignored`,
    ]);
    await repository.commit(gone(4, 5, 6));
    expect((await run('reconcile')).exitCode).toBe(1);
    expect(await names(namespace)).toHaveLength(17);
  });

  it('wait again where one more would go than was consented to', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, systemNamespace, run, json } = installation;
    const name = systemNamespace.replace('-system', '');
    await repository.commit(many(namespace, 20));
    await run('reconcile');
    await repository.commit(gone(1, 2, 3));
    await consent(installation);
    await repository.commit(gone(4));
    const plan = await json('plan');
    expect(plan.summary.prune).toBe(0);
    expect(plan.findings.map(({ message }) => message)).toEqual([
      `It consents to another prune-budget of ${name} than the one that is planned now.`,
    ]);
    await run('reconcile');
    expect(await names(namespace)).toHaveLength(20);
  });

  it('wait where the process asks for more consents than there are', async () => {
    const installation = await anInstallation(cluster);
    const strict = installation.beside({ ceilings: { approvals: { count: 2 } } });
    const { repository, namespace, run } = installation;
    await repository.commit(many(namespace, 20));
    await run('reconcile');
    await repository.commit(gone(1, 2, 3));
    await consent(installation);
    expect((await strict.run('plan')).stdout).toContain('that waits for 1 more of 2 Approvals');
    await consent(strict);
    expect((await strict.run('reconcile')).exitCode).toBe(0);
    expect(await names(namespace)).toHaveLength(17);
  });
});

describe('reconcile --plan-digest', () => {
  it('applies the plan that was looked at', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const { digest } = await json('plan');
    expect((await run('reconcile', '--plan-digest', digest)).exitCode).toBe(0);
    expect(await names(namespace)).toEqual(['a']);
  });

  it('does nothing once the repository asks for something else', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const { digest } = await json('plan');
    await repository.commit({ 'b.yaml': configMap(namespace, 'b') });
    const { digest: now } = await json('plan');
    const { exitCode, stderr } = await run('reconcile', '--plan-digest', digest);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `PLAN_STALE: The plan is another one by now: ${digest} was asked for, and it is ${now}. Nothing was written.\n` +
        '  hint: Look at weka-gitops plan again, and give the digest that it prints.',
    );
    expect(await names(namespace)).toEqual([]);
  });

  it('does nothing once somebody changed what it would change', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const { digest } = await json('plan');
    await cluster.kubectl(['create', 'configmap', 'a', '-n', namespace, '--from-literal=x=y']);
    const { exitCode, stderr } = await run('reconcile', '--plan-digest', digest);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('PLAN_STALE');
  });

  it('is the same wherever it is made, whatever commit the same files stand in', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, json } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const { digest } = await json('plan');
    await repository.commit({ 'notes.txt': 'nothing of ours' });
    expect((await installation.beside({}).json('plan')).digest).toBe(digest);
  });
});
