import { generateCluster } from './generate-cluster.ts';
import { NOTHING_PROVED, type ProofCount, together } from './proof-count.ts';
import type { ProofPlane } from './proof-plane.ts';
import { proveCluster } from './prove-cluster.ts';

/** Clusters at the same time: most of each is waiting for the API server and the scheduler. */
const LANES = 12;

export interface ManyProved {
  readonly count: ProofCount;
  readonly faults: readonly string[];
}

/** Proves the clusters of these seeds, many at a time. */
export async function proveMany(
  seeds: readonly number[],
  plane: ProofPlane,
  onProgress: (soFar: ManyProved) => void = () => {},
): Promise<ManyProved> {
  let count = NOTHING_PROVED;
  const faults: string[] = [];
  const waiting = [...seeds];
  const lane = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      try {
        const proof = await proveCluster(generateCluster(seed), plane);
        count = together(count, proof.count);
        faults.push(...proof.faults);
      } catch (error) {
        faults.push(`seed ${seed}: ${String(error)}`);
      }
      onProgress({ count, faults });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { count, faults };
}
