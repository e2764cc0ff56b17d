import { describeCount } from '../reconciler/core/placement/scheduler/proof-count.ts';
import { ProofPlane } from '../reconciler/core/placement/scheduler/proof-plane.ts';
import { proveMany } from '../reconciler/core/placement/scheduler/prove-many.ts';

const CLUSTERS = 300;
const PROGRESS_MS = 20_000;

/**
 * Lets the real scheduler judge what placement says of generated clusters, each of its own seed. Further words say how
 * many clusters, and the first seed: `npm run sweep scheduler 1 4711` tries that one again. Gives the exit code.
 */
export async function schedulerSweep(
  print: (text: string) => void,
  words: readonly string[],
): Promise<number> {
  const [clusters = CLUSTERS, first = 1000] = words.map(Number);
  const seeds = Array.from({ length: clusters }, (_, index) => first + index);
  let told = 0;
  let next = Date.now() + PROGRESS_MS;
  const plane = await ProofPlane.start();
  try {
    const { count, faults } = await proveMany(seeds, plane, (soFar) => {
      for (const fault of soFar.faults.slice(told)) print(`✗ ${fault}\n`);
      told = soFar.faults.length;
      if (Date.now() < next) return;
      next = Date.now() + PROGRESS_MS;
      print(`  ${soFar.count.clusters} of ${clusters} clusters\n`);
    });
    print(`${describeCount(count)}\n${faults.length} disagreements.\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await plane.stop();
  }
}
