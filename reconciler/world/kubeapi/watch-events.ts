import { isRecord, record } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { type Call, describeTarget } from './call.ts';
import { ApiError } from './errors.ts';
import { LineDecoder } from './line-decoder.ts';
import { statusError } from './status-error.ts';

/** Beyond what an object may have in etcd, several times over. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** What a watch tells. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: WatchedObject }
  /** Nothing happened up to this version that was not told. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** An object as the API server tells it: it has a version. */
export type WatchedObject = KubeObject & { readonly metadata: { readonly resourceVersion: string } };

/**
 * The events of a watch's body, until it ends. Throws where the API server ends it with an error (API_GONE: the version it
 * began at is too old), where it tells something else than events, and where it ends within an event.
 */
export async function* watchEvents(call: Call, body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  const decoder = new LineDecoder(MAX_EVENT_BYTES);
  for await (const chunk of body) {
    for (const line of decoder.push(chunk)) yield parseEvent(call, line);
  }
  if (decoder.pending > 0) {
    const message = `${describeTarget(call.path)}: the watch ended within an event.`;
    throw new ApiError('API_UNAVAILABLE', message);
  }
}

function parseEvent(call: Call, line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // The parser quotes what it read, which may be a secret.
    throw noEvent(call);
  }
  const { type, object } = record(event);
  const { name, resourceVersion } = record(record(object)['metadata']);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (typeof name !== 'string' || !isVersion(resourceVersion)) throw noEvent(call);
      return { type, object: object as WatchedObject };
    case 'BOOKMARK':
      if (!isVersion(resourceVersion)) throw noEvent(call);
      return { type, resourceVersion };
    case 'ERROR': {
      const { code } = record(object);
      throw statusError(call, typeof code === 'number' ? code : 500, isRecord(object) ? object : undefined);
    }
    default:
      throw noEvent(call);
  }
}

function isVersion(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function noEvent(call: Call): ApiError {
  const message = `${describeTarget(call.path)}: what came in a watch is no event.`;
  const hint = 'Something else than an API server may stand at that address, or in between.';
  return new ApiError('API_UNAVAILABLE', message, { hint });
}
