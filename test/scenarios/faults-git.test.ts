import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange, calmEnd, hasty, passesUntilCalm, saidBy } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { withClock, type World } from '../support/crash-world.ts';
import type { ServedRequest, Trouble } from '../support/git-server.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const calm = await calmEnd(ground);

/** Trouble for the first requests of a world that fit, and for no other. */
function troubleFor(
  world: World,
  fits: (request: ServedRequest) => boolean,
  trouble: Trouble,
  times = 1,
): () => void {
  let left = times;
  return world.server.onRequest((request) => {
    if (left === 0 || !request.url.includes(world.id) || !fits(request)) return undefined;
    left -= 1;
    return trouble;
  });
}

const listing = ({ url }: ServedRequest) => url.endsWith('service=git-upload-pack');
const fetching = ({ method, url }: ServedRequest) => method === 'POST' && url.endsWith('git-upload-pack');
const pushing = ({ method, url }: ServedRequest) => method === 'POST' && url.endsWith('git-receive-pack');

interface Case {
  readonly at: (request: ServedRequest) => boolean;
  readonly trouble: Trouble;
  /** Exit codes of the passes. */
  readonly passes: readonly number[];
  readonly says: RegExp;
  /** Milliseconds of silence that are borne, where silence is the fault. */
  readonly deadline?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  '500 for the list of refs': {
    at: listing,
    trouble: { refuse: 500 },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .* answers with status 500/,
  },
  '503 for a fetch': {
    at: fetching,
    trouble: { refuse: 503 },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .* answers with status 503/,
  },
  '429 for the list of refs': {
    at: listing,
    trouble: { refuse: 429, headers: { 'retry-after': '7' } },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .* too many requests \(429\)/,
  },
  '401 to a token that was good before': {
    at: listing,
    trouble: { refuse: 401 },
    passes: [2, 0],
    says: /REPOSITORY_AUTH: .* refuses the credentials of user reconciler/,
  },
  '404 for a while': {
    at: listing,
    trouble: { refuse: 404 },
    passes: [2, 0],
    says: /REPOSITORY_NOT_FOUND: There is no repository at/,
  },
  'a connection that is cut in a request': {
    at: fetching,
    trouble: { cutRequestAfter: 10 },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .*the connection was cut/,
  },
  'a connection that is cut in a pack': {
    at: fetching,
    trouble: { cutResponseAfter: 60 },
    passes: [2, 0],
    says: /REPOSITORY_(UNREACHABLE|CORRUPT): /,
  },
  'a pack that never ends': {
    at: fetching,
    trouble: { stallResponseAfter: 60 },
    passes: [2, 0],
    says: /REPOSITORY_TIMEOUT: .* sent nothing for 2 s/,
    deadline: 2000,
  },
  'a push that does not arrive': {
    at: pushing,
    trouble: { cutRequestAfter: 10 },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .*the connection was cut/,
  },
  'a push whose answer was lost': {
    at: pushing,
    trouble: { cutResponseAfter: 0 },
    passes: [2, 0],
    says: /REPOSITORY_(UNREACHABLE|CORRUPT): /,
  },
  'a push that is never answered': {
    at: pushing,
    trouble: { stallResponseAfter: 0 },
    passes: [2, 0],
    says: /REPOSITORY_TIMEOUT: .* sent nothing for 2 s/,
    deadline: 2000,
  },
  '500 for a push': {
    at: pushing,
    trouble: { refuse: 500 },
    passes: [2, 0],
    says: /REPOSITORY_UNREACHABLE: .* answers with status 500/,
  },
};

