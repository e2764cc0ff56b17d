import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { RUNTIME, runtimeEnv } from '../../scripts/bundle.ts';
import { until } from '../cluster/until.ts';
import { type ProcessUsage, processUsage } from './process-usage.ts';

/** `weka-gitops run`, at work. */
export class Running {
  readonly #process: ChildProcess;
  readonly #url: string;
  #log = '';

  /** Starts it, and waits until it is ready: its first pass is done, or it knows of all pull requests. */
  static async start(
    program: string,
    env: Readonly<Record<string, string>>,
    port: number,
    args: readonly string[] = [],
  ): Promise<Running> {
    const child = spawn(process.execPath, [...RUNTIME.flags, program, 'run', ...args], {
      env: { ...runtimeEnv(program), PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const running = new Running(child, `http://127.0.0.1:${port}`);
    await until('weka-gitops run is ready', () => running.#isReady(), {
      timeoutMs: 180_000,
      everyMs: 250,
    });
    return running;
  }

  private constructor(child: ChildProcess, url: string) {
    this.#process = child;
    this.#url = url;
    // It may not outlive the bench, whatever ends that.
    process.once('exit', () => child.kill('SIGKILL'));
    child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#log = `${this.#log}${chunk.toString()}`.slice(-20_000)),
    );
  }

  /** The last of what it said. */
  get log(): string {
    return this.#log;
  }

  /** CPU seconds of all its threads so far. */
  cpuSeconds(): number {
    return this.#used().cpuSeconds;
  }

  /** Resident memory: now, and at its highest so far. */
  memory(): { readonly nowMiB: number; readonly peakMiB: number } {
    return this.#used();
  }

  /** Passes that ended so far. */
  async passes(): Promise<number> {
    const metrics = await (await fetch(`${this.#url}/metrics`)).text();
    return metrics
      .split('\n')
      .filter((line) => line.startsWith('weka_gitops_passes_total{'))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  }

  /** Waits for another pass after so many. */
  async anotherPass(after: number): Promise<void> {
    await until('another pass', async () => (await this.passes()) > after, {
      timeoutMs: 120_000,
      // Each look costs the program CPU time, which is what is measured.
      everyMs: 250,
    });
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
  }

  #used(): ProcessUsage {
    const used = this.#process.pid === undefined ? undefined : processUsage(this.#process.pid);
    if (used === undefined) throw new Error(`weka-gitops run ended.\n${this.#log}`);
    return used;
  }

  async #isReady(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`weka-gitops run ended.\n${this.#log}`);
    return (await fetch(`${this.#url}/readyz`)).ok;
  }
}
