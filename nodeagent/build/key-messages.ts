import type { Socket } from 'node:net';
import * as z from 'zod';

/** What the builder asks of the container that keeps its key, as one line. */
export const ASK = 'key\n';

/** What that answers, as one line of JSON. */
export const KeyAnswer = z.union([
  z.object({ secret: z.string(), certificate: z.string() }),
  z.object({ message: z.string(), hint: z.string().optional() }),
]);
export type KeyAnswer = z.infer<typeof KeyAnswer>;

/** No key, nor any certificate, is as long. */
const MOST = 1 << 20;

/** The next line that comes, without what ends it; undefined where the other side ends first, or says too much. */
export async function lineOf(socket: Socket): Promise<string | undefined> {
  let text = '';
  const line = Promise.withResolvers<string | undefined>();
  const take = (part: Buffer): void => {
    text += part.toString('utf8');
    const end = text.indexOf('\n');
    if (end !== -1) line.resolve(text.slice(0, end));
    else if (text.length > MOST) line.resolve(undefined);
  };
  const end = (): void => line.resolve(undefined);
  socket.on('data', take).once('close', end).once('end', end);
  try {
    return await line.promise;
  } finally {
    socket.off('data', take).off('close', end).off('end', end);
  }
}
