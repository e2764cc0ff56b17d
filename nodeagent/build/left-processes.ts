import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Name of the variable by which what a program started is known, wherever it went. */
const MARK = 'WEKA_GITOPS_STEP';

/** What is killed may start others meanwhile, and takes a while to be gone; so long it is looked after. */
const WITHIN_MS = 5000;
const EVERY_MS = 10;

/** So often nothing has to be found before it is believed: a look takes a while, in which one may take the place of another. */
const LOOKS = 3;

/** A value for the variable that marks a program and all that it starts. */
export function newMark(): { readonly [MARK]: string } {
  return { [MARK]: randomUUID() };
}

/**
 * Kills what a program left behind, though it made itself a session of its own: what has the program's mark; and where this process is
 * the first of its container, to which such processes come, every one that came to it. `own`: programs that it started itself and that
 * are still at work; without any, the first process of a container kills all others in it. Gives whether nothing is left.
 */
export async function killLeft(mark: ReturnType<typeof newMark>, own: ReadonlySet<number>): Promise<boolean> {
  const began = performance.now();
  const isAlone = process.pid === 1 && own.size === 0;
  const find = async () => await leftBehind(`${MARK}=${mark[MARK]}`, own, isAlone);
  // The kernel does it at once for all, so that none can start another meanwhile.
  if (isAlone) signal(-1, 'SIGKILL');
  for (let clean = 0; clean < LOOKS;) {
    const left = await find();
    if (left.size === 0) {
      clean++;
      continue;
    }
    clean = 0;
    if (performance.now() - began > WITHIN_MS) return false;
    if (isAlone) signal(-1, 'SIGKILL');
    else await stopAndKill(left, find, began);
    await delay(EVERY_MS);
  }
  return true;
}

/** Stops all before it kills any, so that none of them starts another meanwhile. */
async function stopAndKill(
  found: ReadonlySet<number>,
  find: () => Promise<ReadonlySet<number>>,
  began: number,
): Promise<void> {
  const stopped = new Set<number>();
  for (let left = found; ; left = await find()) {
    const running = [...left].filter((pid) => !stopped.has(pid));
    for (const pid of running) {
      signal(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    if (running.length === 0 || performance.now() - began > WITHIN_MS) break;
  }
  for (const pid of stopped) signal(pid, 'SIGKILL');
}

/** `isAlone`: whether whatever else runs here is to go. */
async function leftBehind(
  mark: string,
  own: ReadonlySet<number>,
  isAlone: boolean,
): Promise<ReadonlySet<number>> {
  const names = await readdir('/proc').catch((): string[] => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = await Promise.all(pids.map(async (pid) => ({ pid, ...(await look(pid, mark)) })));
  const running = processes.filter(({ pid, isRunning }) => isRunning && pid !== process.pid);
  const left = new Set(
    running
      .filter(({ pid, parent, isMarked }) => isAlone || isMarked || isAdopted(parent, own.has(pid)))
      .map(({ pid }) => pid),
  );
  // Those that a process started which is to go, go with it.
  for (let before = -1; before < left.size;) {
    before = left.size;
    for (const { pid, parent } of running) if (left.has(parent)) left.add(pid);
  }
  return left;
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
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent = ''] = words;
  // Where the first thread of a process has ended and others go on, it is called a zombie, too.
  const threads = Number(words[17] ?? 0);
  return {
    isRunning: stat !== '' && state !== 'X' && (state !== 'Z' || threads > 1),
    parent: Number(parent),
    isMarked: environment.split('\0').includes(mark),
  };
}

function signal(pid: number, how: NodeJS.Signals): void {
  try {
    process.kill(pid, how);
  } catch (error) {
    // What may not be killed is found by the next look.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
