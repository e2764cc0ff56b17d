import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import type { Host } from '../../../nodeagent/host/host.ts';
import { type IntentSeen, parseIntent } from '../../../nodeagent/intent.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { runAgent } from '../../../nodeagent/run/run-agent.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';
import { ApiError } from '../../../reconciler/world/kubeapi/errors.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { ManualTime } from '../manual-time.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What the agent asks for, in memory: here it is about when it asks. */
class Maps implements NodeConfigMaps {
  readonly asked: { what: string; at: number }[] = [];
  readonly reports: NodeReport[] = [];
  readonly #time: ManualTime;
  intent: IntentSeen = { state: 'none' };
  /** What fails, and by what. */
  trouble: (what: string) => Error | undefined = () => undefined;
  packed: Uint8Array | undefined;
  reportVersion = 1;
  #version = 1;
  #tell: (() => void) | undefined;
  #cut: ((error: Error) => void) | undefined;

  constructor(time: ManualTime) {
    this.#time = time;
  }

  #ask(what: string): void {
    this.asked.push({ what, at: this.#time.now() });
    const error = this.trouble(what);
    if (error !== undefined) throw error;
  }

  say(intent: IntentSeen): void {
    this.intent = intent;
    this.#version++;
    this.#tell?.();
  }

  cut(): void {
    this.#cut?.(away());
  }

  async readIntent() {
    this.#ask('read intent');
    return { seen: this.intent, version: `${this.#version}` };
  }

  async watchIntent(_seconds: number, signal: AbortSignal) {
    this.#ask('watch');
    let next = Promise.withResolvers<void>();
    this.#tell = () => next.resolve();
    this.#cut = (error) => next.reject(error);
    signal.addEventListener('abort', () => next.reject(signal.reason as Error));
    const version = () => `${this.#version}`;
    return (async function* () {
      for (;;) {
        await next.promise;
        next = Promise.withResolvers<void>();
        yield version();
      }
    })();
  }

  async readReport() {
    this.#ask('read report');
    return this.packed && { packed: this.packed, version: `${this.reportVersion}` };
  }

  async writeReport(packed: Uint8Array, before: string | undefined) {
    this.#ask('write');
    if (before !== undefined && before !== `${this.reportVersion}`) {
      throw new ApiError('API_CONFLICT', 'The report has changed.', { status: 409 });
    }
    this.packed = packed;
    this.reports.push(unpackReport(packed)!);
    return `${++this.reportVersion}`;
  }

  count(what: string): number {
    return this.asked.filter((each) => each.what === what).length;
  }
}

const away = () => new ApiError('API_UNREACHABLE', 'The API server cannot be reached.');

async function running({
  maps: given,
  silentAfterMs = 100 * HOUR,
}: { maps?: Maps; silentAfterMs?: number } = {}) {
  const time = new ManualTime();
  const maps = given ?? new Maps(time);
  const root = await fakeRoot(STORAGE_NODE);
  const plain = fakeHost(root, { interfaces: storageNodeInterfaces });
  let busy = 0;
  const host = counting(
    // The disk under the test fills by itself.
    { ...plain, space: async () => ({ state: 'read', value: { totalBytes: 1e12, freeBytes: 5e11 } }) },
    (by) => void (busy += by),
  );
  const lines: string[] = [];
  const stop = new AbortController();
  const note = (_: unknown, message: string) => void lines.push(message);
  const done = runAgent(
    {
      node: 'node-a',
      agentVersion: '0.1.0',
      host,
      maps,
      time,
      random: () => 0.5,
      log: { info: note, warn: note },
      // A watch here tells nothing for hours.
      times: { silentAfterMs },
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort(new Error('Ended.'));
    await done;
  });
  // All that was begun is done once nothing of the host is being read, for some turns of the loop.
  const settled = async () => {
    for (let quiet = 0; quiet < 20; quiet++) {
      await setImmediate();
      if (busy > 0) quiet = 0;
    }
  };
  const pass = async (ms: number) => await time.pass(ms, settled);
  return { time, maps, root, lines, stop, done, pass };
}

/** The host, where it is told how much of it is being read. */
function counting(host: Host, add: (by: 1 | -1) => void): Host {
  const members = Object.entries(host) as [string, unknown][];
  const wrapped = members.map(([name, member]): [string, unknown] => {
    if (typeof member !== 'function' || name === 'late') return [name, member];
    const ask = member as (...args: readonly unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: readonly unknown[]) => {
        add(1);
        try {
          return await ask(...args);
        } finally {
          add(-1);
        }
      },
    ];
  });
  return Object.fromEntries(wrapped) as unknown as Host;
}

