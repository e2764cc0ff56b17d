import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DRIVERS_PATH } from '../../schemas/drivers/package.ts';

/** What becomes of a request for a package. */
export type Served =
  /** The bytes, whatever was promised. */
  | { readonly bytes: Buffer }
  /** So many bytes come, and then no more; the connection stays. */
  | { readonly bytes: Buffer; readonly stopsAfter: number }
  /** So many bytes come of those that were announced, and the connection ends. */
  | { readonly bytes: Buffer; readonly endsAfter: number }
  | { readonly status: number };

/** A distribution service that does what a good one does not. */
export class PackageServer {
  /** By name of the file. What is not there is answered by 404. */
  readonly files = new Map<string, Served>();
  /** Names of files that were asked for, with the range. */
  readonly asked: string[] = [];
  readonly #server: Server;

  static async start(): Promise<PackageServer> {
    const started = new PackageServer();
    await once(started.#server.listen(0, '127.0.0.1'), 'listening');
    return started;
  }

  private constructor() {
    this.#server = createServer(({ url = '', headers: { range } }, response) => {
      const file = url.startsWith(`${DRIVERS_PATH}/`) ? url.slice(DRIVERS_PATH.length + 1) : '';
      this.asked.push(range === undefined ? file : `${file} ${range}`);
      this.#serve(this.files.get(file), response);
    });
  }

  /** Its address for a guest. */
  get url(): string {
    return `http://10.0.2.2:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(served: Served | undefined, response: ServerResponse): void {
    if (served === undefined || 'status' in served) {
      response.writeHead(served?.status ?? 404).end();
      return;
    }
    const { bytes } = served;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    if ('stopsAfter' in served) response.write(bytes.subarray(0, served.stopsAfter));
    else if ('endsAfter' in served) {
      response.write(bytes.subarray(0, served.endsAfter), () => response.destroy());
    } else response.end(bytes);
  }
}
