import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { NodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { nodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { Health } from '../../../nodeagent/run/health.ts';
import { runAgent } from '../../../nodeagent/run/run-agent.ts';
import { KubeApi } from '../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { fastMaps, NEVER_SILENT, PatientTime } from '../../support/fast-time.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { recordHost, SimulatedHost } from '../../support/simulated-host.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** An hour passes in three seconds, and what is asked of the API server takes no time. */
const FACTOR = 1200;

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

interface Write {
  readonly by: string;
  /** Milliseconds of the agents' time. */
  readonly at: number;
}

async function aNode() {
  const [node] = rights.nodes;
  const time = new PatientTime(FACTOR);
  const recording = await recordHost(
    fakeHost(await fakeRoot(STORAGE_NODE), { interfaces: storageNodeInterfaces }),
  );
  const writes: Write[] = [];
  const begun = async (by: string) => {
    const connection = await loadKubeConfig({ kubeconfig: rights.kubeconfig, env: {} });
    const api = new KubeApi(connection);
    const maps = nodeConfigMaps(api, rights.namespace, node);
    const host = new SimulatedHost(recording);
    const says = (release: string): void => host.set('text', '/proc/sys/kernel/osrelease', `${release}\n`);
    says(by);
    const { watchIntent } = fastMaps(maps, FACTOR);
    const counted: NodeConfigMaps = {
      readIntent: async (...args) => await time.during(async () => await maps.readIntent(...args)),
      watchIntent: async (...args) => await time.during(async () => await watchIntent(...args)),
      readReport: async (...args) => await time.during(async () => await maps.readReport(...args)),
      writeReport: async (...args) => {
        const version = await time.during(async () => await maps.writeReport(...args));
        writes.push({ by, at: time.now() });
        return version;
      },
    };
    const log: Record<string, unknown>[] = [];
    const note = (fields: object, msg: string) => void log.push({ ...fields, msg });
    const stop = new AbortController();
    const health = new Health(time);
    const done = runAgent(
      {
        node,
        agentVersion: '0.1.0',
        host,
        maps: counted,
        time,
        random: Math.random,
        log: { info: note, warn: note },
        health,
        times: { ...NEVER_SILENT, pulseEveryMs: 10 * MINUTE, slowEveryMs: MINUTE },
      },
      stop.signal,
    );
    onTestFinished(async () => {
      stop.abort(new Error('Ended.'));
      await done;
      await api.close();
    });
    return { says, log, health };
  };
  const hours = async (count: number): Promise<void> => {
    const end = time.now() + count * HOUR;
    await until(`${count} h`, () => time.now() >= end, { timeoutMs: 150_000 });
  };
  return { begun, writes, hours, time };
}

describe('two agents on one node', () => {
  it('do not write in turns: the second leaves the report to the first, and says so', async () => {
    const { begun, writes, hours, time } = await aNode();
    const first = await begun('first');
    await until('its report', () => writes.length === 1);
    const second = await begun('second');
    await until('the other report', () => writes.length === 2);
    // From now on each sees something new every few minutes.
    const begins = time.now();
    const done = new AbortController();
    const changes = (async () => {
      while (!done.signal.aborted) {
        await time.sleep(3 * MINUTE, done.signal);
        first.says(`first-${Math.floor(time.now() / MINUTE)}`);
        second.says(`second-${Math.floor(time.now() / MINUTE)}`);
      }
    })();
    onTestFinished(async () => {
      done.abort();
      await changes;
    });
    await hours(4);

    const late = writes.filter(({ at }) => at - begins > HOUR);
    expect(late.length).toBeGreaterThan(20);
    const turns = late.filter(({ by }, index) => index > 0 && by !== late[index - 1]?.by).length;
    expect(turns).toBeLessThanOrEqual(8);
    const taken = [...first.log, ...second.log].find(({ code }) => code === 'REPORT_TAKEN');
    expect(taken).toMatchObject({
      reason: expect.stringMatching(/^Another agent writes the report of node .* too, and says otherwise\.$/),
      hint: expect.stringContaining('a second DaemonSet'),
    });
    const waits = () => [...first.health.waits(), ...second.health.waits()].join(' ');
    await until('one is not ready for it', () => waits().includes('Another agent writes the report'));
  }, 180_000);
});
