import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';
import type { SentCall } from '../support/fault-calls.ts';
import { FaultRun, type FaultRunOptions } from '../support/fault-run.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { configMap } from '../support/manifests.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Where days go by, the lease is renewed, and all is listed and asked, as seldom as the days are long. Chance is such that
 * a list falls on the moment of a heartbeat.
 */
const DAYS = {
  lease: { durationMs: HOUR, renewMs: 20 * MINUTE },
  watch: { staleAfterMs: 9 * DAY, relistEveryMs: 8 * HOUR },
  pollSeconds: 3600,
  isAgeless: true,
  random: () => 0.5,
} satisfies FaultRunOptions;

interface AtRest {
  readonly run: FaultRun;
  readonly world: World;
  readonly faults: FaultServer;
}

/** A run that has come to rest, and a way to take the API server from it. Its watches age, unless days go by. */
async function atRest(options: FaultRunOptions = {}): Promise<AtRest> {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-outage-')),
  ]);
  onTestFinished(async () => {
    await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
  });
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  const run = await new FaultRun(world, { faults, ...options }).start();
  onTestFinished(() => run.stop());
  await run.passUntil('it is calm', () => run.isCalm);
  await run.pass(MINUTE);
  return { run, world, faults };
}

/** Somebody commits while nothing can be done about it. */
async function commitLater({ repository, namespace }: World): Promise<void> {
  await repository.commit({ 'changed.yaml': configMap(namespace, 'changed', { value: 'later' }) });
}

async function isLater({ cluster, namespace }: World): Promise<boolean> {
  const path = 'jsonpath={.data.value}';
  const { stdout } = await cluster.kubectl(['get', 'configmap', 'changed', '-n', namespace, '-o', path]);
  return stdout === 'later';
}

/** The writes of a pass that makes the commit true: the record before, the object, and the record with that commit. */
function recorded({ namespace }: World): readonly string[] {
  return [`PATCH ${namespace}`, 'PATCH changed', `PATCH ${namespace}`];
}

function takeGit({ server, id }: World): () => void {
  return server.onRequest(({ url }) => (url.includes(id) ? { refuse: 503 } : undefined));
}

/** What changes something, the lease aside. */
const writes = (calls: readonly SentCall[]) =>
  calls
    .filter(({ method, path }) => method !== 'GET' && !path.includes('/leases'))
    .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);

/** Milliseconds between one and the next. */
const gaps = (calls: readonly { readonly at: number }[]) =>
  calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? 0));

/** The most that came in any minute. */
function mostInAMinute(calls: readonly { readonly at: number }[]): number {
  const within = ({ at: from }: { readonly at: number }) =>
    calls.filter(({ at }) => at >= from && at < from + MINUTE).length;
  return Math.max(...calls.map(within));
}

const messages = (run: FaultRun) => run.warnings.map(({ message }) => message);

const commitsOf = async ({ repository, statusRef }: World) =>
  Number(await repository.git(['rev-list', '--count', statusRef]));

describe('an API server that is away for six hours', () => {
  it('is asked ever less often, and is not stormed when it is back', async () => {
    const { run, world, faults } = await atRest();
    const { term } = run.lease;
    const begun = run.calls.length;
    await faults.refuseConnections();
    run.isHasty = true;
    await commitLater(world);
    await run.pass(6 * HOUR, { stepMs: SECOND });

    const late = run.calls.slice(begun).filter(({ at }) => at > run.time.now() - 5 * HOUR);
    expect(writes(run.calls.slice(begun))).toEqual([]);
    // Six lists and the lease: each waits for 15 to 30 s in the end, and never twice the same time.
    expect(mostInAMinute(late)).toBeLessThanOrEqual(40);
    for (const place of ['/leases/', '/services', '/namespaces']) {
      const waits = gaps(
        late.filter(({ path }) => path.includes(place) && (place !== '/namespaces' || path.endsWith(place))),
      );
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(14 * SECOND);
      expect(Math.max(...waits)).toBeLessThanOrEqual(31 * SECOND);
      expect(new Set(waits).size).toBeGreaterThan(5);
    }
    // A pass may have been about to read the commit, and a busy machine may find out in two ways that nobody answers.
    expect(run.warnings.length).toBeLessThanOrEqual(8);
    expect([...new Set(messages(run))].filter((message) => message !== 'Pass failed')).toEqual([
      'Lost a watch; trying again',
      'Could not renew the lease',
      'Lost the lease',
      'Could not look at the lease',
    ]);

    const back = run.time.now();
    run.isHasty = false;
    await faults.acceptConnections();
    // Where the lease comes back last, all is calm for a moment before the repository is asked.
    await run.passUntil('the commit', () => isLater(world), 2 * MINUTE);
    await run.passUntil('it is calm', () => run.isCalm, 2 * MINUTE);
    expect(run.time.now() - back).toBeLessThanOrEqual(35 * SECOND);
    expect(run.lease.term).toBe(term + 1);
    const returned = run.calls.filter(({ at }) => at >= back);
    expect(writes(returned)).toEqual(recorded(world));
    expect(returned.length).toBeLessThanOrEqual(45);
  }, 300_000);

  it('together with the git server leaves nothing behind that both do not mend', async () => {
    const { run, world, faults } = await atRest();
    const giveGit = takeGit(world);
    await faults.refuseConnections();
    run.isHasty = true;
    await commitLater(world);
    await run.pass(6 * HOUR, { stepMs: 5 * SECOND });
    const back = run.time.now();
    run.isHasty = false;
    giveGit();
    await faults.acceptConnections();
    await run.passUntil('the commit', () => isLater(world), 5 * MINUTE);
    await run.passUntil('it is calm', () => run.isCalm, 2 * MINUTE);
    const returned = run.calls.filter(({ at }) => at >= back);
    expect(writes(returned)).toEqual(recorded(world));
  }, 300_000);
});

