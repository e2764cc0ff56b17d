import { UsageError } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import type { Config } from '../config/config.ts';
import type { Program } from '../program.ts';
import { Reviewer } from '../review/reviewer.ts';
import { reviewConfig } from './review-config.ts';

/** Plans the merge of a pull request once, and says there what it would do. Exits 1 where something stands against it. */
export async function postPlan(number: number, config: Config, program: Program): Promise<ExitCode> {
  await using duty = await program.review(config);
  const { forge, fresh: cluster } = duty;
  const pullRequest = await forge.pullRequest(number);
  const { ref } = reviewConfig(config, program, forge).pass;
  if (pullRequest?.state !== 'open') {
    throw new UsageError(`${forge.repository} has no open pull request ${number}.`, {
      hint: 'Give the number of one that is open.',
    });
  }
  if (pullRequest.base !== ref) {
    throw new UsageError(`Pull request ${number} goes to ${pullRequest.base}, and not to ${ref}.`, {
      hint: `Only what goes to ${ref} changes ${config.cluster}.`,
    });
  }
  if (pullRequest.isFork && config.review.forks === 'ignore') {
    throw new UsageError(`Pull request ${number} comes from a fork, and those are not planned.`, {
      hint: 'Set review.forks to plan in the configuration file.',
    });
  }
  const options = reviewConfig(config, program, forge);
  // Who runs this is asked once, and answers nobody.
  const review = { ...options.review, commands: false };
  const reviewer = new Reviewer({ ...duty, cluster }, { ...options, review }, () => 0);
  await duty.merges.base();
  const visit = { pullRequest, why: new Set(['asked', 'retry'] as const) };
  const said = await reviewer.visit(visit, { signal: new AbortController().signal });
  if (said === undefined) throw new Error('What is asked for is said.');
  const { status, hasComment } = said;
  const where = hasComment ? `see ${pullRequest.url}` : 'no comment is needed';
  program.console.print(`${status.context}: ${status.state}. ${status.description} (${where})\n`);
  return status.state === 'failure' || status.state === 'error' ? 1 : 0;
}
