import { join } from 'node:path';
import { bundleEntry } from '../../../scripts/bundle.ts';
import type { Bed } from '../bed.ts';
import { spawnMeasured } from '../process.ts';
import { type Row, rowOf } from '../row.ts';

/** The whole way of a first apply, with the effect of twenty approvals worked out besides. */
export async function forecastFigures({ folder }: Bed): Promise<readonly Row[]> {
  const entry = join(import.meta.dirname, '../forecast-plan.ts');
  const { file } = await bundleEntry('forecast-plan', entry, join(folder, 'forecast-plan'));
  const { exitCode, stdout, stderr } = await spawnMeasured(file, [], {});
  if (exitCode !== 0) throw new Error(`A forecast failed.\n${stderr}`);
  return [
    rowOf({
      name: 'forecast of 1,000 objects in 10 stages: CPU',
      unit: 's',
      values: JSON.parse(stdout) as readonly number[],
      goal: { atMost: 2 },
      note: 'with what 20 approvals set free',
    }),
  ];
}
