import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Status } from '../../schemas/output/status.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';
import { FaultRun, type FaultRunOptions } from '../support/fault-run.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { configMap } from '../support/manifests.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** How long a test may take on a machine that is busy with others. */
const GUARD = 5 * MINUTE;

interface AtRest {
  readonly run: FaultRun;
  readonly world: World;
  readonly faults: FaultServer;
}

/** Watches that stay open for as long as they are let, and little else that happens of itself. */
const UNMOVED = {
  isAgeless: true,
  lease: { durationMs: HOUR, renewMs: 20 * MINUTE },
  watch: { staleAfterMs: 9 * HOUR, relistEveryMs: 8 * HOUR },
  random: () => 0.5,
} satisfies FaultRunOptions;

/** A run that has come to rest. */
async function atRest(): Promise<AtRest> {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-loop-')),
  ]);
  onTestFinished(async () => {
    await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
  });
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  const run = await new FaultRun(world, { faults, ...UNMOVED }).start();
  onTestFinished(() => run.stop());
  await run.passUntil('it is calm', () => run.isCalm);
  await run.pass(MINUTE);
  return { run, world, faults };
}

const INVALID = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Invalid',
  code: 422,
  message: 'it is not valid',
});

/** An API server that does not take the object `made`. */
function refuseMade(faults: FaultServer): () => void {
  return faults.rules.add({
    method: 'PATCH',
    path: /\/configmaps\/made\?/,
    fault: {
      do: 'answer',
      status: 422,
      headers: { 'content-type': 'application/json' },
      body: INVALID,
    },
  });
}

const triesOf = (run: FaultRun, name: string, from = 0) =>
  run.calls.slice(from).filter(({ method, path }) => method === 'PATCH' && path.endsWith(`/${name}`)).length;

/** What was written, the lease aside. */
const writes = (run: FaultRun, from: number) =>
  run.calls.slice(from).filter(({ method, path }) => method !== 'GET' && !path.includes('/leases')).length;

const passes = (run: FaultRun, from: number) =>
  run.lines.slice(from).filter(({ message }) => message === 'Pass begins').length;

const remove = async ({ cluster, namespace }: World, name: string) =>
  await cluster.kubectl(['delete', 'configmap', name, '-n', namespace]);

async function setHealth({ cluster, namespace }: World, n: number): Promise<void> {
  const lastTransitionTime = '2026-11-25T00:00:00Z';
  const condition = { type: 'Flaps', status: 'True', reason: `Time${n}`, message: '', lastTransitionTime };
  const what = ['patch', 'service', 'main', '-n', namespace, '--subresource', 'status', '--type', 'merge'];
  await cluster.kubectl([...what, '-p', JSON.stringify({ status: { conditions: [condition] } })]);
}

const commitsOf = async ({ repository, statusRef }: World) =>
  Number(await repository.git(['rev-list', '--count', statusRef]));

const statusOf = async ({ repository, statusRef }: World) =>
  Status.parse(JSON.parse(await repository.file('status.json', statusRef)));

describe('an object that the API server does not take', () => {
  it(
    'is tried at its own pace and told of once, however often something else changes',
    async () => {
      const { run, world, faults } = await atRest();
      const takeAgain = refuseMade(faults);
      await remove(world, 'made');
      await run.heard();
      await run.pass(HOUR);
      const rest = run.calls.length;
      await run.pass(HOUR);
      const atRestTries = triesOf(run, 'made', rest);
      // By chance of a half each wait is half of five minutes.
      expect(atRestTries).toBeGreaterThanOrEqual(20);
      expect(atRestTries).toBeLessThanOrEqual(25);

      const flapping = { calls: run.calls.length, lines: run.lines.length, commits: await commitsOf(world) };
      for (let n = 0; n < 120; n++) {
        await setHealth(world, n);
        await run.heard();
        await run.pass(30 * SECOND);
      }
      expect(passes(run, flapping.lines)).toBeGreaterThanOrEqual(110);
      expect(triesOf(run, 'made', flapping.calls)).toBeLessThanOrEqual(25);
      expect(writes(run, flapping.calls)).toBe(triesOf(run, 'made', flapping.calls));
      const told = run.warnings.filter(({ message }) => message === 'Could not apply change');
      expect(told).toHaveLength(1);
      expect((await statusOf(world)).failed).toHaveLength(1);

      const after = run.calls.length;
      await run.pass(HOUR);
      expect(triesOf(run, 'made', after)).toBeLessThanOrEqual(25);

      takeAgain();
      // A new commit is not kept waiting by what failed before it.
      await world.repository.commit({ 'README.md': 'A word.\n' });
      await run.pass(2 * MINUTE);
      expect((await statusOf(world)).clean).toBe(true);
    },
    GUARD,
  );
});

