import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerGet } from './answer-get.ts';
import { answerPut } from './answer-put.ts';
import { placeOf } from './folders.ts';
import type { Service } from './service.ts';
import { type Answer, sendAnswer } from './text-answer.ts';

const READING = new Set(['GET', 'HEAD']);
const METHODS = 'GET, HEAD, PUT';

/** Answers one request. Who does not wait for `100 Continue` has been told to go on already. */
export async function answerRequest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request;
  response.once('close', () => service.metrics.countAnswer(response.statusCode));
  const page = READING.has(method) ? await pageOf(service, url) : undefined;
  if (page !== undefined) {
    sendAnswer(request, response, page);
    return;
  }
  if (method !== 'PUT' && !READING.has(method)) {
    const headers = { allow: METHODS };
    sendAnswer(request, response, { status: 405, text: 'Packages are read, or put there.', headers });
    return;
  }
  const place = placeOf(url);
  if (place === undefined) {
    sendAnswer(request, response, { status: 404, text: 'Nothing is served here.' });
  } else if (method === 'PUT') {
    await answerPut(service, place, request, response);
  } else {
    await answerGet(service, place, request, response);
  }
}

async function pageOf(service: Service, url: string): Promise<Answer | undefined> {
  if (url !== '/healthz' && url !== '/metrics') return undefined;
  const { store, metrics, isStopping, connections } = service;
  const { budgetBytes, freeBytes } = await store.room();
  if (url === '/healthz') {
    return isStopping() ? { status: 503, text: 'It is being stopped.' } : { status: 200, text: 'ok' };
  }
  const text = metrics.page({
    connections: connections.count,
    packages: store.count,
    stored_bytes: store.bytes,
    budget_bytes: budgetBytes,
    free_bytes: freeBytes,
  });
  return { status: 200, text };
}
