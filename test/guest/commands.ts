import type { Socket } from 'node:net';
import type { Result } from '../cluster/run.ts';
import { until, type Patience } from '../cluster/until.ts';
import { onLine } from './connection.ts';

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs programs in a guest, by argument lists that no shell reads; `inside/commands` is the other end. */
export class Commands {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, PromiseWithResolvers<Result>>();
  /** Ids of the boots in which they could be run. */
  readonly #boots: string[] = [];
  #lastId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    onLine(socket, (line) => this.#hear(line));
    socket.once('close', () => this.#giveUp('The guest has ended.'));
  }

  /** Boots that came so far that programs can be run. */
  get boots(): readonly string[] {
    return this.#boots;
  }

  /** Waits until the guest has come so far after `boots` earlier boots. */
  async ready(boots: number, patience: Patience): Promise<void> {
    const isOver = () => this.#boots.length > boots || this.#socket.destroyed;
    await until('programs can be run in the guest', isOver, patience);
    if (this.#boots.length <= boots) throw new Error('The guest has ended.');
  }

  /** Runs a program to its end. One that is not there ends with 127, as in a shell. */
  async run(file: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<Result> {
    const { input = '', timeoutMs = 60_000 } = options;
    if (this.#socket.destroyed) throw new Error(`${file}: the guest has ended.`);
    // Of another boot, an answer may come late.
    const id = `${this.#boots.length}-${++this.#lastId}`;
    const answer = Promise.withResolvers<Result>();
    this.#waiting.set(id, answer);
    const timeout = setTimeout(() => {
      answer.reject(new Error(`${[file, ...args].join(' ')} did not end within ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    const words = [file, ...args].map((word) => `+${octal(word)}`);
    this.#socket.write(`${[id, `+${Buffer.from(input).toString('base64')}`, ...words].join(' ')}\n`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timeout);
      this.#waiting.delete(id);
    }
  }

  #hear(line: string): void {
    const [id = '', code = '', stdout = '', stderr = ''] = line.split(' ');
    if (id === 'ready') {
      this.#giveUp('The guest was started anew.');
      this.#boots.push(code);
      return;
    }
    const text = (word: string) => Buffer.from(word.slice(1), 'base64').toString('utf8');
    this.#waiting.get(id)?.resolve({ stdout: text(stdout), stderr: text(stderr), exitCode: Number(code) });
  }

  #giveUp(why: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(why));
    this.#waiting.clear();
  }
}

/** As `printf %b` of a shell reads it back. */
function octal(word: string): string {
  const bytes = [...Buffer.from(word)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w./:=,@-]/.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, '0')}`;
  });
  return bytes.join('');
}
