import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modulesFile } from '../../schemas/drivers/package.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aDriversWorld, aPackage, aTarget, loadedReport, published } from '../support/drivers-world.ts';
import { told } from '../support/installation.ts';

const control = await sharedCluster();
const OLD = aPackage(aTarget('4.4.5'));
const NEW = aPackage(aTarget('4.4.6'));

/** Two nodes that have 4.4.5 loaded, and a repository that asks for 4.4.6, which is ready. */
async function anUpgrade(annotations: Readonly<Record<string, string>> = {}) {
  const world = await aDriversWorld(control);
  const nodes = [await world.addNode('a'), await world.addNode('b')];
  for (const each of [OLD, NEW]) world.registry.packages.set(modulesFile(each), each);
  const bring = async (about: typeof OLD) => {
    await world.run('reconcile');
    for (const pod of await world.works()) {
      if (pod.includes(about.version.replaceAll('.', '-'))) await world.ended(pod, published(about));
    }
    await world.run('reconcile');
  };
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile('4.4.5'),
  });
  await world.run('reconcile');
  await bring(OLD);
  for (const node of nodes) await world.reports(node, loadedReport(OLD));
  await world.repository.commit({ 'cluster.yaml': world.clusterFile('4.4.6', annotations) });
  await bring(NEW);
  const [a = '', b = ''] = nodes;
  return { world, a, b };
}

describe('drivers that would take the place of loaded ones', () => {
  it('wait for one Approval for all nodes, and keep what is loaded until then', async () => {
    const { world, a, b } = await anUpgrade();
    const plan = await world.json('plan');
    const waiting = plan.changes.filter(({ op }) => op === 'wait');
    expect(waiting.map(({ node }) => node?.name)).toEqual([a, b]);
    expect(waiting[0]).toMatchObject({
      risks: [
        {
          name: 'kernel-module',
          evidence: `4.4.6 (sha256:${NEW.sha256}) in place of 4.4.5 (sha256:${OLD.sha256}) on ${a}`,
        },
      ],
      reason: expect.stringContaining('Approval'),
    });
    expect(plan.approvals).toHaveLength(1);
    const [approval] = plan.approvals;
    expect(approval).toMatchObject({
      action: 'replace-drivers',
      target: `WekaCluster ${world.namespace}/demo`,
    });
    expect(await world.intent(a)).toMatchObject({ drivers: { package: { version: '4.4.5' } } });

    const file = parse(approval?.file ?? '') as { spec: { reason: string } };
    file.spec.reason = 'In the window of tonight';
    await world.repository.commit({ 'approval.yaml': JSON.stringify(file) });
    await world.run('reconcile');
    for (const node of [a, b]) {
      expect(await world.intent(node)).toMatchObject({
        generation: 2,
        drivers: { package: { version: '4.4.6' }, replace: 'unused' },
      });
    }
    // Until nodes have followed, nothing more is asked, of them or of people.
    const meanwhile = await world.json('plan');
    expect(told(meanwhile)).toEqual([]);
    expect(meanwhile.approvals).toEqual([]);
    for (const node of [a, b]) await world.reports(node, loadedReport(NEW));
    await world.run('reconcile');
    const done = await world.json('plan');
    expect(done.approvals).toEqual([]);
    expect(done.findings.map(({ rule }) => rule)).toContain('approval-used');
  });

  it('tell what uses the old ones to let go only where the manifest says so, which is another consent', async () => {
    const { world, a } = await anUpgrade();
    const plain = (await world.json('plan')).approvals[0]?.digest;
    const drained = { 'weka-gitops.dev/drain-drivers': 'true' };
    await world.repository.commit({ 'cluster.yaml': world.clusterFile('4.4.6', drained) });
    const [approval] = (await world.json('plan')).approvals;
    expect(approval?.digest).not.toBe(plain);
    const file = parse(approval?.file ?? '') as { spec: { reason: string } };
    file.spec.reason = 'Nobody works at night';
    await world.repository.commit({ 'approval.yaml': JSON.stringify(file) });
    await world.run('reconcile');
    expect(await world.intent(a)).toMatchObject({ drivers: { replace: 'drain' } });
  });

  it('are asked of nodes at once where Settings and process ask no consent for it', async () => {
    const { world, a } = await anUpgrade();
    const required = ['data-loss'];
    await world.repository.commit({ 'settings.yaml': world.settingsFile({ approvals: { required } }) });
    await world.run('reconcile');
    expect(await world.intent(a)).toMatchObject({
      drivers: { package: { version: '4.4.6' }, replace: 'unused' },
    });
  });
});
