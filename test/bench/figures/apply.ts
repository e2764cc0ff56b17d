import { until } from '../../cluster/until.ts';
import { type AuditedCall, isOfManifest } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { median, type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

/** Times the raw loop is tried with; the best of them is the one to reach. */
const CONCURRENCIES = [8, 16, 32];

/** New ConfigMaps: by us, by kubectl, and by bare requests. */
export async function applyFigures(bed: Bed): Promise<readonly Row[]> {
  const thousand = await applied(bed, 1_000, { rounds: 3, concurrencies: CONCURRENCIES });
  const fiveThousand = await applied(bed, 5_000, { rounds: 3, concurrencies: [thousand.best] });
  const perThousand = fiveThousand.ours.map((seconds) => seconds / 5);
  return [
    ...thousand.rows,
    ...fiveThousand.rows,
    rowOf({
      name: 'apply 5,000: time per 1,000, in times of apply 1,000',
      unit: '×',
      values: perThousand.map((seconds) => seconds / median(thousand.ours)),
      goal: { atMost: 1.1 },
    }),
  ];
}

interface Applied {
  readonly rows: readonly Row[];
  readonly ours: readonly number[];
  readonly best: number;
}

async function applied(
  bed: Bed,
  count: number,
  { rounds, concurrencies }: { readonly rounds: number; readonly concurrencies: readonly number[] },
): Promise<Applied> {
  const ours: number[] = [];
  const kubectl: number[] = [];
  const raw = new Map(
    concurrencies.map((concurrency): [number, Raw] => [concurrency, { whole: [], loop: [] }]),
  );
  const peaks: number[] = [];
  const cpu: number[] = [];
  const writes: number[] = [];
  const running: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Each round is a first apply: nothing is cloned yet, and nothing recorded in the cluster.
    const site = await Site.open(bed);
    const manifests = configMapFiles(site.namespace, count);
    await site.write(manifests);

    await bed.audit.skip();
    const { seconds, cpuSeconds, peakMiB } = await site.run('reconcile', '--output', 'json');
    ours.push(seconds);
    progress(`${count} by us`, seconds);
    peaks.push(peakMiB);
    cpu.push(cpuSeconds);
    writes.push(spanOf(await bed.audit.calls()));
    await site.clear();
    running.push(await throughRun(bed, count));
    progress(`${count} by us, through run`, running.at(-1));
    kubectl.push(await site.kubectl('apply'));
    progress(`${count} by kubectl`, kubectl.at(-1));
    await site.clear();
    for (const [concurrency, { whole, loop }] of raw) {
      const patched = await site.rawPatch(manifests, concurrency);
      whole.push(patched.seconds);
      loop.push(patched.loop);
      progress(`${count} by raw requests, ${concurrency} at once`, patched.seconds, patched.loop);
      await site.clear();
    }
  }
  const [best, fastest] = [...raw].toSorted(
    ([, left], [, right]) => median(left.whole) - median(right.whole),
  )[0]!;
  const name = `apply ${count.toLocaleString('en-US')}`;
  const figure = { unit: 's', values: ours } as const;
  return {
    ours,
    best,
    rows: [
      rowOf({ ...figure, name: `${name}: kubectl`, baselines: kubectl, goal: { ratioAtLeast: 3.5 } }),
      rowOf({
        ...figure,
        name: `${name}: raw requests`,
        baselines: fastest.whole,
        goal: { ratioAtLeast: 0.85 },
        note: `${best} at once; whole processes`,
      }),
      rowOf({
        name: `${name} through run, from the poll that finds the push to the last write: kubectl`,
        unit: 's',
        values: running,
        baselines: kubectl,
        note: 'without the wait for that poll',
      }),
      rowOf({
        name: `${name} through run, from the poll that finds the push to the last write: raw requests`,
        unit: 's',
        values: running,
        baselines: fastest.whole,
        note: `${best} at once; whole processes`,
      }),
      rowOf({
        name: `${name}: writes alone, raw loop alone`,
        unit: 's',
        values: writes,
        baselines: fastest.loop,
        note: 'without start, git, lists and status branch',
      }),
      rowOf({ name: `${name}: CPU`, unit: 's', values: cpu, note: 'ours alone, without the API server' }),
      rowOf({ name: `${name}: peak memory`, unit: 'MiB', values: peaks }),
    ],
  };
}

/** Seconds from the poll of an idle `run` that finds all of them in a push until the last is written. */
async function throughRun(bed: Bed, count: number): Promise<number> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, 1));
  const running = await site.start();
  try {
    const passes = await running.passes();
    await bed.audit.skip();
    const foundAt = await site.push(configMapFiles(site.namespace, count, () => 'second'));
    await running.anotherPass(passes);
    const made: AuditedCall[] = [];
    await until('all are written', async () => {
      made.push(...(await bed.audit.calls()).filter(isOfManifest));
      return made.length >= count;
    });
    return (Math.max(...made.map(({ stageTimestamp }) => Date.parse(stageTimestamp))) - foundAt) / 1000;
  } finally {
    await running.stop();
    await site.clear();
  }
}

/** Seconds from the first write of a manifest to the end of the last. */
function spanOf(calls: readonly AuditedCall[]): number {
  const writes = calls.filter(isOfManifest);
  const first = Math.min(...writes.map((call) => Date.parse(call.requestReceivedTimestamp)));
  return (Math.max(...writes.map((call) => Date.parse(call.stageTimestamp))) - first) / 1000;
}

interface Raw {
  readonly whole: number[];
  readonly loop: number[];
}
