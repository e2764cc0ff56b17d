import type { SpecRule } from '../spec-rule.ts';
import { DRIVE_ACTIONS, VENDOR_KINDS } from './actions.ts';
import { DRIVER_ACTIONS } from '../../plan/approvals/request.ts';

export const approvalIdentity: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Consent by name alone would hold for whatever is called so later, and unlocks nothing.',
  example: {
    wrong:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
    right:
      'kind: Approval\nspec:\n  action: destroy-cluster\n  target: { kind: WekaCluster, namespace: weka, name: demo, uid: 6b0c }\n  approvalDigest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  reason: moved to the new hall\n  expires: "2027-01-31T18:00:00Z"',
  },
  *check({ approvals }) {
    for (const spec of approvals) {
      const { action, target } = spec.approval.spec;
      const path = ['spec', 'target'];
      if (DRIVE_ACTIONS.has(action) && target.drives === undefined) {
        yield {
          spec,
          path,
          at: 'name',
          message: `${action} is consented to for no drive in particular.`,
          hint: 'Set target.drives to the ids that the plan prints.',
        };
      } else if (
        VENDOR_KINDS.includes(target.kind) &&
        target.uid === undefined &&
        // What is asked of nodes for a manifest says itself which versions are meant.
        !ABOUT_DRIVERS.has(action)
      ) {
        yield {
          spec,
          path,
          at: 'name',
          message: `${target.kind} ${target.name} is named, and not which one of all that may be called so.`,
          hint: 'Set target.uid to the UID that the plan prints.',
        };
      }
    }
  },
};

const ABOUT_DRIVERS: ReadonlySet<string> = new Set(DRIVER_ACTIONS);
