import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import type { Fault } from '../../../support/fault-rules.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { wekaNodes } from '../../../support/weka-nodes.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);
let faults: FaultServer;
let folder: string;
beforeAll(async () => {
  faults = await startFaultServer(control);
  folder = await mkdtemp(join(tmpdir(), 'weka-gitops-facts-'));
});
afterAll(async () => {
  await faults.stop();
  await rm(folder, { recursive: true });
});

async function aCluster() {
  const kubeconfig = await faults.kubeconfig(join(folder, crypto.randomUUID()), account);
  const cluster = await openKubeCluster({ kubeconfig, env: {} });
  onTestFinished(() => cluster.close());
  return cluster;
}

describe('what places are chosen by', () => {
  it('is nodes, pods and labels of namespaces, and nothing else', async () => {
    const nodes = await wekaNodes(control);
    const name = await nodes.add('a', { capacity: { cpu: '3' } });
    const namespace = await control.namespace();
    await control.kubectl(['label', 'namespace', namespace, 'team=storage']);
    await control.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '7m' } } }] },
    });
    const cluster = await aCluster();
    const facts = await cluster.placementFacts();
    expect(facts.nodes.find((each) => each.name === name)).toMatchObject({
      allocatable: { cpuMillis: 3000 },
    });
    expect(facts.pods.find((each) => each.namespace === namespace)).toMatchObject({
      name: 'web',
      requests: { cpuMillis: 7 },
    });
    expect(facts.namespaces.get(namespace)).toMatchObject({ team: 'storage' });
  });

  it.each<[string, RegExp, Fault, string]>([
    [
      'the API server refuses',
      /^\/api\/v1\/nodes\?/,
      { do: 'answer', status: 403, body: '{"kind":"Status","code":403,"reason":"Forbidden"}' },
      'API_FORBIDDEN',
    ],
    [
      'something else answers',
      /^\/api\/v1\/pods\?/,
      { do: 'answer', status: 200, body: '{"kind":"PodList","apiVersion":"v1"}' },
      'API_UNAVAILABLE',
    ],
    [
      'has an item without a name',
      /^\/api\/v1\/nodes\?/,
      { do: 'answer', status: 200, body: '{"kind":"NodeList","apiVersion":"v1","items":[{"metadata":{}}]}' },
      'API_UNAVAILABLE',
    ],
  ])('is all of it or an error, where a list %s', async (_, path, fault, code) => {
    const cluster = await aCluster();
    const mend = faults.rules.add({ method: 'GET', path, fault: withJson(fault) });
    onTestFinished(mend);
    await expect(cluster.placementFacts()).rejects.toMatchObject({ code });
  });

  it('is volumes and classes alone, where a claim is all that waits', async () => {
    const others = /^\/api\/v1\/(?:nodes|pods|namespaces)\?/;
    onTestFinished(faults.rules.add({ method: 'GET', path: others, fault: { do: 'hold' } }));
    const name = `disk-${crypto.randomUUID()}`;
    const path = '/api/v1/persistentvolumes';
    await control.api.json('POST', path, {
      metadata: { name },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    });
    onTestFinished(async () => void (await control.api.json('DELETE', `${path}/${name}`)));
    const cluster = await aCluster();
    const { volumes, classes } = await cluster.storageFacts();
    expect(volumes).toContainEqual(expect.objectContaining({ metadata: expect.objectContaining({ name }) }));
    expect(classes).toBeInstanceOf(Array);
  });

  it('is what the list ends with, where it has to be begun anew', async () => {
    const cluster = await aCluster();
    const list = (metadata: object, ...names: readonly string[]) =>
      JSON.stringify({
        kind: 'NodeList',
        apiVersion: 'v1',
        metadata,
        items: names.map((name) => ({ metadata: { name } })),
      });
    const answers: readonly Fault[] = [
      { do: 'answer', status: 200, body: list({ continue: 'more' }, 'old', 'both') },
      { do: 'answer', status: 410, body: '{"kind":"Status","code":410,"reason":"Expired"}' },
      { do: 'answer', status: 200, body: list({}, 'both', 'new') },
    ];
    for (const fault of answers) {
      onTestFinished(
        faults.rules.add({ method: 'GET', path: /^\/api\/v1\/nodes\?/, times: 1, fault: withJson(fault) }),
      );
    }
    expect((await cluster.placementFacts()).nodes.map(({ name }) => name)).toEqual(['both', 'new']);
  });

  it('is given up when its caller does', async () => {
    const cluster = await aCluster();
    onTestFinished(faults.rules.add({ method: 'GET', path: /^\/api\/v1\/pods\?/, fault: { do: 'hold' } }));
    const signal = AbortSignal.timeout(100);
    await expect(cluster.placementFacts({ signal })).rejects.toBe(await reasonOf(signal));
  });
});

function withJson(fault: Fault): Fault {
  return fault.do === 'answer' ? { ...fault, headers: { 'content-type': 'application/json' } } : fault;
}

async function reasonOf(signal: AbortSignal): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  signal.addEventListener('abort', () => resolve(signal.reason));
  return await promise;
}
