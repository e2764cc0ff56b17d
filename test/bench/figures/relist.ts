import { isOfPass } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

const COUNT = 10_000;
const TIMES = 5;

/** What the belt costs: everything is listed anew every ten minutes, in case a watch has kept silent about something. */
export async function relistFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, COUNT));
  await site.run('reconcile');
  await bed.audit.skip();
  const { cpuSeconds, seconds, peakMiB } = await site.relist(COUNT, TIMES);
  const lists = (await bed.audit.calls()).filter((call) => isOfPass(call) && call.verb === 'list');
  progress(`${COUNT} listed anew, and CPU of it`, seconds, cpuSeconds);
  await site.clear();
  // The first one, the one that warms up, and those that were measured.
  const requests = lists.length / (TIMES + 2);
  const name = 'periodic re-list of 10,000';
  const note = 'every 10 minutes, besides the watches';
  return [
    rowOf({ name: `${name}: CPU`, unit: 's', values: [cpuSeconds], note }),
    rowOf({ name: `${name}: time`, unit: 's', values: [seconds], note }),
    rowOf({
      name: `${name}: calls`,
      unit: 'calls',
      values: [Math.round(requests)],
      note: 'pages of one list',
    }),
    rowOf({
      name: `${name}: peak memory`,
      unit: 'MiB',
      values: [peakMiB],
      note: 'of a process that does only this',
    }),
  ];
}
