import { join } from 'node:path';
import { bundleEntry } from '../../../scripts/bundle.ts';
import type { Bed } from '../bed.ts';
import { spawnMeasured } from '../process.ts';
import type { RenderTimes } from '../render-plan.ts';
import { type Row, rowOf } from '../row.ts';

/** Each rendering of a plan of 10,000 changes. */
export async function renderFigures({ folder }: Bed): Promise<readonly Row[]> {
  const entry = join(import.meta.dirname, '../render-plan.ts');
  const { file } = await bundleEntry('render-plan', entry, join(folder, 'render-plan'));
  const { exitCode, stdout, stderr } = await spawnMeasured(file, [], {});
  if (exitCode !== 0) throw new Error(`Rendering a plan failed.\n${stderr}`);
  return Object.entries(JSON.parse(stdout) as RenderTimes).map(([format, values]) =>
    rowOf({ name: `plan of 10,000 changes as ${format}: CPU`, unit: 's', values, goal: { atMost: 1 } }),
  );
}
