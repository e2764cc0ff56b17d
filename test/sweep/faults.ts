import { startControlPlane } from '../cluster/control-plane.ts';
import { calmEnd } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { randomTrial, type RandomVerdict } from '../support/fault-trial.ts';

const TRIALS = 60;
/** Trials at the same time. Each passes its time as fast as it can, so more would gain little. */
const LANES = 2;

/**
 * Lets chance rule over the calls of `run`, from another seed each time, and prints what came of it. Further words say
 * how many trials, and the first seed. Gives the exit code.
 */
export async function faultSweep(print: (text: string) => void, words: readonly string[]): Promise<number> {
  const [trials = TRIALS, first = 1000] = words.map(Number);
  const controlPlane = await startControlPlane();
  try {
    const ground = await prepareGround(controlPlane);
    try {
      const calm = await calmEnd(ground);
      const seeds = Array.from({ length: trials }, (_, index) => first + index);
      const verdicts: RandomVerdict[] = [];
      const lane = async (): Promise<void> => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          const failed = { seed, faults: {}, said: {} };
          const verdict = await randomTrial(ground, calm, seed).catch((error: unknown): RandomVerdict => ({
            ...failed,
            differences: [String(error)],
          }));
          verdicts.push(verdict);
          print(`${lineOf(verdict)}\n`);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      const bad = verdicts.filter(({ differences }) => differences.length > 0);
      const faults = sum(verdicts.map((verdict) => sum(Object.values(verdict.faults))));
      const kinds = new Set(verdicts.flatMap((verdict) => Object.keys(verdict.faults)));
      print(
        `${trials} trials with ${faults} faults of ${kinds.size} kinds: ` +
          `${trials - bad.length} ended as the undisturbed run, ${bad.length} did not.\n`,
      );
      return bad.length === 0 ? 0 : 1;
    } finally {
      await ground.server.stop();
    }
  } finally {
    await controlPlane.stop();
  }
}

/** `seed 1007: 83 faults (git lose 2, …), 31 warnings: as undisturbed`. */
function lineOf({ seed, faults, said, differences }: RandomVerdict): string {
  const kinds = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  const end = differences.length === 0 ? 'as undisturbed' : `✗ ${differences.slice(0, 5).join('; ')}`;
  const warnings = sum(Object.values(said));
  return `seed ${seed}: ${sum(Object.values(faults))} faults (${kinds.join(', ')}), ${warnings} warnings: ${end}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
