import { isOfPass } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { configMapFiles } from '../manifests.ts';
import { builtPeer } from '../peers/build.ts';
import { Flux } from '../peers/flux.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import { Site } from '../site.ts';
import { emptyPass } from './idle.ts';

const COUNT = 1_000;
const ROUNDS = 3;

/** The same thousand ConfigMaps by Flux: new, unchanged, all changed. None where Flux was not built. */
export async function fluxFigures(bed: Bed): Promise<readonly Row[]> {
  const program = await builtPeer('kustomize-controller');
  if (program === undefined) {
    console.error('       Flux is not there to compare with; --build-peers builds it.');
    return [];
  }
  const flux = await Flux.start(bed, program);
  try {
    return [...(await beside(bed, flux)), await callsBeside(bed, flux)];
  } finally {
    await flux.stop();
  }
}

async function beside(bed: Bed, flux: Flux): Promise<readonly Row[]> {
  const created = { values: [] as number[], baselines: [] as number[] };
  const kept = { values: [] as number[], baselines: [] as number[] };
  const changed = { values: [] as number[], baselines: [] as number[] };
  const peaks: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Two sites with the same manifests, as two managers of the same objects would be in conflict.
    const [ours, theirs] = [await Site.open(bed), await Site.open(bed)];
    for (const edition of ['first', 'second']) {
      const figures = edition === 'first' ? created : changed;
      for (const site of [ours, theirs])
        await site.write(configMapFiles(site.namespace, COUNT, () => edition));
      const { seconds, peakMiB } = await ours.run('reconcile', '--output', 'json');
      figures.values.push(seconds);
      peaks.push(peakMiB);
      figures.baselines.push(await flux.apply(theirs));
      progress(`${COUNT} (${edition}) by us and by Flux`, seconds, figures.baselines.at(-1));
    }
    kept.values.push((await ours.run('reconcile', '--output', 'json')).seconds);
    kept.baselines.push(await flux.again(theirs));
    progress(`${COUNT} unchanged by us and by Flux`, kept.values.at(-1), kept.baselines.at(-1));
    await ours.clear();
    await theirs.clear();
  }
  const goal = { ratioAtLeast: 1 };
  return [
    rowOf({ name: 'apply 1,000: Flux', unit: 's', ...created, goal }),
    rowOf({ name: '1,000 unchanged: Flux', unit: 's', ...kept, goal }),
    rowOf({ name: '1,000 changed: Flux', unit: 's', ...changed, goal }),
    rowOf({
      name: 'peak memory at 1,000: Flux',
      unit: 'MiB',
      values: peaks,
      baselines: [await flux.peakMiB()],
      goal,
    }),
  ];
}

/** What each asks of the API server to find that nothing has changed. */
async function callsBeside(bed: Bed, flux: Flux): Promise<Row> {
  const [ours, theirs] = [await Site.open(bed), await Site.open(bed)];
  for (const site of [ours, theirs]) await site.write(configMapFiles(site.namespace, COUNT));
  await ours.run('reconcile');
  await flux.apply(theirs);
  const running = await ours.start();
  const values: number[] = [];
  const baselines: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      values.push((await emptyPass(ours, running, round)).calls);
      await bed.audit.skip();
      const seconds = await flux.again(theirs);
      baselines.push((await bed.audit.callsOf('kustomize-controller')).filter(isOfPass).length);
      progress(`${COUNT} unchanged: ${values.at(-1)} calls by us, ${baselines.at(-1)} by Flux in`, seconds);
    }
  } finally {
    await running.stop();
    await ours.clear();
    await theirs.clear();
  }
  const name = '1,000 unchanged: calls, Flux';
  return rowOf({
    name,
    unit: 'calls',
    values,
    baselines,
    goal: { atMost: 0 },
    note: 'besides watches and lease',
  });
}