describe.concurrent('the git server gives', () => {
  it.each(Object.entries(CASES))('%s', async (_name, { at, trouble, passes, says, deadline }) => {
    await using world = await aWorldInChange(ground);
    const { differences, passes: ended } = await passesUntilCalm(world, calm, {
      disturb: () => troubleFor(world, at, trouble),
      change: deadline === undefined ? undefined : (program) => hasty(program, deadline),
    });
    expect(differences).toEqual([]);
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(passes);
    expect(ended.flatMap(saidBy).join('\n')).toMatch(says);
    expect(JSON.stringify(ended)).not.toContain(world.password);
    expect(await world.repository.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });
});

describe.concurrent('the git server', () => {
  it('that lost the answer to a push has the status once', async () => {
    await using world = await aWorldInChange(ground);
    troubleFor(world, pushing, { cutResponseAfter: 0 });
    expect((await world.run(['reconcile'])).exitCode).toBe(2);
    expect((await world.run(['reconcile'])).exitCode).toBe(0);
    const subjects = (await world.repository.git(['log', '--format=%s', world.statusRef])).split('\n');
    expect(subjects).toHaveLength(2);
  });

  it('whose status branch another writer moved in between keeps what both wrote', async () => {
    await using world = await aWorldInChange(ground);
    const branch = world.statusRef.replace('refs/heads/', '');
    let raced = false;
    world.server.onRequest(async (request) => {
      if (raced || !request.url.includes(world.id) || !pushing(request)) return undefined;
      raced = true;
      await world.repository.commit({ 'note.txt': 'mine\n' }, { branch, message: 'Another writer' });
      return undefined;
    });
    expect((await world.run(['reconcile'])).exitCode).toBe(0);
    expect(await world.repository.file('note.txt', branch)).toBe('mine');
    const subjects = (await world.repository.git(['log', '--format=%s', branch])).split('\n');
    expect(subjects).toHaveLength(3);
    expect(subjects[1]).toBe('Another writer');
  });

  it('that takes no status holds nothing else up', async () => {
    await using world = await aWorldInChange(ground);
    const { differences, passes } = await passesUntilCalm(world, calm, {
      disturb: () => world.repository.installHook('pre-receive', 'echo "not today"; exit 1'),
      mend: () => world.repository.removeHook('pre-receive'),
    });
    expect(differences).toEqual([]);
    expect(passes.map(({ exitCode }) => exitCode)).toEqual([2, 0]);
    expect(passes[0]?.stdout).toContain('1 created, 1 changed, 1 pruned');
    expect(passes[0]?.stderr).toMatch(/STATUS_REFUSED: .*not today/);
  });

  it.each([
    ['refuses connections', (id: string) => `http://127.0.0.1:9/storage-${id}.git`, /refuses connections/],
    ['whose name is gone', () => 'http://git.no-such-name.invalid/storage.git', /the name .* is not known/],
  ])('that %s changes nothing, and is waited for', async (_what, url, says) => {
    await using world = await aWorldInChange(ground);
    const good = world.url;
    const { differences, passes } = await passesUntilCalm(world, calm, {
      disturb: () => void (world.url = url(world.id)),
      mend: () => void (world.url = good),
    });
    expect(differences).toEqual([]);
    expect(passes.map(({ exitCode }) => exitCode)).toEqual([2, 0]);
    expect(passes[0]?.stderr).toMatch(/REPOSITORY_UNREACHABLE/);
    expect(passes[0]?.stderr).toMatch(says);
  });
});

/** Files of the clone whose names end so. */
async function filesOf({ cacheDir }: World, end: string): Promise<readonly string[]> {
  const names = await readdir(cacheDir, { recursive: true });
  return names.filter((name) => name.endsWith(end)).map((name) => join(cacheDir, name));
}

const DAMAGE: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'a pack that was cut short': async (world) => {
    for (const path of await filesOf(world, '.pack')) await truncate(path, 40);
  },
  'a pack with other bytes in it': async (world) => {
    for (const path of await filesOf(world, '.pack')) {
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0xff, 12, bytes.length - 20));
    }
  },
  'an index of nothing': async (world) => {
    for (const path of await filesOf(world, '.idx')) await writeFile(path, '');
  },
  'a HEAD that is none': async (world) => {
    for (const path of await filesOf(world, 'HEAD')) await writeFile(path, 'nonsense');
  },
};

describe.concurrent('the clone has', () => {
  it.each(Object.entries(DAMAGE))('%s, and is made anew', async (_what, damage) => {
    await using world = await aWorldInChange(ground);
    const { differences, passes } = await passesUntilCalm(world, calm, { disturb: () => damage(world) });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
  });
});

const YEAR = 365 * 24 * 60 * 60 * 1000;

describe.concurrent('the clock', () => {
  it.each([
    ['a year back', -YEAR],
    ['a year ahead', YEAR],
    ['to its beginning', -Date.now()],
  ])('that jumps %s changes no more than the times that are told', async (_where, shift) => {
    await using world = await aWorldInChange(ground);
    const { differences, passes } = await passesUntilCalm(world, calm, {
      disturb: () => undefined,
      // Its deadlines are none; what is wanted is a status branch that goes by the same clock.
      change: (program) => hasty(withClock(program, { now: () => new Date(Date.now() + shift) }), 60_000),
    });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
    // And back again.
    const { log, exitCode } = await world.run(['reconcile']);
    expect(exitCode).toBe(0);
    expect(log.find((line) => line.includes('Planned'))).toContain('"writes":0');
  });
});
