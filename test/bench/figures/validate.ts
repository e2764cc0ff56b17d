import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntry, RUNTIME, runtimeEnv } from '../../../scripts/bundle.ts';
import type { Bed } from '../bed.ts';
import { applicationFiles, clientFiles, FILE_OBJECTS } from '../manifests.ts';
import type { ChangeTimes } from '../one-change.ts';
import { Kubeconform } from '../peers/kubeconform.ts';
import { type Ended, firstByte, spawnMeasured } from '../process.ts';
import { progress } from '../progress.ts';
import { type Figure, median, type Row, rowOf } from '../row.ts';

const NAMESPACE = 'applications';
const FILES = 1_000;
const ROUNDS = 5;
const STARTS = 15;

/** Manifests checked offline, beside kubeconform, which checks them against Kubernetes' schemas and nothing else. */
export async function validateFigures(bed: Bed): Promise<readonly Row[]> {
  const kubeconform = await Kubeconform.open(bed);
  if (kubeconform === undefined) {
    console.error('       kubeconform is not there to compare with; --build-peers builds it.');
  }
  return [
    ...(await wholeFolders(bed, kubeconform)),
    await firstFinding(bed, kubeconform),
    await oneChanged(bed),
  ];
}

async function wholeFolders(bed: Bed, kubeconform: Kubeconform | undefined): Promise<readonly Row[]> {
  const [small, large, double] = [
    await Folder.write(bed, applicationFiles(NAMESPACE, FILES / 10)),
    await Folder.write(bed, applicationFiles(NAMESPACE, FILES)),
    await Folder.write(bed, applicationFiles(NAMESPACE, FILES * 2)),
  ];
  // Each is held against all the others, so they would be the first to take more than their share.
  const [clients, twice, fourTimes] = [
    await Folder.write(bed, clientFiles(NAMESPACE, FILES * 0.1)),
    await Folder.write(bed, clientFiles(NAMESPACE, FILES * 0.2)),
    await Folder.write(bed, clientFiles(NAMESPACE, FILES * 0.4)),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const folder of [small, large, double, clients, twice, fourTimes]) {
      folder.ours.push(await validated(bed, folder));
      tell(`validate of ${folder.objects}`, folder.ours);
      if (kubeconform === undefined || (folder !== small && folder !== large)) continue;
      folder.theirs.push(await kubeconform.validate(folder.path, folder.objects));
      tell('kubeconform on the same', folder.theirs);
    }
  }
  const row = (name: string, figure: Omit<Figure, 'name'>) =>
    rowOf(
      figure.baselines === undefined
        ? { ...figure, name }
        : { ...figure, name: `${name}: kubeconform`, note: 'that one checks schemas alone, on 4 threads' },
    );
  const name = 'validate 10,000 in 1,000 files';
  const before = median(large.marginal(small));
  const clientsBefore = median(twice.marginal(clients));
  return [
    row(name, { unit: 's', ...large.figure('seconds'), goal: { atMost: 3 } }),
    row(`${name}: CPU`, { unit: 's', ...large.figure('cpuSeconds') }),
    row(`${name}: peak memory`, { unit: 'MiB', ...large.figure('peakMiB'), goal: { atMost: 300 } }),
    row('validate 1,000 in 100 files', { unit: 's', ...small.figure('seconds') }),
    row('validate 1,000 in 100 files: peak memory', { unit: 'MiB', ...small.figure('peakMiB') }),
    rowOf({
      name: 'validate 20,000: CPU of an object of the second half, in times of one of the first',
      unit: '×',
      values: double.marginal(large).map((seconds) => seconds / before),
      goal: { atMost: 1.1 },
    }),
    row('validate 1,000 WekaClients in 100 files', { unit: 's', ...clients.figure('seconds') }),
    row('validate 1,000 WekaClients in 100 files: CPU', { unit: 's', ...clients.figure('cpuSeconds') }),
    rowOf({
      name: 'validate 4,000 WekaClients: CPU of one of the second half, in times of one of the first',
      unit: '×',
      values: fourTimes.marginal(twice).map((seconds) => seconds / clientsBefore),
      goal: { atMost: 1.1 },
    }),
  ];
}

