import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { StoppedError } from '../../reconciler/errors.ts';
import type { Duty } from '../../reconciler/unattended/duty.ts';
import { abortOf } from '../../reconciler/unattended/ending.ts';
import { ToldForge } from '../reconciler/unattended/told-forge.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { FaultRun } from '../support/fault-run.ts';
import { startFaultServer } from '../support/fault-server.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

describe('run that is asked to end while it writes', () => {
  it('finishes that write, tells of it, and gives its lease back only then', async () => {
    const [world, faults, folder] = await Promise.all([
      aWorldInChange(ground),
      startFaultServer(ground.cluster),
      mkdtemp(join(tmpdir(), 'weka-gitops-stop-')),
    ]);
    onTestFinished(async () => {
      await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
    });
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
    const written = Promise.withResolvers<void>();
    const changed = /\/configmaps\/changed\?/;
    faults.rules.add({ method: 'PATCH', path: changed, fault: { do: 'wait', until: written.promise } });
    const run = await new FaultRun(world).start();
    const isWriting = () => faults.requests.some(({ url }) => changed.test(url));
    await until('it writes', isWriting);
    const before = faults.requests.length;
    const stopped = run.stop();
    const since = faults.requests.slice(before);
    const returned = since.filter(({ method, url }) => method === 'PUT' && url.includes('/leases'));
    expect(returned).toEqual([]);
    written.resolve();
    await stopped;
    expect(faults.requests.at(-1)).toMatchObject({
      method: 'PUT',
      url: expect.stringContaining('/leases') as string,
    });
    expect(run.warnings.map(({ message }) => message)).toEqual(['Held changes back']);
    const told = await world.repository.git(['log', '--format=%s', world.statusRef]);
    expect(told.split('\n')).toHaveLength(2);
  }, 300_000);
});

type Bug = () => Promise<never>;

/** Where each loop of `run` can meet a bug. */
const LOOPS: Readonly<Record<string, (duty: Duty, bug: Bug) => Partial<Duty>>> = {
  'the poll': ({ repository }, bug) => ({ repository: { ...repository, tip: bug } }),
  'the pass': ({ repository }, bug) => ({ repository: { ...repository, read: bug } }),
  'the telling': ({ statusBranch }, bug) => ({
    statusBranch: statusBranch && { ...statusBranch, publish: bug },
  }),
  'the telling of the forge': (_duty, bug) => ({ forge: { ...new ToldForge().port, commitStatus: bug } }),
};

describe('run that meets a bug while it is about to end', () => {
  it.each(Object.entries(LOOPS))(
    'in %s does not end as if all were well, and gives its lease back',
    async (_where, withBug) => {
      await using world = await aWorldInChange(ground);
      const stop = new AbortController();
      const met = Promise.withResolvers<void>();
      const bug: Bug = async () => {
        met.resolve();
        await abortOf(stop.signal);
        throw new TypeError('undefined is not a function');
      };
      const ended = world.run(['run'], (program) => ({
        ...program,
        stopSignal: () => stop.signal,
        config: async (flags) => ({
          ...(await program.config(flags)),
          run: { pollSeconds: 1, listen: '127.0.0.1:0' },
        }),
        duty: async (config) => {
          const duty = await program.duty(config);
          return { ...duty, ...withBug(duty, bug) };
        },
      }));
      await met.promise;
      stop.abort(new StoppedError('SIGTERM'));
      const { exitCode, stderr } = await ended;
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^weka-gitops: TypeError: undefined is not a function\n +at .*faults-stop/);
      const holder = [
        'get',
        'lease',
        '-n',
        world.systemNamespace,
        '-o',
        'jsonpath={.items[*].spec.holderIdentity}',
      ];
      expect((await world.cluster.kubectl(holder)).stdout).toBe('');
    },
    120_000,
  );
});
