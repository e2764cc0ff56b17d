import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

const RUNS = 9;

/** From the start of the process to its first request, by the API server's own clock, and what such a process holds. */
export async function startFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, 10));
  await site.run('reconcile');
  const firsts: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await bed.audit.skip();
    const { startedAt, lastMiB } = await site.run('reconcile');
    const [first] = await bed.audit.calls();
    if (first === undefined) throw new Error('A pass asked nothing of the API server.');
    firsts.push(Date.parse(first.requestReceivedTimestamp) - startedAt.getTime());
    memory.push(lastMiB);
  }
  return [
    rowOf({ name: 'start to first call', unit: 'ms', values: firsts, goal: { atMost: 400 } }),
    rowOf({ name: 'memory after a pass over 10', unit: 'MiB', values: memory, goal: { atMost: 100 } }),
  ];
}
