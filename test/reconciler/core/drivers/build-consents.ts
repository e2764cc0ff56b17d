import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import type { RiskName } from '../../../../schemas/risk.ts';
import type { Consent } from '../../../../reconciler/core/desired/desired.ts';
import { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { driverRequest } from '../../../../reconciler/core/plan/approvals/driver-consents.ts';
import { approvalFile } from '../../../../reconciler/core/plan/approvals/file.ts';
import { approvalRules } from '../../../../reconciler/core/plan/approvals/rules.ts';
import type { ApprovalUse } from '../../../../reconciler/core/plan/approvals/use.ts';
import { readFiles } from '../spec/read.ts';

export const NOW = new Date('2026-11-26T12:00:00Z');
const CLUSTER = 'production';

interface Given {
  readonly now?: Date;
  readonly uses?: readonly ApprovalUse[];
  readonly count?: number;
  readonly required?: readonly RiskName[];
}

/** What a repository has to say in which the files that a plan printed for these consents at NOW were committed. */
export function bookOf(
  consents: readonly Consent[],
  { now = NOW, uses = [], count = 1, required }: Given = {},
): ApprovalBook {
  const { approvals } = DEFAULT_SETTINGS.spec;
  const rules = approvalRules({
    ...approvals,
    count,
    ...(required === undefined ? {} : { required: [...required] }),
  });
  const taken = new Set<string>();
  const files = consents.map((consent, index) => {
    const request = driverRequest(consent, CLUSTER);
    const { name, text } = approvalFile(request, { rules, now: NOW, taken, requestedBy: 'Ada' });
    taken.add(name);
    return [`approvals/${index}.yaml`, text.replace(/reason: .*/, 'reason: looked at it')] as const;
  });
  const { specs } = readFiles(Object.fromEntries(files));
  const given = specs.filter((spec) => spec.kind === 'Approval');
  if (given.length < consents.length) throw new Error('An Approval cannot be read.');
  return new ApprovalBook(given, { rules, uses, now, cluster: CLUSTER });
}

/** The use of a consent that holds until then, as the cluster keeps it. */
export function useOf(consent: Consent, expires: string, name = 'replace-drivers-demo'): ApprovalUse {
  const { digest } = driverRequest(consent, CLUSTER);
  return { name, digest, usedAt: NOW.toISOString(), expires, done: false };
}
