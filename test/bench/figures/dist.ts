import { randomFillSync } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../../nodeagent/dist/hash-file.ts';
import type { Bed } from '../bed.ts';
import { startNginx } from '../peers/nginx.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import { timed } from '../process.ts';
import { run } from '../../cluster/run.ts';
import { DistServer } from '../dist-server.ts';
import { download } from '../peers/curl.ts';
import { anAuthority, certificateIn } from '../../nodeagent/dist/certificates.ts';

const FILE = 'package.tar.gz';
const MIB = 200;
const RUNS = 7;
const CLIENTS = [1, 32];

/** `weka-nodeagent dist` beside nginx, and its hashing beside sha256sum: a package of 200 MiB over the same TLS. */
export async function distFigures(bed: Bed): Promise<readonly Row[]> {
  const folder = join(bed.folder, 'dist');
  await mkdir(join(folder, 'drivers'), { recursive: true });
  const path = join(folder, 'drivers', FILE);
  await writeRandom(path);
  const tls = await certificateIn(join(bed.folder, 'dist-tls'), await anAuthority(), 'server');
  return [...(await served(bed, folder, tls)), await hashed(path)];
}

async function served(bed: Bed, folder: string, tls: string): Promise<readonly Row[]> {
  const own = await DistServer.start(bed.agent, folder, tls);
  const nginx = await startNginx(join(bed.folder, 'nginx'), folder, tls);
  try {
    const rows: Row[] = [];
    // A service that has just begun has its code still to compile: told apart, since it serves for weeks.
    const first = await timed(() => download({ port: own.port, tls, file: FILE }));
    await download({ port: nginx.port, tls, file: FILE });
    rows.push(
      rowOf({ name: `dist: ${MIB} MiB to the first client of all`, unit: 's', values: [first.seconds] }),
    );
    for (const clients of CLIENTS) {
      const values: number[] = [];
      const baselines: number[] = [];
      const ownCpu: number[] = [];
      const nginxCpu: number[] = [];
      for (let round = 0; round < RUNS; round += 1) {
        for (const [server, seconds, cpu] of [
          [own, values, ownCpu],
          [nginx, baselines, nginxCpu],
        ] as const) {
          const before = server.cpuSeconds();
          const ended = await timed(() =>
            Promise.all(
              Array.from({ length: clients }, () => download({ port: server.port, tls, file: FILE })),
            ),
          );
          seconds.push(ended.seconds);
          cpu.push(server.cpuSeconds() - before);
        }
        progress(`dist and nginx, ${clients} at once`, values.at(-1), baselines.at(-1));
      }
      const name = `dist: ${MIB} MiB to ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      rows.push(
        rowOf({ name, unit: 's', values, baselines, goal: { ratioAtLeast: 0.8 }, note: 'beside nginx' }),
        rowOf({
          name: `${name}, CPU`,
          unit: 's',
          values: ownCpu,
          baselines: nginxCpu,
          note: 'of the server',
        }),
      );
    }
    const { peakMiB } = own.memory();
    return [...rows, rowOf({ name: 'dist: memory at its highest', unit: 'MiB', values: [peakMiB] })];
  } finally {
    await own.stop();
    await nginx.stop();
  }
}

async function hashed(path: string): Promise<Row> {
  const values: number[] = [];
  const baselines: number[] = [];
  for (let round = 0; round < RUNS; round += 1) {
    values.push((await timed(() => hashFile(path))).seconds);
    baselines.push((await timed(() => run('sha256sum', [path]))).seconds);
  }
  const note = 'beside sha256sum';
  return rowOf({
    name: `dist: hash ${MIB} MiB`,
    unit: 's',
    values,
    baselines,
    goal: { ratioAtLeast: 0.8 },
    note,
  });
}

async function writeRandom(path: string): Promise<void> {
  const piece = Buffer.alloc(1 << 20);
  await using handle: FileHandle = await open(path, 'w');
  for (let written = 0; written < MIB; written += 1) await handle.write(randomFillSync(piece));
}
