import type { Socket } from 'node:net';
import { until } from '../cluster/until.ts';
import { onLine } from './connection.ts';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/** QEMU's own protocol, by which the machine around a guest is changed. */
export class Qmp {
  /** All that QEMU told by itself. */
  readonly events: QmpEvent[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  static async open(socket: Socket): Promise<Qmp> {
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    onLine(socket, (line) => this.#hear(JSON.parse(line) as Answer | QmpEvent));
    socket.once('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('QEMU has ended.'));
      this.#waiting.clear();
    });
  }

  async execute<Result>(command: string, given: Readonly<Record<string, unknown>> = {}): Promise<Result> {
    if (this.#socket.destroyed) throw new Error(`${command}: QEMU has ended.`);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: given, id })}\n`);
    return (await answer.promise) as Result;
  }

  /** Waits for an event, one that was told before among them. */
  async event(name: string, matches: (data: QmpEvent['data']) => boolean = () => true): Promise<QmpEvent> {
    return await until(`QEMU tells ${name}`, () =>
      this.events.find(({ event, data }) => event === name && matches(data)),
    );
  }

  #hear(message: Answer | QmpEvent): void {
    if ('event' in message) this.events.push({ event: message.event, data: message.data ?? {} });
    else if (message.id !== undefined) {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.return);
      else waiting?.reject(new Error(`QEMU refused: ${message.error.desc}`));
    }
  }
}
