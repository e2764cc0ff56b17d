import type { RiskName } from '../../../../schemas/risk.ts';
import { type Change, isWrite, type Risk, unmade, type Write } from '../change.ts';
import { withHolds } from '../hold.ts';
import type { ApprovalBook } from './book.ts';
import { type ApprovalRequest, requestFor, sharedRequest } from './request.ts';

/** `changes` with what needs consent waiting for it, and what has it marked with the approvals that give it. */
export function withApprovals(changes: readonly Change[], book: ApprovalBook): readonly Change[] {
  const gated = changes.map((change) => (isWrite(change) ? gate(change, book) : change));
  return gated.every((change, index) => change === changes[index]) ? changes : withHolds(gated);
}

function gate(write: Write, book: ApprovalBook): Change {
  // Of more deletions than the budget the whole set is consented to, and not each.
  const dangers = (write.risks ?? []).filter(
    ({ name }) => name !== 'prune-budget' && book.rules.required.has(name),
  );
  if (dangers.length === 0) return write;
  const names = dangers.map(({ name }) => name);
  const request =
    write.consent !== undefined && names.every((name) => SHARED.has(name))
      ? sharedRequest(write.consent, names, book.cluster)
      : requestFor(write, names, book.cluster);
  const { granted, missing } = book.answer(request);
  const { doubt } = book.rules;
  // An Approval that nobody knows to be enough is not asked for.
  if (doubt !== undefined) return unmade(write, 'wait', `It waits for ${doubt}: ${dangerWords(dangers)}`);
  if (granted !== undefined) return { ...write, approved: [...(write.approved ?? []), ...granted] };
  return awaiting(write, request, `${needed(missing, book.rules.count)}: ${dangerWords(dangers)}`);
}

/** Dangers that are consented to for many objects at once: whatever else is dangerous about one of them is its own matter. */
const SHARED: ReadonlySet<RiskName> = new Set(['kernel-module', 'privilege']);

/** The write as one that waits for consent. */
export function awaiting(write: Write, approval: ApprovalRequest, reason: string): Change {
  const { sealed } = write;
  const waiting = unmade(write, 'wait', reason);
  return { ...waiting, ...(sealed === undefined ? {} : { sealed }), approval, pending: write } as Change;
}

/** `It waits for an Approval`. */
export function needed(missing: number, count: number): string {
  if (count === 1) return 'It waits for an Approval';
  return missing === count
    ? `It waits for ${count} Approvals`
    : `It waits for ${missing} more of ${count} Approvals`;
}

function dangerWords(dangers: readonly Risk[]): string {
  return dangers.map(({ name, reason }) => `${name} (${reason.replace(/\.$/, '')})`).join(', ');
}
