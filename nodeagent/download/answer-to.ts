import type { ClientRequest, IncomingMessage } from 'node:http';

/** How a server that leaves HTTP behind is told apart by its code. */
export const SWITCHED = 'HTTP_101';

/**
 * What a request is answered with. It comes to an end however the server behaves, and as soon as `signal` says so: a request whose
 * socket was given to another protocol tells neither an answer nor an error of itself.
 */
export async function answerTo(request: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const switched = (): void => {
    request.destroy();
    reject(coded('The server switches to another protocol (HTTP status 101)', SWITCHED));
  };
  request
    // Where it does not say to which, that is an answer like others.
    .once('response', (answer) => (answer.statusCode === 101 ? switched() : resolve(answer)))
    // There may be more than one, and one that nobody hears ends the process.
    .on('error', reject)
    .once('upgrade', (_, socket) => {
      socket.destroy();
      switched();
    })
    .once('close', () => reject(coded('The connection was closed without an answer', 'ECONNRESET')));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
