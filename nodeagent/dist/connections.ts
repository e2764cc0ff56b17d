import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One that is asked nothing for so long is closed, as is one that takes longer to ask. */
export const IDLE_MS = 30_000;
/** An answer that is no package, and no upload, takes no longer: all packages may have to be hashed for it. */
const BRIEF_MS = 60_000;
const LOOK_EVERY_MS = 5000;
/** Every node of a large cluster at once, each with one. Many may be behind one address, but never all of them. */
const MOST = { all: 1024, ofAddress: 192 };
/** Connections that packages go over. The others are there for what is answered at once, so that a probe always gets in. */
export const MOST_HELD = { all: 896, ofAddress: 128 };

interface Most {
  readonly all: number;
  readonly ofAddress: number;
}

export interface ConnectionsOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly most?: Partial<Most>;
  readonly mostHeld?: Partial<Most>;
  readonly lookEveryMs?: number;
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  isSecure: boolean;
  isBusy: boolean;
  /** Whether a package goes over it. */
  isHeld: boolean;
  /** Since when it is busy, or is not. */
  since: number;
  /** Begins the answer to a request that came before the last one was answered. */
  waiting: (() => void) | undefined;
}

/**
 * Connections of a server. Each is answered one request at a time. Who keeps many open keeps nobody out: of too many goes one that
 * no package goes over, of the address that has most of them.
 */
export class Connections {
  readonly #connections = new Map<string, Connection>();
  readonly #now: () => number;
  readonly #most: Most;
  readonly #mostHeld: Most;
  readonly #timer: NodeJS.Timeout;
  #stopped: (() => void) | undefined;

  constructor({ now, most, mostHeld, lookEveryMs = LOOK_EVERY_MS }: ConnectionsOptions) {
    this.#now = now;
    this.#most = { ...MOST, ...most };
    this.#mostHeld = { ...MOST_HELD, ...mostHeld };
    this.#timer = setInterval(() => this.#closeLate(), lookEveryMs).unref();
  }

  get count(): number {
    return this.#connections.size;
  }

  /** Takes one in, in place of another where there are too many; false where packages go over all of them. */
  add(socket: Socket): boolean {
    const { remoteAddress: address } = socket;
    // It is gone already where it has none.
    if (this.#stopped !== undefined || address === undefined) return false;
    const ofAddress = this.#all.filter((each) => each.address === address);
    if (ofAddress.length >= this.#most.ofAddress && !this.#closeOneOf(ofAddress)) return false;
    if (this.#connections.size >= this.#most.all && !this.#closeOneOf(this.#all)) return false;
    const key = keyOf(socket);
    const [isSecure, isBusy, isHeld] = [false, false, false];
    const added = { socket, address, isSecure, isBusy, isHeld, since: this.#now(), waiting: undefined };
    this.#connections.set(key, added);
    socket.once('close', () => {
      this.#connections.delete(key);
      if (this.#connections.size === 0) this.#stopped?.();
    });
    return true;
  }

  /** TLS begins on this one. */
  secure(socket: Socket): void {
    const connection = this.#of(socket);
    if (connection !== undefined) connection.isSecure = true;
  }

  /** What was said in their handshakes holds no more. */
  closeSecure(): void {
    for (const { socket, isSecure } of this.#all) if (isSecure) socket.destroy();
  }

  /** A request came on one of them. It is answered after the one before; one may wait, and who asks even more is cut off. */
  begin({ socket }: IncomingMessage, response: ServerResponse, answer: () => void): void {
    const connection = this.#of(socket);
    if (connection === undefined || connection.socket.destroyed) return;
    const begin = () => {
      connection.isBusy = true;
      connection.since = this.#now();
      if (this.#stopped !== undefined) response.setHeader('connection', 'close');
      response.once('close', () => this.#end(connection, socket));
      answer();
    };
    if (!connection.isBusy) begin();
    else if (connection.waiting === undefined) connection.waiting = begin;
    else connection.socket.destroy();
  }

  /** What is being answered takes its time, and is not cut off for others; false where there are too many of these. */
  hold({ socket }: IncomingMessage): boolean {
    const connection = this.#of(socket);
    if (connection === undefined) return false;
    const held = this.#all.filter(({ isHeld }) => isHeld);
    const ofAddress = held.filter(({ address }) => address === connection.address);
    if (held.length >= this.#mostHeld.all || ofAddress.length >= this.#mostHeld.ofAddress) return false;
    connection.isHeld = true;
    return true;
  }

  /** Takes in nobody more, closes those that are idle, and waits so long for the others. */
  async stop(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    for (const { socket, isBusy } of this.#all) if (!isBusy) socket.destroy();
    if (this.#connections.size === 0) resolve();
    const late = setTimeout(() => {
      for (const { socket } of this.#all) socket.destroy();
    }, withinMs);
    await promise;
    clearTimeout(late);
    clearInterval(this.#timer);
  }

  get #all(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** TLS has a socket of its own on the one that came. */
  #of(socket: Socket): Connection | undefined {
    return this.#connections.get(keyOf(socket));
  }

  #end(connection: Connection, socket: Socket): void {
    const { waiting } = connection;
    connection.isBusy = false;
    connection.isHeld = false;
    connection.waiting = undefined;
    connection.since = this.#now();
    if (this.#stopped !== undefined) socket.destroySoon();
    else if (!connection.socket.destroyed) waiting?.();
  }

  #closeLate(): void {
    for (const { socket, isBusy, isHeld, since } of this.#all) {
      if (!isHeld && this.#now() - since >= (isBusy ? BRIEF_MS : IDLE_MS)) socket.destroy();
    }
  }

  #closeOneOf(connections: readonly Connection[]): boolean {
    const counts = new Map<string, number>();
    for (const { address } of connections) counts.set(address, (counts.get(address) ?? 0) + 1);
    const last = ({ address, isBusy }: Connection) => (counts.get(address) ?? 0) - (isBusy ? 0.5 : 0);
    const [first] = connections
      .filter(({ isHeld }) => !isHeld)
      .toSorted((one, other) => last(other) - last(one) || one.since - other.since);
    if (first === undefined) return false;
    this.#connections.delete(keyOf(first.socket));
    first.socket.destroy();
    return true;
  }
}

/** The same for a connection and for the TLS that is spoken on it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
