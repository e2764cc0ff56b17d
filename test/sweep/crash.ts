import { startControlPlane } from '../cluster/control-plane.ts';
import type { Moment } from '../support/crash-kill.ts';
import { calmEnd } from '../support/crash-disturbed.ts';
import type { EndState } from '../support/crash-state.ts';
import { LEASE_POINTS, leaseTrial, type LeaseVerdict } from '../support/crash-lease.ts';
import { runPoints, runTrial, type RunVerdict, runWrites } from '../support/crash-run.ts';
import {
  type Ground,
  killPoints,
  prepareGround,
  trial,
  undisturbed,
  type Verdict,
} from '../support/crash-trial.ts';

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
      const calm = await calmEnd(ground);
      const badRuns = await runSweep(ground, calm, print);
      const badLeases = await leaseSweep(ground, calm, print);
      return bad.length + badRuns + badLeases === 0 ? 0 : 1;
    } finally {
      await ground.server.stop();
    }
  } finally {
    await controlPlane.stop();
  }
}

/** Kills `run` at every write to the cluster and at its push. Gives how often it did not end well. */
async function runSweep(ground: Ground, calm: EndState, print: (text: string) => void): Promise<number> {
  const writes = await runWrites(ground);
  const points = runPoints(writes);
  let bad = 0;
  for (const point of points) {
    const what = point.at === 'push' ? 'push' : `write ${point.at} (${writes[point.at - 1]})`;
    const { differences } = await runTrial(ground, calm, point).catch((error: unknown): RunVerdict => ({
      point,
      differences: [String(error)],
    }));
    if (differences.length > 0) bad += 1;
    for (const line of differences) print(`✗ run killed ${point.moment} its ${what}, ${line}\n`);
  }
  print(`Killed run at ${points.length} points: ${points.length - bad} ended as the undisturbed run.\n`);
  return bad;
}

/** Kills `run` at every write to its lease. Gives how often it did not end well. */
async function leaseSweep(ground: Ground, calm: EndState, print: (text: string) => void): Promise<number> {
  let bad = 0;
  for (const point of LEASE_POINTS) {
    const where = `${point.moment} the lease’s ${point.write}`;
    const failed = { point, waitedMs: 0 };
    const { waitedMs, differences } = await leaseTrial(ground, calm, point).catch(
      (error: unknown): LeaseVerdict => ({ ...failed, differences: [String(error)] }),
    );
    if (differences.length > 0) bad += 1;
    for (const line of differences) print(`✗ killed ${where}, ${line}\n`);
    print(`  killed ${where}: the next one had it after ${(waitedMs / 1000).toFixed(1)} s\n`);
  }
  print(
    `Killed at ${LEASE_POINTS.length} writes to the lease: ${LEASE_POINTS.length - bad} ended as the undisturbed run.\n`,
  );
  return bad;
}
