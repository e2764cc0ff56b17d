import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { World } from '../support/crash-world.ts';
import { FaultRun } from '../support/fault-run.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { wekaContainer } from '../support/manifests.ts';
import { type WekaNodes, wekaNodes } from '../support/weka-nodes.ts';

const cluster = await sharedCluster();
const ground = await prepareGround(cluster);
afterAll(() => ground.server.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GUARD = 5 * MINUTE;

interface Begun {
  readonly run: FaultRun;
  readonly world: World;
  readonly faults: FaultServer;
  readonly nodes: WekaNodes;
}

/** A run that has come to rest with two containers, and one node that has room for one of them. */
async function begun(): Promise<Begun> {
  const [world, faults, folder, nodes] = await Promise.all([
    World.make(ground),
    startFaultServer(cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-placement-')),
    wekaNodes(cluster),
  ]);
  onTestFinished(async () => {
    await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
  });
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  await nodes.add('a', { capacity: { cpu: '800m' } });
  const { namespace, repository } = world;
  await repository.commit({
    'namespace.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    'x.yaml': wekaContainer(namespace, 'x', nodes.onThem),
    'y.yaml': wekaContainer(namespace, 'y', nodes.onThem),
  });
  const run = await new FaultRun(world, {
    faults,
    isAgeless: true,
    lease: { durationMs: HOUR, renewMs: 20 * MINUTE },
    watch: { staleAfterMs: 9 * HOUR, relistEveryMs: 8 * HOUR },
    random: () => 0.5,
  }).start();
  onTestFinished(() => run.stop());
  await run.passUntil('it is calm', () => run.isCalm);
  // Statuses of pods that begin bring passes too.
  await run.pass(MINUTE);
  return { run, world, faults, nodes };
}

const podsOf = async ({ namespace }: World) => {
  const { stdout } = await cluster.kubectl(['get', 'pod', '-n', namespace, '-o', 'name']);
  return stdout.split('\n').filter(Boolean);
};

/** How often nodes, and all pods, were listed. */
function looks(run: FaultRun, from: number): readonly [nodes: number, pods: number] {
  const listed = (path: string) =>
    run.calls.slice(from).filter((call) => call.method === 'GET' && call.path === path).length;
  return [listed('/api/v1/nodes'), listed('/api/v1/pods')];
}

it(
  'what waits for a node is looked at again once a minute, and made where there is one',
  async () => {
    const { run, world, faults, nodes } = await begun();
    expect(await podsOf(world)).toEqual(['pod/x']);
    const waiting = run.calls.length;
    await run.pass(10 * MINUTE);
    expect(looks(run, waiting)).toEqual([10, 10]);

    // What cannot be listed is no reason to give up, nor to come more often.
    const mend = faults.rules.add({
      method: 'GET',
      path: /^\/api\/v1\/nodes\?/,
      fault: { do: 'answer', status: 403, body: FORBIDDEN, headers: { 'content-type': 'application/json' } },
    });
    await nodes.add('b');
    const blind = run.calls.length;
    await run.pass(5 * MINUTE);
    expect(looks(run, blind)[0]).toBe(5);
    expect(await podsOf(world)).toEqual(['pod/x']);
    mend();
    await run.pass(MINUTE);
    expect(await podsOf(world)).toEqual(['pod/x', 'pod/y']);

    await run.heard();
    await run.pass(MINUTE);
    const idle = run.calls.length;
    await run.pass(15 * MINUTE);
    expect(run.calls.slice(idle).filter(({ path }) => !path.includes('/leases/'))).toEqual([]);
    expect(run.isCalm).toBe(true);
  },
  GUARD,
);

const FORBIDDEN = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Forbidden',
  code: 403,
  message: 'nodes is forbidden',
});
