import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PreRunError } from './errors.ts';
import { describeEnd } from './run-child.ts';
import { type BuildRun, isWell, ownStep, runStep } from './step.ts';

const DOING = 'running the pre-run script';

/** Runs the script of the manifest, by bash, before anything is built. */
export async function preRun(run: BuildRun, folder: string, script: string): Promise<void> {
  const path = join(folder, 'pre-run');
  await ownStep(run, DOING, async () => await writeFile(path, script, { mode: 0o600 }));
  const end = await runStep(run, DOING, { file: 'bash', args: [path], cwd: '/' });
  if (isWell(end)) return;
  if (end.how === 'missing') {
    throw new PreRunError('The pre-run script cannot be run, since this image has no bash.', {
      hint: 'Use an image that has bash, or leave preRunScript out.',
    });
  }
  throw new PreRunError(`The pre-run script ended with ${describeEnd(end)}.`, {
    hint: 'Correct preRunScript of the manifest by its last lines; nothing was built.',
    lastLines: run.output.lines,
  });
}
