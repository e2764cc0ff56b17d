import { createWriteStream } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lastLines, type Supervisor } from '../../cluster/supervisor.ts';
import { run } from '../../cluster/run.ts';

const PROGRESS_MS = 20_000;

/** What no program reads. */
const LEFT_OUT = ['man', 'info', 'locale', 'lintian', 'doc-base', 'bug'];

export interface ExtractOptions {
  readonly debs: readonly string[];
  readonly folder: string;
  readonly supervisor: Supervisor;
  readonly name: string;
  readonly report: (line: string) => void;
}

/** Unpacks packages over each other, and writes down which they are, as dpkg does. */
export async function extract({ debs, folder, supervisor, name, report }: ExtractOptions): Promise<void> {
  await mergeUsr(folder);
  const log = join(supervisor.folder, 'extract.log');
  const status = createWriteStream(join(folder, 'var/lib/dpkg/status'));
  let done = 0;
  const progress = setInterval(() => {
    report(`Unpacking packages of ${name}: ${done} of ${debs.length}.`);
  }, PROGRESS_MS);
  try {
    for (const deb of debs) {
      const unpacking = await supervisor.spawn({
        file: 'bash',
        args: [
          '-o',
          'pipefail',
          '-c',
          'dpkg-deb --fsys-tarfile "$0" | tar --extract --preserve-permissions --keep-directory-symlink --delay-directory-restore "$@"',
          deb,
          `--directory=${folder}`,
          ...LEFT_OUT.map((part) => `--exclude=./usr/share/${part}/*`),
        ],
        cwd: folder,
        env: process.env,
        log,
      });
      const how = await unpacking.ended;
      if (how !== 'exit code 0') {
        // It may have been damaged after apt looked at it; the next attempt downloads it anew.
        await rm(deb);
        throw new Error(`${basename(deb)} cannot be unpacked, ${how}: ${await lastLines(log, 5)}`);
      }
      status.write(await statusOf(deb));
      done++;
    }
  } finally {
    clearInterval(progress);
    await new Promise((resolve) => status.end(resolve));
  }
}

/** Packages have files in `/bin` and in `/usr/bin`; which of these is a link is decided before the first is unpacked. */
async function mergeUsr(folder: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(folder, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(folder, name));
  }
  await mkdir(join(folder, 'var/lib/dpkg'), { recursive: true });
}

async function statusOf(deb: string): Promise<string> {
  const { stdout, stderr, exitCode } = await run('dpkg-deb', ['--field', deb]);
  if (exitCode !== 0) throw new Error(`${basename(deb)} cannot be read: ${stderr}`);
  return `${stdout.trimEnd().replace('\n', '\nStatus: install ok unpacked\n')}\n\n`;
}
