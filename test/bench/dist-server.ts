import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RUNTIME, runtimeEnv } from '../../scripts/bundle.ts';
import { type ProcessUsage, processUsage } from './process-usage.ts';

/** A server of packages that is measured. */
export interface MeasuredServer {
  readonly port: number;
  /** Of all its processes so far. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** `weka-nodeagent dist`, at work. */
export class DistServer implements MeasuredServer {
  readonly port: number;
  readonly #process: ChildProcess;

  /** Starts it over a folder, and waits until it serves. */
  static async start(program: string, folder: string, tls: string): Promise<DistServer> {
    const args = ['dist', '--folder', folder, '--tls', tls, '--listen', '127.0.0.1:0'];
    const child = spawn(process.execPath, [...RUNTIME.flags, program, ...args], {
      env: { ...runtimeEnv(program), PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stderr })) {
      const { msg, port } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
      if (msg !== 'Serves packages' || port === undefined) continue;
      child.stderr.resume();
      return new DistServer(child, port);
    }
    throw new Error('weka-nodeagent dist ended.');
  }

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  cpuSeconds(): number {
    return this.#used().cpuSeconds;
  }

  memory(): ProcessUsage {
    return this.#used();
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
  }

  #used(): ProcessUsage {
    const used = this.#process.pid === undefined ? undefined : processUsage(this.#process.pid);
    if (used === undefined) throw new Error('weka-nodeagent dist ended.');
    return used;
  }
}