describe('an object that somebody deletes each time it is made', () => {
  it(
    'is made ever more seldom, with one warning, and few commits on the status branch',
    async () => {
      const { run, world } = await atRest();
      const begun = { calls: run.calls.length, commits: await commitsOf(world) };
      const exists = async () => {
        const found = ['get', 'configmap', 'made', '-n', world.namespace, '--ignore-not-found', '-o', 'name'];
        return (await world.cluster.kubectl(found)).stdout !== '';
      };
      for (const end = run.time.now() + 10 * MINUTE; run.time.now() < end;) {
        if (await exists()) {
          await remove(world, 'made');
          await run.heard();
        }
        await run.pass(5 * SECOND);
      }
      // Six at once, and then after one, two and four minutes.
      expect(triesOf(run, 'made', begun.calls)).toBeLessThanOrEqual(10);
      expect(triesOf(run, 'made', begun.calls)).toBeGreaterThanOrEqual(8);
      expect((await commitsOf(world)) - begun.commits).toBeLessThanOrEqual(12);
      expect(run.warnings.map(({ message }) => message)).toEqual([
        'Somebody undoes each correction; leaving the object alone for a while',
      ]);
      const { waiting, clean } = await statusOf(world);
      expect(clean).toBe(false);
      expect(waiting).toEqual([
        {
          target: expect.stringMatching(/made$/),
          why: expect.stringMatching(/deletes it each time it is made/),
        },
      ]);
    },
    GUARD,
  );

  it(
    'is named with the manager that sets it back, and with the field',
    async () => {
      const { run, world } = await atRest();
      for (let n = 0; n < 8; n++) {
        const patch = JSON.stringify({ data: { as: `edit ${n}` } });
        const edit = ['patch', 'configmap', 'kept', '-n', world.namespace, '--field-manager', 'rival'];
        await world.cluster.kubectl([...edit, '-p', patch]);
        await run.heard();
        await run.pass(2 * SECOND);
      }
      expect(run.warnings.map(({ rival, id, fields }) => ({ rival, id, fields }))).toEqual([
        { rival: 'rival', id: `v1/ConfigMap/${world.namespace}/kept`, fields: 'data.as' },
      ]);
      await run.pass(20 * SECOND);
      expect((await statusOf(world)).waiting.map(({ why }) => why)).toEqual([
        expect.stringMatching(/^rival undoes each correction of data\.as, so /),
      ]);
      // Once it is left in peace, all is well again.
      await run.pass(5 * MINUTE);
      expect((await statusOf(world)).clean).toBe(true);
    },
    GUARD,
  );
});

describe('a commit that cannot be read', () => {
  it(
    'is fetched ever more seldom, told of once, and stands in the status until there is another one',
    async () => {
      const { run, world } = await atRest();
      const before = (await statusOf(world)).commit;
      const begun = run.gitCalls.length;
      const lines = run.lines.length;
      await world.repository.commit({
        'changed.yaml': configMap(world.namespace, 'changed', { value: 'new' }),
      });
      const giveBack = world.server.onRequest(({ url, method }) =>
        url.includes(world.id) && method === 'POST' && url.endsWith('git-upload-pack')
          ? { refuse: 413 }
          : undefined,
      );
      await run.pass(HOUR);
      const reads = run.gitCalls.slice(begun).filter(({ what }) => what === 'read');
      expect(reads.length).toBeLessThanOrEqual(22);
      expect(run.warnings.map(({ message }) => message)).toEqual([
        'Could not read the commit; going on with the one before',
      ]);
      const since = run.lines.slice(lines);
      expect(since.filter(({ message }) => message === 'Works again')).toHaveLength(0);
      const ends = since.filter(({ message }) => message === 'Pass ended');
      expect(ends.length).toBeGreaterThan(0);
      expect(ends.filter(({ clean }) => clean !== false)).toEqual([]);
      const status = await statusOf(world);
      expect(status).toMatchObject({ commit: before, clean: false });
      expect(status.findings.map(({ rule }) => rule)).toEqual(['commit-unread']);
      expect(run.waitsFor).toEqual([expect.stringMatching(/^commit [0-9a-f]{40}: /)]);

      // It keeps no hand edit from being corrected.
      await remove(world, 'kept');
      await run.heard();
      const from = run.calls.length;
      await run.pass(SECOND);
      expect(triesOf(run, 'kept', from)).toBe(1);

      giveBack();
      await world.repository.commit({ 'README.md': 'A word.\n' });
      await run.pass(2 * MINUTE);
      expect((await statusOf(world)).clean).toBe(true);
      expect(run.waitsFor).toEqual([]);
      expect(run.lines.filter(({ message }) => message === 'Works again')).toHaveLength(1);
    },
    GUARD,
  );
});