/** Manifests on disk, and the runs over them. */
class Folder {
  readonly path: string;
  readonly objects: number;
  readonly ours: Ended[] = [];
  readonly theirs: Ended[] = [];

  static async write(bed: Bed, manifests: Readonly<Record<string, string>>): Promise<Folder> {
    const path = await mkdtemp(join(bed.folder, 'validate-'));
    for (const [name, text] of Object.entries(manifests)) await writeFile(join(path, name), text);
    return new Folder(path, Object.keys(manifests).length * FILE_OBJECTS);
  }

  private constructor(path: string, objects: number) {
    this.path = path;
    this.objects = objects;
  }

  figure(measure: 'seconds' | 'cpuSeconds' | 'peakMiB'): Pick<Figure, 'values' | 'baselines'> {
    const of = (runs: readonly Ended[]) => runs.map((run) => run[measure]);
    return {
      values: of(this.ours),
      ...(this.theirs.length === 0 ? {} : { baselines: of(this.theirs) }),
    };
  }

  cpu(): number {
    return median(this.figure('cpuSeconds').values);
  }

  /** CPU seconds of each object that this has more than a smaller one, by run. */
  marginal(smaller: Folder): readonly number[] {
    return this.figure('cpuSeconds').values.map(
      (seconds) => (seconds - smaller.cpu()) / (this.objects - smaller.objects),
    );
  }
}

function tell(what: string, runs: readonly Ended[]): void {
  progress(`${what}, and CPU`, runs.at(-1)?.seconds, runs.at(-1)?.cpuSeconds);
}

/** Throws where it does not find all of them, or any fault. */
async function validated({ program, folder }: Bed, { path, objects }: Folder): Promise<Ended> {
  const ended = await spawnMeasured(program, ['validate', path], { HOME: folder });
  if (ended.exitCode !== 0 || !ended.stdout.includes(`${objects} objects`)) {
    throw new Error(
      `weka-gitops validate did not accept ${objects} objects.\n${ended.stdout}${ended.stderr}`,
    );
  }
  return ended;
}

/** From the start of the process until the first fault is told. */
async function firstFinding(bed: Bed, kubeconform: Kubeconform | undefined): Promise<Row> {
  const file = join(bed.folder, 'faulty.yaml');
  const [text] = Object.values(applicationFiles(NAMESPACE, 1));
  const [configMap] = text!.split('---\n');
  await writeFile(file, configMap!.replace('\ndata:', '\ndate: {}\ndata:'));
  const args = [...RUNTIME.flags, bed.program, 'validate', file];
  const env = { ...runtimeEnv(bed.program), PATH: process.env['PATH'], HOME: bed.folder };
  const values: number[] = [];
  const baselines: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    values.push(await firstByte(process.execPath, args, { env, about: 'date' }));
    if (kubeconform !== undefined) baselines.push(await kubeconform.firstFinding(file, 'date'));
  }
  const figure = { unit: 'ms', values, goal: { atMost: 250 } } as const;
  const name = 'start to first finding';
  return kubeconform === undefined
    ? rowOf({ ...figure, name })
    : rowOf({ ...figure, name: `${name}: kubeconform`, baselines });
}

/** What `run` makes of a commit that changes one file of many, once its content is there. */
async function oneChanged({ folder }: Bed): Promise<Row> {
  const entry = join(import.meta.dirname, '../one-change.ts');
  const { file } = await bundleEntry('one-change', entry, join(folder, 'one-change'));
  const { exitCode, stdout, stderr } = await spawnMeasured(file, [], {});
  if (exitCode !== 0) throw new Error(`Changing one file failed.\n${stderr}`);
  return rowOf({
    name: 'one changed file of 1,000, with 10,000 objects: read, checked and built',
    unit: 'ms',
    values: JSON.parse(stdout) as ChangeTimes,
    goal: { atMost: 50 },
    note: 'in a process that knows the others',
  });
}
