import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** Name of the variable by which what a program started is known, wherever it went. */
const MARK = 'WEKA_GITOPS_STEP';

/** So often it is looked for more: what is being killed may start others meanwhile. */
const ROUNDS = 20;

/** A value for the variable that marks a program and all that it starts. */
export function newMark(): { readonly [MARK]: string } {
  return { [MARK]: randomUUID() };
}

/**
 * Kills what a program left behind, though it made itself a session of its own: what has the program's mark; and where this process is
 * the first of its container, to which such processes come, every one that came to it. `own`: programs that it started itself and that
 * are still at work.
 */
export async function killLeft(mark: ReturnType<typeof newMark>, own: ReadonlySet<number>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const left = await leftBehind(`${MARK}=${mark[MARK]}`, own);
    if (left.length === 0) return;
    for (const pid of left) kill(pid);
  }
}

async function leftBehind(mark: string, own: ReadonlySet<number>): Promise<readonly number[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = await Promise.all(pids.map(async (pid) => ({ pid, ...(await look(pid, mark)) })));
  const running = processes.filter(({ pid, isRunning }) => isRunning && pid !== process.pid);
  const left = new Set(
    running
      .filter(({ pid, parent, isMarked }) => isMarked || isAdopted(parent, own.has(pid)))
      .map(({ pid }) => pid),
  );
  // Those that a process started which is to go, go with it.
  for (let before = -1; before < left.size;) {
    before = left.size;
    for (const { pid, parent } of running) if (left.has(parent)) left.add(pid);
  }
  return [...left];
}

function isAdopted(parent: number, isOwn: boolean): boolean {
  return process.pid === 1 && parent === 1 && !isOwn;
}

async function look(pid: number, mark: string) {
  const [stat, environment] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''),
  ]);
  // The name stands in brackets, and may have any of them itself.
  const [state = 'X', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    isRunning: stat !== '' && state !== 'Z' && state !== 'X',
    parent: Number(parent),
    isMarked: environment.split('\0').includes(mark),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
