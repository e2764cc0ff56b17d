import { isOfPass, isWrite } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { until } from '../../cluster/until.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import type { Running } from '../running.ts';
import { Site } from '../site.ts';

const RUNS = 3;
const POLLS = 10;

/** `weka-gitops run` while nothing changes, and its passes that find nothing to do. */
export async function idleFigures(bed: Bed): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const count of [10, 1_000, 10_000]) rows.push(...(await idle(bed, count)));
  return rows;
}

async function idle(bed: Bed, count: number): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, count));
  const applied = await site.run('reconcile');
  const running = await site.start();
  try {
    const startSeconds = running.cpuSeconds();
    const polls = await idlePolls(site, running);
    const { nowMiB } = running.memory();
    progress(`${count}: ${polls.calls} calls in ${POLLS} polls, CPU of each`, polls.cpuSeconds);
    const passes: Pass[] = [];
    for (let run = 0; run < RUNS; run++) passes.push(await emptyPass(site, running, run));
    const { peakMiB } = running.memory();
    const name = `nothing changed of ${count.toLocaleString('en-US')}`;
    const pass = `empty pass over ${count.toLocaleString('en-US')}`;
    const of = (figure: (each: Pass) => number) => passes.map(figure);
    return [
      rowOf({
        name: `start of run over ${count.toLocaleString('en-US')}: CPU`,
        unit: 's',
        values: [startSeconds],
        note: 'clone, manifests and lists read anew',
      }),
      rowOf({
        name: `${name}: calls in ${POLLS} polls`,
        unit: 'calls',
        values: [polls.calls],
        goal: { atMost: 0 },
        note: 'besides watches and lease',
      }),
      rowOf({ name: `${name}: CPU of a poll`, unit: 'ms', values: [polls.cpuSeconds * 1000] }),
      rowOf({
        name: `${name}: memory`,
        unit: 'MiB',
        values: [nowMiB],
        ...(count === 10 ? { goal: { atMost: 100 } } : {}),
      }),
      rowOf({ name: `${pass}: calls`, unit: 'calls', values: of(({ calls }) => calls), goal: { atMost: 0 } }),
      rowOf({
        name: `${pass}: writes`,
        unit: 'writes',
        values: of(({ writes }) => writes),
        goal: { atMost: 0 },
      }),
      rowOf({
        name: `${pass}: CPU`,
        unit: 's',
        values: of(({ cpuSeconds }) => cpuSeconds),
        goal: { atMost: 1 },
      }),
      rowOf({
        name: `${pass}: peak memory`,
        unit: 'MiB',
        values: [peakMiB],
        ...(count === 10_000 ? { goal: { atMost: 160 } } : {}),
        note: 'since the start of run',
      }),
      rowOf({
        name: `apply ${count.toLocaleString('en-US')}: peak memory`,
        unit: 'MiB',
        values: [applied.peakMiB],
      }),
    ];
  } finally {
    await running.stop();
    await site.clear();
  }
}

async function idlePolls({ bed, namespace }: Site, running: Running) {
  // Seen from outside: to ask the program how often it polled would cost more than its polls.
  const polls = () => bed.git.requests.filter(({ url }) => url.includes(namespace)).length;
  await bed.audit.skip();
  bed.git.clearRequests();
  const before = running.cpuSeconds();
  await until(`${POLLS} polls`, () => polls() >= POLLS);
  const after = running.cpuSeconds();
  const calls = (await bed.audit.calls()).filter(isOfPass);
  return { calls: calls.length, cpuSeconds: (after - before) / POLLS };
}

interface Pass {
  readonly calls: number;
  readonly writes: number;
  readonly cpuSeconds: number;
}

/** A pass that a change of no concern sets off: another manager writes an annotation that no manifest names. */
export async function emptyPass(site: Site, running: Running, run: number): Promise<Pass> {
  const { audit } = site.bed;
  const passes = await running.passes();
  await audit.skip();
  const before = running.cpuSeconds();
  await site.touch(`run ${run}`);
  await running.anotherPass(passes);
  const cpuSeconds = running.cpuSeconds() - before;
  const calls = (await audit.calls()).filter(isOfPass);
  progress(`empty pass: ${calls.length} calls, CPU`, cpuSeconds);
  return { calls: calls.length, writes: calls.filter(isWrite).length, cpuSeconds };
}
