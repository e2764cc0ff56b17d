import { lastLines, type Supervisor } from '../cluster/supervisor.ts';
import { join } from 'node:path';
import { open } from 'node:fs/promises';
import { toolOf } from '../tools/debian/tool.ts';
import { hostTools } from './packages.ts';

export interface DiskImage {
  /** Where it is written. Only what is used of it takes space. */
  readonly path: string;
  readonly sizeMiB: number;
  /** What the file system holds. Its owners and modes are kept. */
  readonly folder: string;
}

/** Makes the image of a disk that is one ext4 file system. */
export async function makeDiskImage(supervisor: Supervisor, image: DiskImage): Promise<void> {
  const { path, sizeMiB, folder } = image;
  const file = await open(path, 'w');
  await file.truncate(sizeMiB * 1024 ** 2);
  await file.close();
  const mkfs = toolOf(await hostTools(), '/usr/sbin/mke2fs');
  const log = join(supervisor.folder, 'mke2fs.log');
  // Guests forget what they write, so nothing needs to outlive a crash.
  const options = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-O',
    '^has_journal,^metadata_csum',
    '-m',
    '0',
    '-d',
    folder,
    path,
  ];
  const args = [...mkfs.args, ...options];
  const making = await supervisor.spawn({
    file: mkfs.file,
    args,
    cwd: supervisor.folder,
    env: mkfs.env,
    log,
  });
  const how = await making.ended;
  if (how !== 'exit code 0') throw new Error(`mke2fs failed, ${how}: ${await lastLines(log)}`);
}