describe('the agent of a node', () => {
  it('writes a report once, and nothing while nothing changes', async () => {
    const { maps, pass } = await running();
    await pass(MINUTE);
    expect(maps.reports).toMatchObject([{ node: 'node-a', intentGeneration: 0 }]);
    // Until the watch ends that it began with.
    await pass(30 * MINUTE);
    expect(maps.asked.map(({ what }) => what)).toEqual(['watch', 'read intent', 'read report', 'write']);
  });

  it('answers an intent at once, though it wrote a moment ago', async () => {
    const { maps, pass } = await running();
    await pass(MINUTE);
    for (const generation of [3, 4]) {
      maps.say({ state: 'read', intent: { schemaVersion: 1, generation } });
      await pass(5000);
      expect(maps.reports.at(-1)).toMatchObject({ intentGeneration: generation });
    }
    expect(maps.reports).toHaveLength(3);
  });

  it('goes in nothing by an intent of a newer form, and says so', async () => {
    const { maps, pass } = await running();
    const newer = { schemaVersion: 2, generation: 9 };
    maps.say(parseIntent({ data: { 'intent.json': JSON.stringify(newer) } }));
    await pass(MINUTE);
    expect(maps.reports).toMatchObject([
      {
        intentGeneration: 0,
        intentRefused: 'The intent is of version 2, and this agent knows version 1.',
      },
    ]);
  });

  it('hears of a module within seconds, and writes what changes often once a minute', async () => {
    const { maps, root, pass } = await running();
    await pass(2 * MINUTE);
    for (let n = 1; n <= 20; n++) {
      await writeFile(join(root, 'proc/sys/kernel/osrelease'), `5.15.0-${n}\n`);
      await writeFile(join(root, 'sys/kernel/uevent_seqnum'), `${n}\n`);
      await writeFile(join(root, `sys/module/m${n}`), '');
      await pass(10_000);
      if (n === 1) expect(maps.reports).toHaveLength(2);
    }
    expect(maps.reports.length).toBeLessThanOrEqual(6);
    await pass(2 * MINUTE);
    expect(maps.reports.at(-1)?.observed.kernel).toMatchObject({ release: '5.15.0-20' });
  });

  it('writes nothing where the agent before it has written the same', async () => {
    const first = await running();
    await first.pass(MINUTE);
    const time = new ManualTime();
    const maps = new Maps(time);
    maps.packed = first.maps.packed;
    const second = await running({ maps });
    await second.pass(HOUR);
    expect(maps.count('write')).toBe(0);
  });

  it('asks ever more seldom while the API server is away for an hour, and then says what is so by now', async () => {
    const { maps, root, pass, lines, time } = await running();
    await pass(MINUTE);
    const before = maps.asked.length;
    maps.trouble = away;
    maps.cut();
    await writeFile(join(root, 'proc/sys/kernel/osrelease'), '6.1.0\n');
    await pass(HOUR);
    const asked = maps.asked.slice(before);
    expect(asked.length).toBeLessThan(26);
    const gaps = asked.slice(1).map(({ at }, index) => at - asked[index]!.at);
    expect(Math.min(...gaps.slice(8))).toBeGreaterThanOrEqual(100_000);
    expect(maps.reports).toHaveLength(1);

    maps.trouble = () => undefined;
    await writeFile(join(root, 'proc/sys/kernel/osrelease'), '6.2.0\n');
    const back = time.now();
    await pass(10 * MINUTE);
    expect(maps.reports).toHaveLength(2);
    expect(maps.reports[1]?.observed.kernel).toMatchObject({ release: '6.2.0' });
    expect(maps.asked.find(({ what, at }) => what === 'write' && at > back)).toBeDefined();
    expect(lines.filter((line) => line.startsWith('Cannot'))).toHaveLength(1);
  });

  it('reports all the same where it may not follow its intent', async () => {
    const time = new ManualTime();
    const maps = new Maps(time);
    maps.trouble = (what) =>
      what === 'watch' ? new ApiError('API_FORBIDDEN', 'We may not watch configmaps.') : undefined;
    const { pass } = await running({ maps });
    await pass(10 * MINUTE);
    expect(maps.reports).toMatchObject([
      { intentRefused: 'The intent cannot be read. We may not watch configmaps.' },
    ]);
    expect(maps.count('watch')).toBeLessThan(15);
  });

  it('tries ever more seldom to write where it may not, whatever the host does', async () => {
    const time = new ManualTime();
    const maps = new Maps(time);
    maps.trouble = (what) =>
      what === 'write' ? new ApiError('API_FORBIDDEN', 'We may not patch configmaps.') : undefined;
    const { root, pass } = await running({ maps });
    for (let n = 1; n <= 60; n++) {
      await writeFile(join(root, 'sys/kernel/uevent_seqnum'), `${n}\n`);
      await writeFile(join(root, `sys/module/m${n}`), '');
      await pass(10_000);
    }
    expect(maps.count('write')).toBeLessThan(13);
    maps.trouble = () => undefined;
    await pass(6 * MINUTE);
    expect(maps.reports).toHaveLength(1);
  });

  it('puts the report back that somebody removed, once the watch begins anew', async () => {
    const { maps, pass } = await running();
    await pass(MINUTE);
    maps.packed = undefined;
    maps.cut();
    await pass(MINUTE);
    expect(maps.reports).toHaveLength(2);
  });

  it('leaves the report for some minutes to another agent that wrote it, and takes it back where that is silent', async () => {
    const { maps, pass, lines } = await running();
    await pass(MINUTE);
    const another = (text: string) => {
      maps.packed = Buffer.from(text);
      maps.reportVersion += 1;
    };
    another('of another agent');
    maps.cut();
    await pass(4 * MINUTE);
    expect(maps.count('write')).toBe(1);
    expect(lines.at(-1)).toBe('Cannot write the report');
    // What it writes is refused as long as the other goes on.
    another('of another agent that goes on');
    await pass(6 * MINUTE);
    expect(maps.reports).toHaveLength(1);
    await pass(10 * MINUTE);
    expect(maps.reports).toHaveLength(2);
    expect(lines.slice(-2)).toEqual(['Can write the report again', 'Wrote the report'].toReversed());
  });

  it('opens a watch again that is silent for longer than one ever is', async () => {
    const { maps, pass } = await running({ silentAfterMs: 3 * MINUTE });
    await pass(MINUTE);
    expect(maps.count('watch')).toBe(1);
    await pass(3 * MINUTE);
    expect(maps.count('watch')).toBe(2);
    expect(maps.count('write')).toBe(1);
  });

  it('ends when it is asked to, whatever it waits for', async () => {
    const { maps, pass, stop, done, lines } = await running();
    await pass(MINUTE);
    maps.trouble = away;
    maps.cut();
    await pass(10 * MINUTE);
    stop.abort(new Error('Ended by SIGTERM.'));
    await done;
    expect(lines.at(-1)).toBe('Ended');
  });
});
