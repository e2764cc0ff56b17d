import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { FIRST, SECOND } from './driver-modules.ts';
import { DriverNode, startDriverNode } from './driver-node.ts';
import { packDrivers } from './driver-packages.ts';
import { afterAllTests } from './has-failed.ts';
import { PATIENT } from './observe.ts';
import { PackageServer } from './package-server.ts';

/** Calls of the kernel by which the agent changes what is on its disk; by the last it hears that a program has ended. */
const CALLS = ['rename', 'unlink', 'rmdir', 'mkdir', 'fsync', 'fdatasync', 'ftruncate', 'wait4'] as const;

/** Kills a process when one of its threads is about to make such a call for the so manieth time. */
const TRACE = `
  /usr/lib/guest/strace -f -qq -o /run/traced -p "$0" -e trace="$1" -e inject="$1:signal=SIGKILL:when=$2" \
    </dev/null >/dev/null 2>&1 &`;

/** Whether only the agent is killed, or the whole guest. */
type Victim = 'agent' | 'guest';

interface Point {
  readonly call: (typeof CALLS)[number];
  /** Of these calls of one upgrade, the one that is never made. */
  readonly number: number;
  readonly victim: Victim;
}

const SAMPLE: readonly Point[] = [
  { call: 'rename', number: 2, victim: 'agent' },
  { call: 'wait4', number: 1, victim: 'agent' },
  { call: 'wait4', number: 2, victim: 'guest' },
];

/** All of them are tried by `npm run sweep drivers`. */
const isSweep = process.env['WEKA_GITOPS_SWEEP'] === 'drivers';

const cluster = await sharedCluster();
let node: DriverNode;
let service: PackageServer;
let trials = 0;

beforeAll(async () => {
  service = await PackageServer.start();
  // Calls are counted for each thread.
  node = await startDriverNode(cluster, { kernel: '6.1', env: ['UV_THREADPOOL_SIZE=1'] });
  await ask();
  await untilLoaded(FIRST);
}, 1_200_000);

afterAllTests(async (failed) => await node?.guest.end({ failed }));
afterAll(async () => await service?.stop());

const versionOf = (trial: number) => (trial % 2 === 0 ? FIRST : SECOND);

/** Asks for the version that is not loaded, in a package that the agent never had. */
async function ask(): Promise<number> {
  const { package: wanted, bytes } = await packDrivers({
    kernel: '6.1',
    version: versionOf(trials),
    mark: `trial ${trials}`,
  });
  service.files.set(wanted.file, { bytes });
  return await node.ask({
    package: wanted,
    from: [{ url: service.url }],
    owner: 'WekaCluster weka/demo',
    replace: 'unused',
  });
}

async function untilLoaded(version: string): Promise<void> {
  const isLoaded = async () => {
    expect(await node.loaded()).toEqual(DriverNode.all(version));
    return true;
  };
  await until(`${version} is loaded`, isLoaded, { ...PATIENT, everyMs: 200 });
}

/** Upgrades once, and kills the agent on the way. Gives whether it came so far. */
async function upgradeWithEnd({ call, number, victim }: Point): Promise<boolean> {
  trials += 1;
  const { guest } = node;
  const pid = await node.agentPid();
  if (victim === 'guest') await guest.output('touch', '/run/stay-away');
  await guest.output('sh', '-c', TRACE, pid, call, `${number}`);
  const isTraced = async () => /^TracerPid:\t[1-9]/m.test(await guest.output('cat', `/proc/${pid}/status`));
  await until('the agent is looked at', isTraced, PATIENT);
  const generation = await ask();
  const hasEnded = async () => (await guest.run('test', ['-d', `/proc/${pid}`])).exitCode !== 0;
  const isDone = async () => {
    const report = await node.report();
    return report?.intentGeneration === generation && report.drivers?.state === 'loaded';
  };
  await until('the agent ends or is done', async () => (await hasEnded()) || (await isDone()), PATIENT);
  const hasCome = await hasEnded();
  if (hasCome && victim === 'guest') await guest.reset();
  else await guest.run('sh', ['-c', 'rm -f /run/stay-away; killall strace']);
  await node.told(generation, { state: 'loaded' });
  await untilLoaded(versionOf(trials));
  return hasCome;
}

/** Ends it at each call in turn, until it is done before the next. */
async function* everyPoint(): AsyncGenerator<Point> {
  for (const victim of ['agent', 'guest'] as const) {
    for (const call of CALLS) {
      for (let number = 1; !isBeyond; number++) yield { victim, call, number };
      isBeyond = false;
    }
  }
}
let isBeyond = false;

describe(
  'an agent that is killed while it replaces drivers',
  { timeout: isSweep ? 7_200_000 : 600_000 },
  () => {
    it('has replaced them after its next start', async () => {
      let killed = 0;
      for await (const point of isSweep ? everyPoint() : SAMPLE) {
        isBeyond = !(await upgradeWithEnd(point));
        if (!isBeyond) killed += 1;
        if (isSweep) console.error(`${JSON.stringify(point)}: ${isBeyond ? 'done before' : 'replaced'}`);
      }
      console.error(`Killed ${killed} times, and replaced every time.`);
      expect(killed).toBeGreaterThanOrEqual(SAMPLE.length);
    });
  },
);
