/**
 * Holds processes and one folder for the program that started it. When that program ends, however it ends, the channel
 * between them closes: then every process is killed and the folder removed. It runs in a session of its own, so that
 * neither Ctrl-C nor a signal to its starter's group reaches it first.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Order, Notice, StartOrder } from './supervisor.ts';

const prefix = 'weka-gitops-cluster-';
const children = new Map<string, ChildProcess>();

removeAbandonedFolders();
const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
// Should this process itself be killed, the kernel kills those it holds, where setpriv is there to ask for it.
const dieWithMe = ['setpriv', '--pdeathsig', 'KILL'];
const canDieWithMe = spawnSync(dieWithMe[0]!, [...dieWithMe.slice(1), 'true']).status === 0;

process.on('message', (order: Order) => {
  switch (order.do) {
    case 'start':
      return start(order);
    case 'signal':
      return signal(order.id, order.signal);
    case 'end':
      return end();
  }
});
process.once('disconnect', end);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, end);
// The starter may have ended before anyone listened.
if (process.connected) tell({ is: 'ready', folder });
else end();

function start({ id, file, args, cwd, env, log }: StartOrder): void {
  const output = openSync(log, 'a');
  const [program, ...rest] = canDieWithMe ? [...dieWithMe, file, ...args] : [file, ...args];
  // A group of its own: what the process starts in turn is signalled together with it.
  const child = spawn(program!, rest, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  children.set(id, child);
  child.once('spawn', () => tell({ is: 'started', id, pid: child.pid! }));
  child.once('error', (error) => {
    children.delete(id);
    tell({ is: 'ended', id, how: error.message });
  });
  child.once('exit', (code, signal) => {
    children.delete(id);
    tell({ is: 'ended', id, how: signal ? `killed by ${signal}` : `exit code ${code}` });
  });
}

function signal(id: string, name: NodeJS.Signals): void {
  const pid = children.get(id)?.pid;
  if (pid !== undefined) signalGroup(pid, name);
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It ended by itself a moment ago.
  }
}

function end(): void {
  const held = [...children.values()].filter((child) => child.pid !== undefined);
  const ended = held.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of held) signalGroup(child.pid!, 'SIGKILL');
  void Promise.all(ended).then(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  });
}

function tell(notice: Notice): void {
  // The starter may be gone; that it is will be told by the channel.
  process.send?.(notice, () => {});
}

/** A supervisor that was killed left its folder to whoever comes next. */
function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.startsWith(prefix) && name.slice(prefix.length).split('-')[0]);
    if (pid && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
