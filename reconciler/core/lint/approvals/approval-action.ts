import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { ACTIONS } from './actions.ts';

export const approvalAction: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Consent to an action that no version does unlocks nothing.',
  example: {
    wrong:
      'kind: Approval\nspec:\n  action: destory-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
    right:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
  },
  *check({ approvals }) {
    for (const spec of approvals) {
      const { action } = spec.approval.spec;
      if (ACTIONS.includes(action)) continue;
      const near = nearest(action, ACTIONS);
      yield {
        spec,
        path: ['spec', 'action'],
        message: `This version knows no action ${quoted(action)}.`,
        hint: near === undefined ? 'Copy the Approval that the plan prints.' : `Did you mean ${near}?`,
      };
    }
  },
};
