import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { DriverKeeper } from '../../../nodeagent/drivers/driver-keeper.ts';
import { openDriverHands } from '../../../nodeagent/host/driver-hands.ts';
import type { IntentSeen } from '../../../nodeagent/intent.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { Health } from '../../../nodeagent/run/health.ts';
import { runAgent } from '../../../nodeagent/run/run-agent.ts';
import { ApiError } from '../../../reconciler/world/kubeapi/errors.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import { until } from '../../cluster/until.ts';
import { fastTime } from '../../support/fast-time.ts';
import { builtPackage, type DriverNode, driverNode } from '../drivers/driver-node.ts';
import { file, packageServer, status } from '../drivers/package-server.ts';

/** An agent whose minutes are three seconds, and what it asks of a cluster in memory. */
function agentOf(
  node: DriverNode,
  {
    isAway = false,
    writeEveryMs = 60_000,
    exec = node.kernel.exec,
  }: { isAway?: boolean; writeEveryMs?: number; exec?: DriverNode['kernel']['exec'] } = {},
) {
  let seen: IntentSeen = { state: 'none' };
  let version = 1;
  let tell = Promise.withResolvers<void>();
  const reports: NodeReport[] = [];
  let packed: Uint8Array | undefined;
  const answer = (): void => {
    if (isAway) throw new ApiError('API_UNREACHABLE', 'The API server cannot be reached.');
  };
  const maps: NodeConfigMaps = {
    readIntent: async () => {
      answer();
      return { seen, version: `${version}` };
    },
    watchIntent: async (_, signal) => {
      answer();
      signal.addEventListener('abort', () => tell.reject(signal.reason as Error));
      return (async function* () {
        for (;;) {
          await tell.promise;
          tell = Promise.withResolvers<void>();
          yield `${version}`;
        }
      })();
    },
    readReport: async () => {
      answer();
      return packed && { packed, version: `${reports.length}` };
    },
    writeReport: async (bytes) => {
      answer();
      packed = bytes;
      reports.push(unpackReport(bytes)!);
      return `${reports.length}`;
    },
  };
  const time = fastTime(20);
  const health = new Health(time);
  const stop = new AbortController();
  const log = { info: () => undefined, warn: () => undefined };
  const { host, root, state } = node;
  const done = runAgent(
    {
      node: 'node-a',
      agentVersion: '0.1.0',
      host,
      maps,
      time,
      random: () => 0.5,
      log,
      health,
      times: { silentAfterMs: Infinity, writeEveryMs },
      drivers: (told) =>
        new DriverKeeper({
          ...told,
          host,
          hands: openDriverHands(host, root, exec),
          state,
          time,
          random: () => 0.5,
          log,
        }),
    },
    stop.signal,
  );
  const end = async () => {
    stop.abort(new Error('Ended.'));
    await done;
  };
  onTestFinished(end);
  return {
    reports,
    health,
    end,
    say: (generation: number, drivers?: DriversIntent) => {
      seen = {
        state: 'read',
        intent: { schemaVersion: 1, generation, ...(drivers === undefined ? {} : { drivers }) },
      };
      version++;
      tell.resolve();
    },
    latest: () => reports.at(-1),
  };
}

