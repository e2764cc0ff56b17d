import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange, calmEnd, passesUntilCalm } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';
import type { Fault, FaultRule } from '../support/fault-rules.ts';
import { startFaultServer } from '../support/fault-server.ts';
import type { Trouble } from '../support/git-server.ts';

const MAIN = fileURLToPath(new URL('../../reconciler/main.ts', import.meta.url));

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const calm = await calmEnd(ground);

/** A world behind a proxy, and the configuration file for a process of its own. */
async function prepared() {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-killed-')),
  ]);
  world.kubeconfig = await faults.kubeconfig(join(folder, 'kubeconfig'), world.account);
  const config = join(folder, 'config.yaml');
  await writeFile(config, JSON.stringify(world.config()));
  return {
    world,
    faults,
    config,
    async [Symbol.asyncDispose]() {
      await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
    },
  };
}

/** Starts the program itself, and kills it without a warning as soon as it is stuck. */
async function killedWhen(isStuck: () => boolean, world: World, config: string): Promise<void> {
  const child = spawn(process.execPath, [MAIN, 'reconcile'], {
    env: { ...process.env, ...world.environment(config), WEKA_GITOPS_LOG_LEVEL: 'silent' },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    await until('it is stuck', () => isStuck() || child.exitCode !== null);
  } finally {
    child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
}

const BEFORE: Fault = { do: 'hold' };
const AFTER: Fault = { do: 'mute', afterBytes: 0 };
const record = { method: 'PATCH', path: /-system\/configmaps\// };
const change = { method: 'PATCH', path: /\/configmaps\/changed\?/ };
const creation = { method: 'PATCH', path: /\/configmaps\/made\?/ };
const deletion = { method: 'DELETE', path: /\/configmaps\/pruned$/ };

const WRITES: readonly (readonly [string, FaultRule])[] = [
  ['before the first record is written', { ...record, fault: BEFORE }],
  ['after the first record was written', { ...record, fault: AFTER }],
  ['before an object is made', { ...creation, fault: BEFORE }],
  ['after an object was made', { ...creation, fault: AFTER }],
  ['after an object was changed', { ...change, fault: AFTER }],
  ['before an object is deleted', { ...deletion, fault: BEFORE }],
  ['after an object was deleted', { ...deletion, fault: AFTER }],
  ['before the last record is written', { ...record, after: 1, fault: BEFORE }],
];

const GIT: readonly (readonly [string, string, Trouble])[] = [
  ['in the middle of a fetch', 'git-upload-pack', { stallResponseAfter: 60 }],
  ['before a push arrives', 'git-receive-pack', { cutRequestAfter: 10 }],
  ['after a push was taken', 'git-receive-pack', { stallResponseAfter: 0 }],
];

describe.concurrent('a process that gets SIGKILL', () => {
  it.each(WRITES)('%s leaves nothing that the next one does not mend', async (_when, rule) => {
    await using parts = await prepared();
    const { world, faults, config } = parts;
    const isStuck = () =>
      faults.requests.some(({ fault, answered }) => fault === 'hold' || (fault === 'mute' && answered));
    const { differences, passes } = await passesUntilCalm(world, calm, {
      disturb: async () => {
        faults.rules.add({ ...rule, times: 1 });
        await killedWhen(isStuck, world, config);
      },
    });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
  });

  it.each(GIT)('%s leaves nothing that the next one does not mend', async (_when, service, trouble) => {
    await using parts = await prepared();
    const { world, config } = parts;
    let stuck = false;
    const remove = world.server.onRequest(async ({ method, url }) => {
      if (method !== 'POST' || !url.includes(world.id) || !url.endsWith(service)) return undefined;
      stuck = true;
      // One that is cut off must not get that far before it is killed.
      if ('cutRequestAfter' in trouble) await new Promise(() => undefined);
      return trouble;
    });
    const served = () =>
      world.server.requests.filter(({ url }) => url.includes(world.id) && url.endsWith(service));
    const isStuck = () => stuck && ('cutRequestAfter' in trouble || (served().at(-1)?.downloaded ?? 0) > 0);
    const { differences, passes } = await passesUntilCalm(world, calm, {
      disturb: async () => {
        await killedWhen(isStuck, world, config);
        remove();
      },
    });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
    expect(await world.repository.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });
});

/** Ways to leave no room for a pack; a disk of its own where this user may mount one. */
const FULL: readonly (readonly [string, string])[] = [
  ['ends files at 512 bytes', 'ulimit -f 1; shift; exec "$@"'],
  ...(spawnSync('/bin/sh', ['-c', 'unshare -m mount -t tmpfs none /tmp']).status === 0
    ? [
        [
          'is full',
          'exec unshare -m sh -c \'mount -t tmpfs -o size=4k,nr_inodes=99 none "$1"; shift; exec "$@"\' sh "$@"',
        ] as const,
      ]
    : []),
];

describe('a disk that', () => {
  it.each(FULL)(
    '%s is told of, changes nothing, and the clone is made when there is room',
    async (_what, limit) => {
      await using parts = await prepared();
      const { world, config } = parts;
      const child = spawn(
        '/bin/sh',
        ['-c', limit, 'sh', world.cacheDir, process.execPath, MAIN, 'reconcile'],
        {
          env: { ...process.env, ...world.environment(config), WEKA_GITOPS_LOG_LEVEL: 'silent' },
        },
      );
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      expect(await once(child, 'close')).toEqual([2, null]);
      expect(said).toMatch(
        /REPOSITORY_CACHE: The clone in .* cannot be used: (the disk is full|a file may not be that large)/,
      );
      const { differences, passes } = await passesUntilCalm(world, calm, { disturb: () => undefined });
      expect(differences).toEqual([]);
      expect(passes).toHaveLength(1);
    },
  );
});
