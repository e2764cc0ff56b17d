import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { Program } from '../program.ts';
import { Review } from '../review/review.ts';
import { Schedule } from '../unattended/schedule.ts';
import { passConfig } from './pass-config.ts';
import { reconcileCommand } from './reconcile.ts';
import { reviewConfig } from './review-config.ts';
import { serving } from './serving.ts';

/** Runs passes, or plans pull requests, until the process is asked to end; exits 0 then. */
export async function runCommand(
  { once, only, flags }: Extract<Command, { verb: 'run' }>,
  program: Program,
): Promise<ExitCode> {
  if (once) return await reconcileCommand({ verb: 'reconcile', output: 'text', flags }, program);
  const stop = program.stopSignal();
  const config = await program.config(flags);
  if (only === 'review') {
    await using duty = await program.review(config);
    const review = new Review(duty, reviewConfig(config, program, duty.forge));
    await serving({ config, program, metrics: duty.metrics, stop }, review);
    return 0;
  }
  await using duty = await program.duty(config);
  const schedule = new Schedule(duty, passConfig(config, program), config.run);
  await serving({ config, program, metrics: duty.metrics, stop }, schedule);
  return 0;
}
