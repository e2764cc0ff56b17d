import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../cluster/until.ts';
import { aWorldInChange } from './crash-disturbed.ts';
import type { Moment } from './crash-kill.ts';
import { type EndState, Observer } from './crash-state.ts';
import { differencesOf, type Ground } from './crash-trial.ts';
import type { World } from './crash-world.ts';
import { FaultRun } from './fault-run.ts';
import type { Fault } from './fault-rules.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';

/** A write of `run` to its lease: the first ever, one that takes a free lease, a renewal, and the last one. */
export type LeaseWrite = 'create' | 'take' | 'renew' | 'release';

export interface LeasePoint {
  readonly write: LeaseWrite;
  /** `amid`: it is on its way when its sender dies, and arrives when the next process has looked. */
  readonly moment: Moment;
}

const WRITES: readonly LeaseWrite[] = ['create', 'take', 'renew', 'release'];
const MOMENTS: readonly Moment[] = ['before', 'after', 'amid'];

export const LEASE_POINTS: readonly LeasePoint[] = WRITES.flatMap((write) =>
  MOMENTS.map((moment) => ({ write, moment })),
);

export interface LeaseVerdict {
  readonly point: LeasePoint;
  /** Until the next process had the lease. */
  readonly waitedMs: number;
  readonly differences: readonly string[];
}

/** A lease of 15 s that nobody renews is left alone for 20 s; a write that arrives late is a sign of life. */
const TAKEN_WITHIN_MS = 23_000;
const TAKEN_AFTER_LATE_WITHIN_MS = 45_000;

/** Kills `run` at one write to its lease, starts another one, and compares how all ends. */
export async function leaseTrial(ground: Ground, calm: EndState, point: LeasePoint): Promise<LeaseVerdict> {
  const [world, first, second, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-lease-')),
  ]);
  const looked = Promise.withResolvers<void>();
  const observer = new Observer(world);
  await observer.look('before');
  const earlier = point.write === 'create' ? await removeLease(world) : await termOf(world);
  world.kubeconfig = await first.kubeconfig(join(folder, 'first'), world.account);
  const one = new FaultRun(world, { host: 'first' });
  await dieAt(point, { run: one, faults: first, looked: looked.promise });
  await first.refuseConnections();

  world.kubeconfig = await second.kubeconfig(join(folder, 'second'), world.account);
  if (point.moment === 'amid') releaseAfterLook(second, looked.resolve, first);
  const two = await new FaultRun(world, { host: 'second', faults: second }).start();
  try {
    const waitedMs = await two.passUntil('it has the lease', () => two.lease.isHeld(), 60_000);
    await two.passUntil('it is calm', () => two.isCalm);
    const differences = [
      ...differencesOf(calm, await observer.look('after')),
      ...differencesOf(expectedLease(point, earlier), await leaseOf(world), 'lease'),
      ...(waitedMs > (point.moment === 'amid' ? TAKEN_AFTER_LATE_WITHIN_MS : TAKEN_WITHIN_MS)
        ? [`the lease was waited for ${waitedMs} ms`]
        : []),
    ];
    return { point, waitedMs, differences };
  } finally {
    looked.resolve();
    await two.stop();
    await Promise.all([
      first.stop(),
      second.stop(),
      world[Symbol.asyncDispose](),
      rm(folder, { recursive: true }),
    ]);
  }
}

async function dieAt(
  { write, moment }: LeasePoint,
  {
    run,
    faults,
    looked,
  }: { readonly run: FaultRun; readonly faults: FaultServer; readonly looked: Promise<void> },
): Promise<void> {
  const method = write === 'create' ? 'POST' : 'PUT';
  const kill = () => faults.rules.add({ method, path: /\/leases/, times: 1, fault: faultOf(moment, looked) });
  const isAtStart = write === 'create' || write === 'take';
  if (isAtStart) kill();
  await run.start();
  // A process that finds no lease, though the namespace is there, lets some time pass before it makes one.
  if (isAtStart) void run.pass(60_000);
  else {
    await run.passUntil('it is calm', () => run.isCalm);
    kill();
    // Neither ends any more.
    if (write === 'renew') void run.pass(5000);
    else void run.stop();
  }
  await until('it is at its end', () =>
    faults.requests.some(({ fault, answered }) => fault !== undefined && (moment !== 'after' || answered)),
  );
  run.kill();
}

function faultOf(moment: Moment, looked: Promise<void>): Fault {
  switch (moment) {
    case 'before':
      return { do: 'hold' };
    case 'after':
      return { do: 'mute', afterBytes: 0 };
    case 'amid':
      return { do: 'late', until: looked };
    default:
      throw new Error(`Unknown moment: ${JSON.stringify(moment satisfies never)}`);
  }
}

/** Lets the late write through once the next process has read the lease, and holds that process's own write meanwhile. */
function releaseAfterLook(second: FaultServer, release: () => void, first: FaultServer): void {
  const isDone = until('the late write is done', () =>
    first.requests.some(({ fault, answered }) => fault === 'late' && answered),
  ).then(() => undefined);
  for (const method of ['POST', 'PUT']) {
    second.rules.add({ method, path: /\/leases/, times: 1, fault: { do: 'wait', until: isDone } });
  }
  const hasLooked = until('the next one has looked', () =>
    second.requests.some(
      ({ method, url, answered }) => method === 'GET' && url.includes('/leases') && answered,
    ),
  );
  void hasLooked.then(release);
}

/** The passes that made the world have held the lease too. */
async function termOf(world: World): Promise<number> {
  return (await leaseOf(world)).term ?? 0;
}

/** Nobody has ever held it. */
async function removeLease({ cluster, systemNamespace, id }: World): Promise<number> {
  const { exitCode, stderr } = await cluster.kubectl(['delete', 'lease', `w-${id}`, '-n', systemNamespace]);
  if (exitCode !== 0) throw new Error(stderr);
  return 0;
}

/** Each holder has a term of its own, and none is given twice. */
function expectedLease({ write, moment }: LeasePoint, earlier: number): object {
  const firstHadIt = write === 'renew' || write === 'release' || moment !== 'before';
  return { holder: 'second', term: earlier + (firstHadIt ? 2 : 1) };
}

async function leaseOf({
  cluster,
  systemNamespace,
  id,
}: World): Promise<{ readonly holder: string | undefined; readonly term: number | undefined }> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${systemNamespace}/leases/w-${id}`;
  const { spec } = await cluster.api.json<{
    spec: { readonly holderIdentity?: string; readonly leaseTransitions?: number };
  }>('GET', path);
  return { holder: spec.holderIdentity?.split('_')[0], term: spec.leaseTransitions };
}
