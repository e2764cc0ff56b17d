import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { LeaseLostError } from '../../reconciler/world/lease/errors.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';
import { FaultRun } from '../support/fault-run.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { configMap } from '../support/manifests.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const GUARD = 5 * MINUTE;

/** One of two processes, with a clone and faults of its own, and watches that stay open for as long as they are let. */
async function aWay(
  world: World,
  host: string,
): Promise<{ readonly faults: FaultServer; readonly run: FaultRun }> {
  const [faults, folder] = await Promise.all([
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-hand-over-')),
  ]);
  onTestFinished(async () => void (await Promise.all([faults.stop(), rm(folder, { recursive: true })])));
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  const watch = { staleAfterMs: 9 * HOUR, relistEveryMs: 8 * HOUR };
  const { cacheDir } = world;
  world.cacheDir = join(folder, 'clone');
  const run = await new FaultRun(world, { faults, host, isAgeless: true, random: () => 0.5, watch }).start();
  world.cacheDir = cacheDir;
  onTestFinished(() => run.stop());
  return { faults, run };
}

const valuesIn = async ({ cluster, namespace }: World) => {
  const path = 'jsonpath={range .items[*]}{.metadata.name}={.data.value} {end}';
  const { stdout } = await cluster.kubectl(['get', 'configmap', '-n', namespace, '-o', path]);
  return stdout.split(' ').filter((each) => /^(changed|fresh)=/.test(each));
};

const lastCommitIn = async ({ cluster, id, systemNamespace }: World) => {
  const path = 'jsonpath={.data.state\\.json}';
  const what = ['get', 'configmap', `w-${id}`, '-n', systemNamespace, '-o', path];
  const { stdout } = await cluster.kubectl(what);
  return (JSON.parse(stdout) as { readonly lastCommit?: string }).lastCommit;
};

/** Writes to what the manifests describe: `PATCH changed`. */
const writesOf = ({ requests }: FaultServer, { namespace }: World, from: number) =>
  requests
    .slice(from)
    .filter(({ method, url }) => method !== 'GET' && url.includes(`/namespaces/${namespace}/`))
    .map(({ method, url }) => `${method} ${url.split('?')[0]?.split('/').at(-1)}`);

/** One process has led, and stands still; another one has applied a later commit since, and has gone. */
async function handedOver() {
  const world = await aWorldInChange(ground);
  onTestFinished(() => world[Symbol.asyncDispose]());
  const a = await aWay(world, 'a');
  await a.run.passUntil('it is calm', () => a.run.isCalm);
  await a.run.pass(MINUTE);
  const b = await aWay(world, 'b');
  await b.run.passUntil('the other one leads', () => b.run.lease.isHeld());
  const newer = await world.repository.commit({
    'changed.yaml': configMap(world.namespace, 'changed', { value: 'newer' }),
    'fresh.yaml': configMap(world.namespace, 'fresh', { value: 'new' }),
  });
  await b.run.pass(2 * MINUTE);
  await b.run.passUntil('the other one is calm', () => b.run.isCalm);
  await b.run.stop();
  expect(await valuesIn(world)).toEqual(['changed=newer', 'fresh=new']);
  expect(await lastCommitIn(world)).toBe(newer);
  const marks = { requests: a.faults.requests.length, lines: a.run.lines.length };
  return { world, newer, marks, ...a };
}

describe('a process that takes the lease again after another one has applied a later commit', () => {
  it(
    'takes nothing back, and deletes nothing',
    async () => {
      const { world, newer, marks, run, faults } = await handedOver();
      run.time.pass(11 * SECOND);
      await run.passUntil('it leads again', () => run.lease.isHeld());
      await run.pass(MINUTE);
      await run.passUntil('it is calm', () => run.isCalm);
      expect(writesOf(faults, world, marks.requests)).toEqual([]);
      expect(await valuesIn(world)).toEqual(['changed=newer', 'fresh=new']);
      expect(await lastCommitIn(world)).toBe(newer);
      const planned = run.lines.slice(marks.lines).filter(({ message }) => message === 'Planned');
      expect(new Set(planned.map(({ commit }) => commit))).toEqual(new Set([newer]));
    },
    GUARD,
  );

  it(
    'writes nothing while it cannot have that commit',
    async () => {
      const { world, newer, marks, run, faults } = await handedOver();
      const giveBack = world.server.onRequest(({ url, method }) =>
        url.includes(world.id) && method === 'POST' && url.endsWith('git-upload-pack')
          ? { refuse: 413 }
          : undefined,
      );
      run.time.pass(11 * SECOND);
      await run.passUntil('it leads again', () => run.lease.isHeld());
      await world.cluster.kubectl(['delete', 'configmap', 'kept', '-n', world.namespace]);
      await run.pass(10 * MINUTE);
      expect(writesOf(faults, world, marks.requests)).toEqual([]);
      expect(await valuesIn(world)).toEqual(['changed=newer', 'fresh=new']);
      expect(run.waitsFor).toContainEqual(expect.stringMatching(`^commit ${newer}: `));
      giveBack();
      await run.passUntil('it is calm', () => run.isCalm);
      expect(writesOf(faults, world, marks.requests)).toEqual(['PATCH kept']);
    },
    GUARD,
  );
});

describe('reconcile', () => {
  it('does not send again what was waiting when its lease was lost', async () => {
    const world = await aWorldInChange(ground);
    onTestFinished(() => world[Symbol.asyncDispose]());
    const [faults, folder] = await Promise.all([
      startFaultServer(ground.cluster),
      mkdtemp(join(tmpdir(), 'weka-gitops-hand-over-')),
    ]);
    onTestFinished(async () => void (await Promise.all([faults.stop(), rm(folder, { recursive: true })])));
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
    const changed = /\/configmaps\/changed\?/;
    const sent = () =>
      faults.requests.filter(({ method, url }) => method === 'PATCH' && changed.test(url)).length;
    faults.rules.add({
      method: 'PATCH',
      path: changed,
      fault: { do: 'answer', status: 503, headers: { 'retry-after': '1' }, body: '{}' },
    });
    const { exitCode, stdout } = await world.run(['reconcile'], (program) => ({
      ...program,
      async lease(config) {
        const lease = await program.lease(config);
        return {
          acquireUnlessHeld: (signal) => lease.acquireUnlessHeld(signal),
          assertHeld() {
            if (sent() > 0) throw new LeaseLostError('the lease', 'another one has it');
            lease.assertHeld();
          },
          [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
        };
      },
    }));
    expect(sent()).toBe(1);
    expect(stdout).toContain('another one has it');
    expect(exitCode).toBeGreaterThan(0);
  });
});
