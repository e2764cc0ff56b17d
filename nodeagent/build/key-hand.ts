import { createConnection, type Socket } from 'node:net';
import { STEADY_TIME, type Time } from '../time.ts';
import { SignError } from './errors.ts';
import { ASK, KeyAnswer, lineOf } from './key-messages.ts';
import type { KeyText } from './signing-key.ts';

/** What hands the key to the builder, once. */
export interface KeyHand {
  give(): Promise<KeyText>;
  end(): void;
}

/** The container that keeps the key begins before that of the builder, and may take so long. */
const WITHIN_MS = 60_000;
const EVERY_MS = 200;

/** Connects to what keeps the key, to be done before anything else runs in this container: there is one connection only. */
export async function reachForKey(
  path: string,
  stop: AbortSignal,
  time: Time = STEADY_TIME,
): Promise<KeyHand> {
  const began = time.now();
  for (;;) {
    const socket = await connected(path);
    if (socket !== undefined) return handOf(socket);
    if (stop.aborted || time.now() - began > WITHIN_MS) {
      throw new SignError('The modules cannot be signed: nothing keeps the key of this pod.', {
        hint: 'Look at the container signing-key of the pod.',
      });
    }
    await time.sleep(EVERY_MS, stop);
  }
}

function handOf(socket: Socket): KeyHand {
  socket.on('error', () => {});
  return {
    async give() {
      const answered = lineOf(socket);
      socket.write(ASK);
      const line = await answered;
      const answer = KeyAnswer.safeParse(jsonOf(line ?? ''));
      if (!answer.success) {
        throw new SignError(
          'The modules cannot be signed: what keeps the key of this pod does not give it.',
          {
            hint: 'Look at the container signing-key of the pod.',
          },
        );
      }
      if ('message' in answer.data) throw new SignError(answer.data.message, { hint: answer.data.hint });
      return answer.data;
    },
    end: () => void socket.destroy(),
  };
}

async function connected(path: string): Promise<Socket | undefined> {
  const socket = createConnection(path);
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  socket.once('connect', () => resolve(socket));
  socket.once('error', () => resolve(undefined));
  return await promise;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
