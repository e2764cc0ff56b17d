import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One that is asked nothing for so long is closed, as is one that takes longer to ask. */
export const IDLE_MS = 30_000;
const LOOK_EVERY_MS = 5000;
/** Every node of a large cluster at once, each with one. */
const MOST = 1024;

export interface ConnectionsOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly most?: number;
  readonly lookEveryMs?: number;
}

interface Connection {
  readonly socket: Socket;
  /** Requests that it waits for: one, unless it asks before it is answered. */
  busy: number;
  idleSince: number;
}

/** Connections of a server, so that who keeps many open keeps nobody out, and none is cut off that is being answered. */
export class Connections {
  readonly #connections = new Map<string, Connection>();
  readonly #now: () => number;
  readonly #most: number;
  readonly #timer: NodeJS.Timeout;
  #stopped: (() => void) | undefined;

  constructor({ now, most = MOST, lookEveryMs = LOOK_EVERY_MS }: ConnectionsOptions) {
    this.#now = now;
    this.#most = most;
    this.#timer = setInterval(() => this.#closeIdle(IDLE_MS), lookEveryMs).unref();
  }

  get count(): number {
    return this.#connections.size;
  }

  /** Takes one in, in place of one that is idle where there are too many; false where all of them are busy. */
  add(socket: Socket): boolean {
    if (this.#stopped !== undefined) return false;
    if (this.#connections.size >= this.#most && !this.#closeLongestIdle()) return false;
    const key = keyOf(socket);
    this.#connections.set(key, { socket, busy: 0, idleSince: this.#now() });
    socket.once('close', () => {
      this.#connections.delete(key);
      if (this.#connections.size === 0) this.#stopped?.();
    });
    return true;
  }

  /** A request came on one of them, and is to be answered by `response`. */
  begin({ socket }: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(keyOf(socket));
    if (connection === undefined) return;
    connection.busy += 1;
    if (this.#stopped !== undefined) response.setHeader('connection', 'close');
    response.once('close', () => {
      connection.busy -= 1;
      connection.idleSince = this.#now();
      if (this.#stopped !== undefined && connection.busy === 0) socket.destroySoon();
    });
  }

  /** Takes in nobody more, closes those that are idle, and waits so long for the others. */
  async stop(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    this.#closeIdle(0);
    if (this.#connections.size === 0) resolve();
    const late = setTimeout(() => {
      for (const { socket } of this.#connections.values()) socket.destroy();
    }, withinMs);
    await promise;
    clearTimeout(late);
    clearInterval(this.#timer);
  }

  #closeIdle(forMs: number): void {
    for (const { socket, busy, idleSince } of this.#connections.values()) {
      if (busy === 0 && this.#now() - idleSince >= forMs) socket.destroy();
    }
  }

  #closeLongestIdle(): boolean {
    const idle = [...this.#connections].filter(([, { busy }]) => busy === 0);
    const [longest] = idle.toSorted(([, one], [, other]) => one.idleSince - other.idleSince);
    if (longest === undefined) return false;
    const [key, { socket }] = longest;
    this.#connections.delete(key);
    socket.destroy();
    return true;
  }
}

/** The same for a connection and for the TLS that is spoken on it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
