import { type Finding, finding } from '../../spec/finding.ts';
import type { ValuePath } from '../../spec/source.ts';
import type { ApprovalBook, ApprovalSpec, Fault } from './book.ts';
import { type ApprovalRequest, isNamed } from './request.ts';

type Said = Pick<Finding, 'rule' | 'level' | 'message' | 'hint'> & { readonly path: ValuePath };

/** Of each approval that gives no consent to anything that `book` was asked for, why. */
export function approvalFindings(book: ApprovalBook): readonly Finding[] {
  return book.approvals.flatMap((spec) => {
    const said = whyIdle(spec, book);
    if (said === undefined) return [];
    const { path, ...rest } = said;
    return [{ ...finding(spec.place, path, rest), object: spec.id }];
  });
}

function whyIdle({ approval }: ApprovalSpec, book: ApprovalBook): Said | undefined {
  const request = book.asked.get(approval.spec.approvalDigest);
  if (request !== undefined) {
    const fault = book.fault(approval, request);
    return fault === undefined ? undefined : faultSaid(fault, approval, request, book);
  }
  const use = book.use(approval);
  if (use !== undefined) return usedSaid(use.usedAt);
  if (book.timeFault(approval) === 'expired') return expiredSaid(approval.spec.expires);
  const near = [...book.asked.values()].find(
    ({ action, target }) => action === approval.spec.action && isNamed(target, approval.spec.target),
  );
  if (near === undefined) {
    return {
      rule: 'approval-unmatched',
      level: 'warning',
      path: ['spec', 'approvalDigest'],
      message: 'Nothing that the plan holds waits for this consent.',
      hint: 'Remove it, or copy the Approval that the plan prints.',
    };
  }
  const isAnew = near.target.uid !== approval.spec.target.uid;
  return {
    rule: 'approval-unmatched',
    level: 'warning',
    path: isAnew ? ['spec', 'target', 'uid'] : ['spec', 'approvalDigest'],
    message: isAnew
      ? `It consents to another ${near.target.kind} of that name than the one that is there now.`
      : `It consents to another ${near.action} of ${near.target.name} than the one that is planned now.`,
    hint: 'Look at the plan again, and commit the Approval that it prints.',
  };
}

function faultSaid(
  fault: Fault,
  { spec }: ApprovalSpec['approval'],
  request: ApprovalRequest,
  book: ApprovalBook,
): Said {
  switch (fault) {
    case 'used':
      return usedSaid(book.uses.find(({ digest }) => digest === request.digest)?.usedAt ?? '');
    case 'expired':
      return expiredSaid(spec.expires);
    case 'early':
      return {
        rule: 'approval-too-long',
        level: 'error',
        path: ['spec', 'expires'],
        message: 'It would hold for longer than an Approval may, so it counts for nothing.',
        hint: 'Set an earlier expires: spec.approvals.maxAge of Settings says how far ahead it may be.',
      };
    case 'broader':
      return {
        rule: 'approval-broader',
        level: 'warning',
        path: ['spec', 'target', 'name'],
        message: `It names ${request.target.kind} ${request.target.name} without its uid, so it would hold for any other of that name too.`,
        hint: `Set target.uid to ${request.target.uid}.`,
      };
    case 'other-action':
      return {
        rule: 'approval-unmatched',
        level: 'warning',
        path: ['spec', 'action'],
        message: `Its digest stands for ${request.action}, and it names another action.`,
        hint: 'Copy the Approval that the plan prints.',
      };
    case 'other-target':
      return {
        rule: 'approval-unmatched',
        level: 'warning',
        path: ['spec', 'target', 'name'],
        message: `Its digest stands for ${request.target.kind} ${request.target.name}, and it names another target.`,
        hint: 'Copy the Approval that the plan prints.',
      };
  }
}

function usedSaid(usedAt: string): Said {
  return {
    rule: 'approval-used',
    level: 'ignored',
    path: ['spec', 'approvalDigest'],
    message: `It was used on ${usedAt}, and consents to nothing any more.`,
    hint: 'Remove it; git keeps it in its history.',
  };
}

function expiredSaid(expires: string): Said {
  return {
    rule: 'approval-expired',
    level: 'warning',
    path: ['spec', 'expires'],
    message: `It ended at ${expires}.`,
    hint: 'Remove it, or look at the plan again and commit the Approval that it prints.',
  };
}
