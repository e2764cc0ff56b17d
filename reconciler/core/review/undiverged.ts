import { z } from 'zod';

/** What a planner remembers of the plans that it has shown of a pull request's head. Times are RFC 3339. */
export const GateState = z.strictObject({
  head: z.string().max(64).describe('Commit that the plans are of.'),
  base: z.string().max(64).describe('Tip of the base branch that the plan shown last was made with.'),
  digest: z.string().max(100).describe('Of the plan that is shown.'),
  shownAt: z.iso.datetime().describe('Since when it is shown.'),
  reviewed: z.string().max(100).describe('Of the plan that people have looked at.'),
  reviewedBase: z.string().max(64).describe('Tip of the base branch when that one was last seen to hold.'),
});
export type GateState = Readonly<z.infer<typeof GateState>>;

/** A plan that is about to be shown. */
export interface ShownPlan {
  readonly head: string;
  readonly base: string;
  readonly digest: string;
  readonly at: Date;
}

/** That somebody who may write has looked: an approving review, or `/weka-gitops plan`. */
export interface Acknowledgement {
  readonly at: Date;
  /** Commit that a review is of; a command is of whatever is shown. */
  readonly head?: string;
}

/** Whether the plan that people have looked at is still what would happen. */
export type Gate =
  | { readonly is: 'as-reviewed' }
  /** What is shown now is another plan, and since when. */
  | { readonly is: 'moved'; readonly why: 'base' | 'cluster'; readonly since: string };

/** Stands for the digest of a plan by which nothing changes. */
export const NOTHING = 'nothing';

/**
 * Takes a plan that is about to be shown into `before`, which is what was remembered of the pull request; undefined where
 * nothing was. The first plan of a head counts as looked at: whoever looks at the head finds it there. Any other one does
 * once somebody acknowledges it after it was shown, or once it is as it was. `shownSince` is when the forge shows what it
 * shows now, by the clock that acknowledgements are told by; unset, the time that was remembered counts.
 */
export function undiverged(
  before: GateState | undefined,
  { head, base, digest, at }: ShownPlan,
  acknowledgements: readonly Acknowledgement[] = [],
  shownSince?: Date,
): { readonly state: GateState; readonly gate: Gate } {
  if (before === undefined || before.head !== head) {
    const shownAt = at.toISOString();
    return {
      state: { head, base, digest, shownAt, reviewed: digest, reviewedBase: base },
      gate: { is: 'as-reviewed' },
    };
  }
  const since = shownSince?.getTime() ?? Date.parse(before.shownAt);
  const isSeen = acknowledgements.some(
    (each) => each.at.getTime() > since && (each.head === undefined || each.head === head),
  );
  // Whatever was acknowledged by now is what was shown until now.
  const { reviewed, reviewedBase } = isSeen ? { reviewed: before.digest, reviewedBase: before.base } : before;
  const shownAt = before.digest === digest ? before.shownAt : at.toISOString();
  const shown = { head, base, digest, shownAt, reviewed };
  if (reviewed === digest) {
    return { state: { ...shown, reviewedBase: base }, gate: { is: 'as-reviewed' } };
  }
  const why = reviewedBase === base ? 'cluster' : 'base';
  return { state: { ...shown, reviewedBase }, gate: { is: 'moved', why, since: shownAt } };
}

/** `the base moved`. */
export function movedWords({ why }: Extract<Gate, { is: 'moved' }>): string {
  return why === 'base' ? 'the base moved' : 'the cluster changed';
}
