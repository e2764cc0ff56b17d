import type { AwaitedOutput } from '../../../schemas/output/plan.ts';

/** The approval that a command names by its digest, or by the beginning of it. */
export type NamedApproval =
  { readonly found: 'one'; readonly approval: AwaitedOutput } | { readonly found: 'none' | 'several' };

export function approvalOf(approvals: readonly AwaitedOutput[], digest: string): NamedApproval {
  const [approval, another] = approvals.filter((each) => each.digest.startsWith(digest));
  if (approval === undefined) return { found: 'none' };
  return another === undefined ? { found: 'one', approval } : { found: 'several' };
}
