import { access, cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { run } from '../../cluster/run.ts';
import { type GoProgram, goProgram } from '../go-program.ts';

const GITEA: GoProgram = {
  name: 'gitea',
  package: 'code.gitea.io/gitea',
  module: import.meta.dirname,
  tags: 'sqlite,sqlite_unlock_notify',
  hasC: true,
};

/** What it reads of its own module while it runs; pictures and scripts for browsers are not among it. */
const FOLDERS = ['templates', 'options'];

export interface GiteaProgram {
  readonly file: string;
  /** Templates and words of its pages. */
  readonly staticRoot: string;
}

/** The real `gitea`, with what belongs to it. It is built from its published modules the first time, and kept. */
export async function giteaProgram(report?: (line: string) => void): Promise<GiteaProgram> {
  const file = await goProgram(GITEA, report);
  const staticRoot = join(dirname(file), 'static');
  const isThere = () =>
    access(staticRoot).then(
      () => true,
      () => false,
    );
  if (await isThere()) return { file, staticRoot };
  await alone(staticRoot, async () => {
    if (!(await isThere())) await copyStatic(staticRoot);
  });
  return { file, staticRoot };
}

/** Beside the program, so that it still runs when Go's own cache was emptied. */
async function copyStatic(staticRoot: string): Promise<void> {
  const { stdout, stderr, exitCode } = await run('go', ['mod', 'download', '-json', GITEA.package], {
    cwd: GITEA.module,
    env: { ...process.env, GOWORK: 'off' },
  });
  if (exitCode !== 0) throw new Error(`Gitea's module could not be found: ${stderr || stdout}`);
  const { Dir: module } = JSON.parse(stdout) as { Dir: string };
  // The lock is ours, so whoever left this is gone.
  const unfinished = `${staticRoot}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  for (const folder of FOLDERS) await cp(join(module, folder), join(unfinished, folder), { recursive: true });
  await rename(unfinished, staticRoot);
}
