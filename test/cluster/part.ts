import { join } from 'node:path';
import { lastLines, type Supervised, type Supervisor } from './supervisor.ts';
import type { PartName } from './parts.ts';
import { until } from './until.ts';

export interface PartOptions {
  readonly name: PartName;
  readonly file: string;
  readonly args: readonly string[];
  readonly isReady: (() => Promise<boolean>) | undefined;
  readonly supervisor: Supervisor;
}

/** One process of a control plane. Started again, it keeps its port and its data. */
export class Part {
  readonly name: PartName;
  /** File with all that it printed, over all its starts. */
  readonly log: string;
  readonly #options: PartOptions;
  #process: Supervised | undefined;

  constructor(options: PartOptions) {
    this.name = options.name;
    this.log = join(options.supervisor.folder, 'logs', `${options.name}.log`);
    this.#options = options;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error(`${this.name} runs already.`);
    const { file, args, supervisor } = this.#options;
    const started = await supervisor.spawn({
      file,
      args,
      cwd: supervisor.folder,
      env: process.env,
      log: this.log,
    });
    this.#process = started;
    void started.ended.then(() => (this.#process = undefined));
    await this.ready();
  }

  /** Waits until it does its work, as after `resume()`. */
  async ready(): Promise<void> {
    const { isReady } = this.#options;
    if (this.#process === undefined) throw new Error(`${this.name} does not run.`);
    if (isReady) await this.#untilReady(isReady, this.#process.ended);
  }

  async #untilReady(isReady: () => Promise<boolean>, ended: Promise<string>): Promise<void> {
    let end: string | undefined;
    void ended.then((how) => (end = how));
    const ready = await until(`${this.name} is ready`, async () => end !== undefined || (await isReady()), {
      timeoutMs: 90_000,
    }).catch((error: unknown) => error as Error);
    if (ready === true && end === undefined) return;
    const what = end === undefined ? 'does not become ready' : `ended while starting (${end})`;
    throw new Error(`${this.name} ${what}. Its last lines:\n${await lastLines(this.log)}`);
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it at once, as a crash or a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Freezes it: connections stay open and nothing answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    running.signal(signal);
    // What is paused gets no signal but SIGKILL.
    running.signal('SIGCONT');
    await running.ended;
  }
}
