import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { Observer } from '../support/crash-state.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

const RECONCILE = ['reconcile'];
const ONCE = ['run', '--once'];

/** What a command printed, with what is different in every world and at every moment taken out. */
async function plain(world: World, text: string): Promise<string> {
  const commits = await world.repository.git(['log', '--all', '--format=%H']);
  let result = text;
  for (const sha of commits.split('\n').filter(Boolean)) {
    result = result.replaceAll(sha, 'COMMIT').replaceAll(sha.slice(0, 7), 'COMMIT');
  }
  return result
    .replaceAll(world.id, 'ID')
    .replaceAll(/\btest_[0-9a-f]{8}\b/g, 'IDENTITY')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, 'TIME')
    .replaceAll(/\b\d+(\.\d+)? ?(ms|s)\b/g, 'DURATION')
    .replaceAll(/"seconds":[\d.]+/g, '"seconds":DURATION');
}

/** What ends what was prepared. */
type Prepared = Promise<() => void>;

const nothing = () => undefined;

/** All that a pass in a world of its own says and leaves behind, when it is asked for by `args`. */
async function passBy(args: readonly string[], prepare: (world: World) => Prepared) {
  await using world = await aWorldInChange(ground);
  const observer = new Observer(world);
  await observer.look('before');
  const end = await prepare(world);
  const { exitCode, stdout, stderr, log } = await world.run(args);
  end();
  const written = await world.repository.git(['log', '--format=%an <%ae>%n%B', world.statusRef]);
  return {
    exitCode,
    stdout: await plain(world, stdout),
    stderr: await plain(world, stderr),
    // Writes go out side by side.
    log: (await Promise.all(log.map((line) => plain(world, line)))).toSorted(),
    state: await observer.look('after'),
    written: await plain(world, written),
  };
}

const CASES: readonly (readonly [string, 0 | 1 | 2, (world: World) => Prepared, RegExp])[] = [
  ['all that was asked for is done', 0, () => Promise.resolve(nothing), /ConfigMap/],
  [
    'a manifest is broken',
    1,
    async ({ repository }) => {
      await repository.commit({ 'broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetdata: {}\n' });
      return nothing;
    },
    /broken\.yaml:/,
  ],
  [
    'the status branch cannot be written',
    2,
    ({ server, id }) =>
      Promise.resolve(
        server.onRequest(({ method, url }) =>
          method === 'POST' && url.includes(id) && url.endsWith('git-receive-pack')
            ? { refuse: 503 }
            : undefined,
        ),
      ),
    /The pass is done, but could not be told/,
  ],
  [
    'the repository cannot be read',
    2,
    ({ server, id }) =>
      Promise.resolve(server.onRequest(({ url }) => (url.includes(id) ? { refuse: 503 } : undefined))),
    /REPOSITORY_UNREACHABLE/,
  ],
];

describe.concurrent('run --once does, says and tells what reconcile does, where', () => {
  it.each(CASES)('%s (exit code %i)', async (_where, exitCode, prepare, says) => {
    const [reconciled, once] = await Promise.all([passBy(RECONCILE, prepare), passBy(ONCE, prepare)]);
    expect(once).toEqual(reconciled);
    expect(once.exitCode).toBe(exitCode);
    expect(once.stdout + once.stderr).toMatch(says);
  });
});
