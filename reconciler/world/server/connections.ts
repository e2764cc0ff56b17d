import type { Socket } from 'node:net';

interface Known {
  /** All of the same address, those that were used last at the end. */
  readonly neighbours: Set<Socket>;
  /** Requests on it that are not answered yet. */
  asked: number;
}

/**
 * The connections of a server, so many at most. A new one is always let in: where there are too many, one goes that nothing
 * was asked on for the longest time, of the address that has most of them. So whoever holds many keeps nobody out.
 */
export class Connections {
  readonly #most: number;
  readonly #known = new Map<Socket, Known>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: Socket): void {
    // A closed one has none any more.
    const address = socket.remoteAddress ?? '';
    const neighbours = this.#byAddress.get(address) ?? new Set<Socket>();
    this.#byAddress.set(address, neighbours.add(socket));
    this.#known.set(socket, { neighbours, asked: 0 });
    socket.once('close', () => {
      this.#known.delete(socket);
      neighbours.delete(socket);
      if (neighbours.size === 0) this.#byAddress.delete(address);
    });
    if (this.#known.size > this.#most) this.#leastUsed(socket)?.destroy();
  }

  /** Something is asked on it; the result is to be called once that is answered. */
  use(socket: Socket): () => void {
    const known = this.#known.get(socket);
    if (known === undefined) return () => undefined;
    known.asked += 1;
    return () => {
      known.asked -= 1;
      if (known.neighbours.delete(socket)) known.neighbours.add(socket);
    };
  }

  #leastUsed(newest: Socket): Socket | undefined {
    const addresses = [...this.#byAddress.values()].toSorted((a, b) => b.size - a.size);
    for (const isAsked of [false, true]) {
      for (const socket of addresses.flatMap((sockets) => [...sockets])) {
        const asked = this.#known.get(socket)?.asked ?? 0;
        if (socket !== newest && !socket.destroyed && asked > 0 === isAsked) return socket;
      }
    }
    return undefined;
  }
}