describe('an agent that is asked for drivers', () => {
  it('tells what an intent came to at once, and nothing of drivers where none was asked for', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    server.answer = file(asked.packed);
    // What is no answer to anybody would wait without end.
    const agent = agentOf(node, { writeEveryMs: 1e12 });
    await until('it tells what there is', () => agent.latest() !== undefined);
    expect(agent.latest()!.drivers).toBeUndefined();
    agent.say(1, asked.intent(server));
    const report = await until('they are loaded', () => {
      const latest = agent.latest();
      return latest?.drivers?.state === 'loaded' && latest;
    });
    expect(report.intentGeneration).toBe(1);
    const { modules } = report.observed;
    expect(isKnown(modules) && modules.map(({ name }) => name)).toContain('wekafsio');
  });

  it('goes on looking at its node, and answers probes, while a download takes its time', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    const rest = Promise.withResolvers<void>();
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': asked.packed.length }).write(asked.packed.subarray(0, 100));
      void rest.promise.then(() => response.end(asked.packed.subarray(100)));
    };
    const agent = agentOf(node);
    agent.say(1, asked.intent(server));
    await until('it downloads', () => server.asked.length === 1);
    await node.kernel.exec('insmod', [
      join(node.root, 'lib/modules/6.1.0-32-cloud-amd64/kernel/drivers/uio/uio.ko'),
    ]);
    const report = await until('it tells what changed', () => {
      const { modules } = agent.latest()?.observed ?? {};
      return modules !== undefined && isKnown(modules) && modules.length === 1 && agent.latest();
    });
    expect(report.drivers).toMatchObject({ state: 'working' });
    expect(agent.health.stuck()).toEqual([]);
    rest.resolve();
    await until('they are loaded', () => agent.latest()?.drivers?.state === 'loaded');
  });

  it('claims to answer an intent only once it has looked at the drivers for it', async () => {
    const [node, server] = [await driverNode(), await packageServer()];
    const [first, second] = [await builtPackage('4.4.5'), await builtPackage('4.4.6')];
    server.answer = file(first.packed);
    const rest = Promise.withResolvers<void>();
    const { exec } = node.kernel;
    const slowly: typeof exec = async (...call) => {
      if (call[0].endsWith('insmod')) await rest.promise;
      return await exec(...call);
    };
    const agent = agentOf(node, { writeEveryMs: 1, exec: slowly });
    agent.say(1, first.intent(server));
    await until('it is loading', () => agent.latest()?.drivers?.state === 'working');
    agent.say(2, second.intent(server));
    const modules = () => agent.latest()?.observed.modules;
    await exec('insmod', [join(node.root, 'lib/modules/6.1.0-32-cloud-amd64/kernel/drivers/uio/uio.ko')]);
    await until('it tells what changed', () => JSON.stringify(modules()).includes('"uio"'));
    server.answer = file(second.packed);
    rest.resolve();
    await until('it answers the second', () => agent.latest()?.intentGeneration === 2);
    const wanted = new Map([
      [1, first.intent(server).package.sha256],
      [2, second.intent(server).package.sha256],
    ]);
    for (const { intentGeneration, drivers } of agent.reports) {
      if (intentGeneration > 0) expect(drivers?.wanted?.sha256).toBe(wanted.get(intentGeneration));
    }
  });

  it('loads what it was asked for before though the API server is away, and tells once it is there', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    server.answer = file(asked.packed);
    const first = agentOf(node);
    first.say(7, asked.intent(server));
    await until('they are loaded', () => first.latest()?.drivers?.state === 'loaded');
    await first.end();
    server.answer = status(500);
    await node.kernel.boot('0e8c2b1a-4a57-4f0b-9a8e-6c6d6f1f0c12');
    const away = agentOf(node, { isAway: true });
    await until('they are loaded', () => node.kernel.loaded['wekafsio'] === '4.4.5');
    expect(away.reports).toEqual([]);
    await away.end();
    const last = agentOf(node);
    const report = await until('it tells so', () => {
      const latest = last.latest();
      return latest?.drivers?.state === 'loaded' && latest;
    });
    // There is no intent, and the one to come has to go beyond the last.
    expect(report.intentGeneration).toBe(7);
  });

  it('goes by no intent of before, and says what it has gone by', async () => {
    const [node, server, asked, other] = [
      await driverNode(),
      await packageServer(),
      await builtPackage('4.4.5'),
      await builtPackage('4.4.6'),
    ];
    server.answer = file(asked.packed);
    const agent = agentOf(node);
    agent.say(7, asked.intent(server));
    await until('they are loaded', () => agent.latest()?.drivers?.state === 'loaded');
    agent.say(3, other.intent(server));
    const report = await until('it says so', () => {
      const latest = agent.latest();
      return latest?.intentRefused !== undefined && latest;
    });
    expect(report).toMatchObject({
      intentGeneration: 7,
      intentRefused: 'The intent has generation 3, and generation 7 was gone by before.',
      drivers: { state: 'loaded', loaded: { version: '4.4.5' } },
    });
    expect(server.asked).toHaveLength(1);
  });
});