describe('a git server that is away for three days', () => {
  it('is asked every two minutes at most, told of in one line, and then told once what it missed', async () => {
    const { run, world } = await atRest(DAYS);
    const commits = await commitsOf(world);
    const giveGit = takeGit(world);
    const begun = { git: run.gitCalls.length, api: run.calls.length };
    await run.pass(3 * DAY, { stepMs: 10 * SECOND });

    const asked = run.gitCalls.slice(begun.git);
    const polls = asked.filter(({ what }) => what === 'tip');
    const pushes = asked.filter(({ what }) => what === 'publish');
    expect(Math.max(...gaps(polls))).toBeLessThanOrEqual(130 * SECOND);
    expect(mostInAMinute(polls.filter(({ at }) => at > HOUR + (polls[0]?.at ?? 0)))).toBeLessThanOrEqual(8);
    expect(Math.max(...gaps(pushes))).toBeLessThanOrEqual(310 * SECOND);
    expect(writes(run.calls.slice(begun.api))).toEqual([]);
    expect(messages(run)).toEqual(['Could not ask the repository', 'Could not write the status branch']);

    giveGit();
    await run.pass(10 * MINUTE);
    expect((await commitsOf(world)) - commits).toBe(1);
    expect(run.lines.filter(({ message }) => message === 'Works again')).toHaveLength(2);
  }, 300_000);
});

describe('a run to which nothing happens', () => {
  it('tells on the status branch once a day that it lives, however long a push takes, and writes nothing else', async () => {
    const { run, world } = await atRest(DAYS);
    world.server.onRequest(({ url }) => {
      if (url.includes(world.id) && url.endsWith('git-receive-pack')) run.time.pass(3 * SECOND);
      return undefined;
    });
    const begun = run.calls.length;
    for (let days = 1; days <= 3; days++) {
      const commits = await commitsOf(world);
      await run.pass(DAY, { stepMs: MINUTE });
      expect((await commitsOf(world)) - commits).toBe(1);
    }
    expect(writes(run.calls.slice(begun))).toEqual([]);
    expect(run.warnings).toEqual([]);
  }, 300_000);
});

describe('a clock that jumps', () => {
  it.each([
    ['ahead', DAY],
    ['back', -DAY],
  ])(
    'a day %s costs one list of everything at most, and neither lease nor objects',
    async (_where, shift) => {
      // By chance of a half a watch lives for 450 s.
      const { run } = await atRest({ random: () => 0.5 });
      const { term } = run.lease;
      const begun = { api: run.calls.length, git: run.gitCalls.length };
      run.clockShiftMs += shift;
      await run.pass(5 * MINUTE);
      const calls = run.calls.slice(begun.api);
      const ofLists = calls.filter(({ path }) => !path.includes('/leases'));
      // Node agents are watched by two.
      expect(ofLists.filter(({ watch }) => !watch).length).toBeLessThanOrEqual(shift > 0 ? 8 : 0);
      expect(ofLists.filter(({ watch }) => watch).length).toBeLessThanOrEqual(shift > 0 ? 8 : 0);
      expect(writes(calls)).toEqual([]);
      expect(run.lease.term).toBe(term);
      expect(run.isCalm).toBe(true);
      expect(run.gitCalls.length - begun.git).toBeLessThanOrEqual(6);
    },
    300_000,
  );
});

describe('a process that was paused for ten minutes', () => {
  it('knows that its lease is gone before it does anything, and goes on when it has it again', async () => {
    const { run, world } = await atRest();
    const { term } = run.lease;
    const begun = run.calls.length;
    await commitLater(world);
    run.time.pass(10 * MINUTE);
    expect(run.lease.isHeld()).toBe(false);
    await run.passUntil('the commit', () => isLater(world));
    await run.passUntil('it is calm', () => run.isCalm);
    expect(run.lease.term).toBe(term + 1);
    const calls = run.calls.slice(begun);
    const taken = calls.findIndex(({ method, path }) => method === 'PUT' && path.includes('/leases'));
    expect(writes(calls.slice(0, taken))).toEqual([]);
    expect(writes(calls)).toEqual(recorded(world));
    expect(messages(run)).toContain('Lost the lease');
  }, 300_000);
});
