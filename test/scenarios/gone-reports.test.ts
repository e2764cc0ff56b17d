import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ReconcilerError } from '../../reconciler/errors.ts';
import { GoneReports } from '../../reconciler/gone-reports.ts';
import type { Cluster } from '../../reconciler/ports.ts';
import { type PassOptions, reconcile } from '../../reconciler/reconcile.ts';
import { KnownGaps } from '../../reconciler/unattended/known-gaps.ts';
import { openRepository } from '../../reconciler/world/git/repository.ts';
import { openStatusBranch } from '../../reconciler/world/git/status-branch.ts';
import { type KubeCluster, openKubeCluster } from '../../reconciler/world/live/kube-cluster.ts';
import type { Status } from '../../schemas/output/status.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aReportMap } from '../reconciler/core/nodes/build-reports.ts';
import { keptLog } from '../reconciler/world/live/watched.ts';
import { anInstallation } from '../support/installation.ts';
import { installedReconciler } from '../support/installed-account.ts';
import { configMap } from '../support/manifests.ts';

const control = await sharedCluster();

const MINUTE = 60_000;
const DELETED = 'Deleted the report of a node that is gone';

async function kubectl(args: readonly string[], input?: object): Promise<string> {
  const options = input === undefined ? {} : { input: JSON.stringify(input) };
  const { exitCode, stderr, stdout } = await control.kubectl(args, options);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

/** An installation with the rights that are installed, and a namespace of agents with the reports of these nodes and of one that is there. */
async function aFleet(...gone: readonly string[]) {
  const installation = await anInstallation(control);
  const { systemNamespace, repository, namespace } = installation;
  await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
  const agentNamespace = await control.namespace();
  const name = systemNamespace.replace(/-system$/, '');
  const account = { name, namespace: systemNamespace, agentNamespace };
  const { kubeconfig, remove } = await installedReconciler(control, account);
  onTestFinished(remove);
  const node = `g-${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => void (await control.kubectl(['delete', 'node', node, '--wait=false'])));
  await control.addNodes([{ name: node }]);
  const items = [node, ...gone].map((each) => aReportMap(each, undefined, agentNamespace));
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  await kubectl(['create', 'configmap', 'other', '-n', agentNamespace]);
  const cluster = await openKubeCluster({ kubeconfig, env: {}, agentNamespace });
  onTestFinished(() => cluster.close());
  return {
    ...installation,
    agentNamespace,
    name,
    node,
    cluster,
    /** Names of nodes of which there are reports. */
    async reports(): Promise<readonly string[]> {
      const listed = await kubectl(['get', 'configmap', '-n', agentNamespace, '-o', 'name']);
      expect(listed).toContain('configmap/other');
      const names = listed.matchAll(/weka-node-report-(\S+)/g);
      return Array.from(names, ([, each]) => each ?? '').toSorted();
    },
  };
}

type Fleet = Awaited<ReturnType<typeof aFleet>>;

/** A pass at a time that is so far from now. */
async function pass(fleet: Fleet, laterMs: number, cluster: Cluster, options: PassOptions = {}) {
  const { repository, systemNamespace, namespace, name } = fleet;
  const { log, lines } = keptLog();
  const clock = { now: () => new Date(Date.now() + laterMs) };
  const git = { url: repository.path, ref: 'main', path: '', cacheDir: await scratchFolder() };
  const ports = {
    repository: openRepository(git),
    statusBranch: openStatusBranch(git, name, clock),
    cluster,
    clock,
    log,
  };
  const installation = { name, namespace: systemNamespace, image: 'example.com/weka-gitops:1' };
  const ceilings = { kinds: [], namespaces: [namespace] };
  const config = { cluster: name, ref: 'main', installation, ceilings, version: 'test' };
  return { ...(await reconcile(ports, config, options)), lines };
}

/** The real cluster, save for some of its calls. */
function but(real: KubeCluster, calls: Partial<Cluster>): Cluster {
  return {
    get: real.get.bind(real),
    read: real.read.bind(real),
    dryRun: real.dryRun.bind(real),
    apply: real.apply.bind(real),
    delete: real.delete.bind(real),
    placementFacts: real.placementFacts.bind(real),
    storageFacts: real.storageFacts.bind(real),
    seeNodes: real.seeNodes.bind(real),
    waitGone: real.waitGone.bind(real),
    ...calls,
  };
}

class Outage extends ReconcilerError {
  readonly code = 'API_UNREACHABLE';
  readonly retry = 'next-pass';
}

class Forbidden extends ReconcilerError {
  readonly code = 'API_FORBIDDEN';
  readonly retry = 'after-change';
}

const failing = (error: Error) => ({ seeNodes: () => Promise.reject(error) });

describe('the report of a node that is gone', () => {
  it('is deleted by a single pass, once nobody has written it for an hour and nothing holds deletions back', async () => {
    const fleet = await aFleet('gone-node');
    const { node, cluster, reports, systemNamespace, name } = fleet;
    const both = ['gone-node', node].toSorted();
    await pass(fleet, 50 * MINUTE, cluster);
    expect(await reports()).toEqual(both);

    const brake = ['configmap', `${name}-freeze`, '-n', systemNamespace];
    await kubectl(['create', ...brake]);
    await pass(fleet, 70 * MINUTE, cluster);
    expect(await reports()).toEqual(both);
    await kubectl(['delete', ...brake]);

    const held = new Outage('Another process has the lease.');
    const lost = await pass(fleet, 70 * MINUTE, cluster, { claim: () => Promise.reject(held) });
    expect(await reports()).toEqual(both);
    expect(lost.trouble).toEqual([]);
    expect(lost.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', code: 'API_UNREACHABLE', why: held.message }),
    );

    const { lines, report } = await pass(fleet, 70 * MINUTE, cluster);
    expect(await reports()).toEqual([node]);
    expect(lines.filter(({ message }) => message === DELETED)).toMatchObject([
      { level: 'info', node: 'gone-node', configMap: 'weka-node-report-gone-node' },
    ]);
    expect(report.outcomes).toEqual([]);
  });

  it('goes with what was asked of the node, which nobody would remove otherwise', async () => {
    const fleet = await aFleet('gone-node');
    const { node, cluster, reports, agentNamespace } = fleet;
    const intents = ['gone-node', node].map((each) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `weka-node-intent-${each}`, namespace: agentNamespace },
      data: { 'intent.json': '{}' },
    }));
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: intents });
    const { lines } = await pass(fleet, 70 * MINUTE, cluster);
    expect(await reports()).toEqual([node]);
    const listed = await kubectl(['get', 'configmap', '-n', agentNamespace, '-o', 'name']);
    expect(listed.match(/weka-node-intent-\S+/g)).toEqual([`weka-node-intent-${node}`]);
    expect(lines.map(({ message }) => message)).toContain('Deleted what was asked of a node that is gone');
  });

  it('stays where nodes could not be read', async () => {
    const fleet = await aFleet('gone-node');
    const { node, cluster, reports } = fleet;
    await pass(fleet, 70 * MINUTE, but(cluster, failing(new Outage('No answer.'))));
    expect(await reports()).toEqual(['gone-node', node].toSorted());
  });

  it('is deleted by a process that goes on when it was missed twice, and is still gone by the API server itself', async () => {
    const { node, cluster, reports } = await aFleet('gone-a', 'gone-b');
    const gone = new GoneReports({ looksTwice: true });
    const { log, lines } = keptLog();
    const seen = await cluster.seeNodes();
    if (seen === undefined) throw new Error('No report was seen.');
    expect(seen.gone?.map((each) => each.node).toSorted()).toEqual(['gone-a', 'gone-b']);
    // What is in memory says that this node is gone too.
    const remembered = {
      ...seen,
      gone: [...(seen.gone ?? []), { node, namespace: cluster.agentNamespace! }],
    };
    let asked = 0;
    const look = async (minutes: number, what = remembered) =>
      await gone.remove(what, {
        cluster,
        log,
        now: new Date(Date.now() + minutes * MINUTE),
        deadline: new AbortController().signal,
        mayDelete: async () => {
          asked += 1;
          return true;
        },
      });
    await look(70);
    await look(79);
    expect(await reports()).toEqual(['gone-a', 'gone-b', node].toSorted());
    // One is seen again in between, and so is missed anew.
    await look(79, { ...seen, gone: remembered.gone.filter((each) => each.node !== 'gone-b') });
    await look(81);
    expect(await reports()).toEqual(['gone-b', node].toSorted());
    // Before the API server is asked for all nodes, and for the one that is deleted.
    expect(asked).toBe(2);
    expect(gone.dueMs(new Date(Date.now() + 82 * MINUTE))).toBeLessThanOrEqual(9 * MINUTE);
    await look(92);
    expect(await reports()).toEqual([node]);
    expect(lines.map(({ level }) => level)).toEqual(['info', 'info']);
    await look(93, { ...seen, gone: [] });
    expect(gone.dueMs(new Date())).toBeUndefined();
  });

  it('stays where somebody writes it at that very moment', async () => {
    const fleet = await aFleet('gone-node');
    const { node, cluster, reports, agentNamespace } = fleet;
    const { lines, trouble } = await pass(
      fleet,
      70 * MINUTE,
      but(cluster, {
        async delete(live) {
          await kubectl(['label', 'configmap', 'weka-node-report-gone-node', '-n', agentNamespace, 'a=b']);
          await cluster.delete(live);
        },
      }),
    );
    expect(await reports()).toEqual(['gone-node', node].toSorted());
    expect(trouble).toEqual([]);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'Could not delete the reports of nodes that are gone' },
    ]);
  });

  it('is one of at most twenty that a pass deletes', async () => {
    const fleet = await aFleet(...Array.from({ length: 23 }, (_, index) => `gone-${index}`));
    await pass(fleet, 70 * MINUTE, fleet.cluster);
    expect(await fleet.reports()).toHaveLength(4);
    await pass(fleet, 70 * MINUTE, fleet.cluster);
    expect(await fleet.reports()).toEqual([fleet.node]);
  });
});

describe('nodes that cannot be read', () => {
  it('stand on the status branch as they were known last, without a commit, while time may mend it', async () => {
    const fleet = await aFleet();
    const { cluster, repository, statusRef } = fleet;
    const recorded = async () =>
      JSON.parse(await repository.git(['show', `${statusRef}:status.json`])) as Status;
    const gaps = new KnownGaps(keptLog().log);
    const options = { isKnownGap: gaps.isKnown.bind(gaps) };
    await pass(fleet, 0, cluster, options);
    await pass(fleet, 0, cluster, options);
    const before = await recorded();
    expect(before.nodes?.nodes.map(({ name }) => name)).toContain(fleet.node);

    const out = but(cluster, failing(new Outage('No answer.')));
    const first = await pass(fleet, 0, out, options);
    expect(first.published).not.toHaveProperty('commit');
    expect(first.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { code: 'API_UNREACHABLE', why: 'No answer.', message: 'Could not read what agents report of nodes' },
    ]);
    const second = await pass(fleet, 0, out, options);
    expect(second.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await recorded()).toEqual(before);

    // A day later it is told that somebody still looks, and that this is not of now.
    await pass(fleet, 25 * 60 * MINUTE, out, options);
    expect((await recorded()).nodes).toEqual({ ...before.nodes, unread: 'No answer.' });
  });

  it('are told to be unread, once, where a person has to mend it', async () => {
    const fleet = await aFleet();
    const { cluster, repository, statusRef } = fleet;
    await pass(fleet, 0, cluster);
    const shut = but(cluster, failing(new Forbidden('Nodes may not be listed.')));
    expect((await pass(fleet, 0, shut)).published).toHaveProperty('commit');
    const status = JSON.parse(await repository.git(['show', `${statusRef}:status.json`])) as Status;
    expect(status.nodes).toEqual({
      total: 0,
      told: 0,
      unknown: 0,
      nodes: [],
      unread: 'Nodes may not be listed.',
    });
    const page = await repository.git(['show', `${statusRef}:README.md`]);
    expect(page).toContain('The nodes could not be read: Nodes may not be listed.');
    const other = but(cluster, failing(new Forbidden('Pods may not be listed.')));
    expect((await pass(fleet, 0, other)).published).not.toHaveProperty('commit');
  });
});
