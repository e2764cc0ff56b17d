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
import { type FaultServer, startFaultServer } from './fault-server.ts';

/** Where `run` dies: at its n-th write to the cluster, the first being 1, or at its push. */
export interface RunPoint {
  readonly at: number | 'push';
  /** `before`: it never arrives; `after`: it is done, and its answer never seen. What goes out beside it is done. */
  readonly moment: Exclude<Moment, 'amid'>;
}

export interface RunVerdict {
  readonly point: RunPoint;
  readonly differences: readonly string[];
}

interface Parts extends AsyncDisposable {
  readonly world: World;
  readonly first: FaultServer;
  readonly second: FaultServer;
  readonly folder: string;
}

async function prepare(ground: Ground): Promise<Parts> {
  const [world, first, second, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-run-')),
  ]);
  return {
    world,
    first,
    second,
    folder,
    async [Symbol.asyncDispose]() {
      await Promise.all([
        first.stop(),
        second.stop(),
        world[Symbol.asyncDispose](),
        rm(folder, { recursive: true }),
      ]);
    },
  };
}

/** Whether it changes something besides the lease. */
function isWrite(method: string, url: string): boolean {
  return method !== 'GET' && !url.includes('/leases') && !url.includes('dryRun=');
}

/** What an undisturbed `run` writes to the cluster, in order: `PATCH changed`. */
export async function runWrites(ground: Ground): Promise<readonly string[]> {
  await using parts = await prepare(ground);
  const { world, first, folder } = parts;
  world.kubeconfig = await first.kubeconfig(join(folder, 'first'), world.account);
  const run = await new FaultRun(world, { host: 'first', faults: first }).start();
  await run.passUntil('it is calm', () => run.isCalm);
  await run.stop();
  return first.requests
    .filter(({ method, url }) => isWrite(method, url))
    .map(({ method, url }) => `${method} ${url.split('?')[0]?.split('/').at(-1)}`.replaceAll(world.id, 'ID'));
}

export function runPoints(writes: readonly string[]): readonly RunPoint[] {
  const places = [...writes.map((_, index) => index + 1), 'push' as const];
  return places.flatMap((at) => (['before', 'after'] as const).map((moment) => ({ at, moment })));
}

/** Kills `run` at one point, starts another one, and compares how all ends. */
export async function runTrial(ground: Ground, calm: EndState, point: RunPoint): Promise<RunVerdict> {
  await using parts = await prepare(ground);
  const { world, first, second, folder } = parts;
  const observer = new Observer(world);
  await observer.look('before');
  world.kubeconfig = await first.kubeconfig(join(folder, 'first'), world.account);
  const one = new FaultRun(world, { host: 'first' });
  const { isReached, end } = point.at === 'push' ? atPush(world, point) : atWrite(first, point.at, point);
  await one.start();
  // What waits for its answer never ends, so time goes on beside it.
  void one.pass(60_000);
  await until('it is at its end', isReached);
  one.kill();
  await first.refuseConnections();
  end();

  world.kubeconfig = await second.kubeconfig(join(folder, 'second'), world.account);
  const two = await new FaultRun(world, { host: 'second', faults: second }).start();
  try {
    await two.passUntil('it is calm', () => two.isCalm);
    const damage = await world.repository.git(['fsck', '--strict', '--no-dangling']);
    const differences = differencesOf(calm, await observer.look('after'));
    return { point, differences: damage === '' ? differences : [...differences, damage] };
  } finally {
    await two.stop();
  }
}

interface Reaching {
  readonly isReached: () => boolean;
  readonly end: () => void;
}

function atWrite(faults: FaultServer, at: number, { moment }: RunPoint): Reaching {
  let writes = 0;
  faults.rules.choose = (method, url) => {
    if (!isWrite(method, url) || ++writes !== at) return undefined;
    return moment === 'before' ? { do: 'hold' } : { do: 'mute', afterBytes: 0 };
  };
  const isReached = () =>
    faults.requests.some(({ fault, answered }) => fault !== undefined && (moment === 'before' || answered));
  return { isReached, end: () => undefined };
}

function atPush({ server, id }: World, { moment }: RunPoint): Reaching {
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  let isThere = false;
  const remove = server.onRequest(async ({ method, url }) => {
    if (method !== 'POST' || !url.includes(id) || !url.endsWith('git-receive-pack')) return undefined;
    isThere = true;
    if (moment === 'after') return { stallResponseAfter: 0 };
    await isOver;
    return { refuse: 503 };
  });
  const isDone = () =>
    server.requests.some(
      ({ url, status }) => url.includes(id) && url.endsWith('git-receive-pack') && status === 200,
    );
  return {
    isReached: () => isThere && (moment === 'before' || isDone()),
    end: () => {
      remove();
      resolve();
    },
  };
}
