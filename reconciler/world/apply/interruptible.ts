import type { Cluster } from '../../ports.ts';
import { InterruptedError } from '../stop-deadline.ts';

/** When reads, and what waits for something, are given up, and when writes are. */
export interface Interruptions {
  readonly reads: AbortSignal | undefined;
  readonly writes: AbortSignal | undefined;
}

const GIVEN_UP = 'The program is stopping, and this was not waited for.';

/** `cluster` with every call given up once its signal is aborted; it throws an InterruptedError then. */
export function interruptible(cluster: Cluster, { reads, writes }: Interruptions): Cluster {
  const read = { signal: reads };
  const write = { signal: writes };
  return {
    get: (object) => until(reads, cluster.get(object, read)),
    read: (scope) => until(reads, cluster.read(scope, read)),
    placementFacts: (options) => until(reads, cluster.placementFacts({ ...options, ...read })),
    storageFacts: () => until(reads, cluster.storageFacts(read)),
    seeNodes: (options) => until(reads, cluster.seeNodes({ ...options, ...read })),
    dryRun: (object, options) => until(reads, cluster.dryRun(object, { ...options, ...read })),
    waitGone: (live, timeoutMs) => until(reads, cluster.waitGone(live, timeoutMs, read)),
    apply: (object, options) => until(writes, cluster.apply(object, { ...options, ...write })),
    delete: (live) => until(writes, cluster.delete(live, write)),
  };
}

async function until<Result>(signal: AbortSignal | undefined, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const isGivenUp = signal?.aborted === true && error === signal.reason;
    throw isGivenUp && !(error instanceof InterruptedError)
      ? new InterruptedError(GIVEN_UP, { isHarmless: true })
      : error;
  }
}
