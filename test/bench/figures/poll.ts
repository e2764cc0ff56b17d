import { join } from 'node:path';
import { openRepository } from '../../../reconciler/world/git/repository.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { timed } from '../process.ts';
import { quantile, type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

const POLLS = 100;

/** What a poll costs while nothing happens: one listing of the refs, by the real git on the other side. */
export async function pollFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, 1_000));
  const repository = openRepository({
    url: site.repository.url,
    ref: 'main',
    path: '',
    cacheDir: join(bed.folder, 'poll'),
  });
  const times: number[] = [];
  for (let poll = 0; poll < POLLS; poll++) {
    times.push((await timed(() => repository.tip())).seconds * 1000);
  }
  return [
    rowOf({ name: 'idle poll: p50', unit: 'ms', values: [quantile(times, 0.5)], goal: { atMost: 200 } }),
    rowOf({ name: 'idle poll: p95', unit: 'ms', values: [quantile(times, 0.95)], goal: { atMost: 200 } }),
  ];
}
