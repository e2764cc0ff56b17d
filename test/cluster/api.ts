import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Identity } from './certificates.ts';

/** The API server's answer to a request it did not grant. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

class LostConnection extends Error {}

/** Just enough of a client for the harness. It shares no code with what is under test. */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;

  constructor(server: string, authority: string, { certificate, key }: Identity) {
    this.#server = server;
    this.#agent = new Agent({ ca: authority, cert: certificate, key, keepAlive: true });
  }

  /** The answer's JSON; whoever asks knows its shape. */
  async json<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return JSON.parse(await this.text(method, path, body)) as Answer;
  }

  async text(method: string, path: string, body?: unknown): Promise<string> {
    try {
      return await this.#send(method, path, body);
    } catch (error) {
      // The server closed the connection just as it was taken for another request, which it did not look at.
      if (error instanceof LostConnection) return await this.#send(method, path, body);
      throw error;
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<string> {
    return await new Promise((resolve, reject) => {
      const options = {
        method,
        agent: this.#agent,
        timeout: 10_000,
        headers: { 'content-type': 'application/json' },
      };
      const request = httpsRequest(new URL(path, this.#server), options, (response) => {
        text(response).then((answer) => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new ApiError(status, `${method} ${path}: ${status} ${answer.slice(0, 500)}`));
        }, reject);
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer for 10 s`)));
      request.on('error', (error: NodeJS.ErrnoException) => {
        reject(request.reusedSocket && error.code === 'ECONNRESET' ? new LostConnection() : error);
      });
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
