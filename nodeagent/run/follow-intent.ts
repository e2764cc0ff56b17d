import { ReconcilerError } from '../../reconciler/errors.ts';
import type { NodeConfigMaps, ReadIntent } from '../cluster/node-config-maps.ts';
import type { Time } from '../time.ts';
import { Backoff } from './backoff.ts';
import type { Times } from './times.ts';
import type { Turns } from './turns.ts';

export interface FollowedIntent {
  readonly maps: NodeConfigMaps;
  readonly turns: Turns;
  readonly time: Time;
  readonly times: Pick<Times, 'watchForMs' | 'silentAfterMs' | 'spreadMs'>;
  /** Of [0, 1). */
  readonly random: () => number;
  /** A watch is open; what was known of the cluster before may be out of date. */
  readonly opened: () => void;
  /** The API server answered, or told that the watch is still there. */
  readonly answered: () => void;
  /** The intent as it was read just now. */
  readonly read: (intent: ReadIntent) => void;
  readonly failed: (error: ReconcilerError) => void;
}

/**
 * Follows the intent by a watch until `signal` is aborted. An event says only that there is something to read: so what was read
 * is always the latest, in whatever order events come, and a watch that missed some is made good when it is opened again.
 */
export async function followIntent(follow: FollowedIntent, signal: AbortSignal): Promise<void> {
  const { time, times, turns, random } = follow;
  const backoff = new Backoff(random);
  while (!signal.aborted) {
    let openedAt = Infinity;
    let askedMs: number | undefined;
    const forMs = times.watchForMs * (1 + random());
    const opened = (): void => {
      openedAt = time.now();
      follow.opened();
    };
    try {
      await watchOnce({ ...follow, opened, forMs }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ReconcilerError)) throw error;
      follow.failed(error);
      askedMs = error.retryAfterMs;
    }
    const lastedMs = time.now() - openedAt;
    if (lastedMs > times.spreadMs) {
      backoff.reset();
      // One whose time was up ended alone; when a server goes, it ends those of ten thousand agents.
      await time.sleep(random() * (lastedMs >= forMs ? AT_ONCE_MS : times.spreadMs), signal);
    } else if (turns.waitMs === 0) {
      // Where the server is away, the turns wait for it.
      await time.sleep(backoff.next(askedMs), signal);
    }
  }
}

/** Watches that ended alone are opened again within it. */
const AT_ONCE_MS = 1000;

async function watchOnce(
  { maps, turns, time, times, forMs, ...told }: FollowedIntent & { readonly forMs: number },
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const events = await turns.take(async () => await maps.watchIntent(forMs / 1000, either), signal);
    const read = async (): Promise<string | undefined> => {
      const intent = await turns.take(async () => await maps.readIntent(signal), signal);
      told.answered();
      told.read(intent);
      return intent.version;
    };
    // After the watch began, so that nothing falls between the two.
    let version = await read();
    told.opened();
    let heard = time.now();
    void endWhereSilent(time, times.silentAfterMs, () => heard, over);
    for await (const event of events) {
      heard = time.now();
      told.answered();
      if (event !== undefined && event !== version) version = await read();
    }
  } catch (error) {
    // It is opened again.
    if (!over.signal.aborted || signal.aborted) throw error;
  } finally {
    over.abort();
  }
}

async function endWhereSilent(
  time: Time,
  silentAfterMs: number,
  heard: () => number,
  over: AbortController,
): Promise<void> {
  while (!over.signal.aborted) {
    const leftMs = heard() + silentAfterMs - time.now();
    if (leftMs <= 0) over.abort();
    else await time.sleep(leftMs, over.signal);
  }
}
