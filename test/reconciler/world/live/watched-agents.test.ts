import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import type { NodesSeen } from '../../../../reconciler/core/nodes/nodes-seen.ts';
import {
  type Reports,
  reportsIn,
  reportsSeen,
  seenNodes,
} from '../../../../reconciler/world/facts/see-nodes.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { openWatchedCluster } from '../../../../reconciler/world/live/watched-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { aReport, aReportMap } from '../../core/nodes/build-reports.ts';
import { folder } from '../kubeapi/fixture.ts';
import { asked, keptLog } from './watched.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);

const BOOT = '6c1f6a4e-0000-4000-8000-00000000000c';

/** A namespace of agents with one node, as yet without an agent, behind a proxy that counts what is asked. */
async function aFleet() {
  const namespace = await control.namespace();
  const node = `w-${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => void (await control.kubectl(['delete', 'node', node, '--wait=false'])));
  await control.addNodes([{ name: node }]);
  const kubectl = async (args: readonly string[], input?: object): Promise<void> => {
    const { exitCode, stderr } = await control.kubectl(
      args,
      input === undefined ? {} : { input: JSON.stringify(input) },
    );
    if (exitCode !== 0) throw new Error(stderr);
  };
  const boots = (bootID: string) =>
    kubectl([
      'patch',
      'node',
      node,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: { nodeInfo: { bootID } } }),
    ]);
  await boots(BOOT);
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const plain = await openKubeCluster({
    kubeconfig: await server.kubeconfig(path('config'), account),
    env: {},
    agentNamespace: namespace,
  });
  onTestFinished(() => plain.close());
  return {
    namespace,
    node,
    server,
    plain,
    boots,
    report: (observed: Parameters<typeof aReport>[1] = {}) =>
      kubectl(
        ['apply', '--server-side', '--force-conflicts', '-f', '-'],
        aReportMap(node, aReport(node, { bootId: BOOT, ...observed }), namespace),
      ),
    agent: () =>
      kubectl(['create', '-f', '-'], {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'agent', namespace, labels: { 'app.kubernetes.io/name': 'weka-nodeagent' } },
        spec: { nodeName: node, containers: [{ name: 'agent', image: 'weka-gitops' }] },
      }),
    agentGoes: () => kubectl(['delete', 'pod', 'agent', '-n', namespace, '--grace-period=0', '--force']),
  };
}

/** The same, watched; with the changes that its listeners hear of. */
async function watchedFleet() {
  const fleet = await aFleet();
  const { log, lines } = keptLog();
  const cluster = openWatchedCluster(fleet.plain, { log });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const changes: string[] = [];
  cluster.onChange(({ id, agent }) => changes.push(agent === true ? id : `not of an agent: ${id}`));
  const own = (id: string) => id.includes(fleet.namespace) || id.endsWith(fleet.node);
  return {
    ...fleet,
    cluster,
    lines,
    /** What was heard of this fleet, and of no node of another test. */
    heard: () => changes.filter(own),
    forget: () => {
      changes.length = 0;
      fleet.server.requests.length = 0;
    },
    said: async () => said(await cluster.seeNodes(), fleet.node),
  };
}

function said(seen: NodesSeen | undefined, node: string): string {
  const report = seen?.reports.get(node);
  if (report === undefined) return 'no agent is about';
  return report.state === 'told' ? `HT ${JSON.stringify(report.report.observed.hyperThreading)}` : report.why;
}

function lists({ requests }: FaultServer): number {
  return requests.filter(({ method, url }) => method === 'GET' && !url.includes('watch=')).length;
}

describe('what agents report of nodes', () => {
  it('is listed once by a process that ends, and nodes are only where an agent is about', async () => {
    const { plain, server, node, agent, report } = await aFleet();
    server.requests.length = 0;
    expect(await plain.seeNodes()).toBeUndefined();
    expect(lists(server)).toBe(2);
    await agent();
    await report();
    await until('the agent is ready', async () => said(await plain.seeNodes(), node) === 'HT "on"');
    server.requests.length = 0;
    await plain.seeNodes();
    const places = asked(server).map((each) => each.replace(/\?.*/, '').replace(/^GET .*\//, ''));
    expect(places.toSorted()).toEqual(['configmaps', 'nodes', 'pods']);
  });

  it('may be asked of the API server itself, whatever is in memory', async () => {
    const { cluster, server, node, agent, report, said, forget } = await watchedFleet();
    await agent();
    await report();
    await until('it counts', async () => (await said()) === 'HT "on"');
    forget();
    await said();
    expect(lists(server)).toBe(0);
    expect((await cluster.seeNodes({ afresh: true }))?.reports.get(node)).toMatchObject({ state: 'told' });
    expect(lists(server)).toBe(3);
  });

  it('tells which reports are of nodes that are not there, unless it has seen no node at all', () => {
    const aNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } };
    const namespace = 'weka-gitops-nodes';
    const reports = reportsIn([aReportMap('node-a'), aReportMap('node-b')]);
    const gone = (nodes: readonly KubeObject[], read: Reports) =>
      seenNodes(nodes, { namespace, pods: [], reports: read }).gone;
    expect(gone([aNode], reports)).toEqual([{ node: 'node-b', namespace }]);
    expect(gone([], reports)).toEqual([]);
    expect(gone([aNode], 'The reports of nodes may not be read.')).toEqual([]);
  });

  it('tells of what was asked of nodes that are not there as well', () => {
    const aNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } };
    const namespace = 'weka-gitops-nodes';
    const intents = ['node-a', 'node-c'].map((node) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `weka-node-intent-${node}`, namespace },
    }));
    const found = reportsSeen([aReportMap('node-a'), aReportMap('node-b'), ...intents]);
    expect(seenNodes([aNode], { namespace, pods: [], ...found }).gone).toEqual([
      { node: 'node-b', namespace },
      { node: 'node-c', namespace, intent: true },
    ]);
  });

  it('has the labels of nodes, and what they are, which say what is for them', async () => {
    const { plain, node, agent, report } = await aFleet();
    await agent();
    await report();
    await until('the node is seen', async () => (await plain.seeNodes()) !== undefined);
    const seen = (await plain.seeNodes())?.nodes.find(({ name }) => name === node);
    expect(seen).toMatchObject({ labels: { 'kubernetes.io/hostname': node } });
  });

  it('hears nothing of what is asked of nodes: who asks it knows', async () => {
    const { namespace, node, said: now, report, agent, forget, heard } = await watchedFleet();
    await report();
    await agent();
    await until('it counts', async () => (await now()) === 'HT "on"');
    const intent = (text: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `weka-node-intent-${node}`, namespace },
      data: { 'intent.json': text },
    });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await control.api.json('POST', path, intent('first'));
    await now();
    forget();
    await control.api.json('PUT', `${path}/${intent('').metadata.name}`, intent('second'));
    await report({ hyperThreading: 'off' });
    await until('the next report', async () => (await now()) === 'HT "off"');
    expect(heard()).toEqual([`v1/ConfigMap/${namespace}/weka-node-report-${node}`]);
  });

  it('is nothing where nobody asks agents', async () => {
    const plain = await openKubeCluster({ kubeconfig: account.kubeconfig, env: {} });
    onTestFinished(() => plain.close());
    expect(await plain.seeNodes()).toBeUndefined();
  });

  it('decides the cores of pods by placement, and is listed with what else decides', async () => {
    const { plain, node, agent, report } = await aFleet();
    const threads = async () =>
      (await plain.placementFacts()).nodes.find(({ name }) => name === node)?.hyperThreading;
    expect(await threads()).toBeUndefined();
    await agent();
    await report({ hyperThreading: 'on' });
    await until('it counts', async () => (await threads()) === true);
  });

  it('is kept up to date by watches, and costs no call while nothing changes', async () => {
    const {
      cluster,
      server,
      said: now,
      report,
      agent,
      agentGoes,
      boots,
      forget,
      heard,
    } = await watchedFleet();
    expect(await now()).toBe('no agent is about');
    await report();
    await agent();
    await until('it counts', async () => (await now()) === 'HT "on"');
    await until('every watch is open', () => cluster.state().waitingFor.length <= 1);

    forget();
    expect(await now()).toBe('HT "on"');
    expect(await now()).toBe('HT "on"');
    expect(asked(server)).toEqual([]);

    await report({ hyperThreading: 'off' });
    await until('the watch tells', async () => (await now()) === 'HT "off"');
    expect(heard()).toHaveLength(1);

    await boots('6c1f6a4e-0000-4000-8000-00000000000d');
    await until('the boot is another', async () => (await now()).includes('of another boot'));
    await boots(BOOT);
    await until('the boot is the same', async () => (await now()) === 'HT "off"');
    await agentGoes();
    await until('the agent is gone', async () => (await now()).startsWith('No agent runs on'));
    expect(lists(server)).toBe(0);
  });

  it('is no change where the same report is written again, or nothing moved that decides', async () => {
    const { namespace, node, said: now, report, agent, forget, heard } = await watchedFleet();
    await report();
    await agent();
    await until('it counts', async () => (await now()) === 'HT "on"');
    await now();
    forget();
    await report();
    const touch = ['annotate', '--overwrite', 'looked=twice'];
    const [verb = '', ...rest] = touch;
    await control.kubectl([verb, 'configmap', `weka-node-report-${node}`, '-n', namespace, ...rest]);
    await control.kubectl([verb, 'node', node, ...rest]);
    await control.kubectl([verb, 'pod', 'agent', '-n', namespace, ...rest]);
    // What comes after it has been heard of, so that what came before has been, too.
    await report({ hyperThreading: 'off' });
    await until('the next report', async () => (await now()) === 'HT "off"');
    expect(heard()).toEqual([`v1/ConfigMap/${namespace}/weka-node-report-${node}`]);
  });

  it('gives way to nobody: reports that may not be read are unknown, and nothing waits for them', async () => {
    const { cluster, server, said: now, node, namespace, agent } = await watchedFleet();
    await agent();
    const path = new RegExp(`/namespaces/${namespace}/configmaps`);
    const body = '{"kind":"Status","code":403,"reason":"Forbidden","message":"no"}';
    const headers = { 'content-type': 'application/json' };
    onTestFinished(
      server.rules.add({ method: 'GET', path, fault: { do: 'answer', status: 403, body, headers } }),
    );
    expect(await now()).toContain('The reports of nodes may not be read');
    expect(await cluster.placementFacts()).toMatchObject({
      nodes: expect.arrayContaining([expect.objectContaining({ name: node, hyperThreading: undefined })]),
    });
    expect(cluster.state().blocked).toEqual([]);
  });
});
