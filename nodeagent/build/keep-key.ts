import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { ReconcilerError } from '../../reconciler/errors.ts';
import type { CommandOf } from '../args/command.ts';
import type { Program } from '../cli.ts';
import { ASK, type KeyAnswer, lineOf } from './key-messages.ts';
import { readKey } from './signing-key.ts';

/**
 * `weka-nodeagent keep-key`: keeps the key that modules are signed with away from the container that builds, in which a script of a
 * manifest may run. Whoever comes first has the only connection, which the builder makes before it starts anything, and gets the key once it
 * asks: when all else is built, and nothing that was started for it is left. From then on the key is in that container until the modules are
 * signed; what a script has put in the place of the program that signs reads it there.
 */
export async function keepKey(
  { folder, socket: path }: CommandOf<'keep-key'>,
  program: Program,
): Promise<void> {
  const stop = program.stopSignal();
  while (!stop.aborted) {
    const socket = await onlyConnection(path, stop);
    if (socket === undefined) return;
    const left = once(socket, 'close');
    socket.on('error', () => {});
    const end = (): void => void socket.destroy();
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    if (`${await lineOf(socket)}\n` === ASK) socket.write(`${JSON.stringify(await answer(folder))}\n`);
    // A builder that begins anew comes anew.
    await left;
    stop.removeEventListener('abort', end);
  }
}

/** The first that connects; nobody else can, until it has gone. */
async function onlyConnection(path: string, stop: AbortSignal): Promise<Socket | undefined> {
  await rm(path, { force: true });
  const server = createServer();
  const first = Promise.withResolvers<Socket | undefined>();
  const end = (): void => first.resolve(undefined);
  server.on('connection', (socket) => {
    // Those that came in the same moment as it are too late.
    if (server.listening) first.resolve(socket);
    else socket.destroy();
    server.close();
  });
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  server.listen(path);
  await once(server, 'listening');
  const socket = await first.promise;
  stop.removeEventListener('abort', end);
  server.close();
  return socket;
}

async function answer(folder: string): Promise<KeyAnswer> {
  try {
    return await readKey(folder);
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    return { message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}
