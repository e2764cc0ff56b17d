import { request, type Dispatcher } from 'undici';
import type { Interruptible } from '../../../ports.ts';
import { GitError, tooLarge } from '../errors.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';
import { parseLocation } from '../url.ts';
import { Deadline } from './deadline.ts';
import { openDispatchers } from './dispatcher.ts';
import { loginOf } from './login.ts';
import { followed, isRedirect, redirectRefused } from './redirect.ts';
import { describeStatus } from './transport-errors.ts';

export type Service = 'git-upload-pack' | 'git-receive-pack';

export interface RequestOptions extends Interruptible {
  /** `version=2`: the wire protocol asked for; the oldest where unset, which lists the refs at once. */
  readonly gitProtocol?: string;
}

/** Git's smart HTTP protocol with our limits, credentials and CA. Every failure is a GitError. */
export interface Transport {
  /** The repository's address as it may be printed. */
  readonly url: string;
  /** One request: what the service offers, and the refs. */
  get(service: Service, options?: RequestOptions): Promise<Uint8Array>;
  /** One request with its whole answer, which may have at most `maxBytes`. */
  post(service: Service, body: Uint8Array, maxBytes: number, options?: RequestOptions): Promise<Uint8Array>;
  /** As `post`, for an answer that is worked on while it arrives. */
  stream(
    service: Service,
    body: Uint8Array,
    maxBytes: number,
    options?: RequestOptions,
  ): AsyncIterable<Uint8Array>;
  /** Text of the server with every credential of ours taken out. */
  redact(text: string): string;
}

const MAX_REDIRECTS = 5;

/** A way to the repository at `config.url`, which has to be an http or https address. Connects when first used. */
export function openTransport(config: GitConfig): Transport {
  const location = parseLocation(config.url);
  if (location.kind === 'local') {
    throw new GitError('REPOSITORY_URL', `${location.path} is a local path and has no server.`);
  }
  const limits = limitsOf(config);
  const dispatcherFor = openDispatchers(config);
  const login = loginOf(config, location);
  // A server that has moved says so where the refs are listed, and the requests after that follow it there.
  const shown = location.url;
  let base = shown;

  async function open(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    { maxBytes, signal }: Interruptible & { readonly maxBytes: number },
  ): Promise<Answer> {
    const deadline = new Deadline(shown, limits, signal);
    try {
      for (let redirects = 0; ; redirects++) {
        const answer = await request(`${base}${path}`, {
          method,
          dispatcher: dispatcherFor(new URL(base)),
          signal: deadline.signal,
          headers: {
            'user-agent': 'git/2.0 (weka-gitops)',
            'accept-encoding': 'identity',
            ...headers,
            ...(login === undefined ? {} : { authorization: login.header }),
          },
          ...(body === undefined ? {} : { body }),
        });
        deadline.alive();
        const target = answer.headers['location'];
        if (isRedirect(answer.statusCode, method) && typeof target === 'string') {
          discard(answer.body);
          if (redirects === MAX_REDIRECTS) throw redirectRefused(shown, 'it redirects in circles');
          base = followed(base, path, target, shown);
          continue;
        }
        if (answer.statusCode !== 200) {
          discard(answer.body);
          const { 'retry-after': retryAfter } = answer.headers;
          const asked = typeof retryAfter === 'string' ? retryAfter : undefined;
          throw describeStatus(shown, answer.statusCode, login?.username, asked);
        }
        return { answer, body: limited(answer.body, deadline, maxBytes) };
      }
    } catch (error) {
      deadline.end();
      throw deadline.reason(error);
    }
  }

  /** The body with its limits. Ends the deadline when the last byte is there or the reader turns away. */
  async function* limited(
    body: Dispatcher.ResponseData['body'],
    deadline: Deadline,
    maxBytes: number,
  ): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        deadline.alive();
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw tooLarge(`The answer of ${shown} is too large`, { bytes: maxBytes });
        yield chunk;
      }
    } catch (error) {
      throw deadline.reason(error);
    } finally {
      deadline.end();
    }
  }

  const refsPath = (service: Service) => `/info/refs?service=${service}`;

  async function* stream(
    service: Service,
    body: Uint8Array,
    maxBytes: number,
    options: RequestOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const headers = {
      'content-type': `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
      ...protocolHeader(options),
    };
    const { signal } = options;
    const opened = await open('POST', `/${service}`, headers, body, { maxBytes, signal });
    yield* opened.body;
  }

  return {
    url: shown,
    stream,
    post: async (...args) => collect(stream(...args)),
    get: async (service, options = {}) => {
      base = shown;
      const headers = protocolHeader(options);
      const most = { maxBytes: limits.listingBytes, signal: options.signal };
      const { answer, body } = await open('GET', refsPath(service), headers, undefined, most);
      const bytes = await collect(body);
      if (answer.headers['content-type'] !== `application/x-${service}-advertisement`) {
        throw new GitError('REPOSITORY_NOT_FOUND', `${shown} answers, but not as a git repository does.`, {
          hint: 'Give the address that `git clone` takes, not that of a web page.',
        });
      }
      return bytes;
    },
    redact: (text) =>
      (login?.secrets ?? []).reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text),
  };
}

/** Drops the connection with what is left of the answer. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => {});
  body.destroy();
}

interface Answer {
  readonly answer: Dispatcher.ResponseData;
  readonly body: AsyncGenerator<Uint8Array>;
}

function protocolHeader({ gitProtocol }: RequestOptions): Record<string, string> {
  return gitProtocol === undefined ? {} : { 'git-protocol': gitProtocol };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
