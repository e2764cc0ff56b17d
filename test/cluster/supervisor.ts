import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** File that gets what the process prints. */
  readonly log: string;
}

/** A process that the supervisor holds. */
export interface Supervised {
  readonly pid: number;
  /** Resolves to how it ended, in words. */
  readonly ended: Promise<string>;
  signal(name: NodeJS.Signals): void;
}

export type StartOrder = Command & { readonly do: 'start'; readonly id: string };
export type Order =
  | StartOrder
  | { readonly do: 'signal'; readonly id: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'end' };
export type Notice =
  | { readonly is: 'ready'; readonly folder: string }
  | { readonly is: 'started'; readonly id: string; readonly pid: number }
  | { readonly is: 'ended'; readonly id: string; readonly how: string };

/** Starts processes that end together with this one, even if it is killed, and keeps a folder for them. */
export class Supervisor {
  readonly folder: string;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #held = new Map<string, Held>();
  #lastId = 0;

  static async start(): Promise<Supervisor> {
    const program = fileURLToPath(new URL('supervisor-process.ts', import.meta.url));
    const child = fork(program, {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const notice = await new Promise<Notice>((resolve, reject) => {
      child.once('message', resolve as (message: unknown) => void).once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`The supervisor ended while starting (${signal ?? `exit code ${code}`}).`));
      });
    });
    if (notice.is !== 'ready') throw new Error(`The supervisor said ${notice.is} before it was ready.`);
    return new Supervisor(child, notice.folder);
  }

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.folder = folder;
    this.pid = child.pid!;
    child.on('message', (notice: Notice) => this.#hear(notice));
    child.once('exit', () => {
      for (const { started, ended } of this.#held.values()) {
        started.reject(new Error('The supervisor is gone.'));
        ended.resolve('ended with its supervisor');
      }
      // It removes the folder itself, unless it was killed.
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  async spawn(command: Command): Promise<Supervised> {
    const id = String(++this.#lastId);
    const held: Held = { started: Promise.withResolvers(), ended: Promise.withResolvers() };
    this.#held.set(id, held);
    this.#order({ do: 'start', id, ...command });
    return {
      pid: await held.started.promise,
      ended: held.ended.promise,
      signal: (name) => this.#order({ do: 'signal', id, signal: name }),
    };
  }

  /** Kills everything it holds and removes the folder. */
  async end(): Promise<void> {
    if (!this.#isRunning()) return;
    const exited = once(this.#process, 'exit');
    this.#order({ do: 'end' });
    await exited;
  }

  #hear(notice: Notice): void {
    const held = notice.is === 'ready' ? undefined : this.#held.get(notice.id);
    if (notice.is === 'started') held?.started.resolve(notice.pid);
    if (notice.is !== 'ended') return;
    // It may have ended before it started.
    held?.started.reject(new Error(`It could not be started: ${notice.how}.`));
    held?.ended.resolve(notice.how);
    this.#held.delete(notice.id);
  }

  #order(order: Order): void {
    if (this.#isRunning()) this.#process.send(order);
    else if (order.do === 'start') throw new Error('The supervisor is gone.');
  }

  #isRunning(): boolean {
    return this.#process.connected && this.#process.exitCode === null && this.#process.signalCode === null;
  }
}

interface Held {
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<string>;
}

/** The last lines of a log, for an error message. */
export async function lastLines(log: string, count = 15): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
