import type { IncomingMessage, ServerResponse } from 'node:http';
import { DIGEST_HEADER } from '../../schemas/drivers/uploaders.ts';
import { type Area, DIGEST_SUFFIX, type Place } from './folders.ts';
import { entityTag, wantedBy } from './ranges.ts';
import { sendFile } from './send-file.ts';
import type { Service } from './service.ts';
import type { OpenFile, StoredFile } from './stored-file.ts';
import { sendAnswer, TOO_MANY } from './text-answer.ts';

/** A name is never given to other bytes while it has these. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
const NOT_SENT = {
  gone: 'Whoever asked for a package went before it was served',
  slow: 'Cut off whoever took a package too slowly',
};
const INDEX = 'index.json';
const TYPES = { '.gz': 'application/gzip', '.zip': 'application/zip', '.json': 'application/json' };

/** A file of the service, the digest of one, or what an area has. */
export async function answerGet(
  service: Service,
  place: Place,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store } = service;
  const { area, file } = place;
  if (file === '' || file === INDEX) {
    const files = await store.list(area);
    const [text, type] = file === '' ? [listing(files), HTML] : [indexText(area, files), 'application/json'];
    sendAnswer(request, response, { status: 200, text, type });
    return;
  }
  if (file.endsWith(DIGEST_SUFFIX)) {
    const of = await store.find({ area, file: file.slice(0, -DIGEST_SUFFIX.length) });
    if (of === undefined) missing(service, place, request, response);
    else sendAnswer(request, response, { status: 200, text: `${of.sha256}  ${of.file}` });
    return;
  }
  if (request.method !== 'HEAD' && !service.connections.hold(request)) {
    sendAnswer(request, response, TOO_MANY);
    return;
  }
  const open = await store.open(place);
  if (open === undefined) {
    missing(service, place, request, response);
    return;
  }
  try {
    await answerFile(service, open, request, response);
  } finally {
    await open.close();
  }
}

async function answerFile(
  { log, metrics, pace }: Service,
  { file: { area, file, sha256, bytes }, handle }: OpenFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const tag = entityTag(sha256);
  const wanted = wantedBy(request.headers, tag, bytes);
  const shared = {
    etag: tag,
    'accept-ranges': 'bytes',
    'cache-control': FOR_GOOD,
    [DIGEST_HEADER]: sha256,
    'x-content-type-options': 'nosniff',
  };
  if (wanted.status !== 200 && wanted.status !== 206) {
    const range = wanted.status === 416 ? { 'content-range': `bytes */${bytes}` } : {};
    response.writeHead(wanted.status, wanted.status === 304 ? shared : { ...range, 'content-length': 0 });
    response.end();
    return;
  }
  const range = wanted.status === 206 ? wanted.range : { first: 0, last: bytes - 1 };
  response.writeHead(wanted.status, {
    ...shared,
    'content-type': typeOf(file),
    'content-length': range.last - range.first + 1,
    ...(wanted.status === 206 ? { 'content-range': `bytes ${range.first}-${range.last}/${bytes}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const began = performance.now();
  // A file of the same bytes that comes in place of one that has rotted is another one.
  const { ino } = await handle.stat();
  const sent = await sendFile({ handle, name: `${sha256} ${ino}` }, range, response, pace);
  const facts = { area, file, from: request.socket.remoteAddress, ms: Math.round(performance.now() - began) };
  if (sent === 'all') {
    response.end();
    metrics.sentBytes += range.last - range.first + 1;
    log.info({ ...facts, bytes: range.last - range.first + 1 }, 'Served a package');
  } else {
    response.destroy();
    log.info(facts, NOT_SENT[sent]);
  }
}

function missing(
  { log }: Service,
  { area, file }: Place,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  log.info({ area, file, from: request.socket.remoteAddress }, 'Was asked for what is not here');
  sendAnswer(request, response, { status: 404, text: `There is no ${file}.` });
}

function typeOf(file: string): string {
  const suffix = /\.[a-z]+$/.exec(file)?.[0];
  return Object.entries(TYPES).find(([each]) => each === suffix)?.[1] ?? 'application/octet-stream';
}

function indexText(area: Area, files: readonly StoredFile[]): string {
  const packages = files.map(({ file, sha256, bytes }) => ({ file, sha256, bytes }));
  return JSON.stringify({ area, packages }, null, 2);
}

const HTML = 'text/html; charset=utf-8';

/** For people, and for programs that follow links. A name has nothing in it that would have to be escaped. */
function listing(files: readonly StoredFile[]): string {
  const names = files.flatMap(({ file }) => [file, `${file}${DIGEST_SUFFIX}`]);
  const links = names.map((name) => `<li><a href="${encodeURIComponent(name)}">${name}</a></li>`);
  return `<!doctype html>\n<title>Packages</title>\n<ul>\n${links.join('\n')}\n</ul>`;
}
