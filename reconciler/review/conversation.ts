import { ownComments, type OwnComment, type PlanMarker } from '../core/review/marker.ts';
import type { Comment, Forge } from '../forge-port.ts';
import type { Interruptible } from '../ports.ts';

/** What was said on the page of a pull request, and what of it we said for this cluster. */
export interface Conversation {
  /** All of it, oldest first. */
  readonly comments: readonly Comment[];
  /** The comment that tells the plan. */
  readonly plan: OwnComment<PlanMarker> | undefined;
  /** Others like it, which a second planner wrote at the same time. */
  readonly surplus: readonly OwnComment<PlanMarker>[];
  /** Comments whose command was answered. */
  readonly answered: ReadonlySet<number>;
}

/** Reads it anew: a person may have deleted what we wrote, and an answer of the forge may have been lost. */
export async function readConversation(
  forge: Forge,
  pullRequest: number,
  cluster: string,
  options: Interruptible = {},
): Promise<Conversation> {
  const self = await forge.self(options);
  const comments = await forge.comments(pullRequest, undefined, options);
  const ours = { self, repository: forge.repository, cluster };
  const [plan, ...surplus] = ownComments(comments, { ...ours, kind: 'plan' });
  const answers = ownComments(comments, { ...ours, kind: 'answer' });
  return { comments, plan, surplus, answered: new Set(answers.map(({ marker }) => marker.answers)) };
}
