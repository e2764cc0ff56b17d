import { until } from '../../cluster/until.ts';
import { type AuditedCall, isOfManifest, isOfPass } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

const RUNS = 5;
const COUNT = 1_000;
const CHANGED = 5;

/** A commit that changes a few objects of many, from the poll that finds it to the last write. */
export async function fewFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, COUNT));
  const running = await site.start();
  const calls: number[] = [];
  const times: number[] = [];
  try {
    for (let run = 1; run <= RUNS; run++) {
      const passes = await running.passes();
      await bed.audit.skip();
      const foundAt = await site.push(configMapFiles(site.namespace, CHANGED, () => `edition ${run}`));
      const made: AuditedCall[] = [];
      await until('the changed objects are written', async () => {
        made.push(...(await bed.audit.calls()).filter(isOfPass));
        return made.filter(isOfManifest).length >= CHANGED;
      });
      await running.anotherPass(passes);
      made.push(...(await bed.audit.calls()).filter(isOfPass));
      const writtenAt = Math.max(
        ...made.filter(isOfManifest).map(({ stageTimestamp }) => Date.parse(stageTimestamp)),
      );
      calls.push(made.length);
      times.push((writtenAt - foundAt) / 1000);
      progress(`${CHANGED} of ${COUNT} changed: ${made.length} calls`, times.at(-1));
    }
  } finally {
    await running.stop();
    await site.clear();
  }
  return [
    rowOf({ name: '5 changed of 1,000: calls', unit: 'calls', values: calls, goal: { atMost: 10 } }),
    rowOf({ name: '5 changed of 1,000: time', unit: 's', values: times, goal: { atMost: 0.3 } }),
  ];
}