describe('a repository that is away from the start', () => {
  it(
    'is asked at its own pace and told of once, and nothing else waits when it is back',
    async () => {
      const world = await aWorldInChange(ground);
      onTestFinished(() => world[Symbol.asyncDispose]());
      const giveBack = world.server.onRequest(({ url }) =>
        url.includes(world.id) ? { refuse: 503 } : undefined,
      );
      const run = await new FaultRun(world, UNMOVED).start();
      onTestFinished(() => run.stop());
      await run.pass(HOUR, { stepMs: SECOND });
      expect(run.warnings.map(({ message }) => message)).toEqual(['Could not ask the repository']);
      expect(run.waitsFor).toContain('the first pass');
      // By chance of a half: 1, 2, 4 … 32 s, and then a minute each.
      expect(run.gitCalls.length).toBeLessThanOrEqual(70);
      giveBack();
      expect(await run.passUntil('it is calm', () => run.isCalm)).toBeLessThanOrEqual(61 * SECOND);
      expect(run.lines.filter(({ message }) => message === 'Works again')).toHaveLength(1);
    },
    GUARD,
  );
});

describe('a list that a person has to allow', () => {
  it(
    'is said to be waited for, told of once, and once more when it is allowed',
    async () => {
      const { run, world, faults } = await atRest();
      const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 };
      const allow = faults.rules.add({
        method: 'GET',
        path: new RegExp(`/namespaces/${world.namespace}/services\\?`),
        fault: { do: 'answer', status: 403, headers: { 'content-type': 'application/json' }, body },
      });
      for (const watch of faults.openWatches) if (watch.url.includes('/services?')) watch.end();
      await run.passUntil('it says so', () => run.waitsFor.some((what) => what.includes('services')));
      const begun = run.lines.length;
      await run.pass(HOUR);
      expect(passes(run, begun)).toBeGreaterThan(5);
      const told = run.warnings.filter(({ message }) => message === 'Could not read all objects');
      expect(told.map(({ kind, code }) => [kind, code])).toEqual([['Service', 'API_FORBIDDEN']]);

      allow();
      await run.passUntil('it is calm', () => run.isCalm);
      const over = run.lines.filter(({ message, kind }) => message === 'Works again' && kind === 'Service');
      expect(over).toHaveLength(1);
    },
    GUARD,
  );
});

describe('a status branch that takes no push', () => {
  it(
    'keeps no hand edit from being corrected, and is tried at its own pace',
    async () => {
      const { run, world } = await atRest();
      const begun = run.gitCalls.length;
      const giveBack = world.server.onRequest(({ method, url }) =>
        method === 'POST' && url.includes(world.id) && url.endsWith('git-receive-pack')
          ? { refuse: 503 }
          : undefined,
      );
      for (let n = 0; n < 60; n++) {
        await setHealth(world, n);
        await run.heard();
        await run.pass(MINUTE);
      }
      const edited = run.calls.length;
      await remove(world, 'kept');
      await run.heard();
      await run.pass(SECOND);
      expect(triesOf(run, 'kept', edited)).toBe(1);
      const pushes = run.gitCalls.slice(begun).filter(({ what }) => what === 'publish');
      // By chance of a half: 1, 2, 4 … 64, 128 s, and then 150 s each.
      expect(pushes.length).toBeLessThanOrEqual(35);
      giveBack();
      await run.pass(6 * MINUTE);
      expect((await statusOf(world)).clean).toBe(true);
    },
    GUARD,
  );
});

describe('health', () => {
  it(
    'is heard of again after the lease was lost',
    async () => {
      const { run, world } = await atRest();
      await setHealth(world, 1);
      await run.heard();
      run.time.pass(2 * HOUR);
      await run.passUntil('it is calm', () => run.isCalm);
      await run.pass(MINUTE);
      const from = run.lines.length;
      await setHealth(world, 2);
      await run.heard();
      await run.pass(10 * SECOND);
      expect(passes(run, from)).toBe(1);
    },
    GUARD,
  );

  it(
    'of the process itself is bad while a pass hangs, though the poll goes on',
    async () => {
      const { run, world, faults } = await atRest();
      const letGo = faults.rules.add({
        method: 'PATCH',
        path: /\/configmaps\/kept\?/,
        fault: { do: 'hold' },
      });
      onTestFinished(letGo);
      await remove(world, 'kept');
      const polls = () => run.gitCalls.filter(({ what }) => what === 'tip').length;
      const isHeld = () => faults.requests.some(({ fault }) => fault === 'hold');
      await until('it writes', () => {
        if (!isHeld()) run.time.pass(SECOND);
        return isHeld();
      });
      expect(run.health).toBeUndefined();
      const before = polls();
      await until(
        'it is noticed',
        () => {
          run.time.pass(10 * SECOND);
          return run.health !== undefined;
        },
        { everyMs: 10 },
      );
      expect(polls() - before).toBeGreaterThan(10);
      expect(run.health).toMatch(/^The pass has gone on for 3\d minutes$/);
      letGo();
      await faults.refuseConnections();
      await faults.acceptConnections();
    },
    GUARD,
  );
});
