import type { ObjectId } from '../../kube/object.ts';
import type { Change } from '../change.ts';
import type { ApprovalBook } from './book.ts';
import type { RequestBeside } from './driver-consents.ts';
import { type ApprovalFile, approvalFile } from './file.ts';
import type { ApprovalRequest } from './request.ts';

/** Consent that a plan waits for, with what it would set free and the file that gives it. */
export interface AwaitedApproval {
  readonly request: ApprovalRequest;
  readonly targets: readonly ObjectId[];
  readonly file: ApprovalFile;
}

/**
 * All consent that `changes` wait for, in the order of the changes, and after it what is asked for beside them; `requestedBy` is whoever
 * asked for them.
 */
export function awaitedApprovals(
  changes: readonly Change[],
  book: ApprovalBook,
  {
    requestedBy,
    beside = [],
  }: { readonly requestedBy: string; readonly beside?: readonly RequestBeside[] | undefined },
): readonly AwaitedApproval[] {
  const waiting = new Map<string, { readonly request: ApprovalRequest; readonly targets: ObjectId[] }>();
  for (const change of changes) {
    if (change.op !== 'wait' || change.approval === undefined) continue;
    const { approval: request, id } = change;
    const known = waiting.get(request.digest);
    if (known === undefined) waiting.set(request.digest, { request, targets: [id] });
    else known.targets.push(id);
  }
  for (const { request, targets } of beside) waiting.set(request.digest, { request, targets: [...targets] });
  // One that was used and removed since is known by its name still.
  const taken = new Set([
    ...book.approvals.map(({ approval }) => approval.metadata.name),
    ...book.uses.map(({ name }) => name),
  ]);
  return [...waiting.values()].map(({ request, targets }) => {
    const { rules, now } = book;
    const file = approvalFile(request, { rules, now, taken, requestedBy });
    taken.add(file.name);
    return { request, targets, file };
  });
}
