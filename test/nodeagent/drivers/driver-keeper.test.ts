import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exec } from '../../../nodeagent/command.ts';
import { until } from '../../cluster/until.ts';
import { builtPackage, driverNode, keeperOf } from './driver-node.ts';
import { file, packageServer, status } from './package-server.ts';

const REBOOTED = '0e8c2b1a-4a57-4f0b-9a8e-6c6d6f1f0c12';

/** A node that is asked for 4.4.5, and has it. */
async function loadedNode() {
  const [node, server, old, next] = [
    await driverNode(),
    await packageServer({ tls: true }),
    await builtPackage('4.4.5'),
    await builtPackage('4.4.6'),
  ];
  const files = new Map([
    [old.package.file, file(old.packed)],
    [next.package.file, file(next.packed)],
  ]);
  server.answer = (request, response) =>
    (files.get(request.url?.split('/').at(-1) ?? '') ?? status(404))(request, response);
  const agent = keeperOf(node);
  agent.wants(old.intent(server));
  const report = await agent.is('loaded');
  return { node, server, old, next, agent, report };
}

const all = (version: string) => ({
  uio: undefined,
  igb_uio: version,
  mpin_user: version,
  wekafsgw: version,
  wekafsio: version,
});

describe('the keeper of the drivers of a node', () => {
  it('downloads, verifies, unpacks and loads what the intent asks for, and tells how far it is', async () => {
    const { node, server, old, agent, report } = await loadedNode();
    expect(node.kernel.calls).toEqual([
      'insmod uio',
      'insmod igb_uio',
      'insmod mpin_user',
      'insmod wekafsgw',
      'insmod wekafsio',
    ]);
    const { version, sha256, kernel } = old.package;
    expect(report).toEqual({
      wanted: { version, sha256 },
      state: 'loaded',
      loaded: { version, sha256, kernel },
      modules: ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'].map((name) => ({
        name,
        state: 'loaded',
        version,
        srcversion: `${name.toUpperCase()}4.4.5`,
      })),
      cached: [sha256],
    });
    expect(agent.reports[0]?.state).toBe('working');
    await until('what was unpacked is gone', () => agent.lines.includes('tidy'));
    expect(await readdir(join(node.state, 'drivers'))).toEqual([
      'lock',
      'packages',
      'state.json',
      'state.json.next',
    ]);
    expect(server.asked).toHaveLength(1);
  });

  it('loads them after a reboot from its cache, with neither cluster nor service', async () => {
    const { node, server, agent } = await loadedNode();
    await agent.end();
    server.answer = status(500);
    await node.kernel.boot(REBOOTED);
    const again = keeperOf(node);
    await again.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    expect(again.lines[0]).toMatch(/^verify/);
    expect(server.asked).toHaveLength(1);
    await until('the boot is written down', async () =>
      (await readFile(join(node.state, 'drivers/state.json'), 'utf8')).includes(REBOOTED),
    );
  });

  it('downloads a package again that is not whole any more', async () => {
    const { node, server, old, agent } = await loadedNode();
    await agent.end();
    const kept = join(node.state, 'drivers/packages', old.package.sha256);
    await writeFile(kept, (await readFile(kept)).fill(0, 100, 200));
    const again = keeperOf(node);
    await until('it is downloaded', () => server.asked.length === 2);
    await until('it is kept', () => again.keeper.report?.cached.length === 1);
    // They were loaded all the time.
    expect(again.reports.every((report) => report?.state === 'loaded')).toBe(true);
    expect(node.kernel.calls).toHaveLength(5);
  });

  it('waits with an upgrade until nothing uses the modules, and says what does', async () => {
    const { node, server, next, agent } = await loadedNode();
    await node.kernel.hold('wekafsio', 1);
    agent.wants(next.intent(server));
    expect(await agent.is('waiting', 'IN_USE')).toMatchObject({
      users: ['something that cannot be seen from here holds wekafsio'],
      loaded: { version: '4.4.5' },
    });
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    await node.kernel.hold('wekafsio', -1);
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('leaves a slow download of what is not asked for any more', async () => {
    const [node, slow, fast] = [await driverNode(), await packageServer(), await packageServer()];
    const [first, other] = [await builtPackage('4.4.5'), await builtPackage('4.4.6')];
    slow.answer = (_, response) => response.writeHead(200, { etag: '"v1"' }).flushHeaders();
    fast.answer = file(other.packed);
    const agent = keeperOf(node);
    agent.wants(first.intent(slow));
    await until('it is asked', () => slow.asked.length === 1);
    agent.wants(other.intent(fast));
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('asks ever more seldom where the same part comes again and again', async () => {
    const [node, server, made] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    const half = file(made.packed, { cut: Math.ceil(made.packed.length / 2) });
    // The rest can never be had, for which all that came is given up.
    server.answer = (request, response) =>
      (request.headers.range === undefined ? half : status(416))(request, response);
    const agent = keeperOf(node);
    agent.wants(made.intent(server));
    await until('it waits for long', () => agent.waits.some((ms) => ms > 7000 && ms < 300_000));
    expect(server.asked.length).toBeLessThan(12);
  });

  it('goes back to the version that it had where the new one does not load', async () => {
    const { node, server, next, agent } = await loadedNode();
    node.kernel.refuses.set('wekafsgw 4.4.6', 'Cannot allocate memory');
    agent.wants(next.intent(server));
    const failed = await until('it went back', () => {
      const { report } = agent.keeper;
      return report?.state === 'failed' && report.loaded?.version === '4.4.5' && report;
    });
    expect(failed).toMatchObject({
      code: 'LOAD_FAILED',
      message: 'The kernel did not take module wekafsgw: Cannot allocate memory. The node has 4.4.5.',
      wanted: { version: '4.4.6' },
    });
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    // Somebody asks anew.
    node.kernel.refuses.clear();
    agent.wants(next.intent(server));
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('goes back to it even where it is killed on the way', async () => {
    const { node, server, next, agent } = await loadedNode();
    node.kernel.refuses.set('wekafsio 4.4.6', 'Unknown symbol in module');
    const killed = Promise.withResolvers<void>();
    node.kernel.before = async (call) => {
      if (call !== 'rmmod mpin_user') return;
      node.kernel.before = async () => undefined;
      void agent.end();
      killed.resolve();
    };
    agent.wants(next.intent(server));
    await killed.promise;
    await agent.end();
    const again = keeperOf(node);
    const failed = await again.is('failed', 'LOAD_FAILED');
    expect(failed.wanted?.version).toBe('4.4.6');
    await until('the old one is back', () => again.keeper.report?.loaded?.version === '4.4.5');
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
  });

  it('ends in the same, after whichever step it is killed', async () => {
    const { node, server, old, next, agent } = await loadedNode();
    await agent.end();
    const intent = (generation: number) =>
      ({
        schemaVersion: 1,
        generation,
        drivers: (generation % 2 === 0 ? next : old).intent(server),
      }) as const;
    for (let kill = 1; kill <= 14; kill++) {
      const generation = 2000 + kill;
      const first = keeperOf(node);
      first.keeper.wants(intent(generation));
      await until(
        'it has done so many steps',
        () => first.lines.length >= kill || first.keeper.report?.state === 'loaded',
      );
      await first.end();
      const second = keeperOf(node);
      const expected = generation % 2 === 0 ? '4.4.6' : '4.4.5';
      second.keeper.wants(intent(generation));
      await until(
        'it is loaded',
        () => second.keeper.report?.state === 'loaded' && second.keeper.report.loaded?.version === expected,
      );
      expect(node.kernel.loaded).toEqual(all(expected));
      await second.end();
    }
  });

  it('leaves modules alone that somebody loaded by hand, and says so', async () => {
    const [node, server, asked, other] = [
      await driverNode(),
      await packageServer(),
      await builtPackage('4.4.5'),
      await builtPackage('4.3.0'),
    ];
    const byHand = keeperOf(node);
    server.answer = file(other.packed);
    byHand.wants(other.intent(server));
    await byHand.is('loaded');
    await byHand.end();
    const fresh = { ...node, state: join(node.root, 'elsewhere') };
    server.answer = file(asked.packed);
    const agent = keeperOf(fresh);
    agent.wants(asked.intent(server, { replace: 'never' }));
    expect(await agent.is('refused', 'OTHER_LOADED')).toMatchObject({
      modules: [{ name: 'igb_uio', state: 'other', version: '4.3.0' }, {}, {}, {}],
    });
    expect(node.kernel.loaded).toEqual(all('4.3.0'));
    agent.wants(asked.intent(server, { replace: 'unused' }));
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
  });

  it('does not touch the kernel for a package that is for another', async () => {
    const { node, server, agent } = await loadedNode();
    const wrong = await builtPackage('4.4.7', { vermagic: '5.15.0 SMP mod_unload ' });
    server.answer = file(wrong.packed);
    agent.wants(wrong.intent(server));
    expect(await agent.is('refused', 'VERMAGIC')).toMatchObject({ loaded: { version: '4.4.5' } });
    expect(node.kernel.calls).toHaveLength(5);
  });

  it('says what is wrong with the service, and loads once it is not', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    const agent = keeperOf(node);
    agent.wants(asked.intent(server));
    await agent.is('failed', 'PACKAGE_MISSING');
    server.answer = file(asked.packed.map((byte) => byte ^ 1));
    await agent.is('failed', 'DIGEST');
    server.answer = file(asked.packed, { cut: 100 });
    await agent.is('failed', 'UNREACHABLE');
    server.answer = file(asked.packed);
    await agent.is('loaded');
    // However often it was tried, each thing was told once.
    const told = agent.reports.map((report) => report?.code);
    expect(told.filter((code, index) => index === 0 || code !== told[index - 1])).toEqual([
      undefined,
      'PACKAGE_MISSING',
      'DIGEST',
      'UNREACHABLE',
      undefined,
    ]);
  });

  it('goes by no intent that is older than the one before', async () => {
    const { node, server, old, next, agent } = await loadedNode();
    const { generation } = agent.keeper;
    agent.keeper.wants({ schemaVersion: 1, generation: generation - 1, drivers: next.intent(server) });
    agent.keeper.look();
    await agent.end();
    const again = keeperOf(node);
    again.keeper.wants({ schemaVersion: 1, generation: generation - 1, drivers: next.intent(server) });
    expect((await again.is('loaded')).wanted?.sha256).toBe(old.package.sha256);
    expect(again.keeper.generation).toBe(generation);
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
  });

  it('unloads nothing because nothing asks for it any more', async () => {
    const { node, agent } = await loadedNode();
    agent.keeper.wants({ schemaVersion: 1, generation: agent.keeper.generation + 1 });
    await until('nothing is told', () => agent.keeper.report === undefined);
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
  });

  it('tells what users of the driver are told, by writing drain to its file', async () => {
    const { node, server, next, agent } = await loadedNode();
    await node.kernel.hold('wekafsio', 1);
    await mkdir(join(node.root, 'proc/wekafs'));
    const driver = join(node.root, 'proc/wekafs/interface');
    await writeFile(driver, 'Active mounts: 2\n');
    agent.wants(next.intent(server, { replace: 'drain' }));
    await agent.is('waiting', 'DRAINING');
    expect(agent.reports).toContainEqual(expect.objectContaining({ code: 'DRAINING', users: ['2 mounts'] }));
    await until('it is told', async () => (await readFile(driver, 'utf8')).startsWith('drain\n'));
    await writeFile(driver, 'Active mounts: 0\n');
    await node.kernel.hold('wekafsio', -1);
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('says where it cannot keep anything, and goes on once it can', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    server.answer = file(asked.packed);
    await mkdir(dirname(node.state), { recursive: true });
    await writeFile(node.state, 'A file where the folder should be.');
    const agent = keeperOf(node);
    agent.wants(asked.intent(server));
    const failed = await agent.is('failed', 'STATE_FOLDER');
    expect(failed).toMatchObject({ hint: expect.stringMatching(/^Give the agent a folder/) as string });
    expect(node.kernel.calls).toEqual([]);
    await rm(node.state);
    await agent.is('loaded');
  });

  it('begins anew where what it wrote down cannot be read, and keeps its packages', async () => {
    const { node, server, old, agent } = await loadedNode();
    await agent.end();
    await writeFile(join(node.state, 'drivers/state.json'), '{"schemaVersion":1,');
    const again = keeperOf(node);
    again.keeper.look();
    again.wants(old.intent(server));
    await again.is('loaded');
    await until('the package is verified', () => again.keeper.report?.cached.length === 1);
    expect(server.asked).toHaveLength(1);
    expect(node.kernel.calls).toHaveLength(5);
  });

  it('unloads nothing of what it does not know where it came from any more', async () => {
    const { node, server, next, agent } = await loadedNode();
    await agent.end();
    await writeFile(join(node.state, 'drivers/state.json'), '{broken');
    const again = keeperOf(node);
    again.wants(next.intent(server));
    await again.is('failed', 'NO_WAY_BACK');
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    expect(
      (await readdir(join(node.state, 'drivers/packages'))).filter((name) => name.length === 64),
    ).toHaveLength(2);
    // It is known for as long as it is so, in whichever life.
    await again.end();
    const third = keeperOf(node);
    third.wants(next.intent(server));
    await third.is('failed', 'NO_WAY_BACK');
    await third.end();
    await node.kernel.boot(REBOOTED);
    await keeperOf(node).is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('waits for a disk that does not give what was written down', async () => {
    const { node, server, next, agent } = await loadedNode();
    await agent.end();
    const path = join(node.state, 'drivers/state.json');
    await rename(path, `${path}.away`);
    await symlink('state.json', path);
    const again = keeperOf(node);
    again.wants(next.intent(server));
    await until('it says so', () =>
      again.lines.includes('Waits for the disk that keeps what was written down'),
    );
    expect(again.keeper.report).toBeUndefined();
    await rename(`${path}.away`, path);
    await again.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
    expect(again.lines.join(' ')).not.toContain('Begins without');
  });

  it('begins without it where the disk never gives it', async () => {
    const { node, server, old, agent } = await loadedNode();
    await agent.end();
    const path = join(node.state, 'drivers/state.json');
    await rm(path);
    await symlink('state.json', path);
    const again = keeperOf(node);
    again.wants(old.intent(server));
    await again.is('loaded');
    expect(again.lines.join(' ')).toContain('Begins without');
  });

  it('loads, and unloads and removes nothing, where it cannot tell whether another agent does', async () => {
    const { node, server, old, next, agent } = await loadedNode();
    await agent.end();
    const exec: Exec = async (file, ...rest) =>
      file === 'flock'
        ? { exitCode: 1, stdout: '', stderr: 'flock: No locks available' }
        : await node.kernel.exec(file, ...rest);
    const blind = Object.assign(Object.create(node.kernel) as typeof node.kernel, { exec });
    const second = keeperOf({ ...node, kernel: blind });
    second.wants(old.intent(server));
    await second.is('loaded');
    second.wants(next.intent(server));
    expect((await second.is('failed', 'UNKNOWN')).message).toMatch(/none is unloaded: flock: No locks/);
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    await second.end();
    await node.kernel.boot(REBOOTED);
    const third = keeperOf({ ...node, kernel: blind });
    await third.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
  });

  it('reads anew what the agent wrote down that had the folder before', async () => {
    const { node, server, old, next, agent } = await loadedNode();
    const second = keeperOf(node);
    second.wants(old.intent(server));
    await second.is('waiting', 'ANOTHER_AGENT');
    agent.wants(next.intent(server));
    await until('the first has replaced them', () => agent.keeper.report?.loaded?.version === '4.4.6');
    await agent.end();
    await second.is('loaded');
    const { good } = JSON.parse(await readFile(join(node.state, 'drivers/state.json'), 'utf8')) as {
      good: readonly { package: { version: string } }[];
    };
    expect(good.map((each) => each.package.version)).toContain('4.4.6');
  });

  it('does nothing while another agent keeps the drivers of the node, says so, and goes on after it', async () => {
    const { node, server, next, agent } = await loadedNode();
    const second = keeperOf(node);
    second.wants(next.intent(server));
    expect(await second.is('waiting', 'ANOTHER_AGENT')).toEqual({
      wanted: { version: '4.4.6', sha256: next.package.sha256 },
      state: 'waiting',
      code: 'ANOTHER_AGENT',
      message: expect.stringMatching(
        new RegExp(`^Another agent keeps the drivers of this node in .*: process ${process.pid} on `),
      ) as string,
      hint: expect.stringMatching(/^Let one agent run/) as string,
      modules: [],
      cached: [],
    });
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    expect(server.asked).toHaveLength(1);
    await agent.end();
    await second.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.6'));
    expect(second.lines).toContain('Another process keeps the drivers of this node');
  });

  it('loads what it hashed, whatever has that name by then', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    server.answer = file(asked.packed);
    const folder = join(node.state, 'drivers/unpacked', asked.package.sha256);
    node.kernel.before = async (call) => {
      if (!call.startsWith('insmod') || call.includes('/lib/modules/')) return;
      for (const name of await readdir(folder)) {
        await rm(join(folder, name));
        await writeFile(join(folder, name), 'something else');
      }
      node.kernel.before = async () => undefined;
    };
    const agent = keeperOf(node);
    agent.wants(asked.intent(server));
    await agent.is('loaded');
    expect(node.kernel.loaded).toEqual(all('4.4.5'));
    // Those that come after it were not hashed yet, and are unpacked again.
    const told = agent.lines.filter((line) => /^(unpack|load) /.test(line));
    expect(told.slice(0, 4)).toEqual([
      `unpack ${asked.package.file}`,
      'load igb_uio',
      'load mpin_user DIGEST',
      `unpack ${asked.package.file}`,
    ]);
  });

  it('says that it goes by nothing that a later version wrote down, and keeps it', async () => {
    const { node, server, old, agent } = await loadedNode();
    await agent.end();
    const path = join(node.state, 'drivers/state.json');
    const later = JSON.stringify({ schemaVersion: 2, generation: 9 });
    await writeFile(path, later);
    const again = keeperOf(node);
    again.wants(old.intent(server));
    await again.is('loaded');
    expect(await readFile(`${path}.v2`, 'utf8')).toBe(later);
    expect(again.lines).toContain('Begins without what was written down, and keeps it aside');
  });
});
