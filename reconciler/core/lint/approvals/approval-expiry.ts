import type { SpecRule } from '../spec-rule.ts';

/** What the form alone cannot tell; whether it has come is for the clock to say. */
export const approvalExpiry: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Consent that ends on a day which never comes would end on another one.',
  example: {
    wrong:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-02-31T18:00:00Z"',
    right:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-02-28T18:00:00Z"',
  },
  *check({ approvals }) {
    for (const spec of approvals) {
      const fault = timeFault(spec.approval.spec.expires);
      if (fault === undefined) continue;
      yield {
        spec,
        path: ['spec', 'expires'],
        message: `${fault}.`,
        hint: 'Write a time such as 2027-01-31T18:00:00Z.',
      };
    }
  },
};

/** Why a time in the form of RFC 3339 is none. */
export function timeFault(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})T/.exec(text) ?? [];
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > days) return `${year}-${month} has ${days} days`;
  const [, hours = '0', minutes = '0'] = /[+-](\d{2}):(\d{2})$/.exec(text) ?? [];
  if (Number(hours) > 14 || Number(minutes) > 59) return 'No time zone is that far from UTC';
  return undefined;
}
