import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_PACKAGE_BYTES, Sha256 } from '../../schemas/drivers/package.ts';
import { DIGEST_HEADER } from '../../schemas/drivers/uploaders.ts';
import { DIGEST_SUFFIX, type Place } from './folders.ts';
import { entityTag } from './ranges.ts';
import type { Service } from './service.ts';
import type { Received } from './stored-file.ts';
import { type Answer, sendAnswer, TOO_MANY } from './text-answer.ts';
import { refusedUploader } from './uploader.ts';

/** Each holds two megabytes, and a part of the disk. */
const MOST_AT_ONCE = 16;
/** No upload takes longer. */
const WITHIN_MS = 60 * 60_000;
const RESERVED = new Set(['', 'index.json']);

interface Announced {
  readonly sha256: string;
  readonly bytes: number;
}

/** Takes a file from somebody who may upload: all of it is checked before anything of it has a name. */
export async function answerPut(
  service: Service,
  place: Place,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store, log, metrics, uploads } = service;
  const facts = { ...place, from: request.socket.remoteAddress };
  const refused = refusedUploader(request.socket, service.now());
  if (refused !== undefined) {
    log.warn({ ...facts, reason: refused }, 'Refused an upload');
    sendAnswer(request, response, { status: 403, text: refused });
    return;
  }
  const announced = announcedBy(place, request);
  if ('status' in announced) {
    log.warn({ ...facts, reason: announced.text }, 'Refused an upload');
    sendAnswer(request, response, announced);
    return;
  }
  if (uploads.count >= MOST_AT_ONCE || !service.connections.hold(request)) {
    sendAnswer(request, response, TOO_MANY);
    return;
  }
  uploads.count += 1;
  const late = setTimeout(() => request.destroy(), WITHIN_MS);
  try {
    const received =
      (await store.foresee(place, announced.sha256)) ??
      (await store.receive(place, announced, bodyOf(request, response)));
    if (received.result === 'created') metrics.receivedBytes += announced.bytes;
    const { level, message } = SAID[received.result];
    log[level](
      { ...facts, ...announced, ...('sha256' in received ? { has: received.sha256 } : {}) },
      message,
    );
    if (received.result === 'cut') response.destroy();
    else sendAnswer(request, response, answerOf(place, announced, received));
  } finally {
    clearTimeout(late);
    uploads.count -= 1;
  }
}

const SAID: Readonly<
  Record<Received['result'], { readonly level: 'info' | 'warn'; readonly message: string }>
> = {
  created: { level: 'info', message: 'Took in a package' },
  there: { level: 'info', message: 'Was sent a package that is here already' },
  other: { level: 'warn', message: 'Refused another package of the same name' },
  'wrong-digest': { level: 'warn', message: 'Refused a package that does not have its digest' },
  full: { level: 'warn', message: 'Refused a package for which there is no room' },
  cut: { level: 'warn', message: 'An upload was cut, and nothing of it stays' },
};

function answerOf(
  { file }: Place,
  { sha256, bytes }: Announced,
  received: Exclude<Received, { result: 'cut' }>,
): Answer {
  const headers = { etag: entityTag(sha256) };
  switch (received.result) {
    case 'created':
      return { status: 201, text: `${file} is here.`, headers };
    case 'there':
      return { status: 200, text: `${file} is here already.`, headers };
    case 'other':
      return { status: 409, text: `${file} is here with other bytes, of SHA-256 ${received.sha256}.` };
    case 'wrong-digest':
      return {
        status: 422,
        text: `What was sent as ${file} has SHA-256 ${received.sha256}, and not ${sha256}.`,
      };
    case 'full':
      return { status: 507, text: `There is no room for the ${bytes} bytes of ${file}.` };
  }
}

/** What the request says of the file; an answer where it does not say what it has to. */
function announcedBy({ area, file }: Place, { headers }: IncomingMessage): Announced | Answer {
  if (RESERVED.has(file) || file.endsWith(DIGEST_SUFFIX)) {
    return { status: 400, text: `No package of ${area} may have the name ${JSON.stringify(file)}.` };
  }
  const { data: sha256 } = Sha256.safeParse(headers[DIGEST_HEADER]);
  if (sha256 === undefined) {
    return {
      status: 400,
      text: `The header ${DIGEST_HEADER} does not say the SHA-256 in 64 hexadecimal digits.`,
    };
  }
  const length = headers['content-length'];
  if (length === undefined) return { status: 411, text: 'The length of the package is not said.' };
  const bytes = Number(length);
  if (bytes > MAX_PACKAGE_BYTES) {
    return { status: 413, text: `A package has at most ${MAX_PACKAGE_BYTES} bytes.` };
  }
  return bytes === 0 ? { status: 400, text: 'The package is empty.' } : { sha256, bytes };
}

/** The body, for which whoever waits to be told so is told to send it. */
async function* bodyOf(request: IncomingMessage, response: ServerResponse): AsyncGenerator<Uint8Array> {
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
  yield* request as AsyncIterable<Buffer>;
}
