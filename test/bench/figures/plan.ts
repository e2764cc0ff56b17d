import { join } from 'node:path';
import { bundleEntry } from '../../../scripts/bundle.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { spawnMeasured } from '../process.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';

const COUNT = 1_000;
const MANY = 10_000;
const ROUNDS = 3;

/** `plan` beside `kubectl diff`: both ask the API server what a write would do. Each of ours starts without a clone. */
export async function planFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, COUNT));
  await site.run('reconcile');
  const unchanged = await inTurn(site, 0);
  await site.write(configMapFiles(site.namespace, COUNT, () => 'second'));
  const changed = await inTurn(site, COUNT);
  await site.clear();
  return [
    ...(await many(bed)),
    rowOf({
      name: 'plan of 1,000 changed: kubectl diff',
      unit: 's',
      ...changed,
      goal: { ratioAtLeast: 4 },
    }),
    rowOf({
      name: 'plan of 1,000 unchanged: kubectl diff',
      unit: 's',
      ...unchanged,
      goal: { ratioAtLeast: 8 },
    }),
  ];
}

/** A plan of many objects of which none changed: it lists them, and tries nothing. */
async function many(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed);
  await site.write(configMapFiles(site.namespace, MANY));
  await site.run('reconcile');
  const cpu: number[] = [];
  const calls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await bed.audit.skip();
    const { cpuSeconds, stdout } = await site.run('plan', '--output', 'json');
    assertChanges(stdout, 0);
    const made = (await bed.audit.calls()).filter(({ verb }) => verb === 'patch');
    cpu.push(cpuSeconds);
    calls.push(made.length);
    progress(`plan of ${MANY} without a change: ${made.length} dry runs, CPU`, cpuSeconds);
  }
  await site.clear();
  return [
    rowOf({ name: 'plan of 10,000 unchanged: dry runs', unit: 'calls', values: calls, goal: { atMost: 0 } }),
    rowOf({
      name: 'plan of 10,000 unchanged: CPU of the whole command',
      unit: 's',
      values: cpu,
      note: 'with its start, 10,000 manifests and their lists read anew',
    }),
    rowOf({
      name: 'plan of 10,000 unchanged: CPU of the plan itself',
      unit: 's',
      values: await decided(bed),
      goal: { atMost: 1 },
      note: 'over what is read, once in each process',
    }),
  ];
}

/** What it takes to decide that nothing changes, apart from reading manifests and cluster. */
async function decided({ folder }: Bed): Promise<readonly number[]> {
  const entry = join(import.meta.dirname, '../unchanged-plan.ts');
  const { file } = await bundleEntry('unchanged-plan', entry, join(folder, 'unchanged-plan'));
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { exitCode, stdout, stderr } = await spawnMeasured(file, [], {});
    if (exitCode !== 0) throw new Error(`A plan failed.\n${stderr}`);
    values.push(JSON.parse(stdout) as number);
  }
  return values;
}

async function inTurn(site: Site, changes: number) {
  const values: number[] = [];
  const baselines: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    site.forgetClone();
    const { seconds, stdout } = await site.run('plan', '--output', 'json');
    assertChanges(stdout, changes);
    values.push(seconds);
    progress(`plan of ${COUNT} with ${changes} changes`, seconds);
    // The fields that we own would be conflicts to another manager.
    baselines.push(await site.kubectl('diff', '--field-manager=weka-gitops'));
    progress(`kubectl diff of the same`, baselines.at(-1));
  }
  return { values, baselines };
}

/** A plan that sees nothing is fast for the wrong reason. */
function assertChanges(stdout: string, expected: number): void {
  const { changes } = JSON.parse(stdout) as { changes: readonly { op: string }[] };
  const updates = changes.filter(({ op }) => op === 'update').length;
  if (updates !== expected) throw new Error(`The plan has ${updates} updates instead of ${expected}.`);
}
