import { startControlPlane } from '../cluster/control-plane.ts';
import type { Moment } from '../support/crash-kill.ts';
import { killPoints, prepareGround, trial, undisturbed, type Verdict } from '../support/crash-trial.ts';

const MOMENTS: readonly Moment[] = ['before', 'after', 'amid'];
/** Trials at the same time; each waits for the API server most of its life. */
const LANES = 4;

/** Kills the process at every call of the story that changes something, and prints what came of it. Gives the exit code. */
export async function crashSweep(print: (text: string) => void): Promise<number> {
  const controlPlane = await startControlPlane({ kwok: true });
  try {
    const ground = await prepareGround(controlPlane);
    try {
      const golden = await undisturbed(ground);
      print(`The story makes ${golden.calls.length} calls that change something:\n`);
      for (const [index, { step, call }] of golden.calls.entries())
        print(`  ${index + 1}. ${step}: ${call}\n`);
      const points = [...killPoints(golden, MOMENTS)];
      const total = points.length;
      const verdicts: Verdict[] = [];
      const lane = async (): Promise<void> => {
        for (let point = points.shift(); point !== undefined; point = points.shift()) {
          const { at, moment } = point;
          const verdict = await trial(ground, golden, point).catch((error: unknown): Verdict => ({
            point,
            step: '?',
            passes: 0,
            differences: [String(error)],
          }));
          verdicts.push(verdict);
          const where = `${moment} call ${at} (${golden.calls[at - 1]?.call})`;
          for (const line of verdict.differences) print(`✗ killed ${where}, ${line}\n`);
          if (verdicts.length % 10 === 0) print(`  ${verdicts.length} of ${total} points\n`);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      const bad = verdicts.filter(({ differences }) => differences.length > 0);
      const passes = Math.max(...verdicts.map((verdict) => verdict.passes));
      print(
        `Killed at ${total} points: ${total - bad.length} ended as the undisturbed story, ${bad.length} did not. ` +
          `At most ${passes} passes after a restart until nothing was left to write.\n`,
      );
      return bad.length === 0 ? 0 : 1;
    } finally {
      await ground.server.stop();
    }
  } finally {
    await controlPlane.stop();
  }
}
