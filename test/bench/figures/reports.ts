import { gzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { REPORT_KEY, reportName } from '../../../schemas/node/config-maps.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';
import { aReport } from '../../reconciler/core/nodes/build-reports.ts';
import { ApiError } from '../../cluster/api.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import type { Running } from '../running.ts';
import { Site } from '../site.ts';

const NODES = 1000;
/** The first ones are made by code that the engine has not compiled yet, and do not count. */
const WARM_UP = 3;
const CHANGES = 10;
const NAMESPACE = 'weka-gitops-nodes';
/** As long as nothing happens, all that came before is done. */
const QUIET_MS = 15_000;
/** As `anotherPass` looks. */
const LOOK_MS = 250;

/** `weka-gitops run` with a thousand nodes whose agents report: a pass that one changed report sets off, and what it holds in memory. */
export async function reportFigures(bed: Bed): Promise<readonly Row[]> {
  const fleet = await Fleet.open(bed);
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, 10));
  await site.run('reconcile');
  const running = await site.start();
  try {
    await settled(running);
    const { nowMiB } = running.memory();
    const idleSeconds = await idle(running);
    const seconds: number[] = [];
    for (let change = 0; change < WARM_UP + CHANGES; change++) {
      const passes = await running.passes();
      const [before, since] = [running.cpuSeconds(), performance.now()];
      await fleet.report(change, 100 + change);
      await running.anotherPass(passes);
      const lasted = (performance.now() - since) / 1000;
      seconds.push(running.cpuSeconds() - before - idleSeconds * lasted);
    }
    // Of one pass the kernel's clock counts no more than a few ticks.
    const each = seconds.slice(WARM_UP).reduce((sum, one) => sum + one, 0) / CHANGES;
    progress(`a changed report of ${NODES}: CPU of each`, each);
    return [
      rowOf({
        name: `one changed report of ${NODES.toLocaleString('en-US')} nodes: CPU`,
        unit: 'ms',
        values: [each * 1000],
        goal: { atMost: 50 },
        note: `mean of ${CHANGES}; what it tells is no news for the status branch`,
      }),
      rowOf({
        name: `reports of ${NODES.toLocaleString('en-US')} nodes: memory`,
        unit: 'MiB',
        values: [nowMiB],
      }),
    ];
  } finally {
    await running.stop();
    await site.clear();
    await fleet.close();
  }
}

/** CPU seconds of a second in which nothing changes, and somebody looks as often as whoever waits for a pass. */
async function idle(running: Running): Promise<number> {
  const [before, since] = [running.cpuSeconds(), performance.now()];
  while (performance.now() - since < QUIET_MS) {
    await running.passes();
    await delay(LOOK_MS);
  }
  return ((running.cpuSeconds() - before) * 1000) / (performance.now() - since);
}

async function settled(running: Running): Promise<void> {
  for (let passes = -1, now = await running.passes(); now !== passes; now = await running.passes()) {
    passes = now;
    await delay(QUIET_MS);
  }
}

class Fleet {
  readonly #bed: Bed;
  readonly #names = Array.from({ length: NODES }, (_, index) => `reports-${String(index).padStart(5, '0')}`);

  static async open(bed: Bed): Promise<Fleet> {
    const fleet = new Fleet(bed);
    await bed.cluster.api
      .json('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
      .catch(unlessThere);
    await fleet.#forEach(async (name, index) => {
      const { api } = bed.cluster;
      await api.json('POST', '/api/v1/nodes', { metadata: { name } }).catch(unlessThere);
      await api.json('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, podOn(name)).catch(unlessThere);
      await fleet.report(index, 100);
    });
    return fleet;
  }

  private constructor(bed: Bed) {
    this.#bed = bed;
  }

  /** Has a node report so many free huge pages. */
  async report(index: number, free: number): Promise<void> {
    const name = this.#names[index] ?? '';
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    const packed = gzipSync(JSON.stringify(largeReport(name, free))).toString('base64');
    const object = { metadata: { name: reportName(name) }, binaryData: { [REPORT_KEY]: packed } };
    const { api } = this.#bed.cluster;
    await api.json('POST', path, object).catch(async (error: unknown) => {
      unlessThere(error);
      await api.json('PUT', `${path}/${reportName(name)}`, object);
    });
  }

  async close(): Promise<void> {
    const { api } = this.#bed.cluster;
    await api.text('DELETE', `/api/v1/namespaces/${NAMESPACE}/configmaps`);
    await this.#forEach(async (name) => {
      await api.text('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${name}?gracePeriodSeconds=0`);
      await api.text('DELETE', `/api/v1/nodes/${name}`);
    });
  }

  /** A few at a time. */
  async #forEach(work: (name: string, index: number) => Promise<void>): Promise<void> {
    const left = this.#names.entries();
    const worker = async (): Promise<void> => {
      for (const [index, name] of left) await work(name, index);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  }
}

function podOn(node: string): object {
  return {
    metadata: { name: node, labels: { 'app.kubernetes.io/name': 'weka-nodeagent' } },
    spec: {
      nodeName: node,
      // No kubelet tells that the node is well.
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'agent', image: 'weka-gitops' }],
    },
  };
}

/** What a large node has: as many modules, disks and interfaces as a storage server of two sockets. */
function largeReport(node: string, free: number): NodeReport {
  const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
    Array.from({ length: count }, (_, index) => make(index));
  return aReport(node, {
    hugePages: [{ sizeKiB: 2048, total: 4096, free }],
    modules: times(160, (index) => ({
      name: `module_${index}`,
      state: 'live' as const,
      version: `1.${index}`,
      srcversion: `0123456789ABCDEF${index}`,
      inUse: 'yes' as const,
      usedBy: [`module_${index + 1}`],
      parameters: times(8, (at) => ({ name: `parameter_${at}`, value: `${index * at}` })),
    })),
    blockDevices: times(24, (index) => ({
      name: `nvme${index}n1`,
      sizeBytes: 7_681_501_126_656,
      model: 'Dell Ent NVMe v2 AGN RI U.2 7.68TB',
      serial: `${node}-${index}`,
      rotational: 'no' as const,
      removable: 'no' as const,
      readOnly: 'no' as const,
      pciAddress: `0000:81:00.${index}`,
    })),
  });
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 409)) throw error;
}
