import type { Acknowledgement } from '../core/review/undiverged.ts';
import type { Forge, PullRequest } from '../forge-port.ts';
import type { Interruptible, Log } from '../ports.ts';
import type { GivenCommand } from './commands.ts';
import { mayWrite } from './forge-trouble.ts';

/** Who may write and has looked: by an approving review that is not of the author, or by asking for a plan. */
export async function acknowledgementsOf(
  { number, author }: PullRequest,
  given: readonly GivenCommand[],
  source: { readonly forge: Forge; readonly log: Log },
  options: Interruptible,
): Promise<readonly Acknowledgement[]> {
  const asked = given
    .filter(({ command }) => command.verb === 'plan')
    .map(({ comment }): Acknowledgement => ({ at: comment.createdAt }));
  const reviews = (await source.forge.reviews(number, options)).filter(
    ({ verdict, author: reviewer }) =>
      verdict === 'approved' && reviewer.toLowerCase() !== author.toLowerCase(),
  );
  const permitted = new Map<string, boolean>();
  for (const { author: reviewer } of reviews) {
    if (!permitted.has(reviewer)) permitted.set(reviewer, await mayWrite(source, reviewer, options));
  }
  return [
    ...asked,
    ...reviews
      .filter(({ author: reviewer }) => permitted.get(reviewer) === true)
      .map(({ at, commit }): Acknowledgement => ({ at, head: commit })),
  ];
}
