/** That an approval was used, kept in the cluster before the deed is begun. */
export interface ApprovalUse {
  /** The approval's name. */
  readonly name: string;
  readonly digest: string;
  /** When it was first used, as RFC 3339 has it. */
  readonly usedAt: string;
  /** When it ends by itself; after that nobody needs to know of it. */
  readonly expires: string;
  /** Whether the deed is done, as far as anybody saw. Until then the same deed may be taken up again, and no other. */
  readonly done: boolean;
}

/** Clocks may differ by that much. */
const GRACE_MS = 24 * 3_600_000;

/**
 * `uses` with what is begun at `now`, and without what nobody needs to know any more: what has ended, and whose file is
 * not in the repository, where somebody could give it a later end.
 */
export function withBegun(
  uses: readonly ApprovalUse[],
  granted: readonly Omit<ApprovalUse, 'usedAt' | 'done'>[],
  { now, isThere }: { readonly now: Date; readonly isThere: (name: string) => boolean },
): readonly ApprovalUse[] {
  const kept = uses.filter(
    ({ name, expires }) => Date.parse(expires) + GRACE_MS > now.getTime() || isThere(name),
  );
  const isKnown = (grant: Pick<ApprovalUse, 'name' | 'digest'>) => kept.some((use) => isSameUse(use, grant));
  const begun = granted
    .filter((grant) => !isKnown(grant))
    .map(({ name, digest, expires }) => ({ name, digest, expires, usedAt: now.toISOString(), done: false }));
  return [...kept, ...begun].toSorted(byName);
}

/** `uses` with those marked as done whose deed was seen done, or is not asked for any more. */
export function withDone(
  uses: readonly ApprovalUse[],
  isDone: (use: ApprovalUse) => boolean,
): readonly ApprovalUse[] {
  return uses.map((use) => (use.done || !isDone(use) ? use : { ...use, done: true }));
}

function isSameUse(
  a: Pick<ApprovalUse, 'name' | 'digest'>,
  b: Pick<ApprovalUse, 'name' | 'digest'>,
): boolean {
  return a.name === b.name && a.digest === b.digest;
}

function byName(a: ApprovalUse, b: ApprovalUse): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.digest < b.digest ? -1 : 1;
}
