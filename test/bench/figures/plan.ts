import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
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
      name: 'plan of 10,000 unchanged: CPU',
      unit: 's',
      values: cpu,
      note: 'of a whole command: start, 10,000 manifests and their lists read anew',
    }),
  ];
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
