import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { Notification } from '../../../schemas/output/notification.ts';
import { slackMessage } from '../../core/notify/slack-message.ts';
import { parseRetryAfter } from '../../core/schedule/backoff.ts';
import type { Interruptible } from '../../ports.ts';
import { Deadline } from '../kubeapi/deadline.ts';
import { KubeconfigError } from '../kubeapi/errors.ts';
import { proxyFor } from '../kubeapi/proxy.ts';
import { NotifyError } from './errors.ts';
import type { Receiver } from './receiver.ts';

const WITHIN_MS = 10_000;
/** An answer is only read so that its connection can be used again. */
const MOST_BYTES = 64 * 1024;
/** Statuses that are about what was sent, and not about who sent it or when. */
const MESSAGE_FAULTS = new Set([400, 413, 415, 422]);

export interface HttpReceiverOptions {
  readonly kind: 'webhook' | 'slack';
  /** As the log may name it. */
  readonly name: string;
  readonly on: readonly CommitState[];
  /** Read before each message, so that it may be replaced. */
  readonly urlFile: string;
  readonly secretFile?: string | undefined;
  readonly userAgent: string;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; without it no proxy is used. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly withinMs?: number;
  readonly now?: () => Date;
}

/** Somebody who is told by a POST. */
export class HttpReceiver implements Receiver {
  readonly name: string;
  readonly on: readonly CommitState[];
  readonly #options: HttpReceiverOptions;
  #connection: { readonly origin: string; readonly dispatcher: Dispatcher } | undefined;

  constructor(options: HttpReceiverOptions) {
    this.name = options.name;
    this.on = options.on;
    this.#options = options;
  }

  async send(notification: Notification, { signal }: Interruptible = {}): Promise<void> {
    signal?.throwIfAborted();
    const {
      kind,
      urlFile,
      secretFile,
      userAgent,
      withinMs = WITHIN_MS,
      now = () => new Date(),
    } = this.#options;
    const url = this.#parsed(await this.#text(urlFile, 'an address'));
    const body = JSON.stringify(kind === 'slack' ? slackMessage(notification) : notification);
    const secret = secretFile === undefined ? undefined : await this.#text(secretFile, 'a secret');
    const timestamp = `${Math.floor(now().getTime() / 1000)}`;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': userAgent,
      ...(kind === 'webhook' ? { 'x-weka-gitops-timestamp': timestamp } : {}),
      ...(kind === 'webhook' && secret !== undefined
        ? { 'x-weka-gitops-signature': signatureOf(body, timestamp, secret) }
        : {}),
    };
    // It may have been aborted while the files were read.
    signal?.throwIfAborted();
    const deadline = new Deadline(withinMs, signal);
    try {
      const dispatcher = this.#dispatcher(url);
      const options = { method: 'POST' as const, headers, body, dispatcher, signal: deadline.signal };
      const answer = await request(url.href, options);
      const retryAfter = answer.headers['retry-after'];
      try {
        this.#judge(answer.statusCode, typeof retryAfter === 'string' ? retryAfter : undefined, now());
      } finally {
        // What becomes of the rest changes nothing.
        await answer.body.dump({ limit: MOST_BYTES, signal: deadline.signal }).catch(() => undefined);
      }
    } catch (error) {
      if (error instanceof NotifyError) throw error;
      signal?.throwIfAborted();
      throw this.#unreachable(
        error,
        deadline.isLate ? `it did not answer within ${withinMs / 1000} s` : undefined,
      );
    } finally {
      deadline.clear();
    }
  }

  async close(): Promise<void> {
    await this.#connection?.dispatcher.destroy();
    this.#connection = undefined;
  }

  #judge(status: number, retryAfter: string | undefined, now: Date): void {
    if (status >= 200 && status < 300) return;
    const said = `${this.name} answers with status ${status}`;
    if (status === 408 || status === 429 || status >= 500) {
      throw new NotifyError('NOTIFY_UNREACHABLE', `${said}.`, {
        retryAfterMs: parseRetryAfter(retryAfter, now),
        hint: 'It is told again later.',
      });
    }
    if (status >= 300 && status < 400) {
      throw new NotifyError('NOTIFY_REJECTED', `${said}, a redirect, which is not followed.`, {
        hint: 'Write the address where it is now into the file that urlFile names.',
      });
    }
    const isMessage = MESSAGE_FAULTS.has(status);
    throw new NotifyError('NOTIFY_REJECTED', `${said}.`, {
      isMessage,
      hint: isMessage
        ? 'Check that its kind is the one that it takes: webhook or slack.'
        : 'Write the address that is good by now into the file that urlFile names.',
    });
  }

  /** The error of the connection names host and address, so it is no cause. */
  #unreachable(error: unknown, late: string | undefined): NotifyError {
    const code = (error as { code?: unknown }).code;
    const why =
      late ?? (typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code) ? code : 'the connection failed');
    return new NotifyError('NOTIFY_UNREACHABLE', `${this.name} cannot be reached: ${why}.`, {
      hint: 'It is told again later; look at the network, the proxy, and what listens there.',
    });
  }

  async #text(path: string, what: string): Promise<string> {
    try {
      return (await readFile(path, 'utf8')).trim();
    } catch {
      throw new NotifyError(
        'NOTIFY_CONFIG',
        `${path}, which should hold ${what} for ${this.name}, cannot be read.`,
        {
          hint: 'Check that the file is there and that this process may read it.',
        },
      );
    }
  }

  #parsed(text: string): URL {
    const url = URL.parse(text);
    if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
    throw new NotifyError('NOTIFY_CONFIG', `${this.#options.urlFile} holds no http:// or https:// address.`, {
      hint: `Write the address of ${this.name} into it, and nothing else.`,
    });
  }

  #dispatcher(url: URL): Dispatcher {
    if (this.#connection?.origin === url.origin) return this.#connection.dispatcher;
    void this.#connection?.dispatcher.destroy();
    const { proxyEnv = {} } = this.#options;
    const limits = { connections: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: MOST_BYTES };
    const proxy = this.#proxyOf(url, proxyEnv);
    const dispatcher =
      proxy === undefined ? new Agent(limits) : new ProxyAgent({ ...limits, uri: proxy.href });
    this.#connection = { origin: url.origin, dispatcher };
    return dispatcher;
  }

  #proxyOf(url: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
    try {
      return proxyFor(url, undefined, env);
    } catch (error) {
      if (!(error instanceof KubeconfigError)) throw error;
      throw new NotifyError('NOTIFY_CONFIG', error.message, { hint: error.hint });
    }
  }
}

/** Over the time too, so that what was sent once cannot be sent again as if it were new. */
function signatureOf(body: string, timestamp: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
