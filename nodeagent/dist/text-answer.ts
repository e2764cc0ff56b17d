import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** An answer that is no package. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** For whoever comes while packages go over as many connections as may be. */
export const TOO_MANY: Answer = {
  status: 503,
  text: 'Too many packages are on their way.',
  headers: { 'retry-after': '5', connection: 'close' },
};

/** How long what comes with a request that is not taken is still read, so that whoever sends it gets to read the answer. */
const DRAIN_MS = 5000;

export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, type = 'text/plain; charset=utf-8', headers = {} }: Answer,
): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(request.complete || request.method === 'GET' || request.method === 'HEAD'
      ? {}
      : { connection: 'close' }),
    ...headers,
  });
  if (request.complete || request.method === 'HEAD') {
    response.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  // All of the answer; to end it closes the connection, and whoever still sends would not get to read it.
  response.write(body);
  const end = () => void response.end();
  const late = setTimeout(end, DRAIN_MS).unref();
  request
    .once('close', () => clearTimeout(late))
    .once('end', end)
    .resume();
}
