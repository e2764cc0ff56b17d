import { approvalFindings } from './approvals/findings.ts';
import { type AwaitedApproval, awaitedApprovals } from './approvals/awaited.ts';
import type { ApprovalBook } from './approvals/book.ts';
import type { RequestBeside } from './approvals/driver-consents.ts';
import { withApprovals } from './approvals/gate.ts';
import type { ApprovalTarget } from './approvals/request.ts';
import { type Brake, withBrake } from './brake.ts';
import type { Change } from './change.ts';
import { planDigest } from './digest.ts';
import { plan, type PlanInput } from './plan.ts';
import type { Finding } from '../spec/finding.ts';

/** All that it depends on what a pass does. */
export interface DecideInput extends PlanInput {
  readonly book: ApprovalBook;
  /** The object that keeps the record of what is ours, which consent to prune is about. */
  readonly set: ApprovalTarget;
  /** Who asked for the changes. */
  readonly author: string;
  readonly brake: Brake | undefined;
  /** Consent that is asked for beside the changes. */
  readonly beside?: readonly RequestBeside[];
}

/** What a pass does, and what it would do if it were let to. */
export interface Decision {
  /** In the order in which they are carried out. */
  readonly changes: readonly Change[];
  readonly digest: string;
  readonly pruneBlocked?: string;
  readonly awaited: readonly AwaitedApproval[];
  /** Of approvals that are good for nothing here. */
  readonly findings: readonly Finding[];
}

/** What has to change, without what needs a consent that is missing, and without what the brake holds. */
export function decide({ book, set, author, brake, beside, ...input }: DecideInput): Decision {
  const consent = { book, set };
  const { pruneBlocked, ...planned } = plan({
    ...input,
    prune: { ...input.prune, consent },
    doubtful: book.rules.doubt !== undefined,
  });
  const consented = withApprovals(planned.changes, book);
  const changes = withBrake(consented, brake);
  return {
    changes,
    digest: planDigest(changes),
    awaited: awaitedApprovals(changes, book, { requestedBy: author, beside }),
    findings: approvalFindings(book),
    ...(pruneBlocked === undefined ? {} : { pruneBlocked }),
  };
}
